//! The resident shell: one loop in one thread that feeds the core and carries out its effects.

pub mod event;
pub mod sampler;
pub mod signal;

pub use event::Event;
