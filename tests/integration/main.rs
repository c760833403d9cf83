//! The integration tests: one binary, a module a subject, and the harness they share.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on ends there, and says where")]

mod desktop_parts;
mod faults;
mod harness;
mod main_job;
mod readme;
mod scenarios;
