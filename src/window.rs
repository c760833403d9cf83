//! The window: the applet's tables and settings, in a process of its own.
//!
//! It speaks only the documented socket, may be killed at any time without loss, and draws one value: answers and
//! pushes fold into a [`mirror::Mirror`], a tab's own state lies beside it, and [`Window::view`] is a function of both.
//!
//! ```text
//! socket → link → News, Push → Mirror → Change → tab
//! pointer, keys → Message → tab → Effect → link → socket
//! ```

pub mod alerts;
pub mod ask;
pub mod clock;
mod frame;
mod instance;
pub mod lifecycle;
pub mod link;
pub mod matching;
pub mod mirror;
pub mod monitor;
pub mod popup;
pub mod preferences;
mod repaint;
mod run;
pub mod settings;
pub mod theme;
pub mod whitelist;
pub mod widget;

pub use run::{Error, run};

use crate::paths::Paths;
use crate::process::Id;
use crate::protocol::Tab;
use crate::protocol::request::PauseMonitoring;
use crate::protocol::{Push, Request};
use ask::{Ask, Effect, Failure};
use iced::keyboard::{Key, Modifiers, key::Named};
use iced::widget::operation;
use iced::{Element, Size, Task};
use lifecycle::Crashes;
use link::Missing;
use mirror::{Change, Connection, Mirror, News};
use preferences::Preferences;
use repaint::Repaint;
use std::time::Instant;
use theme::{Appearance, Mode};
use tokio::sync::mpsc;
use widget::focus;
use widget::table::Step;

/// The smallest size that the window works at.
pub const LEAST_SIZE: Size = Size::new(640.0, 420.0);

/// The name of the search field, for the keyboard's focus.
pub const SEARCH: &str = "search";

/// The window's whole state.
pub struct Window {
    /// What the tabs are drawn from.
    pub scene: Scene,
    /// What is remembered from one time to the next.
    pub preferences: Preferences,
    /// The tab that is shown.
    pub tab: Tab,
    monitor: monitor::Monitor,
    alerts: alerts::Alerts,
    whitelist: whitelist::Whitelist,
    settings: settings::Settings,
    appearance: Appearance,
    link: Option<mpsc::Sender<Ask<Message>>>,
    /// Counts the links: another number makes another one.
    attempt: u32,
    crashes: Crashes,
    /// What came of the last attempt to start, pause or quit the applet, where it failed.
    complaint: Option<String>,
    saved: Preferences,
    refreshing: Refreshing,
    repaint: Repaint,
}

/// Where the list of processes stands.
#[derive(Clone, Copy, Debug)]
enum Refreshing {
    /// It is asked for, since then.
    Asked(Instant),
    /// It came then.
    Came(Instant),
}

/// What a tab is drawn from besides its own state.
#[derive(Debug)]
pub struct Scene {
    /// What is known of the applet.
    pub mirror: Mirror,
    /// The room in the window, in points.
    pub size: Size,
    /// Unix seconds.
    pub now: i64,
    /// Where the files are.
    pub paths: Paths,
}

/// What happens to the window.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names of the tabs' messages are the tabs'")]
pub enum Message {
    Monitor(monitor::Message),
    Alerts(alerts::Message),
    Whitelist(whitelist::Message),
    Settings(settings::Message),
    /// The applet answered what is known of it.
    News(News),
    /// There is a connection.
    Connected(mpsc::Sender<Ask<Message>>),
    /// There is no connection.
    Missing(u32, Missing),
    /// No further attempt to connect is made.
    GaveUp,
    /// The applet told something unasked.
    Push(Push),
    /// The user wants a tab.
    Show(Tab),
    /// A second window wants this one to come forward.
    Raise(Option<Tab>),
    /// The user types into the search field.
    Search(String),
    /// A key that no part of the window had a use for.
    Key(Key, Modifiers),
    /// A second has passed.
    Tick(i64),
    /// The window has another size.
    Resized(Size),
    /// The desktop asks for another look.
    Appearance(Appearance),
    /// The user wants monitoring paused, or resumed.
    Pause(bool),
    /// The user wants the applet started.
    Start,
    /// The applet that the window started has ended.
    Ended(Result<(), String>),
    /// The user wants another attempt to connect.
    Retry,
    /// Something that the frame asked for was done, or refused.
    Done(Result<(), Failure>),
    /// The user closes the window.
    Close,
    /// The applet was told to quit: the window may go.
    Exit,
}

impl From<link::Event<Self>> for Message {
    fn from(event: link::Event<Self>) -> Self {
        match event {
            link::Event::Connected(requests) => Self::Connected(requests),
            link::Event::Missing(attempts, why) => Self::Missing(attempts, why),
            link::Event::GaveUp => Self::GaveUp,
            link::Event::Push(push) => Self::Push(push),
            link::Event::Answered(message) => message,
        }
    }
}

impl Window {
    /// Opens at a tab, or at the last one.
    #[must_use]
    pub fn new(paths: Paths, preferences: Preferences, tab: Option<Tab>) -> Self {
        Self {
            scene: Scene {
                mirror: Mirror::default(),
                size: Size::new(preferences.width, preferences.height),
                now: 0,
                paths,
            },
            tab: tab.unwrap_or(preferences.tab),
            monitor: monitor::Monitor::new(preferences.monitor.clone()),
            alerts: alerts::Alerts::default(),
            whitelist: whitelist::Whitelist::default(),
            settings: settings::Settings::default(),
            appearance: preferences.last_desktop(),
            link: None,
            attempt: 0,
            crashes: Crashes::default(),
            complaint: None,
            saved: preferences.clone(),
            preferences,
            refreshing: Refreshing::Came(Instant::now()),
            repaint: Repaint::default(),
        }
    }

    /// Takes up what happened.
    pub fn update(&mut self, message: Message) -> Task<Message> {
        self.repaint.note(&message);
        match message {
            Message::Monitor(message) => {
                let effects = self.monitor.update(message, &self.scene);
                self.preferences.monitor = self.monitor.remembered();
                self.carry_out(effects, Message::Monitor)
            }
            Message::Alerts(message) => {
                let effects = self.alerts.update(message, &self.scene);
                self.carry_out(effects, Message::Alerts)
            }
            Message::Whitelist(message) => {
                let effects = self.whitelist.update(message, &self.scene);
                self.carry_out(effects, Message::Whitelist)
            }
            Message::Settings(message) => {
                let effects = self.settings.update(message, &mut self.preferences, &self.scene);
                self.carry_out(effects, Message::Settings)
            }
            Message::News(news) => self.news(news),
            Message::Push(push) => {
                let change = self.scene.mirror.take_push(push);
                self.changed(&change)
            }
            Message::Connected(link) => self.connected(link),
            Message::Missing(attempts, why) => self.missing(attempts, why),
            Message::GaveUp => self.connection(Connection::GaveUp),
            Message::Retry => self.retry(),
            Message::Start => self.start(),
            Message::Ended(ended) => {
                self.complaint = ended.err();
                Task::none()
            }
            Message::Close => self.close(),
            Message::Exit => iced::exit(),
            Message::Show(tab) => self.show(tab),
            Message::Raise(tab) => Task::batch([tab.map_or_else(Task::none, |tab| self.show(tab)), run::raise()]),
            Message::Search(text) => self.search(text),
            Message::Key(key, modifiers) => self.key(&key, modifiers),
            Message::Tick(now) => self.tick(now),
            Message::Resized(size) => {
                self.scene.size = size;
                (self.preferences.width, self.preferences.height) = (size.width, size.height);
                Task::none()
            }
            Message::Appearance(appearance) => {
                self.appearance = appearance;
                self.preferences.desktop_is_dark = appearance.mode == Mode::Dark;
                Task::none()
            }
            Message::Pause(wanted) => self.pause(wanted),
            Message::Done(done) => {
                self.complaint = done.err().map(|failure| failure.message);
                Task::none()
            }
        }
    }

    /// Draws the window.
    #[must_use]
    pub fn view(&self) -> Element<'_, Message> {
        frame::view(self)
    }

    /// Gives the theme in force: the user's choice, or what the desktop asks for.
    #[must_use]
    pub fn theme(&self) -> iced::Theme {
        theme::theme(self.preferences.appearance.in_force(self.appearance))
    }

    /// Gives the ground and the text of a theme.
    #[must_use]
    pub fn style(&self, theme: &iced::Theme) -> iced::theme::Style {
        self.repaint.style(theme)
    }

    fn carry_out<M: Send + 'static>(&mut self, effects: Vec<Effect<M>>, wrap: fn(M) -> Message) -> Task<Message> {
        Task::batch(effects.into_iter().map(|effect| match effect.map(wrap) {
            Effect::Ask(ask) => self.ask(ask),
            Effect::Show(tab) => self.show(tab),
            Effect::News(news) => self.update(Message::News(*news)),
            Effect::ShowProcess(pid, start_time) => self.show_process(pid, start_time),
            Effect::Do(task) => task,
        }))
    }

    /// Sends a request; where there is no connection its answer says so.
    fn ask(&self, ask: Ask<Message>) -> Task<Message> {
        let refused = match &self.link {
            Some(link) => link.try_send(ask).err().map(mpsc::error::TrySendError::into_inner),
            None => Some(ask),
        };
        refused.map_or_else(Task::none, |ask| Task::done(ask.refused()))
    }

    fn news(&mut self, news: News) -> Task<Message> {
        if matches!(news, News::Processes(_)) {
            self.refreshing = Refreshing::Came(Instant::now());
        }
        let change = self.scene.mirror.take(news);
        self.changed(&change)
    }

    fn changed(&mut self, change: &Change) -> Task<Message> {
        if let Change::Elsewhere(what) = change {
            return self.ask_for_news(mirror::asked_again(*what));
        }
        let mut monitor = self.monitor.changed(change, &self.scene);
        if self.tab == Tab::Monitor && *change == Change::Processes {
            monitor.extend(self.monitor.explain(&self.scene));
        }
        let alerts = self.alerts.changed(change, &self.scene);
        let whitelist = self.whitelist.changed(change, &self.scene);
        let settings = self.settings.changed(change, &self.scene);
        Task::batch([
            self.carry_out(monitor, Message::Monitor),
            self.carry_out(alerts, Message::Alerts),
            self.carry_out(whitelist, Message::Whitelist),
            self.carry_out(settings, Message::Settings),
        ])
    }

    fn connected(&mut self, link: mpsc::Sender<Ask<Message>>) -> Task<Message> {
        self.link = Some(link);
        self.complaint = None;
        Task::batch([self.connection(Connection::Connected), self.ask_all()])
    }

    fn missing(&mut self, attempts: u32, why: Missing) -> Task<Message> {
        self.link = None;
        if why == Missing::Lost {
            self.crashes.note(Instant::now());
        }
        self.connection(Connection::Missing(attempts, why))
    }

    fn retry(&mut self) -> Task<Message> {
        self.attempt += 1;
        self.link = None;
        self.connection(Connection::Connecting)
    }

    fn connection(&mut self, connection: Connection) -> Task<Message> {
        self.scene.mirror.connection = connection;
        self.changed(&Change::Connection)
    }

    fn start(&mut self) -> Task<Message> {
        self.complaint = None;
        Task::batch([Task::perform(lifecycle::start_applet(), Message::Ended), self.retry()])
    }

    fn close(&mut self) -> Task<Message> {
        self.remember();
        if self.preferences.quit_with_window && self.scene.mirror.is_connected() {
            return self.ask(Ask::act(Request::Quit, |_| Message::Exit));
        }
        iced::exit()
    }

    fn show(&mut self, tab: Tab) -> Task<Message> {
        self.tab = tab;
        self.preferences.tab = tab;
        let shown = if tab == Tab::Settings { self.settings.shown() } else { Vec::new() };
        Task::batch([self.carry_out(shown, Message::Settings), self.refresh()])
    }

    fn show_process(&mut self, pid: u32, start_time: u64) -> Task<Message> {
        let reveal = monitor::Message::Reveal(Id { pid, start_time });
        Task::batch([self.show(Tab::Monitor), self.update(Message::Monitor(reveal))])
    }

    fn search(&mut self, text: String) -> Task<Message> {
        match self.tab {
            Tab::Monitor => self.update(Message::Monitor(monitor::Message::Search(text))),
            Tab::Alerts => self.update(Message::Alerts(alerts::Message::Search(text))),
            Tab::Whitelist | Tab::Settings => Task::none(),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "there are hundreds of keys")]
    fn key(&mut self, key: &Key, modifiers: Modifiers) -> Task<Message> {
        match key.as_ref() {
            Key::Named(Named::Tab) if modifiers.shift() => focus::previous(),
            Key::Named(Named::Tab) => focus::next(),
            Key::Named(Named::F5) => self.ask_all(),
            Key::Character("f") if modifiers.command() => operation::focus(SEARCH),
            Key::Character("1") if modifiers.command() => self.show(Tab::Monitor),
            Key::Character("2") if modifiers.command() => self.show(Tab::Alerts),
            Key::Character("3") if modifiers.command() => self.show(Tab::Whitelist),
            Key::Character("4") if modifiers.command() => self.show(Tab::Settings),
            _ => self.key_of_the_tab(key, modifiers),
        }
    }

    /// A key that moves the selection brings the focus from the search field to the table.
    fn key_of_the_tab(&mut self, key: &Key, modifiers: Modifiers) -> Task<Message> {
        let table = match self.tab {
            Tab::Monitor => Some(monitor::TABLE),
            Tab::Alerts => Some(alerts::TABLE),
            Tab::Whitelist | Tab::Settings => None,
        };
        let focused = table.filter(|_| Step::of(key, modifiers).is_some()).map(operation::focus);
        let message = match self.tab {
            Tab::Monitor => self.monitor.key(key, modifiers, &self.scene).map(Message::Monitor),
            Tab::Alerts => self.alerts.key(key, modifiers, &self.scene).map(Message::Alerts),
            Tab::Whitelist => self.whitelist.key(key, modifiers, &self.scene).map(Message::Whitelist),
            Tab::Settings => self.settings.key(key, modifiers, &self.scene).map(Message::Settings),
        };
        let done = message.map_or_else(Task::none, |message| self.update(message));
        Task::batch(focused.into_iter().chain([done]))
    }

    fn tick(&mut self, now: i64) -> Task<Message> {
        self.scene.now = now;
        if self.preferences != self.saved {
            self.remember();
        }
        let effects = if self.tab == Tab::Alerts { self.alerts.tick(&self.scene) } else { Vec::new() };
        Task::batch([self.carry_out(effects, Message::Alerts), self.refresh()])
    }

    /// Asks for the processes where they are shown and the last ones are old.
    fn refresh(&mut self) -> Task<Message> {
        let is_shown = match self.tab {
            Tab::Monitor | Tab::Whitelist => true,
            Tab::Alerts => self.alerts.follows_a_process(),
            Tab::Settings => false,
        };
        let is_due = match self.refreshing {
            Refreshing::Came(then) => then.elapsed() >= run::REFRESH,
            Refreshing::Asked(then) => then.elapsed() >= link::TIME_LIMIT,
        };
        if !(is_shown && is_due && self.scene.mirror.is_connected()) {
            return Task::none();
        }
        self.refreshing = Refreshing::Asked(Instant::now());
        self.ask(mirror::processes().map(Message::News))
    }

    fn ask_all(&self) -> Task<Message> {
        self.ask_for_news(mirror::first_questions())
    }

    fn ask_for_news(&self, questions: Vec<Ask<News>>) -> Task<Message> {
        Task::batch(questions.into_iter().map(|ask| self.ask(ask.map(Message::News))))
    }

    fn pause(&self, wanted: bool) -> Task<Message> {
        let request =
            if wanted { Request::PauseMonitoring(PauseMonitoring::default()) } else { Request::ResumeMonitoring };
        self.ask(Ask::act(request, Message::Done))
    }

    fn remember(&mut self) {
        if let Err(error) = self.preferences.save(&self.scene.paths.window) {
            tracing::warn!("{} cannot be written: {error}", self.scene.paths.window.display());
        }
        self.saved = self.preferences.clone();
    }
}

#[cfg(test)]
mod tests;
