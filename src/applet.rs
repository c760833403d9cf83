//! The resident shell: one loop in one thread that feeds the core and carries out its effects.

pub mod bus;
pub mod event;
pub mod notify;

pub use event::Event;
