//! A Wayland compositor without a screen.

use super::{Color, Home, LIMIT, Picture, Running, requires, wait_for, wait_until};
use std::os::unix::fs::{PermissionsExt as _, chown};
use tempfile::TempDir;

/// Nobody's user and group: sway refuses to run as root.
const NOBODY: u32 = 65_534;

const CONFIG: &str = "output HEADLESS-1 resolution 1280x800\ndefault_border none\n";

/// A sway that draws into memory.
pub(crate) struct Sway {
    /// A keyboard that stays: without one the seat has none between two presses, and windows miss the first key.
    _keyboard: Running,
    _compositor: Running,
    _folder: TempDir,
}

impl Sway {
    /// Starts it, and leads all later commands of the home to it; None where a program is missing and the test is to be
    /// skipped.
    pub(crate) fn start(home: &mut Home) -> Option<Self> {
        if !requires(&["sway", "swaymsg", "grim", "wtype", "setpriv"]) {
            return None;
        }
        let folder = tempfile::Builder::new().prefix("guard-sway-").tempdir().unwrap();
        std::fs::write(folder.path().join("config"), CONFIG).unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
        let mut command = home.command("setpriv");
        if rustix::process::geteuid().is_root() {
            for path in [folder.path().to_path_buf(), folder.path().join("config")] {
                chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
            }
            command.args(["--reuid", &NOBODY.to_string(), "--regid", &NOBODY.to_string(), "--clear-groups"]);
        }
        command.args(["--pdeathsig", "KILL", "sway", "--config"]).arg(folder.path().join("config"));
        command.env("XDG_RUNTIME_DIR", folder.path()).env("WLR_BACKENDS", "headless");
        command.env("WLR_RENDERER", "pixman").env("WLR_LIBINPUT_NO_DEVICES", "1").current_dir("/");
        let mut compositor = Running::start(home, "sway", &mut command);
        let place = |name: &str| {
            let mut entries = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
            entries.find(|path| path.file_name().unwrap().to_str().unwrap().starts_with(name))
        };
        let display = wait_for("sway's sockets", LIMIT, || {
            assert!(compositor.is_running(), "sway ended: {}", compositor.log());
            place("sway-ipc.").and_then(|_| place("wayland-1"))
        });
        home.set("WAYLAND_DISPLAY", display.with_extension("").into_os_string());
        home.set("SWAYSOCK", place("sway-ipc.").unwrap().into_os_string());
        let mut keyboard = home.command("wtype");
        let keyboard = Running::start(home, "keyboard", keyboard.args(["-s", "86400000"]));
        Some(Self { _keyboard: keyboard, _compositor: compositor, _folder: folder })
    }

    /// The application ids of the windows that are open.
    pub(crate) fn windows(&self, home: &Home) -> Vec<String> {
        let tree: serde_json::Value = serde_json::from_slice(&home.run("swaymsg", &["-t", "get_tree"])).unwrap();
        let mut found = Vec::new();
        collect(&tree, &mut found);
        found
    }

    /// What is on the screen now.
    pub(crate) fn look(&self, home: &Home) -> Picture {
        let file = home.path("screen.ppm");
        home.run("grim", &["-t", "ppm", file.to_str().unwrap()]);
        Picture::from_ppm(&std::fs::read(file).unwrap())
    }

    /// Whether a color is on the screen.
    pub(crate) fn shows(&self, home: &Home, color: Color) -> bool {
        self.look(home).find(color).is_some()
    }

    /// Presses keys that bring so many more pixels of a color to the screen, and waits for them.
    pub(crate) fn press_for(&self, home: &Home, keys: &[&str], color: Color, more: usize) {
        let before = self.look(home).count(color);
        self.press(home, keys);
        wait_until(&format!("what {keys:?} show"), LIMIT, || self.look(home).count(color) >= before + more);
    }

    /// Presses keys, in wtype's words.
    pub(crate) fn press(&self, home: &Home, keys: &[&str]) {
        home.run("wtype", keys);
    }
}

fn collect(node: &serde_json::Value, found: &mut Vec<String>) {
    found.extend(node["app_id"].as_str().map(ToOwned::to_owned));
    for key in ["nodes", "floating_nodes"] {
        for child in node[key].as_array().into_iter().flatten() {
            collect(child, found);
        }
    }
}
