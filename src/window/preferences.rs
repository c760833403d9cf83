//! What the window remembers from one time to the next: its size, tab, sorting and columns.
//!
//! A file that is missing, broken or of another version costs nothing but what it remembered.

use super::theme::{self, Mode};
use crate::paths::create_private_dir;
use crate::protocol::Tab;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;

/// What is remembered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// The width of the window, in points.
    pub width: f32,
    /// The height of the window, in points.
    pub height: f32,
    /// The tab that was shown last.
    pub tab: Tab,
    /// Light, dark, or as the desktop says.
    pub appearance: Appearance,
    /// Whether the desktop was dark when it last said so: the first picture is right before it says so again.
    pub desktop_is_dark: bool,
    /// Whether closing the window ends the applet too.
    pub quit_with_window: bool,
    /// What the Monitor tab remembers.
    pub monitor: super::monitor::Remembered,
}

/// Light, dark, or as the desktop says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Appearance {
    #[default]
    Desktop,
    Light,
    Dark,
}

impl Appearance {
    /// Gives the look in force: the user's choice, or what the desktop asks for.
    #[must_use]
    pub fn in_force(self, desktop: theme::Appearance) -> theme::Appearance {
        let mode = match self {
            Self::Desktop => desktop.mode,
            Self::Light => Mode::Light,
            Self::Dark => Mode::Dark,
        };
        theme::Appearance { mode, ..desktop }
    }
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            width: 960.0,
            height: 640.0,
            tab: Tab::Monitor,
            appearance: Appearance::default(),
            desktop_is_dark: false,
            quit_with_window: false,
            monitor: super::monitor::Remembered::default(),
        }
    }
}

impl Preferences {
    /// Gives what the desktop asked for when it last did.
    #[must_use]
    pub fn last_desktop(&self) -> theme::Appearance {
        let mode = if self.desktop_is_dark { Mode::Dark } else { Mode::Light };
        theme::Appearance { mode, accent: None }
    }

    /// Reads what was remembered.
    #[must_use]
    pub fn load(path: &Path) -> Self {
        let read = std::fs::read_to_string(path).ok().and_then(|text| toml::from_str(&text).ok());
        let preferences: Self = read.unwrap_or_default();
        let bounded = |length: f32, least: f32| if length.is_finite() { length.clamp(least, 16_384.0) } else { least };
        Self {
            width: bounded(preferences.width, super::LEAST_SIZE.width),
            height: bounded(preferences.height, super::LEAST_SIZE.height),
            ..preferences
        }
    }

    /// Writes the file whole, or leaves the one there is.
    ///
    /// # Errors
    /// What the file system answered.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        let text = toml::to_string(self).map_err(io::Error::other)?;
        if let Some(folder) = path.parent() {
            create_private_dir(folder)?;
        }
        let new = path.with_extension(format!("{}.new", std::process::id()));
        std::fs::write(&new, text)?;
        std::fs::rename(&new, path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_saved_is_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/window.toml");
        assert_eq!(Preferences::load(&path), Preferences::default());
        let changed = Preferences { width: 1200.0, tab: Tab::Alerts, desktop_is_dark: true, ..Preferences::default() };
        changed.save(&path).unwrap();
        assert_eq!(Preferences::load(&path), changed);
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_broken_file_costs_only_what_it_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("window.toml");
        for broken in ["width = nan", "tab = 'nowhere'", "\0", "width = -3\nheight = 1e30"] {
            std::fs::write(&path, broken).unwrap();
            let loaded = Preferences::load(&path);
            assert!((640.0..=16_384.0).contains(&loaded.width), "{broken:?} {loaded:?}");
            assert!((420.0..=16_384.0).contains(&loaded.height), "{broken:?} {loaded:?}");
        }
    }
}
