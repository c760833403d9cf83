//! What a key means in the tab.

use super::act::Act;
use super::{Alerts, Message, view};
use crate::window::Scene;
use crate::window::widget::question;
use crate::window::widget::table::Step;
use iced::keyboard::{Key, Modifiers, key::Named};

impl Alerts {
    /// Gives what a key means here. While a question or a menu is open, no key goes on to what lies under it.
    #[must_use]
    pub fn key(&self, key: &Key, modifiers: Modifiers, scene: &Scene) -> Option<Message> {
        if self.asked.is_some() {
            return question::key(key).map(Message::Answer);
        }
        if let Some(menu) = &self.menu {
            return menu.key(key).map(Message::Menu);
        }
        if let Some(step) = Step::of(key, modifiers) {
            return Some(Message::Step(step));
        }
        let Key::Named(named) = key else { return None };
        self.named_key(*named, modifiers, scene)
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "there are hundreds of keys")]
    fn named_key(&self, key: Named, modifiers: Modifiers, scene: &Scene) -> Option<Message> {
        match key {
            Named::Escape => Some(Message::Escape),
            Named::Enter => self.selected.map(Message::Details),
            Named::Delete => Some(Message::Act(Act::Dismiss)),
            Named::ContextMenu => self.context(scene),
            Named::F10 if modifiers.shift() => self.context(scene),
            _ => None,
        }
    }

    /// Opens the menu of the selected alert under its row.
    fn context(&self, scene: &Scene) -> Option<Message> {
        let id = self.selected?;
        let row = self.list.position(id)?;
        Some(Message::Context(id, view::under_row(self.scroll.under(row), scene)))
    }
}
