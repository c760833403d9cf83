//! The tab Alerts: what has run away, newest first, and what can still be done about it.

mod act;
mod details;
mod doing;
mod filter;
mod keys;
mod list;
#[cfg(test)]
mod tests;
mod view;
mod words;

pub(super) use words::reason;

use super::Scene;
use super::ask::{Ask, Effect, Failure, Taken};
use super::mirror::Change;
use super::widget::menu::{self, Menu};
use super::widget::question::Answer;
use super::widget::table::{self, Scroll, Step};
use crate::protocol::{Alert, AlertState, HistoryPoint};
use act::Act;
use filter::{Choice, Filter};
use iced::widget::operation;
use iced::{Point, Task};
use list::{Folded, List, What};
use std::time::Duration;

/// The name of the table, for the keyboard's focus.
pub(super) const TABLE: &str = "alerts";

/// How near to the last row further ones are asked for.
const AHEAD: usize = 20;

/// How long typing pauses before the text is looked for.
const TYPING: Duration = Duration::from_millis(300);

/// How old the chart of a firing alert becomes, in seconds.
const CHART_AGE: i64 = 2;

/// The tab's own state.
#[derive(Debug, Default)]
pub struct Alerts {
    filter: Filter,
    typed: u64,
    list: List,
    scroll: Scroll,
    selected: Option<i64>,
    /// Whether the details are shown where there is no room for them beside the table.
    is_open: bool,
    chart: Option<Chart>,
    menu: Option<Menu<Pick>>,
    asked: Option<Question>,
    /// Whether it is being chosen how the whitelist is to know the selected one.
    is_choosing: bool,
    note: Option<Note>,
}

/// What happens to the tab.
#[derive(Clone, Debug)]
pub enum Message {
    /// The user types into the search field.
    Search(String),
    /// Typing has paused since this letter.
    Typed(u64),
    /// The user sets a filter.
    Choose(Choice),
    /// The user wants a filter's choices, under its button.
    Open(Which, Point),
    /// The user wants all alerts.
    ClearFilters,
    /// The answer of a question, by its number.
    Came(u64, Result<Vec<Alert>, Failure>),
    /// The user wants the last question asked again.
    Again,
    /// Other rows come into view.
    Scrolled(Scroll),
    /// The user selects an alert.
    Select(i64),
    /// The user wants the details of an alert.
    Details(i64),
    /// The user has seen the details.
    Back,
    /// A step of the selection.
    Step(Step),
    /// The user wants the menu of an alert.
    Context(i64, Point),
    /// What happens to the open menu.
    Menu(menu::Event<Pick>),
    /// The user wants something done about the selected alert.
    Act(Act),
    /// The user wants to choose how the whitelist is to know the process, or no longer.
    ChooseWhitelist(bool),
    /// The user wants every firing alert dismissed.
    ClearAll,
    /// The answer to the open question.
    Answer(Answer),
    /// What came of an action.
    Done(Done, Result<Taken, Failure>),
    /// What the process of an alert used.
    History(i64, Result<Vec<HistoryPoint>, Failure>),
    /// The user wants to get rid of what is open, what is selected, or what is searched for.
    Escape,
}

/// A filter that has a menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the filters'")]
pub enum Which {
    Severity,
    Reason,
    Period,
}

/// What an entry of a menu does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// Sets a filter.
    Filter(Choice),
    /// Does something about the selected alert.
    Act(Act),
}

/// What was done: what is said of it, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// The alert that it was about; None is all of them.
    alert: Option<i64>,
    sentence: String,
}

/// What is asked before it is done.
#[derive(Clone, Debug, PartialEq)]
enum Question {
    /// Whether to end the process of this alert.
    Terminate(Box<Alert>),
    /// Whether to dismiss every firing one.
    ClearAll,
}

/// What came of the last action.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Note {
    alert: Option<i64>,
    sentence: String,
    is_wrong: bool,
}

/// What the process of an alert used.
#[derive(Debug)]
struct Chart {
    alert: i64,
    points: Vec<HistoryPoint>,
    failure: Option<String>,
    /// Unix seconds when it was asked for.
    asked: i64,
    is_waiting: bool,
}

impl Alerts {
    /// Takes up what happened.
    pub fn update(&mut self, message: Message, scene: &Scene) -> Vec<Effect<Message>> {
        match message {
            Message::Search(text) => self.search_for(text),
            Message::Typed(letter) if letter == self.typed => self.ask_anew(scene),
            Message::Typed(_) => Vec::new(),
            Message::Choose(choice) => self.choose(choice, scene),
            Message::Open(which, at) => self.open_filter(which, at),
            Message::ClearFilters => self.clear_filters(scene),
            Message::Came(number, answer) => self.came(number, answer, scene),
            Message::Again => self.ask_again(scene),
            Message::Scrolled(scroll) => {
                self.scroll = scroll;
                self.next_page(scene)
            }
            Message::Select(id) => self.select(id, scene),
            Message::Details(id) => {
                self.is_open = true;
                self.select(id, scene)
            }
            Message::Back => {
                self.is_open = false;
                Vec::new()
            }
            Message::Step(step) => self.step(step, scene),
            Message::Context(id, at) => self.open_context(id, at, scene),
            Message::Menu(event) => self.menu(&event, scene),
            Message::Act(act) => self.act(act, scene),
            Message::ChooseWhitelist(is_choosing) => {
                self.is_choosing = is_choosing;
                Vec::new()
            }
            Message::ClearAll => self.ask(Question::ClearAll),
            Message::Answer(answer) => self.answer(answer, scene),
            Message::Done(done, result) => {
                self.done(done, result);
                Vec::new()
            }
            Message::History(alert, answer) => {
                self.history(alert, answer);
                Vec::new()
            }
            Message::Escape => self.escape(scene),
        }
    }

    /// Looks after what is derived from the mirror.
    pub fn changed(&mut self, change: &Change, scene: &Scene) -> Vec<Effect<Message>> {
        match change {
            Change::Alerts(None) => self.ask_first(What::Same, scene),
            Change::Alerts(Some(alert)) => self.fold(alert, scene),
            Change::Notices => {
                self.take_outcome(scene);
                Vec::new()
            }
            Change::Outcome(outcome) => {
                self.take_answer(outcome);
                Vec::new()
            }
            Change::Connection
            | Change::Status
            | Change::Processes
            | Change::Whitelist
            | Change::Config
            | Change::Elsewhere(_)
            | Change::Nothing => Vec::new(),
        }
    }

    /// Asks for what grows old while the tab is shown: once a second.
    pub fn tick(&mut self, scene: &Scene) -> Vec<Effect<Message>> {
        let is_firing = self.selected_alert().is_some_and(|alert| alert.state == AlertState::Firing);
        let is_due = |chart: &Chart| !chart.is_waiting && scene.now - chart.asked >= CHART_AGE;
        if is_firing && self.chart.as_ref().is_some_and(is_due) { self.ask_history(scene) } else { Vec::new() }
    }

    /// Tells whether it shows how a process is now.
    #[must_use]
    pub fn follows_a_process(&self) -> bool {
        self.selected.is_some()
    }

    /// What is searched for.
    #[must_use]
    pub fn search(&self) -> &str {
        &self.filter.text
    }

    fn selected_alert(&self) -> Option<&Alert> {
        self.list.alert(self.selected?)
    }

    fn search_for(&mut self, text: String) -> Vec<Effect<Message>> {
        self.filter.text = text;
        self.typed += 1;
        let typed = self.typed;
        let pause = async { tokio::time::sleep(TYPING).await };
        vec![Task::perform(pause, move |()| Message::Typed(typed)).into()]
    }

    fn choose(&mut self, choice: Choice, scene: &Scene) -> Vec<Effect<Message>> {
        self.filter.choose(choice);
        self.ask_anew(scene)
    }

    fn clear_filters(&mut self, scene: &Scene) -> Vec<Effect<Message>> {
        self.filter = Filter::default();
        self.ask_anew(scene)
    }

    fn open_filter(&mut self, which: Which, at: Point) -> Vec<Effect<Message>> {
        let (entries, chosen) = self.filter.entries(which);
        let mut menu = Menu::new(at, entries);
        menu.highlight(chosen);
        self.menu = Some(menu);
        vec![without_focus()]
    }

    fn ask_anew(&mut self, scene: &Scene) -> Vec<Effect<Message>> {
        // A letter whose pause is not over is looked for now.
        self.typed += 1;
        self.ask_first(What::Others, scene)
    }

    fn ask_first(&mut self, what: What, scene: &Scene) -> Vec<Effect<Message>> {
        let number = self.list.begin(what);
        vec![self.question(number, None, scene)]
    }

    fn ask_again(&mut self, scene: &Scene) -> Vec<Effect<Message>> {
        match self.list.forgive() {
            None => Vec::new(),
            Some(What::Next) => self.next_page(scene),
            Some(what @ (What::Others | What::Same)) => self.ask_first(what, scene),
        }
    }

    fn next_page(&mut self, scene: &Scene) -> Vec<Effect<Message>> {
        let count = self.list.rows().len();
        if self.scroll.visible(count, scene.size.height).end + AHEAD < count {
            return Vec::new();
        }
        let page = self.list.next_page();
        page.map(|(number, before)| self.question(number, Some(before), scene)).into_iter().collect()
    }

    fn question(&self, number: u64, before: Option<i64>, scene: &Scene) -> Effect<Message> {
        let request = self.filter.request(before, scene.now);
        Ask::new(request, move |answer| Message::Came(number, answer)).into()
    }

    fn came(&mut self, number: u64, answer: Result<Vec<Alert>, Failure>, scene: &Scene) -> Vec<Effect<Message>> {
        let Some(what) = self.list.take(number, answer, &self.filter, scene.now) else { return Vec::new() };
        self.keep_selection();
        let mut effects = self.next_page(scene);
        if what == What::Others {
            effects.push(table::to_top(TABLE).into());
        }
        effects
    }

    fn keep_selection(&mut self) {
        if self.selected_alert().is_none() {
            (self.selected, self.chart, self.is_open) = (None, None, false);
        }
    }

    /// What is in view stays where it is; at the top, the new one is seen.
    fn fold(&mut self, alert: &Alert, scene: &Scene) -> Vec<Effect<Message>> {
        let rows = match self.list.fold(alert, &self.filter, self.selected, scene.now) {
            Folded::Inserted(index) if self.scroll.is_past(index) => 1.0,
            Folded::Removed(index) if self.scroll.is_past(index) => -1.0,
            Folded::Inserted(_) | Folded::Removed(_) | Folded::Same => return Vec::new(),
        };
        vec![table::shift(TABLE, rows).into()]
    }

    fn select(&mut self, id: i64, scene: &Scene) -> Vec<Effect<Message>> {
        if self.selected == Some(id) {
            return Vec::new();
        }
        self.selected = Some(id);
        self.is_choosing = false;
        self.note = None;
        self.chart = None;
        self.ask_history(scene)
    }

    fn step(&mut self, step: Step, scene: &Scene) -> Vec<Effect<Message>> {
        let rows = self.list.rows();
        let at = self.selected.and_then(|id| self.list.position(id));
        let Some(index) = step.from(at, rows.len(), self.scroll.page()) else { return Vec::new() };
        let mut effects = self.select(rows[index].id, scene);
        effects.push(self.scroll.reveal(TABLE, index).into());
        effects
    }

    fn open_context(&mut self, id: i64, at: Point, scene: &Scene) -> Vec<Effect<Message>> {
        let mut effects = self.select(id, scene);
        let entries = self.list.alert(id).map(|alert| act::entries(alert, scene));
        self.menu = entries.map(|entries| Menu::new(at, entries));
        effects.push(without_focus());
        effects
    }

    fn menu(&mut self, event: &menu::Event<Pick>, scene: &Scene) -> Vec<Effect<Message>> {
        if let (menu::Event::Highlight(index), Some(menu)) = (event, &mut self.menu) {
            menu.highlight(*index);
            return Vec::new();
        }
        self.menu = None;
        match event {
            menu::Event::Choose(Pick::Filter(choice)) => self.choose(*choice, scene),
            menu::Event::Choose(Pick::Act(act)) => self.act(*act, scene),
            menu::Event::Highlight(_) | menu::Event::Close => Vec::new(),
        }
    }

    fn escape(&mut self, scene: &Scene) -> Vec<Effect<Message>> {
        if std::mem::take(&mut self.is_choosing) || std::mem::take(&mut self.is_open) {
            return Vec::new();
        }
        if self.selected.take().is_some() {
            (self.chart, self.note) = (None, None);
            return Vec::new();
        }
        if self.filter.text.is_empty() {
            return Vec::new();
        }
        self.filter.text.clear();
        self.ask_anew(scene)
    }
}

/// Takes the focus away, so that no button under a menu or a question hears the keys.
fn without_focus() -> Effect<Message> {
    operation::focus("nothing").into()
}
