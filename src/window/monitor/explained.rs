//! Why the selected process is told of, or is not: each rule in turn, as the applet says it.

use super::{Effects, Message, Monitor, details};
use crate::figures::harmless;
use crate::process::Id;
use crate::protocol::request::ExplainProcess;
use crate::protocol::{ErrorCode, Explanation, Request, Standing, StandingState};
use crate::window::alerts::reason;
use crate::window::ask::{Ask, Effect, Failure};
use crate::window::widget::{body, small};
use crate::window::{Scene, theme};
use crate::words::why;
use iced::widget::text::Wrapping;
use iced::widget::{Column, Text, column, container, operation, row, scrollable};
use iced::{Element, Fill, Font, font};

/// What is known of it, while the user wants to see it.
#[derive(Debug)]
pub(super) struct Explained {
    id: Id,
    /// What the applet told last.
    told: Option<Explanation>,
    /// Why it told no more than that.
    trouble: Option<Trouble>,
    /// Whether the applet is asked, and has not answered yet.
    is_waiting: bool,
}

#[derive(Debug)]
enum Trouble {
    /// The process is gone.
    Gone,
    /// There was no answer; the sentence says why.
    Failed(String),
}

impl Monitor {
    /// Shows why the selected process is told of, or is not; where that is shown, hides it.
    pub(super) fn show_explanation(&mut self, scene: &Scene) -> Effects {
        let Some(id) = self.selected.as_ref().map(|selected| selected.id) else { return Vec::new() };
        if self.has_details(scene) && self.explained.take().is_some() {
            return Vec::new();
        }
        self.show_details(true, scene);
        self.explained = Some(Explained::new(id));
        let top = operation::scroll_to(details::TOLD, scrollable::AbsoluteOffset { x: 0.0, y: 0.0 });
        self.explain(scene).into_iter().chain([Effect::Do(top)]).collect()
    }

    /// Goes on with another process, where one is explained.
    pub(super) fn explain_another(&mut self, id: Id, scene: &Scene) -> Option<Effect<Message>> {
        *self.explained.as_mut()? = Explained::new(id);
        self.explain(scene)
    }

    /// Asks anew why the selected process is told of, or is not, where that is shown.
    pub fn explain(&mut self, scene: &Scene) -> Option<Effect<Message>> {
        let is_shown = self.has_details(scene);
        let has_ended = self.selected.as_ref()?.has_ended;
        let explained = self.explained.as_mut().filter(|explained| is_shown && !explained.is_waiting)?;
        if has_ended {
            explained.trouble = Some(Trouble::Gone);
            return None;
        }
        Some(explained.ask())
    }

    /// Takes up what the applet told.
    pub(super) fn take_explanation(&mut self, id: Id, answer: Result<Explanation, Failure>) {
        if let Some(explained) = self.explained.as_mut().filter(|explained| explained.id == id) {
            explained.take(answer);
        }
    }
}

impl Explained {
    fn new(id: Id) -> Self {
        Self { id, told: None, trouble: None, is_waiting: false }
    }

    fn ask(&mut self) -> Effect<Message> {
        self.is_waiting = true;
        let id = self.id;
        let params = ExplainProcess { pid: id.pid, start_time: Some(id.start_time) };
        Ask::new(Request::ExplainProcess(params), move |answer| Message::Explained(id, answer)).into()
    }

    fn take(&mut self, answer: Result<Explanation, Failure>) {
        self.is_waiting = false;
        self.trouble = match answer {
            Ok(told) => {
                self.told = Some(told);
                None
            }
            Err(Failure { code: Some(ErrorCode::NotFound), .. }) => Some(Trouble::Gone),
            Err(failure) => Some(Trouble::Failed(failure.message)),
        };
    }

    /// Draws it.
    pub(super) fn view(&self) -> Element<'_, Message> {
        let told = self.told.as_ref().map(told);
        let parts = column![].push(self.note()).push(told).spacing(theme::BETWEEN);
        container(parts).padding(theme::INSIDE).width(Fill).style(theme::card).into()
    }

    /// What is to be said before it.
    fn note(&self) -> Option<Text<'_>> {
        let note = match (&self.trouble, &self.told) {
            (Some(Trouble::Gone), Some(_)) => small("It is gone. This is how it stood last."),
            (Some(Trouble::Gone), None) => small("It is gone, and nothing more is known of it."),
            (Some(Trouble::Failed(why)), _) => small(harmless(why)).style(theme::wrong),
            (None, None) => small("Asking why …"),
            (None, Some(_)) => return None,
        };
        Some(note.wrapping(Wrapping::WordOrGlyph))
    }
}

fn told(explanation: &Explanation) -> Element<'_, Message> {
    let listed = explanation.whitelist.as_deref().map(why::whitelisted);
    let ruled = explanation.rule.as_deref().map(why::ruled);
    let sentences = [listed, ruled].into_iter().flatten().map(|words| sentence(&words).into());
    let reasons = explanation.reasons.iter().map(|told| standing(reason(told.reason), told));
    let groups = explanation.groups.iter().map(|group| standing("Together", &group.standing));
    Column::with_children(sentences.chain(reasons).chain(groups)).spacing(theme::INSIDE).into()
}

/// A rule, how the process stands under it, and why. What fires is bold.
fn standing<'a>(rule: &'a str, standing: &Standing) -> Element<'a, Message> {
    let is_firing = standing.state == StandingState::Firing;
    let label = |words| if is_firing { small(words).font(BOLD).style(iced::widget::text::base) } else { small(words) };
    let head = row![label(rule).width(Fill), label(why::state(standing.state))];
    column![head, sentence(&standing.summary)].spacing(2).into()
}

fn sentence<'a>(words: &str) -> Text<'a> {
    body(harmless(words)).wrapping(Wrapping::WordOrGlyph)
}

const BOLD: Font = Font { weight: font::Weight::Bold, ..Font::DEFAULT };
