//! The tab Monitor: all processes, as a list or as a tree, and what can be done about one of them.

pub mod act;
mod columns;
mod details;
mod explained;
mod figure;
pub mod form;
mod list;
mod outcome;
mod overlay;
mod query;
mod rows;
mod selected;
#[cfg(test)]
mod tests;
mod view;

pub use columns::{Key as Column, Remembered};

use super::Scene;
use super::ask::{Ask, Effect, Failure, Taken};
use super::mirror::Change;
use super::widget::table::{Scroll, Step};
use super::widget::{menu, question};
use crate::process::Id;
use crate::protocol::{Explanation, HistoryPoint, Process, Tab};
use act::Act;
use explained::Explained;
use iced::keyboard::{Key, Modifiers, key::Named};
use iced::{Element, Point};
use outcome::Outcome;
use overlay::Overlay;
use query::Query;
use rows::{Branch, Row};
use selected::Selected;
use std::collections::HashSet;

/// The name of the table, for the keyboard's focus.
pub(super) const TABLE: &str = "processes";

/// From this width on the details stand beside the table.
const WIDE: f32 = 820.0;

/// The tab's own state.
#[derive(Debug, Default)]
pub struct Monitor {
    remembered: Remembered,
    search: String,
    query: Query,
    /// Why what is typed cannot be searched for; the last search that could stays in force.
    refusal: Option<String>,
    folded: HashSet<Id>,
    /// The rows, in their order; those that are there while something lies over the table.
    rows: Vec<Row>,
    scroll: Scroll,
    selected: Option<Selected>,
    /// Why the selected process is told of, or is not, while the user wants to see it.
    explained: Option<Explained>,
    overlay: Option<Overlay>,
    /// Whether the details lie over the table, where they have no room beside it.
    is_open: bool,
    outcome: Option<Outcome>,
    /// How many actions there were.
    actions: u64,
}

/// What happens to the tab.
#[derive(Clone, Debug)]
pub enum Message {
    /// The user types into the search field.
    Search(String),
    /// The user wants another order.
    Sort(Column),
    /// The user wants the list (false) or the tree.
    Tree(bool),
    /// The user folds or unfolds a branch of the tree.
    Fold(Id),
    /// Left (false) or right: fold or unfold, or go to the parent or child.
    Sideways(bool),
    /// Other rows are in view.
    Scrolled(Scroll),
    /// The user selects a process.
    Select(Id),
    /// Another part of the window wants a process shown.
    Reveal(Id),
    /// The selection goes to another row.
    Step(Step),
    /// The user wants the details of what is selected.
    Open,
    /// The user wants the details shown or folded away.
    Details(bool),
    /// Escape: what is open closes, then the search goes, then the selection.
    Back,
    /// The user wants the menu of a process, at a point.
    Menu(Id, Point),
    /// The user wants the menu of what is selected.
    MenuHere,
    /// Something happens to that menu.
    InMenu(menu::Event<Act>),
    /// The user wants to choose columns, at a point.
    Columns(Point),
    /// Something happens to the menu of columns.
    InColumns(menu::Event<Column>),
    /// The user wants something done about what is selected.
    Act(Act),
    /// The user answers a question.
    Answered(question::Answer),
    /// Something happens to the form of a regex.
    InForm(form::Event),
    /// The applet answered an action, the how manieth one.
    Came(u64, Result<Taken, Failure>),
    /// The applet tells what a process has used.
    History(Id, Result<Vec<HistoryPoint>, Failure>),
    /// The applet tells why a process is told of, or is not.
    Explained(Id, Result<Explanation, Failure>),
    /// The user wants to see the alerts.
    Alerts,
}

/// What comes of a message.
type Effects = Vec<Effect<Message>>;

impl Monitor {
    /// Begins with what was remembered.
    #[must_use]
    pub fn new(remembered: Remembered) -> Self {
        Self { remembered, ..Self::default() }
    }

    /// Gives what is to be remembered.
    #[must_use]
    pub fn remembered(&self) -> Remembered {
        self.remembered.clone()
    }

    /// Takes up what happened.
    pub fn update(&mut self, message: Message, scene: &Scene) -> Effects {
        match message {
            Message::Search(text) => return self.look_for(text, scene),
            Message::Sort(key) => self.remembered.sort_by(key),
            Message::Tree(is_tree) => self.remembered.is_tree = is_tree,
            Message::Fold(id) => self.fold(id),
            Message::Sideways(right) => return self.sideways(right, scene),
            Message::Scrolled(scroll) => {
                self.scroll = scroll;
                return Vec::new();
            }
            Message::Select(id) => return self.select(id, scene),
            Message::Reveal(id) => return self.reveal(id, scene),
            Message::Step(step) => return self.step(step, scene),
            Message::Open => self.show_details(true, scene),
            Message::Details(shown) => self.show_details(shown, scene),
            Message::Back => self.back(scene),
            Message::Menu(id, at) => return self.open_menu(id, at, scene),
            Message::MenuHere => return self.open_menu_here(scene),
            Message::InMenu(event) => return self.in_menu(event, scene),
            Message::Columns(at) => self.overlay = Some(Overlay::columns(at, &self.remembered)),
            Message::InColumns(event) => self.in_columns(&event),
            Message::Act(act) => return self.act(act, scene),
            Message::Answered(answer) => return self.answered(answer, scene),
            Message::InForm(event) => return self.in_form(event, scene),
            Message::Came(number, answer) => self.came(number, answer, scene),
            Message::History(id, history) => self.take_history(id, history),
            Message::Explained(id, answer) => self.take_explanation(id, answer),
            Message::Alerts => return vec![Effect::Show(Tab::Alerts)],
        }
        self.derive(scene);
        Vec::new()
    }

    /// Looks after what is derived from the mirror.
    pub fn changed(&mut self, change: &Change, scene: &Scene) -> Effects {
        if let (Change::Outcome(told), Some(outcome)) = (change, &mut self.outcome) {
            outcome.answered(told);
        }
        if !matches!(change, Change::Processes) {
            return Vec::new();
        }
        if let Some(selected) = &mut self.selected {
            selected.follow(&scene.mirror, scene.now);
        }
        if let Some(outcome) = &mut self.outcome {
            outcome.follow(&scene.mirror, scene.now);
        }
        if let Some(Overlay::Form(form)) = &mut self.overlay {
            form.count(processes(scene));
        }
        self.derive(scene);
        Vec::new()
    }

    /// Gives what a key means here.
    #[must_use]
    pub fn key(&self, key: &Key, modifiers: Modifiers, _scene: &Scene) -> Option<Message> {
        if let Some(overlay) = &self.overlay {
            return overlay.key(key);
        }
        if let Some(step) = Step::of(key, modifiers) {
            return Some(Message::Step(step));
        }
        if let Some(act) = Act::of_key(key, modifiers) {
            return Some(Message::Act(act));
        }
        let is = |named, held| *key == Key::Named(named) && modifiers == held;
        let none = Modifiers::empty();
        [
            (is(Named::ContextMenu, none) || is(Named::F10, Modifiers::SHIFT), Message::MenuHere),
            (is(Named::Enter, none), Message::Open),
            (is(Named::Escape, none), Message::Back),
            (is(Named::ArrowLeft, none), Message::Sideways(false)),
            (is(Named::ArrowRight, none), Message::Sideways(true)),
        ]
        .into_iter()
        .find_map(|(is_pressed, message)| is_pressed.then_some(message))
    }

    /// What is searched for.
    #[must_use]
    pub fn search(&self) -> &str {
        &self.search
    }

    /// Draws the tab.
    #[must_use]
    pub fn view<'a>(&'a self, scene: &'a Scene) -> Element<'a, Message> {
        view::view(self, scene)
    }

    /// Draws what lies over the whole window.
    #[must_use]
    pub fn overlay<'a>(&'a self, _scene: &'a Scene) -> Option<Element<'a, Message>> {
        self.overlay.as_ref().map(Overlay::view)
    }

    /// Makes the rows anew. While something lies over them they stay as they are.
    fn derive(&mut self, scene: &Scene) {
        if self.overlay.is_some() {
            return;
        }
        let (processes, order) = (processes(scene), self.remembered.order());
        self.rows = if self.remembered.is_tree {
            rows::tree(processes, &self.query, order, &self.folded)
        } else {
            rows::list(processes, &self.query, order)
        };
    }

    fn look_for(&mut self, text: String, scene: &Scene) -> Effects {
        match Query::new(&text) {
            Ok(query) => (self.query, self.refusal) = (query, None),
            Err(error) => self.refusal = Some(error.to_string()),
        }
        self.search = text;
        self.derive(scene);
        self.in_view().into_iter().collect()
    }

    fn select(&mut self, id: Id, scene: &Scene) -> Effects {
        if self.selected.as_ref().is_some_and(|selected| selected.id == id) {
            return Vec::new();
        }
        let Some(process) = scene.mirror.find(id) else { return Vec::new() };
        let selected = Selected::new(process, scene.now);
        let history = Ask::new(selected.history(), move |answer| Message::History(id, answer));
        self.selected = Some(selected);
        self.outcome = None;
        let explained = self.explain_another(id, scene);
        [history.into()].into_iter().chain(explained).chain(self.in_view()).collect()
    }

    /// Selects a process from elsewhere: nothing that hides its row stays.
    fn reveal(&mut self, id: Id, scene: &Scene) -> Effects {
        if !scene.mirror.find(id).is_some_and(|process| self.query.matches(process)) {
            (self.search, self.query, self.refusal) = Default::default();
        }
        let mut ancestors = details::ancestors(id, scene).map(rows::id).collect::<HashSet<_>>();
        ancestors.remove(&id);
        self.folded.retain(|folded| !ancestors.contains(folded));
        self.derive(scene);
        self.select(id, scene)
    }

    /// Goes from one that is looked for to another: the ancestors that a search leaves in the tree are passed over.
    fn step(&mut self, step: Step, scene: &Scene) -> Effects {
        let found: Vec<Id> = self.rows.iter().filter(|row| row.is_match).map(|row| row.id).collect();
        let is_selected = |id: &Id| self.selected.as_ref().is_some_and(|selected| selected.id == *id);
        let to = step.from(found.iter().position(is_selected), found.len(), self.scroll.page());
        to.map_or_else(Vec::new, |row| self.select(found[row], scene))
    }

    fn fold(&mut self, id: Id) {
        if !self.folded.remove(&id) {
            self.folded.insert(id);
        }
    }

    fn sideways(&mut self, right: bool, scene: &Scene) -> Effects {
        let Some(at) = self.selected_row().filter(|_| self.remembered.is_tree) else { return Vec::new() };
        let Row { id, depth, branch, .. } = self.rows[at];
        let target = match (right, branch) {
            (true, Branch::Folded(_)) => None,
            (false, Branch::Open) if self.query.is_everything() => None,
            (true, Branch::Open) => Some(at + 1),
            (true, Branch::Leaf) => return Vec::new(),
            (false, _) => self.rows[..at].iter().rposition(|row| row.depth < depth).or(Some(at)),
        };
        if let Some(target) = target {
            return self.select(self.rows[target].id, scene);
        }
        self.fold(id);
        self.derive(scene);
        Vec::new()
    }

    fn show_details(&mut self, shown: bool, scene: &Scene) {
        self.explained.take_if(|_| !shown);
        if is_wide(scene) {
            self.remembered.has_details = shown;
        } else {
            self.is_open = shown;
        }
    }

    fn has_details(&self, scene: &Scene) -> bool {
        if is_wide(scene) { self.remembered.has_details } else { self.is_open }
    }

    fn back(&mut self, scene: &Scene) {
        if self.overlay.take().is_some() || (self.has_details(scene) && self.explained.take().is_some()) {
            return;
        }
        if self.is_open && !is_wide(scene) {
            self.is_open = false;
        } else if self.search.is_empty() {
            (self.selected, self.explained, self.outcome) = (None, None, None);
        } else {
            (self.search, self.query, self.refusal) = Default::default();
        }
    }

    fn take_history(&mut self, id: Id, history: Result<Vec<HistoryPoint>, Failure>) {
        let selected = self.selected.as_mut().filter(|selected| selected.id == id);
        // Where it is not told, the charts begin with what is seen from now on.
        if let (Some(selected), Ok(history)) = (selected, history) {
            selected.learn(history);
        }
    }

    fn selected_row(&self) -> Option<usize> {
        let id = self.selected.as_ref()?.id;
        self.rows.iter().position(|row| row.id == id)
    }

    /// Scrolls the selected row into view.
    fn in_view(&self) -> Option<Effect<Message>> {
        Some(Effect::Do(self.scroll.reveal(TABLE, self.selected_row()?)))
    }
}

fn processes(scene: &Scene) -> &[Process] {
    scene.mirror.processes.as_deref().unwrap_or_default()
}

fn is_wide(scene: &Scene) -> bool {
    scene.size.width >= WIDE
}
