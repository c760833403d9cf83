//! The regex of a whitelist entry, edited before it is added: what it matches now is counted as it is typed.

use crate::pattern::Pattern;
use crate::protocol::request::AddWhitelist;
use crate::protocol::{MatchType, Process, Request};
use crate::window::theme;
use crate::window::widget::{body, button, small, title};
use iced::widget::{column, container, opaque, row, space, text, text_input};
use iced::{Element, Fill};

/// The name of the field, for the keyboard's focus.
pub(super) const FIELD: &str = "regex";

const WIDTH: f32 = 420.0;

/// The form.
#[derive(Clone, Debug)]
pub(super) struct Form {
    /// What was typed.
    pub(super) pattern: String,
    /// How many processes it matches, or why it cannot be used.
    matched: Result<usize, String>,
    /// What the applet answered where it refused.
    refusal: Option<String>,
    /// Whether the applet was asked to add it.
    is_waiting: bool,
}

/// What happens to the form.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The user types.
    Type(String),
    /// The user wants it added.
    Add,
    /// The user does not.
    Cancel,
}

impl Form {
    /// Begins with the name of a process, as a regex.
    pub(super) fn new(name: &str, processes: &[Process]) -> Self {
        let mut form = Self { pattern: String::new(), matched: Ok(0), refusal: None, is_waiting: false };
        form.edit(format!("^{}$", regex_lite::escape(name)), processes);
        form
    }

    /// Takes up what was typed.
    pub(super) fn edit(&mut self, pattern: String, processes: &[Process]) {
        (self.pattern, self.refusal, self.is_waiting) = (pattern, None, false);
        self.count(processes);
    }

    /// Counts what it matches.
    pub(super) fn count(&mut self, processes: &[Process]) {
        let ready = Pattern::new(&self.pattern, MatchType::Regex).map_err(|error| error.to_string());
        let count = |pattern: Pattern| processes.iter().filter(|process| pattern.matches_listed(process)).count();
        self.matched = ready.map(count);
    }

    /// Keeps what the applet said against it.
    pub(super) fn refuse(&mut self, why: String) {
        (self.refusal, self.is_waiting) = (Some(why), false);
    }

    /// Notes that the applet was asked.
    pub(super) fn wait(&mut self) {
        self.is_waiting = true;
    }

    /// Gives the request; None while the regex cannot be used, or the applet is already asked.
    pub(super) fn request(&self) -> Option<Request> {
        self.matched.as_ref().ok().filter(|_| !self.is_waiting)?;
        let entry = AddWhitelist { pattern: self.pattern.clone(), match_type: MatchType::Regex, reason: None };
        Some(Request::AddWhitelist(entry))
    }

    /// Draws it over the whole window.
    pub(super) fn view<'a, M: Clone + 'a>(&'a self, on: impl Fn(Event) -> M + Clone + 'a) -> Element<'a, M> {
        let wrong = self.refusal.as_ref().or(self.matched.as_ref().err());
        let add = self.matched.is_ok().then(|| on(Event::Add));
        let on_input = on.clone();
        let field = text_input("A regex", &self.pattern)
            .id(FIELD)
            .on_input(move |typed| on_input(Event::Type(typed)))
            .on_submit_maybe(add.clone())
            .style(if wrong.is_some() { theme::refused_field } else { theme::field })
            .size(theme::BODY)
            .padding([6.0, theme::INSIDE]);
        let verdict = match (wrong, &self.matched) {
            (None, Ok(1)) => small("It matches 1 process now."),
            (None, Ok(count)) => small(format!("It matches {count} processes now.")),
            (Some(wrong), _) | (None, Err(wrong)) => text(wrong).size(theme::SMALL).style(theme::wrong),
        };
        let cancel = button::plain("Cancel").on_press(on(Event::Cancel));
        let buttons = row![space::horizontal(), cancel, button::primary("Add").on_press_maybe(add)];
        let heading = column![
            title("Whitelist by a regex"),
            body("What it finds in the name or the command line of a process is not alerted about again."),
        ];
        let words = column![heading.spacing(theme::INSIDE), column![field, verdict].spacing(4)];
        let words = words.push(buttons.spacing(theme::INSIDE)).spacing(theme::BETWEEN);
        let dialog = container(words).padding(theme::EDGE).width(WIDTH).style(theme::floating);
        opaque(container(dialog).center(Fill).style(theme::veil))
    }
}
