//! Escape in a field: iced's own takes the focus away and tells nobody.

use iced::advanced::text::Renderer as TextRenderer;
use iced::advanced::widget::{Operation, Tree, tree};
use iced::advanced::{Clipboard, Layout, Shell, Widget, layout, overlay, renderer};
use iced::keyboard::{self, Key, key::Named};
use iced::widget::text_input;
use iced::{Element, Event, Length, Rectangle, Renderer, Size, Theme, Vector, mouse};

type FieldState = text_input::State<<Renderer as TextRenderer>::Paragraph>;

/// A field of iced, and what Escape says in it.
pub(super) struct OnEscape<'a, M> {
    field: Element<'a, M>,
    message: Option<M>,
}

impl<'a, M> OnEscape<'a, M> {
    /// Wraps a field; without a message Escape takes the focus away.
    pub(super) fn new(field: Element<'a, M>, message: Option<M>) -> Self {
        Self { field, message }
    }
}

impl<M: Clone> Widget<M, Theme, Renderer> for OnEscape<'_, M> {
    fn tag(&self) -> tree::Tag {
        self.field.as_widget().tag()
    }

    fn state(&self) -> tree::State {
        self.field.as_widget().state()
    }

    fn children(&self) -> Vec<Tree> {
        self.field.as_widget().children()
    }

    fn diff(&self, tree: &mut Tree) {
        self.field.as_widget().diff(tree);
    }

    fn size(&self) -> Size<Length> {
        self.field.as_widget().size()
    }

    fn layout(&mut self, tree: &mut Tree, renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        self.field.as_widget_mut().layout(tree, renderer, limits)
    }

    fn operate(&mut self, tree: &mut Tree, layout: Layout<'_>, renderer: &Renderer, operation: &mut dyn Operation) {
        self.field.as_widget_mut().operate(tree, layout, renderer, operation);
    }

    fn update(
        &mut self,
        tree: &mut Tree,
        event: &Event,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        renderer: &Renderer,
        clipboard: &mut dyn Clipboard,
        shell: &mut Shell<'_, M>,
        viewport: &Rectangle,
    ) {
        let escape = Key::Named(Named::Escape);
        let is_escape = matches!(event, Event::Keyboard(keyboard::Event::KeyPressed { key, .. }) if *key == escape);
        if let Some(message) = self.message.as_ref().filter(|_| is_escape)
            && tree.state.downcast_ref::<FieldState>().is_focused()
        {
            shell.publish(message.clone());
            shell.capture_event();
            return;
        }
        self.field.as_widget_mut().update(tree, event, layout, cursor, renderer, clipboard, shell, viewport);
    }

    fn draw(
        &self,
        tree: &Tree,
        renderer: &mut Renderer,
        theme: &Theme,
        style: &renderer::Style,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
    ) {
        self.field.as_widget().draw(tree, renderer, theme, style, layout, cursor, viewport);
    }

    fn mouse_interaction(
        &self,
        tree: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
        renderer: &Renderer,
    ) -> mouse::Interaction {
        self.field.as_widget().mouse_interaction(tree, layout, cursor, viewport, renderer)
    }

    fn overlay<'b>(
        &'b mut self,
        tree: &'b mut Tree,
        layout: Layout<'b>,
        renderer: &Renderer,
        viewport: &Rectangle,
        translation: Vector,
    ) -> Option<overlay::Element<'b, M, Theme, Renderer>> {
        self.field.as_widget_mut().overlay(tree, layout, renderer, viewport, translation)
    }
}
