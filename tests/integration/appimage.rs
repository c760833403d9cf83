//! The `AppImage`, run as it runs where there is no FUSE: its files are laid out in a temporary folder for as long.

use crate::harness::window::Window;
use crate::harness::{Client, Desktop, Home, LIMIT, Running, cannot, requires, wait_for, wait_until};
use crate::packages::{FOR_ROOT, INSTALLED, has_runtime, package, succeeds};
use serde_json::json;
use std::path::{Path, PathBuf};

const ENTRY: &str = "config/autostart/io.github.runawayguard.applet.desktop";

/// An applet of an `AppImage`. The runtime, which is its parent, tells it nothing: it is asked to quit.
struct Guest<'h> {
    process: Running,
    home: &'h Home,
}

impl<'h> Guest<'h> {
    fn start(home: &'h Home, image: &Path) -> Self {
        let process = Running::start(home, "image", home.command(image).arg("--background"));
        let mut guest = Self { process, home };
        wait_for("the applet's socket", LIMIT, || {
            assert!(guest.process.is_running(), "the applet ended");
            Client::connect(&home.socket())
        });
        guest
    }

    fn quit(mut self) {
        Client::connect(&self.home.socket()).unwrap().data("quit", &json!({}));
        // A runtime that finds nothing left to remove says so by its exit code.
        self.process.wait_for_end();
    }
}

impl Drop for Guest<'_> {
    fn drop(&mut self) {
        if let Some(mut client) = Client::connect(&self.home.socket()) {
            client.try_send(b"{\"cmd\":\"quit\"}\n");
        }
    }
}

#[test]
fn it_brings_what_a_user_can_use() {
    let Some(image) = image() else { return };
    let home = Home::new();
    succeeds(home.command(&image).arg("--appimage-extract"));
    let root = home.path("squashfs-root");
    for file in INSTALLED {
        assert!(root.join(file).is_file(), "{file} is missing");
    }
    for file in FOR_ROOT {
        assert!(!root.join(file).exists(), "{file} is there, and nobody would read it");
    }
    let id = "io.github.runawayguard.applet";
    let icon = std::fs::read(root.join(".DirIcon")).unwrap();
    assert!(icon == std::fs::read(root.join(format!("{id}.svg"))).unwrap());
    if requires(&["desktop-file-validate"]) {
        succeeds(home.command("desktop-file-validate").arg(root.join(format!("{id}.desktop"))));
    }
    let version = succeeds(home.command(root.join("AppRun")).arg("--version"));
    assert_eq!(version.trim(), concat!("runaway-guard ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn start_at_login_survives_that_the_file_is_moved() {
    let Some(image) = image() else { return };
    let home = home();
    let starts = |place: &Path| {
        let entry = std::fs::read_to_string(home.path(ENTRY)).unwrap();
        entry.contains(&format!("\nExec=\"{}\" --background\n", place.display()))
    };
    let downloads = home.path("Downloads");
    std::fs::create_dir(&downloads).unwrap();
    let [old, new, newer] =
        ["Downloads/Guard.AppImage", "bin/Guard 0.2.AppImage", "data/Guard.AppImage"].map(|to| home.path(to));
    std::fs::copy(image, &old).unwrap();
    assert_eq!(succeeds(home.command(&old).args(["autostart", "on"])).trim(), "on");
    assert!(starts(&old), "the file itself, and not where its files are for now");

    std::fs::rename(&old, &new).unwrap();
    let guest = Guest::start(&home, &new);
    wait_until("the entry is mended", LIMIT, || starts(&new));
    std::fs::rename(&new, &newer).unwrap();
    let output = home.command(&newer).args(["autostart", "status"]).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("invalid"), "{output:?}");
    guest.quit();
    Guest::start(&home, &newer).quit();
    assert!(starts(&newer));
    assert_eq!(succeeds(home.command(&newer).args(["autostart", "off"])).trim(), "off");
    assert!(!home.path(ENTRY).exists());
}

#[test]
fn its_window_opens_even_after_another_run_took_its_files_away() {
    let Some(image) = image() else { return };
    let Some(mut desktop) = Desktop::start() else { return };
    lay_out_anew(&mut desktop.home);
    let guest = Guest::start(&desktop.home, &image);
    // This run lays its files out in the same folder, and removes it as it ends.
    succeeds(desktop.home.command(&image).arg("status"));
    let mut client = Client::connect(&desktop.home.socket()).unwrap();
    client.data("open_window", &json!({}));
    let window = Window::wait(&desktop);
    window.close();
    guest.quit();
}

/// The `AppImage` from the first build; None where there is none, and the test is to be skipped.
fn image() -> Option<PathBuf> {
    if !requires(&["mksquashfs", "objcopy", "gzip"]) || !has_runtime() {
        return None;
    }
    if std::env::consts::ARCH != "x86_64" {
        cannot("the runtime is one for x86_64");
        return None;
    }
    Some(package(".AppImage"))
}

fn home() -> Home {
    let mut home = Home::new();
    lay_out_anew(&mut home);
    home
}

/// Has an `AppImage` lay out its files, in this home, instead of mounting them.
fn lay_out_anew(home: &mut Home) {
    home.set("APPIMAGE_EXTRACT_AND_RUN", "1");
    home.set("TMPDIR", home.path("cache").into_os_string());
}
