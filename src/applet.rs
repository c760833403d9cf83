//! The resident shell: one loop in one thread that feeds the core and carries out its effects.
//!
//! Threads: this loop, the `sampler` that reads /proc, and the `store` that works
//! on the database, there while something is asked of it.

pub mod autostart;
pub mod bus;
pub mod child;
mod desktop;
mod effects;
pub mod event;
pub mod icons;
pub mod lock;
mod memory;
pub mod menu;
pub mod notify;
mod once;
pub mod polkit;
mod popup;
mod resident;
pub mod sampler;
pub mod server;
pub mod service;
pub mod session;
pub mod signal;
pub mod store;
pub mod timer;
pub mod tray;
mod upgrade;
mod window;

pub use event::Event;
pub use popup::has_screen;

use crate::paths::Paths;
use resident::Resident;
use std::io;
use std::time::Duration;

/// What of the desktop the applet uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parts {
    /// Tray and notifications.
    Desktop,
    /// Neither: the socket alone.
    Headless,
}

/// How a start went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Started {
    /// It ran, and was asked to end.
    AndEnded,
    /// Another applet runs already.
    Already,
}

/// Why the applet could not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The lock that makes it the only one could not be had.
    #[error(transparent)]
    Lock(#[from] lock::Error),
    /// The kernel refused what every program needs.
    #[error("RunawayGuard cannot start: {0}")]
    Start(#[from] io::Error),
}

/// How long a helper thread of the bus library stays after it connected.
const IDLE_WORKER: Duration = Duration::from_millis(100);

/// How many descriptors may be ready at one turn of the loop; the others follow in the next.
const EVENTS_AT_ONCE: usize = 32;

/// Runs the applet until it is asked to end.
///
/// # Errors
/// [`Error`] where the folder of its socket cannot be used, or /proc cannot be read at all.
pub fn run(parts: Parts, paths: &Paths) -> Result<Started, Error> {
    let Some(lock) = lock::Lock::acquire(&paths.lock())? else { return Ok(Started::Already) };
    memory::use_one_heap();
    memory::unload_window_libraries();
    let _one_by_one = memory::map_one_by_one();
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().thread_keep_alive(IDLE_WORKER).max_io_events_per_tick(EVENTS_AT_ONCE).build()?;
    let successor = runtime.block_on(async { Ok::<_, Error>(Resident::start(parts, paths, lock)?.run().await) })?;
    successor.map_or(Ok(Started::AndEnded), |program| Err(upgrade::go_on_as(&program).into()))
}
