//! Who is stuck in the kernel, and on what, with real threads and a real file system.

use crate::harness::{Applet, Home, LIMIT, Odd, cannot, kill, requires, wait_for, wait_until};
use runaway_guard::sample::Now;
use runaway_guard::sample::procfs::Collector;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn a_thread_that_is_stuck_is_found_though_its_process_sleeps() {
    if !requires(&["gcc"]) {
        return;
    }
    let home = Home::new();
    let odd = Odd::start(&home, "thread", &[]);
    let mut collector = Collector::new("/proc").unwrap();
    let mut find = || {
        let snapshot = collector.scan(Now::read()).unwrap();
        let sample = snapshot.samples.into_iter().find(|sample| sample.id.pid == odd.pid()).unwrap();
        sample.wait.filter(|wait| wait.thread != odd.pid())
    };
    let wait = wait_for("its thread is found", LIMIT, &mut find);
    assert_eq!(state_of(odd.pid(), wait.thread), 'D');
    let object = wait_for("it is asked what for", LIMIT, || find().and_then(|wait| wait.object));
    assert_eq!(object.file, None, "a child is no file");
    let child = fs::read_to_string(format!("/proc/{}/task/{}/children", odd.pid(), wait.thread)).unwrap();
    kill(child.trim().parse().unwrap());
    wait_until("it is free", LIMIT, || find().is_none());
}

#[test]
fn an_alert_names_the_file_and_the_file_system_of_a_hang() {
    if !requires(&["gcc", "mkfs.ext4", "fsfreeze", "losetup"]) {
        return;
    }
    let home = Home::new();
    let Some(disk) = Disk::mount(&home) else { return cannot("only root may mount a file system of its own") };
    home.write_config(
        "[general]\nsample_interval_normal = 1\nsample_interval_alert = 1\n[detection.hang]\nduration_seconds = 3\n",
    );
    let file = disk.mounted.join("film");
    let writer = Odd::start(&home, "writer", &[file.to_str().unwrap()]);
    wait_until("it writes", LIMIT, || file.exists());
    let mut applet = Applet::start(&home, &["--headless"]);
    let mut client = applet.client();
    let frozen = disk.freeze();
    let alert = wait_for("an alert", LIMIT, || Some(client.push("alert")).filter(|alert| alert["pid"] == writer.pid()));
    let evidence = &alert["evidence"];
    assert_eq!(alert["reason"], "hang", "{alert}");
    assert_eq!(evidence["file"], json!(file), "{alert}");
    assert_eq!(evidence["mount"], json!(disk.mounted), "{alert}");
    assert!(evidence["device"].as_str().unwrap().starts_with("/dev/loop"), "{alert}");
    let summary = alert["summary"].as_str().unwrap();
    assert!(summary.contains("It cannot be killed before that wait ends"), "{summary}");
    drop(frozen);
    wait_until("it is over", LIMIT, || client.data("get_alerts", &json!({}))[0]["state"] == "resolved");
}

/// The state of a thread, by its letter.
fn state_of(pid: u32, thread: u32) -> char {
    let stat = fs::read_to_string(format!("/proc/{pid}/task/{thread}/stat")).unwrap();
    stat.rsplit_once(") ").unwrap().1.chars().next().unwrap()
}

/// A file system of its own in a file.
struct Disk {
    mounted: PathBuf,
}

/// A file system whose writers wait until this is dropped.
struct Frozen<'d>(&'d Path);

impl Disk {
    /// None where this user may not mount one.
    fn mount(home: &Home) -> Option<Self> {
        let (image, mounted) = (home.path("disk.img"), home.path("disk"));
        fs::File::create(&image).unwrap().set_len(8 << 20).unwrap();
        fs::create_dir(&mounted).unwrap();
        assert!(run(Command::new("mkfs.ext4").arg("-q").arg(&image)));
        run(Command::new("mount").args(["-o", "loop"]).args([&image, &mounted])).then_some(Self { mounted })
    }

    fn freeze(&self) -> Frozen<'_> {
        assert!(run(Command::new("fsfreeze").arg("-f").arg(&self.mounted)));
        Frozen(&self.mounted)
    }
}

impl Drop for Frozen<'_> {
    fn drop(&mut self) {
        run(Command::new("fsfreeze").arg("-u").arg(self.0));
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        run(Command::new("umount").arg("--lazy").arg(&self.mounted));
    }
}

fn run(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}
