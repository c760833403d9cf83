use super::*;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;

fn paths(folder: &Path) -> Paths {
    Paths {
        config: folder.join("config.toml"),
        history: folder.join("history.db"),
        socket: folder.join("applet.sock"),
        window: std::path::PathBuf::new(),
        without_runtime_dir: false,
    }
}

/// A folder of ours alone.
fn folder() -> (tempfile::TempDir, Paths) {
    let folder = tempfile::tempdir().unwrap();
    let paths = paths(folder.path());
    (folder, paths)
}

fn open_to(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn on_a_bare_machine_much_is_missing_and_nothing_is_wrong() {
    let (folder, paths) = folder();
    let shown = folder.path().display().to_string();
    let [runtime, socket] = files::runtime(&paths);
    assert_eq!(runtime, Check::ok("runtime folder", &shown));
    assert_eq!((socket.found, socket.detail), (Found::Missing, format!("{shown}/applet.sock is not there")));
    assert_eq!(files::config(&paths), Check::ok("config", "no file: the defaults hold"));
    assert_eq!(files::database(&paths).found, Found::Missing);
    let applet = applet(&paths);
    assert_eq!(applet, [Check::missing("applet", "not running", "Start it with: runaway-guard --background")]);
}

#[test]
fn where_nobody_can_be_asked_it_is_said_why() {
    assert_eq!(others(None).found, Found::Ok);
    let check = others(Some(polkit::Missing::Pkexec));
    assert_eq!((check.found, check.detail.as_str()), (Found::Missing, "their processes cannot be killed"));
    assert!(check.remedy.unwrap().starts_with("pkexec is not installed. Install it: "));
}

#[test]
fn a_folder_or_socket_that_is_open_to_others_is_wrong() {
    let (folder, paths) = folder();
    let _listener = UnixListener::bind(&paths.socket).unwrap();
    open_to(&paths.socket, 0o600);
    assert!(files::runtime(&paths).iter().all(|check| check.found == Found::Ok));
    open_to(&paths.socket, 0o666);
    open_to(folder.path(), 0o777);
    let [runtime, socket] = files::runtime(&paths);
    assert_eq!((runtime.found, socket.found), (Found::Wrong, Found::Wrong));
    assert!(runtime.remedy.unwrap().contains("chmod 700"));
}

#[test]
fn what_stands_in_the_place_of_the_socket_is_wrong() {
    let (_folder, paths) = folder();
    std::fs::write(&paths.socket, "").unwrap();
    assert!(files::runtime(&paths)[1].detail.ends_with("is no socket"));
    let deeper = Paths { socket: paths.socket.join("x"), ..paths.clone() };
    assert!(files::runtime(&deeper)[0].detail.ends_with("is no folder"));
    let without = Paths { without_runtime_dir: true, ..paths };
    assert!(files::runtime(&without)[0].detail.starts_with("XDG_RUNTIME_DIR is not set"));
}

#[test]
fn a_config_that_does_not_parse_names_its_line() {
    let (_folder, paths) = folder();
    std::fs::write(&paths.config, "[general]\nretention_days = 30\n").unwrap();
    assert_eq!(files::config(&paths).found, Found::Ok);
    std::fs::write(&paths.config, "[general]\nretention_days = \"long\"\n").unwrap();
    let check = files::config(&paths);
    assert_eq!(check.found, Found::Wrong);
    assert!(check.detail.contains("line 2"), "{check:?}");
}

#[test]
fn a_database_is_counted_and_a_broken_one_found() {
    let (folder, paths) = folder();
    let database = rusqlite::Connection::open(&paths.history).unwrap();
    database
        .execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE alerts (id); INSERT INTO alerts VALUES (1), (2)")
        .unwrap();
    let check = files::database(&paths);
    assert_eq!(check.found, Found::Ok);
    assert!(check.detail.contains("history.db, 2 alerts, "), "{check:?}");
    let broken = Paths { history: folder.path().join("broken.db"), ..paths };
    std::fs::write(&broken.history, "not a database, however long this text may be").unwrap();
    let check = files::database(&broken);
    assert_eq!(
        (check.found, check.remedy.is_some_and(|remedy| remedy.contains("move the file away"))),
        (Found::Wrong, true)
    );
}

#[test]
fn a_database_that_is_in_order_is_not_to_be_moved_away() {
    let (_folder, paths) = folder();
    let database = rusqlite::Connection::open(&paths.history).unwrap();
    database.execute_batch("CREATE TABLE alerts (id); PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE").unwrap();
    let check = files::database(&paths);
    assert_eq!((check.found, check.remedy), (Found::Wrong, None));
    assert!(
        check.detail.ends_with("history.db: another program has locked it. Close that program."),
        "{}",
        check.detail
    );
}

fn status() -> Status {
    Status {
        monitored_count: 512,
        alert_count: 1,
        level: crate::protocol::Level::Yellow,
        paused: false,
        paused_until: None,
        interval_seconds: 10,
        scan_ms: 1.0,
        problems: vec![],
        ..Status::default()
    }
}

fn hello(version: &str) -> Hello {
    Hello { name: "runaway-guard".into(), version: version.into(), protocol: 1, ..Hello::default() }
}

#[test]
fn an_applet_of_another_version_is_wrong() {
    let own = answering(&hello(env!("CARGO_PKG_VERSION")), &status());
    assert_eq!(own.found, Found::Ok);
    assert!(own.detail.ends_with(", level yellow, 512 processes, 1 firing"), "{own:?}");
    assert_eq!(answering(&hello("0.0.1"), &status()).found, Found::Wrong);
}

#[test]
fn what_hides_processes_is_told() {
    let found = |processes_hidden, in_pid_namespace| {
        let checks = processes(Ok(Limits { processes_hidden, in_pid_namespace }));
        checks.iter().map(|check| check.found).collect::<Vec<_>>()
    };
    assert_eq!(found(false, false), [Found::Ok]);
    assert_eq!(found(true, false), [Found::Missing]);
    assert_eq!(found(true, true), [Found::Missing, Found::Missing]);
    assert_eq!(processes(Err(io::ErrorKind::NotFound.into()))[0].found, Found::Wrong);
}

#[test]
fn the_display_and_start_at_login_are_told() {
    let only = |set: &'static str| move |name: &str| (name == set).then(|| ":0".to_owned());
    assert_eq!(display(only("DISPLAY")), Check::ok("display", "DISPLAY=:0"));
    assert_eq!(display(only("WAYLAND_DISPLAY")), Check::ok("display", "WAYLAND_DISPLAY=:0"));
    assert_eq!(display(|_| Some(String::new())).found, Found::Missing);
    let found = [autostart::Status::On, autostart::Status::Off, autostart::Status::Invalid("x".into())];
    assert_eq!(found.map(|status| at_login(status, || None).found), [Found::Ok, Found::Missing, Found::Wrong]);
    let masked = Check::wrong("autostart", "masked", "Unmask it.");
    assert_eq!(at_login(autostart::Status::On, || Some(masked.clone())), masked);
    assert_eq!(at_login(autostart::Status::Off, || Some(masked)).found, Found::Missing);
}

#[test]
fn a_line_has_what_was_found_and_what_to_do() {
    let checks = [Check::ok("socket", "/x"), Check::wrong("runtime folder", "\u{1b}[2J", "Mend it.")];
    let expected = "ok     socket          /x\nwrong  runtime folder  \u{fffd}[2J (Mend it.)\n";
    assert_eq!(table(&checks).render(None), expected);
}

mod on_a_bus;

#[test]
fn the_kernel_is_told_with_its_version_and_its_clocks() {
    let (with, without) = (kernel(true), kernel(false));
    assert_eq!((with.found, without.found), (Found::Ok, Found::Ok));
    assert!(with.detail.trim_start_matches("Linux ").starts_with(char::is_numeric), "{with:?}");
    assert!(with.detail.ends_with("has CPU clocks of processes") && without.detail.ends_with("reads more"));
}
