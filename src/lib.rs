//! RunawayGuard: watches every process, notices the one that has run away, and says so once.
//!
//! # The map
//!
//! ```text
//! /proc → Snapshot → Usage → History → Verdict → Alert → Effects → { store, notification, tray, socket }
//! { tray item, notification button, command line, other people's clients } → Request → core → Reply + Effects
//! ```
//!
//! The modules, in the order of the data:
//!
//! | module | holds |
//! | --- | --- |
//! | [`process`], [`pattern`] | what identifies and names a process, and how one is looked for |
//! | [`sample`] | snapshots; `sample::procfs` is the only reader of /proc |
//! | [`detect`] | rules, histories and verdicts, a file an anomaly |
//! | [`core`] | alerts as episodes, whitelist, requests; pure |
//! | [`trace`] | snapshots in a file, recorded and replayed |
//! | [`words`] | the sentences that people read |
//! | [`protocol`] | the messages of the socket |
//! | [`config`] | the schema and the user's file |
//! | [`applet`] | the resident shell: loop, tray, notifications, server, store, signals |
//! | [`client`], [`cli`] | the socket's other end, and the command line |
//! | [`window`] | the window, a process of its own |
//! | [`figures`] | figures as people read them |
//! | [`log`], [`paths`] | what is logged, and where the files are |
//!
//! # Invariants
//!
//! - The core is handed time and samples, and hands back effects: no sleep, no clock, no D-Bus, no SQLite in it.
//! - A process is pid and start time. Nothing keys on a bare pid; one function signals, and it compares. So does the helper
//!   in `src/bin`, which polkit runs as root for processes of other users, and into which nothing of this is linked.
//! - Only what a person pressed asks an administrator: a client of the socket has to say that there is one.
//! - One owner of state, no locks, bounded channels. Nothing slow happens on the loop.
//! - An alert is one episode: raised once, worsened at most once, ended once.
//! - Each outside part may be missing or die; the rest goes on and says so once.

pub mod applet;
pub mod cli;
pub mod client;
pub mod config;
pub mod core;
pub mod detect;
pub mod figures;
pub mod log;
pub mod paths;
pub mod pattern;
pub mod process;
pub mod protocol;
pub mod sample;
pub mod trace;
#[cfg(feature = "window")]
pub mod window;
pub mod words;
