//! A widget around one other, with a guard that hears of each event and operation first.

use iced::advanced::widget::{Operation, Tree, tree};
use iced::advanced::{Clipboard, Layout, Shell, Widget, layout, overlay, renderer};
use iced::{Element, Event, Length, Rectangle, Renderer, Size, Theme, Vector, mouse};

/// What decides on the way to a widget.
pub(super) trait Guard<M> {
    /// Tells whether it keeps an event from the widget, whose state it may look at.
    fn keeps(&self, event: &Event, state: &tree::State, shell: &mut Shell<'_, M>) -> bool;

    /// Hands an operation on to the widget.
    fn pass(&self, operation: &mut dyn Operation, widget: &mut dyn FnMut(&mut dyn Operation)) {
        widget(operation);
    }
}

/// A widget with its guard; it is as large and looks as the widget alone.
pub(super) struct Gate<'a, M, G> {
    content: Element<'a, M>,
    guard: G,
}

impl<'a, M, G: Guard<M>> Gate<'a, M, G> {
    /// Sets a guard before a widget.
    pub(super) fn new(content: impl Into<Element<'a, M>>, guard: G) -> Self {
        Self { content: content.into(), guard }
    }
}

impl<'a, M: 'a, G: Guard<M> + 'a> From<Gate<'a, M, G>> for Element<'a, M> {
    fn from(gate: Gate<'a, M, G>) -> Self {
        Self::new(gate)
    }
}

impl<M, G: Guard<M>> Widget<M, Theme, Renderer> for Gate<'_, M, G> {
    fn tag(&self) -> tree::Tag {
        self.content.as_widget().tag()
    }

    fn state(&self) -> tree::State {
        self.content.as_widget().state()
    }

    fn children(&self) -> Vec<Tree> {
        self.content.as_widget().children()
    }

    fn diff(&self, tree: &mut Tree) {
        self.content.as_widget().diff(tree);
    }

    fn size(&self) -> Size<Length> {
        self.content.as_widget().size()
    }

    fn layout(&mut self, tree: &mut Tree, renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        self.content.as_widget_mut().layout(tree, renderer, limits)
    }

    fn operate(&mut self, tree: &mut Tree, layout: Layout<'_>, renderer: &Renderer, operation: &mut dyn Operation) {
        let content = self.content.as_widget_mut();
        self.guard.pass(operation, &mut |operation| content.operate(tree, layout, renderer, operation));
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
        if self.guard.keeps(event, &tree.state, shell) {
            return;
        }
        let content = self.content.as_widget_mut();
        content.update(tree, event, layout, cursor, renderer, clipboard, shell, viewport);
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
        self.content.as_widget().draw(tree, renderer, theme, style, layout, cursor, viewport);
    }

    fn mouse_interaction(
        &self,
        tree: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
        renderer: &Renderer,
    ) -> mouse::Interaction {
        self.content.as_widget().mouse_interaction(tree, layout, cursor, viewport, renderer)
    }

    fn overlay<'b>(
        &'b mut self,
        tree: &'b mut Tree,
        layout: Layout<'b>,
        renderer: &Renderer,
        viewport: &Rectangle,
        translation: Vector,
    ) -> Option<overlay::Element<'b, M, Theme, Renderer>> {
        self.content.as_widget_mut().overlay(tree, layout, renderer, viewport, translation)
    }
}
