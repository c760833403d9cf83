//! What goes wrong around the applet: it says so, loses nothing, and goes on.

use crate::harness::{Applet, Burner, Client, Home, LIMIT, Running, Stuck, requires, skip, wait_for, wait_until};
use runaway_guard::words;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// A config that notices a burner within seconds.
pub(crate) const QUICK: &str = "\
[general]
sample_interval_normal = 1
sample_interval_alert = 1
kill_grace_seconds = 1
[detection.cpu_high]
threshold_percent = 5
duration_seconds = 2
";

fn problems(client: &mut Client) -> String {
    client.data("get_status", &json!({}))["problems"].to_string()
}

fn whitelist_patterns(client: &mut Client) -> Vec<String> {
    let entries = client.data("list_whitelist", &json!({}));
    entries.as_array().unwrap().iter().map(|entry| entry["pattern"].as_str().unwrap().to_owned()).collect()
}

fn add_to_whitelist(client: &mut Client, pattern: &str) -> Value {
    client.ask("add_whitelist", &json!({ "pattern": pattern, "match_type": "name" }))
}

fn alert_of(client: &mut Client, pid: u32) -> Value {
    wait_for("the alert", LIMIT, || {
        let alert = client.push("alert");
        (alert["pid"] == pid).then_some(alert)
    })
}

#[test]
fn a_corrupt_database_is_set_aside_and_the_guard_goes_on() {
    let home = Home::new();
    let folder = home.path("data/runaway-guard");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("history.db"), b"this was never a database, and it is longer than a header").unwrap();
    let mut applet = Applet::start(&home, &["--headless"]);
    let mut client = applet.client();
    assert_eq!(add_to_whitelist(&mut client, "make")["data"]["success"], true);
    let names: Vec<String> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert!(names.iter().any(|name| name.starts_with("history.db.damaged-")), "{names:?}");
    let log = applet.process().log();
    assert_eq!(log.matches("damaged-").count(), 1, "said once: {log}");
}

#[test]
fn a_broken_config_is_told_and_left_alone_and_a_mended_one_is_taken_up() {
    let home = Home::new();
    home.write_config("[detection.cpu_high]\nthreshold_percent = 150\n");
    let mut applet = Applet::start(&home, &["--headless"]);
    let mut client = applet.client();
    let broken = "[detection.cpu_high]\nthreshold_percent = \"ninety\" # mine\n";
    home.write_config(broken);
    wait_until("the problem is told", LIMIT, || problems(&mut client).contains("line 2, column 21"));
    assert!(problems(&mut client).contains("threshold_percent must be 1 to 6400, not \\\"ninety\\\""));
    assert_eq!(client.data("get_config", &json!({}))["cpu_high"]["threshold_percent"], 150, "from before");
    let refused = client.ask("update_config", &json!({ "hang": { "duration_seconds": 60 } }));
    assert_eq!(refused["error"]["code"], "invalid_config");
    assert_eq!(fs::read_to_string(home.config_file()).unwrap(), broken, "the user's file stays as it is");
    let doctor = Applet::command(&home, &["doctor"]).output().unwrap();
    assert!(String::from_utf8_lossy(&doctor.stdout).contains("line 2, column 21"), "{doctor:?}");
    home.write_config("[detection.cpu_high]\nthreshold_percent = 200 # mine\n");
    wait_until("the mended config is in force", LIMIT, || {
        client.data("get_config", &json!({}))["cpu_high"]["threshold_percent"] == 200
    });
    assert_eq!(problems(&mut client), "[]");
    let config = client.ask("update_config", &json!({ "cpu_high": { "threshold_percent": 250 } }));
    assert_eq!((&config["type"], &config["data"]["cpu_high"]["threshold_percent"]), (&json!("config"), &json!(250)));
    assert!(fs::read_to_string(home.config_file()).unwrap().contains("threshold_percent = 250 # mine"));
}

/// A file system of its own, of this size; unmounted when dropped.
struct SmallDisk {
    home: Home,
    at: PathBuf,
}

impl SmallDisk {
    fn mount(home: Home, below: &str, size: &str) -> Self {
        let at = home.path(below);
        fs::create_dir_all(&at).unwrap();
        let options = format!("size={size},mode=700");
        home.run("mount", &["-t", "tmpfs", "-o", &options, "none", at.to_str().unwrap()]);
        Self { home, at }
    }

    fn fill(&self) {
        let mut size = 1 << 20;
        while size > 0 {
            let name = self.at.join(format!("ballast-{size}"));
            if fs::write(&name, vec![0; size]).is_ok() {
                fs::rename(&name, self.at.join(format!("full-{size}-{}", rand_name()))).unwrap();
            } else {
                fs::remove_file(&name).unwrap();
                size /= 2;
            }
        }
    }

    fn clear(&self) {
        for entry in fs::read_dir(&self.at).unwrap().map(Result::unwrap) {
            if entry.file_name().to_string_lossy().starts_with("full-") {
                fs::remove_file(entry.path()).unwrap();
            }
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        self.home.run("umount", &["--lazy", self.at.to_str().unwrap()]);
    }
}

fn rand_name() -> u128 {
    std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos()
}

#[test]
fn a_full_disk_refuses_what_cannot_be_kept_and_nothing_else() {
    if !rustix::process::geteuid().is_root() {
        return skip("only root can mount a small disk");
    }
    let disk = SmallDisk::mount(Home::new(), "data", "1m");
    disk.home.write_config(QUICK);
    let mut applet = Applet::start(&disk.home, &["--headless"]);
    let mut client = applet.client();
    assert_eq!(add_to_whitelist(&mut client, "before")["data"]["success"], true);
    disk.fill();
    let refused = wait_for("the disk is full for the database too", LIMIT, || {
        let answer = add_to_whitelist(&mut client, &format!("x{}{}", "y".repeat(3000), rand_name()));
        (answer["type"] == "error").then_some(answer)
    });
    assert_eq!(refused["error"]["code"], "internal", "{refused}");
    assert_eq!(client.ask("ping", &json!({}))["type"], "pong");
    let kept = whitelist_patterns(&mut client).len();
    disk.clear();
    wait_until("there is room again", LIMIT, || add_to_whitelist(&mut client, "after")["type"] != "error");
    assert_eq!(whitelist_patterns(&mut client).len(), kept + 1, "what was refused is not in force");
    drop(applet);
    let mut again = Applet::start(&disk.home, &["--headless"]);
    assert_eq!(whitelist_patterns(&mut again.client()).len(), kept + 1, "what was acknowledged is kept");
}

#[test]
fn a_runtime_folder_that_vanishes_gets_its_socket_back() {
    let home = Home::new();
    home.write_config(QUICK);
    let mut applet = Applet::start(&home, &["--headless"]);
    let mut old = applet.client();
    fs::remove_dir_all(home.path("run")).unwrap();
    fs::DirBuilder::new().create(home.path("run")).unwrap();
    wait_until("a new socket answers", LIMIT, || {
        Client::connect(&home.socket()).is_some_and(|mut client| client.ask("ping", &json!({}))["type"] == "pong")
    });
    assert_eq!(old.ask("ping", &json!({}))["type"], "pong", "who was connected stays so");
    assert!(applet.process().is_running());
}

#[test]
fn a_kill_of_the_applet_loses_no_acknowledged_write() {
    let home = Home::new();
    let mut kept = Vec::new();
    for round in 0..5 {
        let mut applet = Applet::start(&home, &["--headless"]);
        let mut client = applet.client();
        for entry in 0..20 {
            let pattern = format!("p{round}-{entry}");
            assert_eq!(add_to_whitelist(&mut client, &pattern)["data"]["success"], true);
            kept.push(pattern);
        }
        applet.process().kill();
    }
    let mut applet = Applet::start(&home, &["--headless"]);
    assert_eq!(whitelist_patterns(&mut applet.client()), kept);
}

#[test]
fn a_second_start_leaves_the_first_alone() {
    let home = Home::new();
    let mut first = Applet::start(&home, &["--headless"]);
    for arguments in [["--background"], ["--headless"]] {
        let second = Applet::command(&home, &arguments).output().unwrap();
        assert!(second.status.success(), "{arguments:?}: {second:?}");
    }
    assert!(first.process().is_running());
    assert_eq!(first.client().ask("ping", &json!({}))["type"], "pong");
}

/// A client that has had an answer: those that closed before it are gone for the server too.
fn answered(applet: &mut Applet) -> Client {
    let mut client = applet.client();
    assert_eq!(client.ask("ping", &json!({}))["type"], "pong");
    client
}

#[test]
fn sixty_four_clients_of_which_some_misbehave_delay_nobody() {
    let home = Home::new();
    home.write_config(QUICK);
    let mut applet = Applet::start(&home, &["--headless"]);
    let mut good: Vec<Client> = (0..62).map(|_| answered(&mut applet)).collect();
    let mut endless = applet.client();
    let mut silent = applet.client();
    silent.send("{\"cmd\":\"list_processes\"}\n".repeat(2_000).as_bytes());
    for client in &mut good {
        assert_eq!(client.ask("hello", &json!({}))["data"]["protocol"], 1);
    }
    let mut refused = Client::connect(&home.socket()).unwrap();
    let busy: Value = serde_json::from_str(&refused.read_line(LIMIT).unwrap()).unwrap();
    assert_eq!(busy["error"]["code"], "busy", "{busy}");
    endless.send(&vec![b'x'; (1 << 20) + 1]);
    let too_long = wait_for("the refusal of the endless line", LIMIT, || {
        let line = endless.read_line(LIMIT)?;
        line.contains("line_too_long").then_some(line)
    });
    assert!(too_long.contains("\"type\":\"error\""), "{too_long}");
    for client in &mut good {
        client.push("status");
        assert_eq!(client.ask("ping", &json!({}))["type"], "pong");
    }
}

#[test]
fn ten_thousand_requests_in_one_write_are_all_answered_in_order() {
    let home = Home::new();
    let mut applet = Applet::start(&home, &["--headless"]);
    let mut client = applet.client();
    let requests: Vec<String> = (0..10_000).map(|id| format!("{{\"cmd\":\"ping\",\"id\":{id}}}\n")).collect();
    client.send(requests.concat().as_bytes());
    let mut next = 0;
    while next < 10_000 {
        let message: Value = serde_json::from_str(&client.read_line(LIMIT).expect("an answer")).unwrap();
        if message["type"] == "pong" {
            assert_eq!(message["id"], next);
            next += 1;
        }
    }
}

#[test]
fn a_burner_is_told_within_one_interval_and_killed_through_the_socket() {
    let home = Home::new();
    home.write_config(QUICK);
    let mut applet = Applet::start(&home, &["--headless"]);
    let mut client = applet.client();
    let mut burner = Burner::start(&home, "burn-socket");
    let pattern = burner.all_others();
    client.data("add_whitelist", &json!({ "pattern": pattern, "match_type": "regex" }));
    let alert = alert_of(&mut client, burner.pid());
    assert_eq!((&alert["reason"], &alert["state"]), (&json!("cpu_high"), &json!("firing")));
    let start_time = alert["start_time"].as_u64().unwrap();
    let kill = |start: u64| json!({ "pid": burner.pid(), "signal": "SIGTERM", "start_time": start });
    let (wrong, right) = (kill(start_time + 1), kill(start_time));
    assert_eq!(client.ask("kill_process", &wrong)["error"]["code"], "identity_mismatch");
    assert!(burner.is_running());
    assert_eq!(client.data("kill_process", &right)["success"], true);
    burner.wait_for_end();
    assert_eq!(client.ask("kill_process", &right)["error"]["code"], "not_found");
    let ended = wait_for("the end of the alert", LIMIT, || {
        let push = client.push("alert");
        (push["id"] == alert["id"] && push["state"] != "firing").then_some(push)
    });
    assert_eq!((&ended["state"], &ended["action"]), (&json!("acted"), &json!("SIGTERM by socket")));
    let history = client.data("get_alerts", &json!({}));
    assert!(history.as_array().unwrap().iter().any(|stored| stored["id"] == alert["id"] && stored == &ended));
}

#[test]
fn a_kill_comes_to_its_end_though_the_user_quits_meanwhile() {
    let home = Home::new();
    home.write_config(QUICK);
    let mut burner = Burner::start_stubborn(&home, "burn-stubborn");
    let mut applet = Applet::start(&home, &["--headless"]);
    let mut client = applet.client();
    client.data("add_whitelist", &json!({ "pattern": burner.all_others(), "match_type": "regex" }));
    let alert = alert_of(&mut client, burner.pid());
    client.data("act_on_alert", &json!({ "id": alert["id"], "action": "kill" }));
    client.data("quit", &json!({}));
    assert!(applet.process().wait_for_end().success());
    assert!(!burner.is_running());
    let stored = Applet::start(&home, &["--headless"]).client().data("get_alerts", &json!({}));
    assert!(stored.as_array().unwrap().iter().any(|stored| stored["action"] == "SIGKILL by socket"), "{stored}");
}

#[test]
fn what_came_of_a_press_goes_away_though_nothing_is_scanned() {
    let home = Home::new();
    home.write_config(QUICK);
    let burner = Burner::start(&home, &format!("burn-paused-{:x}", std::process::id() % 0x1000));
    let mut applet = Applet::start(&home, &["--headless"]);
    let mut client = applet.client();
    client.data("add_whitelist", &json!({ "pattern": burner.all_others(), "match_type": "regex" }));
    let alert = alert_of(&mut client, burner.pid());
    client.data("pause_monitoring", &json!({}));
    client.data("act_on_alert", &json!({ "id": alert["id"], "action": "kill" }));
    wait_until("the outcome", LIMIT, || client.push("notices")[0]["kind"] == "outcome");
    wait_until("the outcome is gone", LIMIT, || client.data("get_notices", &json!({})) == json!([]));
}

#[test]
fn a_process_stuck_in_the_kernel_is_told_as_a_hang() {
    if !requires(&["gcc"]) {
        return;
    }
    let home = Home::new();
    home.write_config(
        "[general]\nsample_interval_normal = 1\nsample_interval_alert = 1\n[detection.hang]\nduration_seconds = 2\n",
    );
    let stuck = Stuck::start(&home, "stuck");
    let mut applet = Applet::start(&home, &["--headless"]);
    let mut client = applet.client();
    let alert = alert_of(&mut client, stuck.pid());
    assert_eq!((&alert["reason"], &alert["state"]), (&json!("hang"), &json!("firing")));
    assert!(alert["evidence"]["seconds"].as_u64() >= Some(2), "{alert}");
}

#[test]
fn without_a_runtime_folder_the_socket_is_in_the_state_folder() {
    let mut home = Home::new();
    home.set("XDG_RUNTIME_DIR", "");
    let expected = home.path("state/runaway-guard/runaway-guard.sock");
    if Path::new(&format!("/run/user/{}", rustix::process::getuid().as_raw())).is_dir() {
        return skip("this user has a runtime folder");
    }
    let _applet =
        Running::start(&home, "runaway-guard", home.command(env!("CARGO_BIN_EXE_runaway-guard")).arg("--headless"));
    let mut client = wait_for("the socket", LIMIT, || Client::connect(&expected));
    assert_eq!(client.ask("ping", &json!({}))["type"], "pong");
    let status = Applet::command(&home, &["status", "--json"]).output().unwrap();
    assert!(status.status.success(), "clients look in the same places: {status:?}");
}

#[test]
fn quit_is_answered_and_then_the_applet_ends() {
    let home = Home::new();
    let mut applet = Applet::start(&home, &["--headless"]);
    let mut client = applet.client();
    assert_eq!(client.data("quit", &json!({})), json!({ "success": true }));
    assert!(applet.process().wait_for_end().success());
    assert!(!home.socket().exists());
}

#[test]
fn a_guard_without_desktop_or_screen_says_that_it_opens_no_window() {
    for (mode, why) in [("--headless", words::HEADLESS), ("--background", words::NO_SCREEN)] {
        let home = Home::new();
        let mut applet = Applet::start(&home, &[mode]);
        let refusal = applet.client().ask("open_window", &json!({ "tab": "alerts" }));
        assert_eq!(refusal["error"]["message"], why);
        let second = Applet::command(&home, &[]).output().unwrap();
        let said = String::from_utf8(second.stderr).unwrap();
        assert_eq!((second.status.code(), said), (Some(1), format!("RunawayGuard is running already. {why}\n")));
        assert!(applet.process().is_running());
    }
}

#[test]
fn changes_are_told_to_everybody_whoever_made_them() {
    let home = Home::new();
    let mut applet = Applet::start(&home, &["--headless"]);
    let (mut changer, mut watcher) = (applet.client(), applet.client());
    assert_eq!(watcher.ask("ping", &json!({}))["type"], "pong");
    add_to_whitelist(&mut changer, "make");
    assert_eq!(watcher.push("changed"), json!({ "what": "whitelist" }));
    changer.data("update_config", &json!({ "general": { "retention_days": 7 } }));
    assert_eq!(watcher.push("changed"), json!({ "what": "config" }));
    home.write_config("[general]\nretention_days = 0\n");
    assert_eq!(watcher.push("changed"), json!({ "what": "config" }));
    let problem = changer.data("get_status", &json!({}))["config_problem"].clone();
    assert!(problem.as_str().is_some_and(|text| text.starts_with("config.toml, line 2")), "{problem}");
}

#[test]
fn the_end_is_asked_for_with_sigterm_and_leaves_no_socket() {
    let home = Home::new();
    let mut applet = Applet::start(&home, &["--headless"]);
    applet.process().terminate();
    assert!(applet.process().wait_for_end().success());
    assert!(!home.socket().exists());
    let status = Applet::command(&home, &["status"]).output().unwrap();
    assert_eq!(status.status.code(), Some(3));
}
