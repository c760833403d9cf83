//! A window that is connected to the test in place of an applet.

use crate::paths::Paths;
use crate::protocol::{ErrorCode, Tab};
use crate::window::ask::{Ask, Failure};
use crate::window::preferences::Preferences;
use crate::window::{Message, Window};
use iced::keyboard::{Key, Modifiers};
use iced::{Event, Point, mouse};
use iced_test::Simulator;
use serde_json::{Value, json};
use std::path::PathBuf;
use tokio::sync::mpsc;

/// The clock of every test: a Thursday in May.
pub(in crate::window) const NOW: i64 = 1_779_962_400;

/// A window, and the other end of its connection.
pub(in crate::window) struct Stage {
    pub(in crate::window) window: Window,
    inbox: Option<mpsc::Receiver<Ask<Message>>>,
}

impl Stage {
    /// Opens a window that is connected and knows what [`Stage::data`] says.
    pub(in crate::window) fn new(tab: Tab) -> Self {
        let mut stage = Self::unconnected(tab);
        stage.connect();
        for ask in stage.asked() {
            let data = Self::data(ask.request.name());
            stage.answer(ask, &data);
        }
        stage.asked();
        stage
    }

    /// Opens a window that is not connected.
    pub(in crate::window) fn unconnected(tab: Tab) -> Self {
        let nowhere = || PathBuf::from("/dev/null/window.toml");
        let paths = Paths {
            config: PathBuf::from("/home/ada/.config/runaway-guard/config.toml"),
            history: PathBuf::from("/home/ada/.local/share/runaway-guard/history.db"),
            socket: PathBuf::from("/run/user/1000/runaway-guard.sock"),
            window: nowhere(),
            without_runtime_dir: false,
        };
        let mut stage = Self { window: Window::new(paths, Preferences::default(), Some(tab)), inbox: None };
        stage.window.scene.now = NOW;
        stage
    }

    /// Makes the connection.
    pub(in crate::window) fn connect(&mut self) {
        let (link, inbox) = mpsc::channel(256);
        self.inbox = Some(inbox);
        self.send(Message::Connected(link));
    }

    /// What the applet of these tests answers to a command without parameters.
    pub(in crate::window) fn data(command: &str) -> Value {
        match command {
            "get_status" => Self::status_with(&json!({})),
            "hello" => json!({"name": "runaway-guard", "version": "0.1.0", "protocol": 1, "capabilities": []}),
            "list_processes" => serde_json::from_str(include_str!("processes.json")).unwrap(),
            "get_alerts" => serde_json::from_str(include_str!("alerts.json")).unwrap(),
            "list_whitelist" => serde_json::from_str(include_str!("whitelist.json")).unwrap(),
            "get_config" => crate::config::file::wire(&crate::config::Config::default()),
            _ => json!({"success": true}),
        }
    }

    /// A status, with some of its keys changed.
    pub(in crate::window) fn status_with(changes: &Value) -> Value {
        let mut status = json!({
            "monitored_count": 512, "alert_count": 2, "level": "red", "paused": false, "paused_until": null,
            "interval_seconds": 2, "scan_ms": 4.2, "problems": [], "scanned": NOW - 3, "cores": 8, "cpu_percent": 31.4,
            "memory_total_mb": 15_872.0, "memory_used_mb": 6349.0,
            "pressure": {"cpu_some": 12.4, "memory_some": 0.0, "memory_full": 0.0, "io_full": 0.2}
        });
        for (key, value) in changes.as_object().unwrap() {
            status[key] = value.clone();
        }
        status
    }

    /// Takes up a message. What it wants done in the window itself is not done.
    pub(in crate::window) fn send(&mut self, message: Message) {
        drop(self.window.update(message));
    }

    /// Takes up what the applet tells unasked.
    pub(in crate::window) fn push(&mut self, push: &Value) {
        self.send(Message::Push(serde_json::from_value(push.clone()).unwrap()));
    }

    /// Gives what was asked since this was called last.
    pub(in crate::window) fn asked(&mut self) -> Vec<Ask<Message>> {
        let inbox = self.inbox.as_mut().expect("it is connected");
        std::iter::from_fn(|| inbox.try_recv().ok()).collect()
    }

    /// Gives the only request since then, as the wire has it: its name and its parameters.
    pub(in crate::window) fn request(&mut self) -> (Ask<Message>, Value) {
        let mut asked = self.asked();
        let names: Vec<_> = asked.iter().map(|ask| ask.request.name()).collect();
        assert_eq!(asked.len(), 1, "one request, not {names:?}");
        let ask = asked.remove(0);
        let wire = json!({"cmd": ask.request.name(), "params": ask.request.params()});
        (ask, wire)
    }

    /// Answers a request with data.
    pub(in crate::window) fn answer(&mut self, ask: Ask<Message>, data: &Value) {
        let data = serde_json::value::to_raw_value(data).unwrap();
        self.send((ask.then)(Ok(data)));
    }

    /// Refuses a request.
    pub(in crate::window) fn refuse(&mut self, ask: Ask<Message>, code: ErrorCode, message: &str) {
        self.send((ask.then)(Err(Failure { code: Some(code), message: message.to_owned() })));
    }

    /// Clicks on a text.
    pub(in crate::window) fn click(&mut self, text: &str) {
        let messages = self.simulate(|simulator| {
            simulator.click(text).unwrap_or_else(|error| panic!("no click on {text:?}: {error}"));
        });
        for message in messages {
            self.send(message);
        }
    }

    /// Clicks on a text with the right button.
    pub(in crate::window) fn click_right(&mut self, text: &str) {
        let pressed = |button| Event::Mouse(mouse::Event::ButtonPressed(button));
        let messages = self.simulate(|simulator| {
            let target = simulator.find(text).unwrap_or_else(|error| panic!("no {text:?}: {error}"));
            simulator.point_at(target.visible_bounds().map_or(Point::ORIGIN, |bounds| bounds.center()));
            simulator.simulate([pressed(mouse::Button::Right)]);
        });
        for message in messages {
            self.send(message);
        }
    }

    /// Clicks into the field with this text or hint, and types.
    pub(in crate::window) fn type_into(&mut self, field: impl Into<iced::widget::Id>, text: &str) {
        let field = field.into();
        let messages = self.simulate(|simulator| {
            simulator.click(field).expect("the field is there");
            simulator.typewrite(text);
        });
        for message in messages {
            self.send(message);
        }
    }

    /// Presses a key that no part of the window has the focus for.
    pub(in crate::window) fn press(&mut self, key: Key, modifiers: Modifiers) {
        self.send(Message::Key(key, modifiers));
    }

    /// Tells whether a text is drawn.
    pub(in crate::window) fn shows(&self, text: &str) -> bool {
        let mut simulator = self.simulator();
        simulator.find(text).is_ok()
    }

    /// Gives the drawn window to a function, and what came of it.
    pub(in crate::window) fn simulate(&self, act: impl FnOnce(&mut Simulator<'_, Message>)) -> Vec<Message> {
        let mut simulator = self.simulator();
        act(&mut simulator);
        simulator.into_messages().collect()
    }

    pub(super) fn simulator(&self) -> Simulator<'_, Message> {
        Simulator::with_size(settings(), self.window.scene.size, self.window.view())
    }
}

/// How the programs of these tests write: the same everywhere.
pub(in crate::window) fn settings() -> iced::Settings {
    iced::Settings {
        default_font: iced::Font::with_name("DejaVu Sans"),
        default_text_size: crate::window::theme::BODY.into(),
        ..iced::Settings::default()
    }
}
