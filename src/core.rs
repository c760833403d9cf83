//! The core: snapshots, requests and the time in, effects out.
//!
//! It does no input or output, never waits and never fails. The shell in [`crate::applet`] feeds it and carries out
//! its effects. What the tray and the notifications show is [`Core::view`], a plain value.

pub mod effect;
pub mod view;

pub use effect::{Action, Effect, Kill, KillOutcome, Origin, Signal, SignalRequest, Target, Ticket, Write};
pub use view::View;

use crate::config::Config;

/// What the core begins with: the config and what the store kept.
#[derive(Debug, Default)]
pub struct Start {
    /// The config in force.
    pub config: Config,
    /// The stored whitelist.
    pub whitelist: Vec<crate::protocol::WhitelistEntry>,
    /// Alerts that were firing when the guard last ended.
    pub firing: Vec<crate::protocol::Alert>,
    /// The first alert id that is free.
    pub next_alert: i64,
}
