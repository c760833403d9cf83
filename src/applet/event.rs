//! What reaches the loop from its parts.

use super::child::End;
use crate::config::Config;
pub use crate::core::Part;
use crate::core::{Action, Kill, KillOutcome, Origin, Ticket, WriteId};
use crate::protocol::{Error, Reply, Request, Tab};
use tokio::sync::oneshot;

/// Something that happened outside and that the loop must answer to.
#[derive(Debug)]
pub enum Event {
    /// A button or menu item of an alert was pressed.
    Act {
        /// The alert's id.
        alert: i64,
        /// What to do.
        action: Action,
        /// Where it was pressed.
        origin: Origin,
    },
    /// The user closed the notification of this alert: it stays quiet from now on.
    NoticeClosed(i64),
    /// A client of the socket asks.
    Client {
        /// What it asks.
        request: Request,
        /// Where the answer goes; a client that is gone is no error.
        reply: oneshot::Sender<Reply>,
    },
    /// The tray's menu asks something that the socket knows too; nobody waits for the answer.
    Menu(Request),
    /// The tray or a notification asks for the window.
    OpenWindow(Option<Tab>),
    /// The window could not be opened; the last that it said.
    WindowFailed(String),
    /// The popup has ended.
    PopupEnded(End),
    /// Start at login, on or off.
    SetAutostart(bool),
    /// A Kill button's work is done, or an administrator has answered.
    Killed {
        /// Which.
        kill: Kill,
        /// What came of it.
        outcome: KillOutcome,
    },
    /// An edit of the config file that a client asked for is made, or was refused.
    ConfigEdited {
        /// Who waits for it.
        ticket: Ticket,
        /// What the file held when it was made.
        edited: Result<Config, Error>,
    },
    /// A part of the guard is out of order, or works again.
    Part {
        /// Which part.
        part: Part,
        /// The sentence to show; None when it works again.
        problem: Option<String>,
    },
    /// A change that the core asked to store is stored, or could not be.
    Stored {
        /// Which.
        write: WriteId,
        /// What came of it.
        result: Result<(), Error>,
    },
    /// End the applet.
    Quit,
}
