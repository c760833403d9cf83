//! Escape in a field: iced's own takes the focus away and tells nobody.

use crate::window::widget::gate::Guard;
use iced::advanced::Shell;
use iced::advanced::text::Renderer as TextRenderer;
use iced::advanced::widget::tree;
use iced::keyboard::{self, Key, key::Named};
use iced::widget::text_input;
use iced::{Event, Renderer};

type FieldState = text_input::State<<Renderer as TextRenderer>::Paragraph>;

/// What Escape says in a field of iced; without a message it takes the focus away.
pub(super) struct OnEscape<M>(pub(super) Option<M>);

impl<M: Clone> Guard<M> for OnEscape<M> {
    fn keeps(&self, event: &Event, field: &tree::State, shell: &mut Shell<'_, M>) -> bool {
        let escape = Key::Named(Named::Escape);
        let is_escape = matches!(event, Event::Keyboard(keyboard::Event::KeyPressed { key, .. }) if *key == escape);
        let Some(message) = self.0.as_ref().filter(|_| is_escape && field.downcast_ref::<FieldState>().is_focused())
        else {
            return false;
        };
        shell.publish(message.clone());
        shell.capture_event();
        true
    }
}
