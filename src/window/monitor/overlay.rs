//! What lies over the table: menus, the question, the form. As long as one does the rows stay where they are.

use super::act::{self, Act};
use super::columns::{Key as Column, OPTIONAL, Remembered};
use super::form::{self, Form};
use super::{Effects, Message, Monitor, processes};
use crate::process::Id;
use crate::protocol::Process;
use crate::window::Scene;
use crate::window::ask::{Failure, Taken};
use crate::window::widget::menu::{self, Menu};
use crate::window::widget::question::{self, Answer, question};
use iced::keyboard::{Key, key::Named};
use iced::{Element, Point};

/// What lies over the table.
#[derive(Debug)]
pub(super) enum Overlay {
    /// What can be done about the selected process.
    Menu(Menu<Act>),
    /// Which columns there are.
    Columns(Menu<Column>),
    /// Whether it shall be done to this process.
    Question(Act, Box<Process>),
    /// A regex for the whitelist.
    Form(Form),
}

impl Overlay {
    /// Opens the menu of columns.
    pub(super) fn columns(at: Point, remembered: &Remembered) -> Self {
        let ticked = |key: Column| menu::ticked(key.title(), remembered.columns.contains(&key), Some(key));
        Self::Columns(Menu::new(at, OPTIONAL.into_iter().map(ticked).collect()))
    }

    /// Gives what a key means; none goes on to what lies under it.
    pub(super) fn key(&self, key: &Key) -> Option<Message> {
        match self {
            Self::Menu(menu) => menu.key(key).map(Message::InMenu),
            Self::Columns(menu) => menu.key(key).map(Message::InColumns),
            Self::Question(..) => question::key(key).map(Message::Answered),
            Self::Form(_) => match key {
                Key::Named(Named::Escape) => Some(Message::InForm(form::Event::Cancel)),
                Key::Named(Named::Enter) => Some(Message::InForm(form::Event::Add)),
                Key::Named(_) | Key::Character(_) | Key::Unidentified => None,
            },
        }
    }

    /// Draws it over the whole window.
    pub(super) fn view(&self) -> Element<'_, Message> {
        match self {
            Self::Menu(menu) => menu.view(Message::InMenu),
            Self::Columns(menu) => menu.view(Message::InColumns),
            Self::Question(act, process) => {
                let (asked, explained, label) = act.question(process);
                question(asked, explained, label, Message::Answered)
            }
            Self::Form(form) => form.view(Message::InForm),
        }
    }
}

impl Monitor {
    pub(super) fn open_menu(&mut self, id: Id, at: Point, scene: &Scene) -> Effects {
        let effects = self.select(id, scene);
        if let Some(selected) = &self.selected {
            self.overlay = Some(Overlay::Menu(Menu::new(at, act::entries(&selected.process, selected.has_ended))));
        }
        effects
    }

    pub(super) fn open_menu_here(&mut self, scene: &Scene) -> Effects {
        let Some(selected) = &self.selected else { return Vec::new() };
        let at = self.scroll.corner(self.selected_row().unwrap_or(0));
        self.open_menu(selected.id, at, scene)
    }

    pub(super) fn in_menu(&mut self, event: menu::Event<Act>, scene: &Scene) -> Effects {
        match (event, &mut self.overlay) {
            (menu::Event::Highlight(index), Some(Overlay::Menu(menu))) => menu.highlight(index),
            (menu::Event::Highlight(_), _) => {}
            (menu::Event::Close, _) => self.close(scene),
            (menu::Event::Choose(act), _) => {
                self.close(scene);
                return self.act(act, scene);
            }
        }
        Vec::new()
    }

    pub(super) fn in_columns(&mut self, event: &menu::Event<Column>) {
        let Some(Overlay::Columns(menu)) = &mut self.overlay else { return };
        match event {
            menu::Event::Highlight(index) => menu.highlight(*index),
            menu::Event::Close => self.overlay = None,
            menu::Event::Choose(key) => {
                self.remembered.toggle(*key);
                menu.tick(|column| self.remembered.columns.contains(column));
            }
        }
    }

    pub(super) fn answered(&mut self, answer: Answer, scene: &Scene) -> Effects {
        let Some(Overlay::Question(act, process)) = self.overlay.take() else { return Vec::new() };
        self.derive(scene);
        match answer {
            Answer::Yes => self.carry_out(act, *process),
            Answer::No => Vec::new(),
        }
    }

    pub(super) fn in_form(&mut self, event: form::Event, scene: &Scene) -> Effects {
        let (Some(Overlay::Form(form)), Some(selected)) = (&mut self.overlay, &self.selected) else {
            return Vec::new();
        };
        match event {
            form::Event::Type(pattern) => form.edit(pattern, processes(scene)),
            form::Event::Cancel => self.close(scene),
            form::Event::Add => {
                let Some(request) = form.request() else { return Vec::new() };
                form.wait();
                let process = selected.process.clone();
                return self.ask(Act::AllowRegex, process, request);
            }
        }
        Vec::new()
    }

    /// Takes up the answer of an action. A form whose regex was refused stays, and says why.
    pub(super) fn came(&mut self, number: u64, answer: Result<Taken, Failure>, scene: &Scene) {
        if let Some(Overlay::Form(form)) = self.overlay.as_mut().filter(|_| number == self.actions) {
            match &answer {
                Ok(_) => self.overlay = None,
                Err(failure) => {
                    form.refuse(failure.message.clone());
                    self.outcome = None;
                }
            }
        }
        if let Some(outcome) = &mut self.outcome {
            outcome.take(number, answer, scene.now);
        }
    }

    fn close(&mut self, scene: &Scene) {
        self.overlay = None;
        self.derive(scene);
    }
}
