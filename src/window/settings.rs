//! The tab Settings: each key of the config, the rules, the window's own wishes, and where the files are.
//!
//! What is typed is a draft over the config in force; Apply sends what differs. A refusal is shown at the
//! field that it names.

mod bar;
mod draft;
mod files;
mod form;
mod login;
mod rule;
mod rules;
mod schema;
#[cfg(test)]
mod tests;

use super::Scene;
use super::ask::{Ask, Effect, Failure};
use super::mirror::{Change, News};
use super::preferences::{Appearance, Preferences};
use super::widget::{line, or_nothing};
use crate::protocol::Request;
use draft::Draft;
use iced::Element;
use iced::keyboard::{Key, Modifiers, key::Named};
use iced::widget::column;
use login::Login;
use serde_json::Value;

/// The tab's own state.
#[derive(Debug, Default)]
pub struct Settings {
    draft: Draft,
    rules: rules::Editor,
    login: Login,
    is_applying: bool,
    outcome: Option<Outcome>,
    refusal: Option<Refusal>,
    copied: Option<String>,
}

/// What came of the last button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// The changes are in force.
    Applied,
    /// The defaults are filled in.
    Filled,
}

/// What the applet refused.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Refusal {
    /// The key that it named; None where it named none of ours.
    key: Option<&'static str>,
    /// Its sentence.
    message: String,
}

/// The key under which the rules are refused.
const RULES: &str = "rule";

/// What happens to the tab.
#[derive(Clone, Debug)]
pub enum Message {
    /// The user types into the field of a key, or chooses its value.
    Type(&'static str, String),
    /// The user wants what is in force in the field of a key.
    Escape(&'static str),
    /// The user wants the changes in force.
    Apply,
    /// The applet took the changes, or refused them.
    Applied(Result<Value, Failure>),
    /// The user wants everything as it is in force.
    Reset,
    /// The user wants the defaults in the fields.
    Defaults,
    /// Something happens to the rules.
    Rules(rules::Message),
    /// Something happens to start at login.
    Login(login::Message),
    /// The user chooses light, dark or the desktop's.
    Appearance(Appearance),
    /// The user wants the applet to end with the window, or not.
    QuitWithWindow(bool),
    /// The user wants a path in the clipboard.
    Copy(String),
}

impl Settings {
    /// Takes up what happened.
    pub fn update(&mut self, message: Message, preferences: &mut Preferences, scene: &Scene) -> Vec<Effect<Message>> {
        self.copied = None;
        match message {
            Message::Type(key, text) => {
                self.draft.set(key, text);
                self.touched(key);
            }
            Message::Escape(key) => {
                self.draft.reset(key);
                self.touched(key);
            }
            Message::Apply => return self.apply(scene),
            Message::Applied(answer) => return self.applied(answer),
            Message::Reset => {
                self.draft = Draft::default();
                self.rules = rules::Editor::default();
                (self.outcome, self.refusal) = (None, None);
            }
            Message::Defaults => {
                self.draft.fill_defaults();
                (self.outcome, self.refusal) = (Some(Outcome::Filled), None);
            }
            Message::Rules(message) => {
                self.touched(RULES);
                return self.rules.update(message, &mut self.draft, &scene.mirror.config);
            }
            Message::Login(message) => return self.login.update(message),
            Message::Appearance(appearance) => preferences.appearance = appearance,
            Message::QuitWithWindow(wanted) => preferences.quit_with_window = wanted,
            Message::Copy(path) => {
                self.copied = Some(path.clone());
                return vec![iced::clipboard::write(path).into()];
            }
        }
        Vec::new()
    }

    /// Looks after what is derived from the mirror.
    pub fn changed(&mut self, change: &Change, scene: &Scene) -> Vec<Effect<Message>> {
        match change {
            Change::Config => {
                self.draft.follow(&scene.mirror.config);
                self.rules.follow(self.draft.rules(&scene.mirror.config).len());
            }
            Change::Status => {
                let has_problem = scene.mirror.status.as_ref().is_some_and(|status| status.config_problem.is_some());
                self.outcome = self.outcome.filter(|_| !has_problem);
            }
            Change::Connection => return vec![login::read()],
            Change::Processes
            | Change::Alerts(_)
            | Change::Whitelist
            | Change::Elsewhere(_)
            | Change::Notices
            | Change::Outcome(_)
            | Change::Nothing => {}
        }
        Vec::new()
    }

    /// Looks at what may have changed while another tab was shown.
    #[must_use]
    pub fn shown(&self) -> Vec<Effect<Message>> {
        vec![login::read()]
    }

    /// Gives what a key means here.
    #[must_use]
    pub fn key(&self, key: &Key, _modifiers: Modifiers, _scene: &Scene) -> Option<Message> {
        let is_escape = *key == Key::Named(Named::Escape);
        (is_escape && self.rules.is_open()).then_some(Message::Rules(rules::Message::Close))
    }

    /// Draws the tab.
    #[must_use]
    pub fn view<'a>(&'a self, preferences: &'a Preferences, scene: &'a Scene) -> Element<'a, Message> {
        let problem = or_nothing(files::problem(self, scene));
        column![problem, form::view(self, preferences, scene), line(), bar::view(self, scene)].into()
    }

    /// Draws what lies over the whole window.
    #[must_use]
    pub fn overlay<'a>(&'a self, _scene: &'a Scene) -> Option<Element<'a, Message>> {
        None
    }

    fn touched(&mut self, key: &str) {
        self.outcome = None;
        self.refusal = self.refusal.take().filter(|refusal| refusal.key.is_some_and(|refused| refused != key));
    }

    fn may_apply(&self, scene: &Scene) -> bool {
        let config = &scene.mirror.config;
        let is_ready = self.draft.changes(config) > 0 && self.draft.faults(config) == 0;
        is_ready && !self.is_applying && scene.mirror.is_connected()
    }

    fn apply(&mut self, scene: &Scene) -> Vec<Effect<Message>> {
        if !self.may_apply(scene) {
            return Vec::new();
        }
        self.is_applying = true;
        (self.outcome, self.refusal) = (None, None);
        let request = Request::UpdateConfig(self.draft.patch(&scene.mirror.config));
        vec![Ask::new(request, Message::Applied).into()]
    }

    fn applied(&mut self, answer: Result<Value, Failure>) -> Vec<Effect<Message>> {
        self.is_applying = false;
        match answer {
            Ok(config) => {
                self.outcome = Some(Outcome::Applied);
                vec![Effect::News(Box::new(News::Config(Ok(config))))]
            }
            Err(failure) => {
                self.refusal = Some(Refusal { key: named(&failure.message), message: failure.message });
                Vec::new()
            }
        }
    }

    /// Gives the applet's reason against the value of a key.
    fn refused(&self, key: &str) -> Option<&str> {
        let refusal = self.refusal.as_ref().filter(|refusal| refusal.key == Some(key))?;
        Some(&refusal.message)
    }
}

/// Finds the key that a refusal is about: its sentence begins with it.
fn named(message: &str) -> Option<&'static str> {
    let message = message.strip_prefix("detection.").unwrap_or(message);
    let begins = |key: &str| message.strip_prefix(key).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric));
    let fields = schema::fields().map(|field| field.key);
    fields.chain([RULES]).find(|key| begins(key) || (*key == RULES && message.starts_with("[[rule]]")))
}
