//! The popup: the notifications in a small window of ours, where the desktop has nobody who shows them.
//!
//! It is a program of its own, started by the applet. Its cards are the applet's notices, one to one; it ends soon
//! after the last of them has gone. No key does anything in it: it comes up while people type.

mod card;
pub(super) mod run;
#[cfg(test)]
mod tests;

pub use run::run;

use super::ask::{Ask, Failure};
use super::link::Event;
use super::preferences;
use super::theme::{self, Appearance};
use super::widget::line;
use crate::protocol::request::{ActOnAlert, CloseNotice, OpenWindow};
use crate::protocol::{Action, Notice, Push, Request, Tab};
use iced::widget::{Column, column, container, scrollable, sensor};
use iced::{Element, Fill, Size, Task, window};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// The width of the popup.
pub const WIDTH: f32 = 360.0;

/// How high a card is about, until it has been drawn.
const CARD: f32 = 112.0;

/// The height that the cards may take before they are scrolled, until the screen's is known.
const MOST: f32 = 640.0;

/// How long it stays without a card.
const EMPTY: Duration = Duration::from_secs(3);

/// How long after a card came or went clicks are taken for clicks at what was there before.
const SETTLING: Duration = Duration::from_millis(400);

/// How long an outcome is waited for: longer than a process is given to end.
const PENDING: Duration = Duration::from_secs(20);

/// The popup's whole state.
pub struct Popup {
    notices: Vec<Notice>,
    /// What came of the presses of buttons, by the alert.
    presses: HashMap<i64, Press>,
    link: Option<mpsc::Sender<Ask<Message>>>,
    open: Option<window::Id>,
    height: f32,
    /// The height that there is room for.
    room: f32,
    empty_since: Option<Instant>,
    changed: Instant,
    chosen: preferences::Appearance,
    desktop: Appearance,
}

/// What became of the press of a button.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Press {
    /// It was sent then; its outcome will stand in place of the card.
    Pending(Action, Instant),
    /// It was refused.
    Refused(String),
}

impl Press {
    /// Tells whether nothing came of it: its buttons come back.
    fn is_over(&self) -> bool {
        matches!(self, Self::Pending(_, since) if since.elapsed() > PENDING)
    }
}

/// What happens to the popup.
#[derive(Clone, Debug)]
pub enum Message {
    /// There is a connection.
    Connected(mpsc::Sender<Ask<Message>>),
    /// There is no connection.
    Missing,
    /// There will be none.
    GaveUp,
    /// These notices should be open.
    Notices(Result<Vec<Notice>, Failure>),
    /// The applet told something else.
    Other,
    /// The user presses a button of a card.
    Act(i64, Action),
    /// The user closes a card.
    Close(i64),
    /// The user wants to see more.
    Open,
    /// What came of something that was asked about a card.
    Done(i64, Result<(), Failure>),
    /// The cards have another size.
    Measured(Size),
    /// The screen has this size, where it is told.
    Screen(Option<Size>),
    /// A second has passed.
    Tick,
    /// The desktop asks for another look.
    Appearance(Appearance),
}

impl From<Event<Self>> for Message {
    fn from(event: Event<Self>) -> Self {
        match event {
            Event::Connected(link) => Self::Connected(link),
            Event::Missing(..) => Self::Missing,
            Event::GaveUp => Self::GaveUp,
            Event::Push(Push::Notices(notices)) => Self::Notices(Ok(notices)),
            Event::Push(Push::Alert(_) | Push::Status(_) | Push::Changed(_) | Push::Outcome(_)) => Self::Other,
            Event::Answered(message) => message,
        }
    }
}

impl Popup {
    /// Begins without a card.
    #[must_use]
    pub fn new(chosen: preferences::Appearance, desktop: Appearance) -> Self {
        Self {
            notices: Vec::new(),
            presses: HashMap::new(),
            link: None,
            open: None,
            height: 0.0,
            room: MOST,
            empty_since: None,
            changed: Instant::now(),
            chosen,
            desktop,
        }
    }

    /// Takes up what happened.
    pub fn update(&mut self, message: Message) -> Task<Message> {
        match message {
            Message::Connected(link) => {
                self.link = Some(link);
                self.ask(Ask::new(Request::GetNotices, Message::Notices))
            }
            Message::Missing => {
                self.link = None;
                Task::none()
            }
            Message::GaveUp => iced::exit(),
            Message::Notices(Ok(notices)) => self.take(notices),
            Message::Notices(Err(_)) | Message::Other => Task::none(),
            Message::Act(..) | Message::Close(_) | Message::Open if self.changed.elapsed() < SETTLING => Task::none(),
            Message::Act(alert, action) => self.act(alert, action),
            Message::Close(alert) => {
                let request = Request::CloseNotice(CloseNotice { alert });
                self.ask(Ask::act(request, move |done| Message::Done(alert, done)))
            }
            Message::Open => {
                let request = Request::OpenWindow(OpenWindow { tab: Some(Tab::Alerts) });
                self.ask(Ask::act(request, |_| Message::Other))
            }
            Message::Done(alert, done) => {
                if let Err(failure) = done {
                    self.presses.insert(alert, Press::Refused(failure.message));
                }
                Task::none()
            }
            Message::Measured(size) => self.fit(size.height),
            Message::Screen(screen) => {
                self.room = screen.map_or(MOST, |screen| (screen.height - run::AROUND).max(CARD));
                Task::none()
            }
            Message::Tick => {
                self.presses.retain(|_, press| !press.is_over());
                self.end_if_empty()
            }
            Message::Appearance(appearance) => {
                self.desktop = appearance;
                Task::none()
            }
        }
    }

    /// Draws the cards.
    #[must_use]
    pub fn view(&self) -> Element<'_, Message> {
        let cards = self.notices.iter().enumerate().map(|(index, notice)| {
            let between = (index > 0).then(line);
            column![].push(between).push(card::card(notice, self.presses.get(&notice.alert))).into()
        });
        let cards =
            sensor(Column::with_children(cards).width(Fill)).on_show(Message::Measured).on_resize(Message::Measured);
        let cards = scrollable(cards).style(theme::scroll).width(Fill).height(Fill);
        container(cards).padding(1).style(theme::popup).width(Fill).height(Fill).into()
    }

    /// Gives the theme in force.
    #[must_use]
    pub fn theme(&self) -> iced::Theme {
        theme::theme(self.chosen.in_force(self.desktop))
    }

    /// Sends a request; where there is no connection its answer says so.
    fn ask(&self, ask: Ask<Message>) -> Task<Message> {
        let refused = match &self.link {
            Some(link) => link.try_send(ask).err().map(mpsc::error::TrySendError::into_inner),
            None => Some(ask),
        };
        refused.map_or_else(Task::none, |ask| Task::done(ask.refused()))
    }

    /// Replaces the cards. One whose text changed may be acted on again.
    fn take(&mut self, notices: Vec<Notice>) -> Task<Message> {
        if notices == self.notices {
            return self.show();
        }
        let alerts = |notices: &[Notice]| notices.iter().map(|notice| notice.alert).collect::<Vec<_>>();
        if alerts(&notices) != alerts(&self.notices) {
            self.changed = Instant::now();
        }
        self.presses.retain(|alert, _| {
            let of = |notices: &[Notice]| notices.iter().find(|notice| notice.alert == *alert).cloned();
            of(&notices).is_some_and(|new| Some(new) == of(&self.notices))
        });
        self.notices = notices;
        self.show()
    }

    /// Opens the popup with the first card, and closes it with the last one.
    fn show(&mut self) -> Task<Message> {
        match (self.notices.len(), self.open) {
            (0, Some(id)) => {
                self.open = None;
                self.empty_since.get_or_insert_with(Instant::now);
                window::close(id)
            }
            (0, None) => {
                self.empty_since.get_or_insert_with(Instant::now);
                Task::none()
            }
            (count, None) => {
                self.empty_since = None;
                self.height = (count as f32 * CARD).min(self.room);
                let (id, opened) = window::open(run::settings(Size::new(WIDTH, self.height)));
                self.open = Some(id);
                opened.then(window::monitor_size).map(Message::Screen)
            }
            (_, Some(_)) => Task::none(),
        }
    }

    /// Makes the popup as high as its cards.
    fn fit(&mut self, cards: f32) -> Task<Message> {
        let height = (cards + 2.0).ceil().min(self.room);
        match self.open {
            Some(id) if (height - self.height).abs() >= 1.0 => {
                self.height = height;
                window::resize(id, Size::new(WIDTH, height))
            }
            Some(_) | None => Task::none(),
        }
    }

    fn act(&mut self, alert: i64, action: Action) -> Task<Message> {
        self.presses.insert(alert, Press::Pending(action, Instant::now()));
        let request = Request::ActOnAlert(ActOnAlert { id: alert, action, ask: action == Action::Kill });
        self.ask(Ask::act(request, move |done| Message::Done(alert, done)))
    }

    fn end_if_empty(&self) -> Task<Message> {
        let is_over = self.empty_since.is_some_and(|since| since.elapsed() >= EMPTY);
        if is_over { iced::exit() } else { Task::none() }
    }
}
