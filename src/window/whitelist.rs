//! The tab Whitelist: a row to add an entry, and a table of those that there are.
//!
//! What is typed is judged at once: the error of a regex, or the running processes that would raise no alerts.

mod draft;
mod form;
mod list;
mod table;
#[cfg(test)]
mod tests;

use super::Scene;
use super::ask::{Ask, Effect, Failure};
use super::mirror::Change;
use super::widget::focus;
use super::widget::table::{Scroll, Step};
use crate::protocol::request::{AddWhitelist, ById, UpdateWhitelist};
use crate::protocol::{MatchType, Request, WhitelistEntry};
use draft::Draft;
use iced::Element;
use iced::keyboard::{Key, Modifiers, key::Named};
use list::{By, List};

/// The name of the table, for the keyboard's focus.
const TABLE: &str = "whitelist";

/// The tab's own state.
#[derive(Debug, Default)]
pub struct Whitelist {
    /// What is typed for a new entry.
    new: Draft,
    /// The entry that is edited, and what is typed for it.
    edited: Option<(i64, Draft)>,
    selected: Option<i64>,
    list: List,
    scroll: Scroll,
    note: Option<Note>,
}

/// What came of the last request.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Note {
    /// It is done, in a sentence.
    Done(String),
    /// An entry is gone, and can be had back.
    Removed(WhitelistEntry),
    /// It was refused.
    Refused(String),
}

/// Where something is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the row for a new entry.
    New,
    /// In the entry that is edited.
    Entry,
}

/// A part of an entry that is typed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What to look for.
    Pattern,
    /// Why it is there.
    Reason,
}

/// What happens to the tab.
#[derive(Clone, Debug)]
pub enum Message {
    /// The user types.
    Type(Place, Part, String),
    /// The user chooses how the pattern is compared.
    Match(Place, MatchType),
    /// The user wants the entry added or changed.
    Submit(Place),
    /// The applet did, or refused to.
    Submitted(Place, Result<(), Failure>),
    /// The user selects an entry.
    Select(i64),
    /// The user selects an entry by the keyboard.
    Step(Step),
    /// The user wants to edit an entry.
    Edit(i64),
    /// The user leaves editing.
    Cancel,
    /// The user wants an entry gone.
    Remove(i64),
    /// The applet removed it, or did not.
    Removed(WhitelistEntry, Result<(), Failure>),
    /// The user wants it back.
    Undo,
    /// The applet added it again, or did not.
    Undone(WhitelistEntry, Result<(), Failure>),
    /// The user wants another order.
    Sort(By),
    /// Other rows come into view.
    Scrolled(Scroll),
}

impl Whitelist {
    /// Takes up what happened.
    pub fn update(&mut self, message: Message, scene: &Scene) -> Vec<Effect<Message>> {
        match message {
            Message::Type(place, part, text) => self.change(place, scene, |draft| draft.set(part, text)),
            Message::Match(place, match_type) => self.change(place, scene, |draft| draft.match_type = match_type),
            Message::Submit(place) => return self.submit(place, scene),
            Message::Submitted(place, answer) => return self.submitted(place, answer),
            Message::Select(id) => self.selected = Some(id),
            Message::Step(step) => return self.step(step, scene),
            Message::Edit(id) => return self.edit(id, scene),
            Message::Cancel => {
                self.edited = None;
                return vec![focus::on(TABLE).into()];
            }
            Message::Remove(id) => return self.remove(id, scene),
            Message::Removed(entry, Ok(())) => self.note = Some(Note::Removed(entry)),
            Message::Undo => return self.undo(),
            Message::Undone(entry, Ok(())) => {
                self.note = Some(Note::Done(format!("{} is whitelisted again.", list::shown(&entry.pattern))));
            }
            Message::Removed(_, Err(failure)) | Message::Undone(_, Err(failure)) => {
                self.note = Some(Note::Refused(failure.message));
            }
            Message::Sort(by) => self.list.sort(by),
            Message::Scrolled(scroll) => self.scroll = scroll,
        }
        Vec::new()
    }

    /// Looks after what is derived from the mirror.
    pub fn changed(&mut self, change: &Change, scene: &Scene) -> Vec<Effect<Message>> {
        let mirror = &scene.mirror;
        match change {
            Change::Whitelist => {
                self.list.take(&mirror.whitelist);
                let is_there = |id: i64| mirror.whitelist.iter().any(|entry| entry.id == id);
                self.selected = self.selected.filter(|id| is_there(*id));
                self.edited = self.edited.take().filter(|(id, _)| is_there(*id));
            }
            Change::Processes => {
                self.new.judge(scene);
                self.edited.iter_mut().for_each(|(_, draft)| draft.judge(scene));
            }
            Change::Connection
            | Change::Status
            | Change::Alerts(_)
            | Change::Config
            | Change::Elsewhere(_)
            | Change::Notices
            | Change::Outcome(_)
            | Change::Nothing => {
                return Vec::new();
            }
        }
        self.list.count(mirror.processes.as_deref());
        Vec::new()
    }

    /// Gives what a key means here.
    #[must_use]
    #[expect(clippy::wildcard_enum_match_arm, reason = "there are hundreds of keys")]
    pub fn key(&self, key: &Key, modifiers: Modifiers, _scene: &Scene) -> Option<Message> {
        if let Some(step) = Step::of(key, modifiers) {
            return Some(Message::Step(step));
        }
        match key.as_ref() {
            Key::Named(Named::Escape) => self.edited.as_ref().map(|_| Message::Cancel),
            Key::Named(Named::Enter) if self.edited.is_none() => self.selected.map(Message::Edit),
            Key::Named(Named::Delete) if self.edited.is_none() => self.selected.map(Message::Remove),
            Key::Character("z") if modifiers.command() => Some(Message::Undo),
            _ => None,
        }
    }

    /// Draws the tab.
    #[must_use]
    pub fn view<'a>(&'a self, scene: &'a Scene) -> Element<'a, Message> {
        table::view(self, scene)
    }

    /// Draws what lies over the whole window.
    #[must_use]
    pub fn overlay<'a>(&'a self, _scene: &'a Scene) -> Option<Element<'a, Message>> {
        None
    }

    fn draft(&mut self, place: Place) -> Option<&mut Draft> {
        match place {
            Place::New => Some(&mut self.new),
            Place::Entry => self.edited.as_mut().map(|(_, draft)| draft),
        }
    }

    fn change(&mut self, place: Place, scene: &Scene, change: impl FnOnce(&mut Draft)) {
        if let Some(draft) = self.draft(place) {
            change(draft);
            draft.judge(scene);
        }
    }

    fn submit(&mut self, place: Place, scene: &Scene) -> Vec<Effect<Message>> {
        let id = self.edited.as_ref().map(|(id, _)| *id);
        self.note = None;
        let Some(draft) = self.draft(place).filter(|draft| draft.may_be_sent(scene)) else { return Vec::new() };
        draft.is_waiting = true;
        let AddWhitelist { pattern, match_type, reason } = draft.wanted();
        let request = match id.filter(|_| place == Place::Entry) {
            Some(id) => Request::UpdateWhitelist(UpdateWhitelist { id, pattern, match_type, reason }),
            None => Request::AddWhitelist(AddWhitelist { pattern, match_type, reason }),
        };
        vec![Ask::act(request, move |answer| Message::Submitted(place, answer)).into()]
    }

    fn submitted(&mut self, place: Place, answer: Result<(), Failure>) -> Vec<Effect<Message>> {
        let Some(draft) = self.draft(place) else { return Vec::new() };
        draft.is_waiting = false;
        if let Err(failure) = answer {
            draft.refusal = Some(failure.message);
            return Vec::new();
        }
        let pattern = list::shown(&draft.pattern);
        match place {
            Place::New => {
                self.note = Some(Note::Done(format!("Added {pattern}.")));
                self.new = Draft::new(self.new.match_type);
                vec![focus::on(form::name(Place::New, Part::Pattern)).into()]
            }
            Place::Entry => {
                self.note = Some(Note::Done(format!("Changed {pattern}.")));
                self.edited = None;
                vec![focus::on(TABLE).into()]
            }
        }
    }

    fn step(&mut self, step: Step, scene: &Scene) -> Vec<Effect<Message>> {
        let entries = self.list.sorted(&scene.mirror.whitelist);
        let at = entries.iter().position(|entry| Some(entry.id) == self.selected);
        let to = step.from(at, entries.len(), self.scroll.page());
        self.selected = to.map(|index| entries[index].id);
        to.map(|index| self.scroll.reveal(TABLE, index).into()).into_iter().collect()
    }

    fn edit(&mut self, id: i64, scene: &Scene) -> Vec<Effect<Message>> {
        let Some(entry) = scene.mirror.whitelist.iter().find(|entry| entry.id == id) else { return Vec::new() };
        let mut draft = Draft::of(entry);
        draft.judge(scene);
        self.selected = Some(id);
        self.edited = Some((id, draft));
        vec![focus::on(form::name(Place::Entry, Part::Pattern)).into()]
    }

    fn remove(&mut self, id: i64, scene: &Scene) -> Vec<Effect<Message>> {
        let entries = self.list.sorted(&scene.mirror.whitelist);
        let Some(at) = entries.iter().position(|entry| entry.id == id) else { return Vec::new() };
        let (entry, next) =
            (entries[at].clone(), entries.get(at + 1).or(at.checked_sub(1).map(|before| &entries[before])));
        self.selected = next.map(|next| next.id);
        self.edited = self.edited.take().filter(|(edited, _)| *edited != id);
        let request = Request::RemoveWhitelist(ById { id });
        vec![Ask::act(request, move |answer| Message::Removed(entry, answer)).into()]
    }

    fn undo(&mut self) -> Vec<Effect<Message>> {
        let Some(Note::Removed(entry)) = &self.note else { return Vec::new() };
        let entry = entry.clone();
        let WhitelistEntry { pattern, match_type, reason, .. } = entry.clone();
        let request = Request::AddWhitelist(AddWhitelist { pattern, match_type, reason });
        vec![Ask::act(request, move |answer| Message::Undone(entry, answer)).into()]
    }
}
