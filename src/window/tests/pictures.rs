//! Reference pictures of the main states, light and dark, at twice the scale.
//!
//! They lie in `tests/fixtures/window`. A picture that is missing or differs fails; with `RUNAWAY_GUARD_PICTURES=write`
//! they are made anew, to be looked at and committed.

use super::Stage;
use crate::window::preferences::Appearance;
use iced::{Event, Point, Vector};
use iced_test::Simulator;
use std::path::{Path, PathBuf};

impl Stage {
    /// Compares what is drawn with its two reference pictures.
    pub(in crate::window) fn assert_picture(&mut self, name: &str) {
        self.assert_picture_after(&[], name);
    }

    /// Compares what is drawn after the pointer did something over the middle.
    pub(in crate::window) fn assert_picture_after(&mut self, events: &[Event], name: &str) {
        for (appearance, mode) in [(Appearance::Light, "light"), (Appearance::Dark, "dark")] {
            self.window.preferences.appearance = appearance;
            let mut simulator = self.simulator();
            if !events.is_empty() {
                simulator.point_at(Point::ORIGIN + Vector::from(self.window.scene.size) * 0.5);
                simulator.simulate(events.iter().cloned());
            }
            compare(simulator, &self.window.theme(), &format!("{name}-{mode}"));
        }
    }
}

/// Compares what is drawn with a reference picture.
pub(in crate::window) fn compare<M>(mut simulator: Simulator<'_, M>, theme: &iced::Theme, name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/window").join(name);
    let reference = named(&path);
    let snapshot = simulator.snapshot(theme).expect("it can be drawn");
    if std::env::var_os("RUNAWAY_GUARD_PICTURES").is_some_and(|wish| wish == "write") {
        // One that is not there is made by the comparison.
        let _ = std::fs::remove_file(&reference);
    } else {
        assert!(reference.is_file(), "{} is missing. {REMEDY}", reference.display());
    }
    if snapshot.matches_image(&path).expect("the reference can be read") {
        return;
    }
    let drawn = std::env::temp_dir().join(format!("runaway-guard-window-{name}"));
    let _ = std::fs::remove_file(named(&drawn));
    snapshot.matches_image(&drawn).expect("the picture can be written");
    panic!("{} differs from what is drawn: {}. {REMEDY}", reference.display(), named(&drawn).display());
}

/// The file's name ends with the renderer's.
fn named(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{name}-tiny-skia.png"))
}

const REMEDY: &str =
    "Look at the new one; where it is right, run the test with RUNAWAY_GUARD_PICTURES=write and commit.";
