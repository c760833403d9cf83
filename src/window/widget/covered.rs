//! What lies under a menu or a question: it is drawn, and no key reaches it before that is gone.

use super::gate::{Gate, Guard};
use iced::advanced::Shell;
use iced::advanced::widget::operation::{Focusable, Scrollable, TextInput};
use iced::advanced::widget::{Id, Operation, tree};
use iced::{Element, Event, Rectangle, Vector};
use std::any::Any;

/// Draws content; while it is covered, keys and the way of the focus pass it by. What has the focus keeps it.
pub fn covered<'a, M: 'a>(content: impl Into<Element<'a, M>>, is_covered: bool) -> Element<'a, M> {
    Gate::new(content, Cover { is_closed: is_covered }).into()
}

struct Cover {
    is_closed: bool,
}

impl<M> Guard<M> for Cover {
    fn keeps(&self, event: &Event, _: &tree::State, _: &mut Shell<'_, M>) -> bool {
        self.is_closed && matches!(event, Event::Keyboard(_) | Event::InputMethod(_))
    }

    fn pass(&self, operation: &mut dyn Operation, widget: &mut dyn FnMut(&mut dyn Operation)) {
        if self.is_closed {
            widget(&mut PassBy(operation));
        } else {
            widget(operation);
        }
    }
}

/// An operation that meets nothing that takes the focus.
struct PassBy<'o>(&'o mut dyn Operation);

impl Operation for PassBy<'_> {
    fn traverse(&mut self, operate: &mut dyn FnMut(&mut dyn Operation)) {
        self.0.traverse(&mut |operation| operate(&mut PassBy(operation)));
    }

    fn container(&mut self, id: Option<&Id>, bounds: Rectangle) {
        self.0.container(id, bounds);
    }

    fn scrollable(
        &mut self,
        id: Option<&Id>,
        bounds: Rectangle,
        content: Rectangle,
        translation: Vector,
        state: &mut dyn Scrollable,
    ) {
        self.0.scrollable(id, bounds, content, translation, state);
    }

    fn focusable(&mut self, _: Option<&Id>, _: Rectangle, _: &mut dyn Focusable) {}

    fn text_input(&mut self, id: Option<&Id>, bounds: Rectangle, state: &mut dyn TextInput) {
        self.0.text_input(id, bounds, state);
    }

    fn text(&mut self, id: Option<&Id>, bounds: Rectangle, text: &str) {
        self.0.text(id, bounds, text);
    }

    fn custom(&mut self, id: Option<&Id>, bounds: Rectangle, state: &mut dyn Any) {
        self.0.custom(id, bounds, state);
    }
}
