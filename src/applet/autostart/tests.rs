use super::*;
use crate::paths::APP_ID;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// auto-launch makes a folder in the one home that all tests have, and what is stray of it is taken away: one after the
/// other.
static IN_TURN: Mutex<()> = Mutex::new(());

/// A home with a program in it whose path is hard to write.
struct Home(tempfile::TempDir, #[expect(dead_code, reason = "it is held")] MutexGuard<'static, ()>);

impl Home {
    fn new() -> Self {
        let turn = IN_TURN.lock().unwrap_or_else(PoisonError::into_inner);
        Self(tempfile::tempdir().unwrap(), turn)
    }

    fn autostart(&self, program: &str) -> Autostart {
        let program = self.0.path().join(program);
        std::fs::create_dir_all(program.parent().unwrap()).unwrap();
        std::fs::write(&program, "").unwrap();
        let at = |folder: &str| self.0.path().join(folder).join("autostart");
        Autostart { user: at("config"), system: vec![at("first"), at("second")], program }
    }

    fn entry(&self, folder: &str, lines: &str) {
        let folder = self.0.path().join(folder).join("autostart");
        std::fs::create_dir_all(&folder).unwrap();
        let text = format!("[Desktop Entry]\nType=Application\nName=RunawayGuard\n{lines}\n");
        std::fs::write(folder.join(format!("{APP_ID}.desktop")), text).unwrap();
    }

    /// The Exec line of a package's entry for `program`.
    fn exec(autostart: &Autostart) -> String {
        format!("Exec={} --background", entry::program(autostart.program.to_str().unwrap()))
    }
}

#[test]
fn it_goes_on_and_off_from_paths_of_every_kind() {
    let odd = [
        "plain",
        "two words",
        "quo\"te's",
        "100%",
        "%f%%u",
        "dol$lar",
        "back\\slash",
        "tick`",
        "a=b",
        "grün 漢",
        "a;b#c",
    ];
    for name in odd {
        let home = Home::new();
        let autostart = home.autostart(&format!("{name}/runaway-guard"));
        assert_eq!(autostart.status(), Status::Off, "{name}");
        autostart.enable().unwrap();
        assert_eq!(autostart.status(), Status::On, "{name}");
        autostart.enable().unwrap();
        autostart.disable().unwrap();
        assert_eq!((autostart.status(), autostart.file().exists()), (Status::Off, false), "{name}");
        autostart.disable().unwrap();
    }
}

#[test]
fn the_entry_is_that_of_the_application() {
    let home = Home::new();
    let autostart = home.autostart("two words/runaway-guard");
    autostart.enable().unwrap();
    let expected = format!(
        "[Desktop Entry]\nType=Application\nVersion=1.0\nName=RunawayGuard\n\
         Comment=Notices the process that has run away\nExec=\"{}\" --background\nStartupNotify=false\n\
         Terminal=false\nIcon=io.github.runawayguard.applet\n",
        autostart.program.display()
    );
    assert_eq!(std::fs::read_to_string(autostart.file()).unwrap(), expected);
}

#[test]
fn an_entry_that_starts_something_else_is_invalid_and_mended() {
    let home = Home::new();
    let autostart = home.autostart("runaway-guard");
    let cases = [
        ("Exec=/nowhere/runaway-guard --background", "The entry starts /nowhere/runaway-guard, which is not there."),
        ("Exec=/bin/sh --background", "The entry starts /bin/sh, which is not this program."),
        ("Exec=\"unfinished", "The entry's Exec line is missing or cannot be read."),
        ("Icon=x", "The entry's Exec line is missing or cannot be read."),
    ];
    for (line, reason) in cases {
        home.entry("config", line);
        assert_eq!(autostart.status(), Status::Invalid(reason.into()), "{line}");
        autostart.enable().unwrap();
        assert_eq!(autostart.status(), Status::On, "{line}");
    }
}

#[test]
fn the_words_that_switch_an_entry_off_are_heard() {
    let home = Home::new();
    let autostart = home.autostart("runaway-guard");
    let exec = Home::exec(&autostart);
    for line in ["Hidden=true", "X-GNOME-Autostart-enabled=false", "TryExec=/nowhere/x"] {
        home.entry("config", &format!("{exec}\n{line}"));
        assert_eq!(autostart.status(), Status::Off, "{line}");
        autostart.enable().unwrap();
        assert_eq!(autostart.status(), Status::On, "{line}");
    }
    home.entry("config", &format!("{exec}\nHidden=false\nTryExec=/bin/sh"));
    assert_eq!(autostart.status(), Status::On);
}

#[test]
fn what_a_package_starts_is_overridden_and_given_back() {
    let home = Home::new();
    let autostart = home.autostart("runaway-guard");
    home.entry("second", &Home::exec(&autostart));
    assert_eq!(autostart.status(), Status::On);
    autostart.disable().unwrap();
    assert_eq!(autostart.status(), Status::Off);
    assert!(std::fs::read_to_string(autostart.file()).unwrap().ends_with("\nHidden=true\n"));
    autostart.enable().unwrap();
    assert_eq!((autostart.status(), autostart.file().exists()), (Status::On, false));
}

#[test]
fn the_first_folder_of_the_system_counts() {
    let home = Home::new();
    let autostart = home.autostart("runaway-guard");
    home.entry("second", &Home::exec(&autostart));
    home.entry("first", "Hidden=true");
    assert_eq!(autostart.status(), Status::Off);
    autostart.enable().unwrap();
    assert!(autostart.file().exists());
    autostart.disable().unwrap();
    assert!(!autostart.file().exists());
}

#[test]
fn what_cannot_be_written_is_told() {
    let home = Home::new();
    let mut autostart = home.autostart("runaway-guard");
    std::fs::write(home.0.path().join("config"), "a file where the folder should be").unwrap();
    assert_eq!(autostart.status(), Status::Off);
    let error = autostart.enable().unwrap_err();
    assert!(matches!(error, Error::Write { .. }), "{error:?}");
    autostart.program = PathBuf::from(OsStr::from_bytes(b"/\xff/runaway-guard"));
    autostart.user = home.0.path().join("other");
    assert!(matches!(autostart.enable(), Err(Error::NotUtf8(_))));
    autostart.program = home.0.path().join("not there");
    assert!(matches!(autostart.enable(), Err(Error::Gone(program)) if program == autostart.program));
    assert!(!autostart.file().exists());
}

#[test]
fn an_entry_whose_program_was_moved_starts_it_from_its_new_place() {
    let home = Home::new();
    let old = home.autostart("100% old/Guard.AppImage");
    old.enable().unwrap();
    assert!(!old.mend().unwrap(), "it is where it was");
    let new = home.autostart("new/Guard-2.AppImage");
    assert!(!new.mend().unwrap(), "a second one, and the first is there as well");
    assert!(matches!(new.status(), Status::Invalid(_)));
    std::fs::remove_file(&old.program).unwrap();
    assert!(new.mend().unwrap());
    assert_eq!(new.status(), Status::On);
    assert!(!new.mend().unwrap());
}

#[test]
fn an_entry_whose_program_is_gone_makes_way_for_that_of_a_package() {
    let home = Home::new();
    let old = home.autostart("Guard.AppImage");
    old.enable().unwrap();
    std::fs::remove_file(&old.program).unwrap();
    let packaged = home.autostart("usr/bin/runaway-guard");
    home.entry("second", &Home::exec(&packaged));
    assert!(packaged.mend().unwrap());
    assert_eq!((packaged.status(), packaged.file().exists()), (Status::On, false));
}

#[test]
fn an_entry_that_was_written_by_others_or_changed_stays_as_it_is() {
    let home = Home::new();
    let autostart = home.autostart("runaway-guard");
    let lines = [
        "Exec=/runaway-guard-of-before --background --log debug",
        "Exec=nice /runaway-guard-of-before --background",
        "Exec=env RUST_LOG=debug /runaway-guard-of-before --background",
        "Exec=/runaway-guard-of-before",
        "Exec=runaway-guard-of-mine --background",
        "Exec=/runaway-guard-of-before --background\nHidden=true",
        "Exec=/runaway-guard-of-before --background\nTryExec=/runaway-guard-of-before",
        // On a disk that is not there now.
        "Exec=/nowhere/runaway-guard --background",
        "Exec=/dev/null/runaway-guard --background\nX-GNOME-Autostart-enabled=false",
    ];
    for line in lines {
        home.entry("config", line);
        let before = std::fs::read_to_string(autostart.file()).unwrap();
        assert!(!autostart.mend().unwrap(), "{line}");
        assert_eq!(std::fs::read_to_string(autostart.file()).unwrap(), before, "{line}");
    }
    home.entry("config", "Exec=/runaway-guard-of-before --background");
    assert!(autostart.mend().unwrap());
}

#[test]
fn an_app_image_is_started_by_its_file() {
    let home = Home::new();
    let image = home.autostart("Guard.AppImage").program;
    let running = home.autostart("mount/usr/bin/runaway-guard").program;
    let mount = home.0.path().join("mount");
    let of = |dir: &Path| app_image(&running, Some(image.clone().into()), Some(dir.into()));
    assert_eq!(of(&mount), Some(image.clone()));
    std::fs::remove_file(&image).unwrap();
    assert_eq!(of(&mount), Some(image.clone()), "never the mount, though the file was moved meanwhile");
    assert_eq!(of(&home.0.path().join("another")), None);
    assert_eq!(app_image(&running, None, Some(mount.into())), None);
    assert_eq!(app_image(&running, Some(image.into()), None), None);
}

/// Runs one test of this program alone, in an environment of its own.
fn run_in(home: &Path, test: &str, variables: &[(&str, &Path)]) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "--include-ignored", test]).env("HOME", home).env_remove("APPIMAGE");
    let ended = command.env("XDG_CONFIG_DIRS", home).envs(variables.iter().copied()).output().unwrap();
    let out = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success() && out.contains("1 passed"), "{out}");
}

#[test]
fn the_folder_of_xdg_config_home_is_used_and_no_other_is_left() {
    let child = "applet::autostart::tests::in_a_home_of_its_own";
    let home = tempfile::tempdir().unwrap();
    let config = tempfile::tempdir().unwrap();
    run_in(home.path(), child, &[("XDG_CONFIG_HOME", config.path())]);
    assert!(config.path().join("autostart").join(format!("{APP_ID}.desktop")).is_file());
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);

    run_in(home.path(), child, &[("XDG_CONFIG_HOME", Path::new(""))]);
    assert!(home.path().join(".config/autostart").join(format!("{APP_ID}.desktop")).is_file());
}

#[test]
#[ignore = "run by the_folder_of_xdg_config_home_is_used_and_no_other_is_left in an environment of its own"]
fn in_a_home_of_its_own() {
    let autostart = Autostart::new().unwrap();
    autostart.enable().unwrap();
    assert_eq!(autostart.status(), Status::On);
    assert_eq!(autostart.program, std::env::current_exe().unwrap());
}
