//! The resident shell: one loop in one thread that feeds the core and carries out its effects.

pub mod event;
pub mod lock;
pub mod server;

pub use event::Event;
