//! The tab Monitor.

use super::Scene;
use super::ask::Effect;
use super::mirror::Change;
use super::widget::body;
use iced::Element;
use iced::keyboard::{Key, Modifiers};
use serde::{Deserialize, Serialize};

/// The tab's own state.
#[derive(Debug, Default)]
pub struct Monitor {
    search: String,
}

/// What the tab remembers from one time to the next.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Remembered {}

/// What happens to the tab.
#[derive(Clone, Debug)]
pub enum Message {
    /// The user types into the search field.
    Search(String),
}

impl Monitor {
    /// Begins with what was remembered.
    #[must_use]
    pub fn new(_remembered: Remembered) -> Self {
        Self::default()
    }

    /// Gives what is to be remembered.
    #[must_use]
    pub fn remembered(&self) -> Remembered {
        Remembered {}
    }

    /// Takes up what happened.
    pub fn update(&mut self, message: Message, _scene: &Scene) -> Vec<Effect<Message>> {
        let Message::Search(text) = message;
        self.search = text;
        Vec::new()
    }

    /// Looks after what is derived from the mirror.
    pub fn changed(&mut self, _change: &Change, _scene: &Scene) -> Vec<Effect<Message>> {
        Vec::new()
    }

    /// Gives what a key means here.
    #[must_use]
    pub fn key(&self, _key: &Key, _modifiers: Modifiers, _scene: &Scene) -> Option<Message> {
        None
    }

    /// What is searched for.
    #[must_use]
    pub fn search(&self) -> &str {
        &self.search
    }

    /// Draws the tab.
    #[must_use]
    pub fn view<'a>(&'a self, _scene: &'a Scene) -> Element<'a, Message> {
        body("").into()
    }

    /// Draws what lies over the whole window.
    #[must_use]
    pub fn overlay<'a>(&'a self, _scene: &'a Scene) -> Option<Element<'a, Message>> {
        None
    }
}
