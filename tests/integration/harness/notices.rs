//! What is said between programs and the notification server.

use super::{Bus, Session};
use std::collections::HashMap;
use std::time::Duration;
use zbus::message::Type;
use zbus::zvariant::OwnedValue;
use zbus::{Message, MessageStream};

/// How long to wait for one more message.
const PATIENCE: Duration = Duration::from_millis(20);

/// A listener on the bus that hears everything about notifications from the moment it was made.
pub(crate) struct Notices {
    session: Session,
    stream: MessageStream,
    shown: Vec<Notice>,
    pressed: Vec<(u32, String)>,
    closed: Vec<(u32, u32)>,
    withdrawn: Vec<u32>,
}

/// One call of `Notify`.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    /// What the server called it; None until it has answered.
    pub(crate) id: Option<u32>,
    /// The notification that it replaces; 0 for a new one.
    pub(crate) replaces: u32,
    /// The name of the program.
    pub(crate) app_name: String,
    /// The first line.
    pub(crate) summary: String,
    /// The text under it.
    pub(crate) body: String,
    /// Keys and labels of the buttons.
    pub(crate) actions: Vec<(String, String)>,
    /// The hints: urgency, category, desktop-entry and others.
    pub(crate) hints: HashMap<String, OwnedValue>,
    caller: String,
    serial: u32,
}

type NotifyBody = (String, u32, String, String, String, Vec<String>, HashMap<String, OwnedValue>, i32);

impl Notices {
    /// Begins to listen.
    pub(crate) fn listen(bus: &Bus) -> Self {
        let session = bus.connect();
        let stream = session.monitor(&["interface='org.freedesktop.Notifications'", "type='method_return'"]);
        let (shown, pressed, closed, withdrawn) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { session, stream, shown, pressed, closed, withdrawn }
    }

    /// Every call of `Notify` so far, oldest first.
    pub(crate) fn shown(&mut self) -> &[Notice] {
        self.hear();
        &self.shown
    }

    /// The last text of each notification that is open now, oldest first.
    pub(crate) fn open(&mut self) -> Vec<Notice> {
        self.hear();
        let is_open = |id: u32| self.closed.iter().all(|(closed, _)| *closed != id);
        let mut open: Vec<Notice> = Vec::new();
        for notice in self.shown.iter().filter(|notice| notice.id.is_some_and(is_open)) {
            open.retain(|older| older.id != notice.id);
            open.push(notice.clone());
        }
        open
    }

    /// Every button that was pressed: the notification and the button's key.
    pub(crate) fn pressed(&mut self) -> &[(u32, String)] {
        self.hear();
        &self.pressed
    }

    /// Every notification that was closed, with the server's reason: 1 expired, 2 by the user, 3 by its program.
    pub(crate) fn closed(&mut self) -> &[(u32, u32)] {
        self.hear();
        &self.closed
    }

    /// Every notification that a program asked to close.
    pub(crate) fn withdrawn(&mut self) -> &[u32] {
        self.hear();
        &self.withdrawn
    }

    fn hear(&mut self) {
        while let Some(message) = self.session.next(&mut self.stream, PATIENCE) {
            match message.message_type() {
                Type::MethodReturn => self.take_answer(&message),
                Type::MethodCall => self.take_call(&message),
                Type::Signal => self.take_signal(&message),
                Type::Error => {}
            }
        }
    }

    fn take_answer(&mut self, message: &Message) {
        let header = message.header();
        let (Some(serial), Some(receiver)) = (header.reply_serial(), header.destination()) else { return };
        let asked = |notice: &&mut Notice| notice.serial == serial.get() && notice.caller == receiver.as_str();
        if let Some(notice) = self.shown.iter_mut().find(asked) {
            notice.id = message.body().deserialize().ok();
        }
    }

    fn take_call(&mut self, message: &Message) {
        let header = message.header();
        match member(&header) {
            "Notify" => self.shown.push(Notice::read(message)),
            "CloseNotification" => self.withdrawn.push(message.body().deserialize().unwrap()),
            _ => {}
        }
    }

    fn take_signal(&mut self, message: &Message) {
        let header = message.header();
        match member(&header) {
            "ActionInvoked" => self.pressed.push(message.body().deserialize().unwrap()),
            "NotificationClosed" => self.closed.push(message.body().deserialize().unwrap()),
            _ => {}
        }
    }
}

impl Notice {
    fn read(message: &Message) -> Self {
        let body = message.body();
        let (app_name, replaces, _icon, summary, text, actions, hints, _timeout): NotifyBody =
            body.deserialize().unwrap();
        let actions = actions.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
        let header = message.header();
        let caller = header.sender().map(ToString::to_string).unwrap_or_default();
        let serial = header.primary().serial_num().get();
        Self { id: None, replaces, app_name, summary, body: text, actions, hints, caller, serial }
    }

    /// The labels of its buttons.
    pub(crate) fn labels(&self) -> Vec<&str> {
        self.actions.iter().map(|(_, label)| label.as_str()).collect()
    }
}

fn member<'a>(header: &'a zbus::message::Header<'_>) -> &'a str {
    header.member().map_or("", |member| member.as_str())
}
