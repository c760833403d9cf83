//! The resident shell: one loop in one thread that feeds the core and carries out its effects.

pub mod autostart;
pub mod event;

pub use event::Event;
