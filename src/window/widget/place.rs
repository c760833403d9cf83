//! Something that lies at a point of the window, and is moved where it would stick out of it.

use iced::advanced::widget::{Operation, Tree};
use iced::advanced::{Clipboard, Layout, Shell, Widget, layout, renderer};
use iced::{Element, Event, Fill, Length, Point, Rectangle, Renderer, Size, Theme, mouse};

/// Content at a point.
pub struct Place<'a, M> {
    point: Point,
    content: Element<'a, M>,
}

/// Puts content with its upper left corner at a point, or as near to it as the window has room.
pub fn place<'a, M>(point: Point, content: impl Into<Element<'a, M>>) -> Place<'a, M> {
    Place { point, content: content.into() }
}

impl<M> Widget<M, Theme, Renderer> for Place<'_, M> {
    fn children(&self) -> Vec<Tree> {
        vec![Tree::new(&self.content)]
    }

    fn diff(&self, tree: &mut Tree) {
        tree.diff_children(std::slice::from_ref(&self.content));
    }

    fn size(&self) -> Size<Length> {
        Size::new(Fill, Fill)
    }

    fn layout(&mut self, tree: &mut Tree, renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        let room = limits.max();
        let limits = layout::Limits::new(Size::ZERO, room);
        let content = self.content.as_widget_mut().layout(&mut tree.children[0], renderer, &limits);
        let size = content.size();
        let kept = |at: f32, room: f32, length: f32| at.min(room - length).max(0.0);
        let point =
            Point::new(kept(self.point.x, room.width, size.width), kept(self.point.y, room.height, size.height));
        layout::Node::with_children(room, vec![content.move_to(point)])
    }

    fn operate(&mut self, tree: &mut Tree, layout: Layout<'_>, renderer: &Renderer, operation: &mut dyn Operation) {
        operation.traverse(&mut |operation| {
            let Some(inside) = layout.children().next() else { return };
            self.content.as_widget_mut().operate(&mut tree.children[0], inside, renderer, operation);
        });
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
        let Some(inside) = layout.children().next() else { return };
        let content = self.content.as_widget_mut();
        content.update(&mut tree.children[0], event, inside, cursor, renderer, clipboard, shell, viewport);
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
        let Some(inside) = layout.children().next() else { return };
        self.content.as_widget().draw(&tree.children[0], renderer, theme, style, inside, cursor, viewport);
    }

    fn mouse_interaction(
        &self,
        tree: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
        renderer: &Renderer,
    ) -> mouse::Interaction {
        let Some(inside) = layout.children().next() else { return mouse::Interaction::None };
        let content = self.content.as_widget();
        content.mouse_interaction(&tree.children[0], inside, cursor, viewport, renderer)
    }
}

impl<'a, M: 'a> From<Place<'a, M>> for Element<'a, M> {
    fn from(place: Place<'a, M>) -> Self {
        Self::new(place)
    }
}
