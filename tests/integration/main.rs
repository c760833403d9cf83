//! The integration tests: one binary, a module a subject, and the harness they share.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on ends there, and says where")]
#![expect(clippy::print_stderr, reason = "what a test found is said on its own output")]
#![expect(
    clippy::unused_self,
    reason = "a part of the desktop is acted on through its guard, which proves that it runs"
)]

mod appimage;
mod deb;
mod desktop_parts;
mod differential;
mod explained;
mod faults;
mod flake;
mod harness;
mod helper;
mod main_job;
mod no_tray;
mod packages;
mod packaging;
#[path = "../../packaging/docs/pages.rs"]
mod pages;
mod panels;
mod parts;
mod pkgbuild;
mod popup;
mod priority;
mod readme;
mod replay;
mod rest;
mod rpm;
mod scenarios;
mod service;
mod starts;
mod starved;
mod steady;
mod stuck;
mod sweep;
mod window;
mod window_job;
