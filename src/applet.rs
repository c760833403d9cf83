//! The resident shell: one loop in one thread that feeds the core and carries out its effects.

pub mod event;
pub mod icons;
pub mod menu;
pub mod tray;

pub use event::Event;
