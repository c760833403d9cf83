//! Start at login: the same entry that the command line writes.

use super::Message as Tab;
use crate::applet::autostart::{Autostart, Error, Status};
use crate::window::ask::Effect;
use crate::window::widget::button;
use crate::window::widget::field::{Below, labelled};
use iced::{Element, Task};

/// Whether the applet is started at login.
#[derive(Debug, Default)]
pub(super) struct Login {
    status: Option<Status>,
    complaint: Option<String>,
}

/// What happens to start at login.
#[derive(Clone, Debug)]
pub enum Message {
    /// How it is was looked up.
    Read(Status),
    /// It was changed, or not; and how it is now.
    Changed(Result<(), String>, Status),
    /// The user wants it on or off.
    Set(bool),
}

/// Looks up how it is.
pub(super) fn read() -> Effect<Tab> {
    away(|| Message::Read(status()))
}

impl Login {
    /// Takes up what happened.
    pub(super) fn update(&mut self, message: Message) -> Vec<Effect<Tab>> {
        match message {
            Message::Read(status) => self.status = Some(status),
            Message::Changed(changed, status) => {
                self.complaint = changed.err();
                self.status = Some(status);
            }
            Message::Set(wanted) => {
                self.complaint = None;
                return vec![away(move || Message::Changed(set(wanted).map_err(|error| error.to_string()), status()))];
            }
        }
        Vec::new()
    }

    /// Draws the field.
    pub(super) fn view(&self) -> Element<'_, Tab> {
        let is_on = self.status == Some(Status::On);
        let press = self.status.as_ref().map(|_| Tab::Login(Message::Set(!is_on)));
        let tick = button::tick("Start RunawayGuard when I log in", is_on).id("login").on_press_maybe(press);
        labelled("At login", tick, None, self.below()).into()
    }

    fn below(&self) -> Below {
        match (&self.complaint, &self.status) {
            (Some(complaint), _) => Below::wrong(complaint, None),
            (None, Some(Status::Invalid(why))) => {
                Below::wrong(why, Some("Tick the box to have the entry written anew.".to_owned()))
            }
            (None, None | Some(Status::On | Status::Off)) => Below::default(),
        }
    }
}

/// Files may be slow: they are read and written away from the thread that draws.
fn away(act: impl FnOnce() -> Message + Send + 'static) -> Effect<Tab> {
    let done = async { tokio::task::spawn_blocking(act).await.ok() };
    Effect::Do(Task::future(done).and_then(Task::done).map(Tab::Login))
}

fn status() -> Status {
    Autostart::new().map_or_else(|error| Status::Invalid(error.to_string()), |autostart| autostart.status())
}

fn set(wanted: bool) -> Result<(), Error> {
    let autostart = Autostart::new()?;
    if wanted { autostart.enable() } else { autostart.disable() }
}
