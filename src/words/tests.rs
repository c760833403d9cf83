use super::*;
use crate::process::Application;
use crate::protocol::{Circumstances, Grower, Member, Waiter};
use std::sync::Arc;

fn tab() -> Subject {
    let application = Some(Arc::new(Application { id: "org.mozilla.firefox".into(), name: "Firefox".into() }));
    let process = Description {
        name: "Isolated Web Co".into(),
        command_line: "firefox -contentproc".into(),
        uid: 1000,
        user: "ada".into(),
        application,
        ..Description::default()
    };
    Subject::new(4711, &process)
}

fn node() -> Subject {
    Subject::named(2210, "node")
}

#[test]
fn cpu_is_told_in_cores() {
    let evidence = Evidence::CpuHigh {
        cpu_percent: 140.2,
        threshold_percent: 90,
        seconds: 62,
        circumstances: Circumstances::default(),
    };
    assert_eq!(title(&tab(), &evidence), "Firefox is using 1.4 cores");
    assert_eq!(body(&tab(), &evidence), "Isolated Web Co (4711) has kept 1.4 cores busy for 62 s.");
    let told = [2.0, 50.0, 97.0, 104.0, 1600.0].map(cores);
    assert_eq!(told, ["2 % of a core", "0.5 cores", "1 core", "1 core", "16.0 cores"]);
}

#[test]
fn cpu_is_told_with_its_circumstances() {
    let told = |circumstances| {
        let evidence = Evidence::CpuHigh { cpu_percent: 66.0, threshold_percent: 90, seconds: 62, circumstances };
        body(&tab(), &evidence)
    };
    let plain = Circumstances::default;
    assert_eq!(
        told(Circumstances { wanted_percent: Some(100.0), ..plain() }),
        "Isolated Web Co (4711) has wanted 1 core for 62 s and was given 0.7 cores: others want the cores too."
    );
    assert_eq!(
        told(Circumstances { orphan: true, ..plain() }),
        "Isolated Web Co (4711) has kept 0.7 cores busy for 62 s, though the process that started it has ended."
    );
    assert_eq!(
        told(Circumstances { short_lived_percent: Some(60.0), ..plain() }),
        "Isolated Web Co (4711) starts processes again and again. They have kept 0.7 cores busy for 62 s."
    );
    assert_eq!(
        told(Circumstances { unit: Some(Unit { name: "indexd.service".into(), user: false }), ..plain() }),
        "indexd.service ends and is started again and again. It has kept 0.7 cores busy for 62 s. To stop it, run: \
         systemctl stop indexd.service"
    );
    let escaped = Unit { name: r"app-a\x2db@1.service".into(), user: true };
    assert!(
        told(Circumstances { unit: Some(escaped), ..plain() })
            .ends_with(r"systemctl --user stop 'app-a\x2db@1.service'")
    );
    let member = |pid| Member { pid, start_time: 1, name: "Web Content".into(), cpu_percent: 33.0 };
    assert_eq!(
        told(Circumstances { members: vec![member(4712), member(4713)], ..plain() }),
        "2 processes of Firefox have kept 0.7 cores busy for 62 s, most of all Web Content (4712)."
    );
    let a_little = Some(20.0);
    assert_eq!(
        told(Circumstances {
            members: vec![member(4712), member(4713)],
            member_count: Some(400),
            short_lived_percent: a_little,
            ..plain()
        }),
        "400 processes of Firefox have kept 0.7 cores busy for 62 s, most of all Web Content (4712)."
    );
}

#[test]
fn the_headline_of_one_that_others_hold_back_says_what_it_wants() {
    let title_of = |circumstances| {
        title(&node(), &Evidence::CpuHigh { cpu_percent: 9.0, threshold_percent: 90, seconds: 62, circumstances })
    };
    let wants = Circumstances { wanted_percent: Some(100.0), ..Circumstances::default() };
    assert_eq!(title_of(wants), "node wants 1 core");
    assert_eq!(title_of(Circumstances::default()), "node is using 0.1 cores");
}

#[test]
fn a_leak_is_told_with_its_end() {
    let mut evidence = Evidence::MemoryLeak {
        grown_mb: 620.0,
        memory_mb: 3174.4,
        window_minutes: 5,
        full_in_minutes: Some(9),
        members: Vec::new(),
    };
    assert_eq!(title(&node(), &evidence), "node has grown by 620 MiB in 5 minutes");
    let sentence = "node (2210) holds 3.1 GiB and is still growing; memory is full in about 9 minutes.";
    assert_eq!(body(&node(), &evidence), sentence);
    if let Evidence::MemoryLeak { full_in_minutes, .. } = &mut evidence {
        *full_in_minutes = None;
    }
    assert_eq!(body(&node(), &evidence), "node (2210) holds 3.1 GiB and is still growing.");
    let grower = |pid| Grower { pid, start_time: 1, name: "Web Content".into(), grown_mb: 310.0 };
    if let Evidence::MemoryLeak { members, .. } = &mut evidence {
        members.extend([grower(4712), grower(4713)]);
    }
    assert_eq!(title(&tab(), &evidence), "Firefox has grown by 620 MiB in 5 minutes");
    assert_eq!(
        body(&tab(), &evidence),
        "Processes of Firefox hold 3.1 GiB and are still growing, most of all Web Content (4712)."
    );
}

#[test]
fn hangs_and_run_times_are_told() {
    let hang = Evidence::Hang {
        seconds: 35,
        wait_channel: Some("nfs_wait_bit_killable".into()),
        waits_for: WaitsFor::default(),
    };
    let rsync = Subject::named(901, "rsync");
    assert_eq!(title(&rsync, &hang), "rsync has been stuck for 35 s");
    let sentence = "rsync (901) waits in the kernel (nfs_wait_bit_killable). A kill ends that wait.";
    assert_eq!(body(&rsync, &hang), sentence);
    let disk = Evidence::Hang { seconds: 35, wait_channel: Some("io_schedule".into()), waits_for: WaitsFor::default() };
    let sentence = "rsync (901) waits in the kernel (io_schedule). It cannot be killed before that wait ends.";
    assert_eq!(body(&rsync, &disk), sentence);
    let waits_for = WaitsFor {
        thread: Some(905),
        file: Some(format!("/mnt/{}/film", "x".repeat(60))),
        mount: Some("/mnt".into()),
        device: Some("nas:/export".into()),
        others: Vec::new(),
    };
    let waiter = |pid| Waiter { pid, start_time: 1, name: "ls".into() };
    for (count, told) in [
        (1, "Another process waits for the same."),
        (4, "4 more processes wait for the same."),
        (20, "20 or more others wait for the same."),
    ] {
        let others = (1..=count).map(waiter).collect();
        let waits_for = WaitsFor { others, ..waits_for.clone() };
        let hang = Evidence::Hang { seconds: 35, wait_channel: None, waits_for };
        assert!(body(&rsync, &hang).contains(&format!(" on nas:/export. {told} A kill")), "{}", body(&rsync, &hang));
    }
    let thread = Evidence::Hang { seconds: 35, wait_channel: None, waits_for };
    assert_eq!(title(&rsync, &thread), "rsync has had a stuck thread for 35 s");
    let sentence = format!(
        "Thread 905 of rsync (901) waits in the kernel for …{}/film on nas:/export. A kill may not reach it before that wait ends.",
        "x".repeat(54)
    );
    assert_eq!(body(&rsync, &thread), sentence);
    let timeout = Evidence::Timeout { runtime_seconds: 7800, limit_seconds: 7200, rule: "builds".into() };
    let make = Subject::named(12, "make");
    assert_eq!(title(&make, &timeout), "make has been running for 2 h 10 min");
    assert_eq!(body(&make, &timeout), "make (12) has a limit of 2 h (rule \"builds\").");
}

#[test]
fn outcomes_name_the_application_and_the_process() {
    assert_eq!(ended(&tab()).title, "Firefox's Isolated Web Co (4711) ended.");
    let outcome = killed(&node(), Duration::from_secs(5));
    assert_eq!(outcome.title, "node (2210) was killed.");
    assert_eq!(outcome.body, "It ignored the request to end; killed after 5 s.");
    assert_eq!(gone(&node()).body, "It was already gone.");
}

#[test]
fn times_are_told_in_two_units_at_most() {
    let told = [0, 62, 119, 120, 3599, 3600, 7800, 86_400, 100_000].map(seconds);
    assert_eq!(told, ["0 s", "62 s", "119 s", "2 min", "59 min", "1 h", "2 h 10 min", "1 d", "1 d 3 h"]);
}

#[test]
fn hostile_names_are_made_harmless_and_short() {
    assert_eq!(Subject::named(1, "a\u{1b}[31m\nb").with_pid(), "a\u{fffd}[31m\u{fffd}b (1)");
    assert_eq!(Subject::named(1, &"x".repeat(500)).name.chars().count(), MAX_NAME);
}

#[test]
fn why_there_is_no_window_is_made_harmless_and_short() {
    let outcome = no_window(&format!("\u{1b}[31m{}", "x".repeat(900)));
    assert_eq!(outcome.title, "The window could not be opened");
    assert!(outcome.body.starts_with("\u{fffd}[31mxxx") && outcome.body.ends_with("x…"), "{}", outcome.body);
    assert_eq!(outcome.body.chars().count(), 200);
}
