//! The rules: a table of them, and an editor of the one that is open.

mod view;

use super::Message as Tab;
use super::draft::Draft;
use super::rule::{Part, Rule};
use crate::config::RuleMatch;
use crate::protocol::{Reason, Severity};
use crate::window::ask::Effect;
use crate::window::widget::focus;
use crate::window::widget::table::Step;
use iced::keyboard::{Key, Modifiers, key::Named};
use serde_json::Value;

/// The name of the table, for the keyboard's focus.
const TABLE: &str = "rules";

/// The rows that a page of the keyboard steps over.
const PAGE: usize = 10;

/// Which rule is selected, and which is being edited.
#[derive(Debug, Default)]
pub(super) struct Editor {
    selected: Option<usize>,
    /// What the selected rule was when it was opened.
    opened: Option<Rule>,
}

/// Where a rule goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Before the one above: it matches earlier.
    Up,
    /// Behind the one below.
    Down,
}

/// What happens to the rules.
#[derive(Clone, Debug)]
pub enum Message {
    /// The user selects a rule.
    Select(usize),
    /// The user selects a rule by the keyboard.
    Step(Step),
    /// The user wants a rule more.
    Add,
    /// The user wants to edit the selected rule.
    Edit,
    /// The user is done with it.
    Close,
    /// The user wants the selected rule gone.
    Remove,
    /// The user wants the selected rule elsewhere.
    Move(Direction),
    /// The user types into a part of the rule.
    Type(Typed),
    /// The user wants a part as it was when the rule was opened.
    Escape(PartOf),
    /// The user chooses how it matches.
    Match(RuleMatch),
    /// The user wants to be told of something, or not.
    Silence(Reason),
    /// The user chooses how bad its alerts are.
    Severity(Option<Severity>),
}

/// What was typed into a part of a rule.
#[derive(Clone, Debug)]
pub struct Typed {
    part: Part,
    text: String,
}

/// A part of a rule.
#[derive(Clone, Copy, Debug)]
pub struct PartOf(Part);

impl Editor {
    /// Takes up what happened.
    pub(super) fn update(&mut self, message: Message, draft: &mut Draft, config: &Value) -> Vec<Effect<Tab>> {
        let mut rules = draft.rules(config);
        let before = rules.clone();
        let effects = self.edit(message, &mut rules);
        if rules != before {
            draft.set_rules(rules);
        }
        effects
    }

    /// Tells whether a rule is being edited.
    pub(super) fn is_open(&self) -> bool {
        self.opened.is_some()
    }

    /// Keeps the selection within so many rules.
    pub(super) fn follow(&mut self, count: usize) {
        self.selected = self.selected.filter(|index| *index < count);
        self.opened = self.opened.take().filter(|_| self.selected.is_some());
    }

    fn edit(&mut self, message: Message, rules: &mut Vec<Rule>) -> Vec<Effect<Tab>> {
        match message {
            Message::Select(index) => self.select(Some(index), rules),
            Message::Step(step) => self.select(step.from(self.selected, rules.len(), PAGE), rules),
            Message::Add => {
                self.close(rules);
                rules.push(Rule::fresh());
                self.selected = Some(rules.len() - 1);
                return self.open(rules);
            }
            Message::Edit => return self.open(rules),
            Message::Close => {
                self.close(rules);
                return vec![focus::on(TABLE).into()];
            }
            Message::Remove => self.remove(rules),
            Message::Move(direction) => self.shift(direction, rules),
            Message::Type(Typed { part, text }) => self.change(rules, |rule| rule.set(part, text)),
            Message::Escape(PartOf(part)) => {
                let was = self.opened.as_ref().map(|rule| rule.text(part).to_owned()).unwrap_or_default();
                self.change(rules, |rule| rule.set(part, was));
            }
            Message::Match(match_type) => self.change(rules, |rule| rule.match_type = match_type),
            Message::Silence(reason) => self.change(rules, |rule| rule.toggle(reason)),
            Message::Severity(severity) => self.change(rules, |rule| rule.severity = severity),
        }
        Vec::new()
    }

    fn select(&mut self, selected: Option<usize>, rules: &mut Vec<Rule>) {
        if selected != self.selected {
            self.close(rules);
            self.selected = selected.filter(|index| *index < rules.len());
        }
    }

    fn open(&mut self, rules: &[Rule]) -> Vec<Effect<Tab>> {
        self.opened = self.selected.and_then(|index| rules.get(index)).cloned();
        if self.opened.is_some() { vec![focus::on(view::PATTERN).into()] } else { Vec::new() }
    }

    /// A rule that was added and left empty goes away again.
    fn close(&mut self, rules: &mut Vec<Rule>) {
        let was_open = self.opened.take().is_some();
        if let Some(index) = self.selected.filter(|index| was_open && rules.get(*index) == Some(&Rule::fresh())) {
            rules.remove(index);
            self.selected = index.checked_sub(1);
        }
    }

    fn remove(&mut self, rules: &mut Vec<Rule>) {
        self.opened = None;
        if let Some(index) = self.selected.filter(|index| *index < rules.len()) {
            rules.remove(index);
            self.selected = rules.len().checked_sub(1).map(|last| index.min(last));
        }
    }

    fn shift(&mut self, direction: Direction, rules: &mut [Rule]) {
        let Some(from) = self.selected else { return };
        let to = match direction {
            Direction::Up => from.checked_sub(1),
            Direction::Down => Some(from + 1).filter(|to| *to < rules.len()),
        };
        if let Some(to) = to {
            rules.swap(from, to);
            self.selected = Some(to);
        }
    }

    fn change(&self, rules: &mut [Rule], change: impl FnOnce(&mut Rule)) {
        if let Some(rule) = self.selected.and_then(|index| rules.get_mut(index)) {
            change(rule);
        }
    }

    /// Gives what a key means in the table.
    fn key(&self, key: &Key, modifiers: Modifiers) -> Option<Message> {
        if let Some(step) = Step::of(key, modifiers) {
            return Some(Message::Step(step));
        }
        let Key::Named(named) = key else { return None };
        match (named, modifiers) {
            (Named::ArrowUp, Modifiers::ALT) => Some(Message::Move(Direction::Up)),
            (Named::ArrowDown, Modifiers::ALT) => Some(Message::Move(Direction::Down)),
            (Named::Enter, _) => self.selected.map(|_| Message::Edit),
            (Named::Delete, _) => self.selected.map(|_| Message::Remove),
            (Named::Escape, _) => self.opened.as_ref().map(|_| Message::Close),
            _ => None,
        }
    }
}
