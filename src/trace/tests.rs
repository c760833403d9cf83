use super::*;
use crate::config::{Config, parse};
use crate::process::State;
use crate::sample::application::Applications;
use crate::sample::{Object, Snapshot, Wait};
use proptest::prelude::*;
use std::path::Path;
use std::time::Duration;

fn snapshot(line: &str) -> Result<Snapshot, Fault> {
    serde_json::from_str::<Line>(line).unwrap().snapshot(&mut Applications::new(Vec::new()))
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/traces").join(name)
}

/// Replays a file as `replay --json` prints it.
fn replay(path: &Path) -> (Vec<String>, Result<Option<usize>, Error>) {
    let config = parse::parse(&std::fs::read_to_string(fixture("config.toml")).unwrap()).unwrap();
    let mut lines = Vec::new();
    let result = run(path, config, |event| {
        lines.push(serde_json::to_string(&event).unwrap());
        Ok(())
    });
    (lines, result)
}

fn replay_text(text: &[u8]) -> (Vec<String>, Result<Option<usize>, Error>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trace.jsonl");
    std::fs::write(&path, text).unwrap();
    replay(&path)
}

fn golden() -> String {
    std::fs::read_to_string(fixture("mixed.jsonl")).unwrap()
}

#[test]
fn the_golden_trace_gives_its_timeline_and_the_same_bytes_again() {
    let (lines, result) = replay(&fixture("mixed.jsonl"));
    assert_eq!(result.unwrap(), None);
    let expected = std::fs::read_to_string(fixture("mixed.expected.jsonl")).unwrap();
    assert_eq!(lines.join("\n") + "\n", expected);
    assert_eq!(replay(&fixture("mixed.jsonl")).0, lines);
}

#[test]
fn compression_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let plain = replay(&fixture("mixed.jsonl")).0;
    for name in ["a.gz", "a.zst", "a.jsonl"] {
        let path = folder.path().join(name);
        let mut writer = Writer::create(&path).unwrap();
        for line in golden().lines().filter(|line| !line.is_empty()) {
            writer.write(&serde_json::from_str(line).unwrap()).unwrap();
        }
        writer.finish().unwrap();
        let (lines, result) = replay(&path);
        assert_eq!((lines, result.unwrap()), (plain.clone(), None), "{name}");
        let whole = std::fs::read(&path).unwrap();
        assert_ne!(whole.starts_with(b"{"), name != "a.jsonl", "{name}");
        std::fs::write(&path, &whole[..whole.len() - 20]).unwrap();
        assert!(replay(&path).1.unwrap().is_some(), "{name} cut off");
    }
}

#[test]
fn only_the_user_may_read_a_recording() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    std::fs::write(&path, "old").unwrap();
    Writer::create(&path).unwrap().finish().unwrap();
    let metadata = std::fs::metadata(&path).unwrap();
    assert_eq!((metadata.len(), metadata.permissions().mode() & 0o777), (0, 0o600));
}

#[test]
fn little_is_enough() {
    let found = snapshot(r#"{"at":10,"processes":[{"pid":3,"start_time":200.0,"rss_kb":4.0,"novelty":[1]}],"x":{}}"#);
    let found = found.unwrap();
    assert_eq!((found.now.monotonic, found.now.boottime), (Duration::from_secs(10), Duration::from_secs(10)));
    let sample = &found.samples[0];
    assert_eq!((sample.resident, sample.anonymous, sample.threads), (4096, 4096, 1));
    assert_eq!((sample.age, sample.state), (Duration::from_secs(8), State::Sleeping));
    assert!(found.is_exact && !sample.kernel_thread);
    assert!(snapshot(r#"{"at":10}"#).unwrap().samples.is_empty());
    let null = r#"{"v":null,"at":1.5,"awake":null,"wall":7.9,"pressure":{"io_full":null},"processes":[{"pid":2,"start_time":0,
        "name":null,"cpu_ns":null,"state":null,"cmdline":null,"tty":-1}]}"#;
    let found = snapshot(null).unwrap();
    assert_eq!((found.now.unix, found.samples[0].terminal), (7, 0));
    assert!(found.samples[0].kernel_thread);
}

#[test]
fn every_key_reaches_the_snapshot() {
    let line = r#"{"v":1,"at":100,"awake":90.5,"wall":5,"cores":4,"mem_total_kb":8,"mem_available_kb":2,
        "pressure":{"cpu_some":1,"mem_some":2,"mem_full":3,"io_full":4},"on_battery":true,"processes":[
        {"pid":9,"start_time":5,"ppid":1},
        {"pid":7,"start_time":5,"ppid":3,"uid":1000,"name":"n\udc80","cmdline":["n","-x"],"exe":"/bin/n","state":"D",
        "cpu_ns":1,"wait_ns":2,"child_cpu_ns":3,"rss_kb":4,"anon_kb":5,"swap_kb":6,"vm_kb":9216,"threads":7,
        "cgroup":"/user.slice/app-gnome-org.x.Y-12.scope","tty":34816,"nice":-5,"policy":3,
        "wait":{"thread":8,"function":"nfs_wait","timeslices":3,"file":"/n/f","mount":"/n","device":"s:/n"}}]}"#;
    let found = snapshot(line).unwrap();
    let pressure = crate::protocol::Pressure {
        cpu_some: Some(1.0),
        memory_some: Some(2.0),
        memory_full: Some(3.0),
        io_full: Some(4.0),
    };
    assert_eq!((found.load.pressure, found.load.cores, found.on_battery), (pressure, 4, Some(true)));
    let sample = &found.samples[0];
    assert_eq!((sample.id.pid, sample.parent, sample.threads, sample.terminal, sample.nice), (7, 3, 7, 34_816, -5));
    assert_eq!((sample.policy, sample.mapped), (3, 9));
    assert_eq!((sample.cpu_time.as_nanos(), sample.child_time.as_nanos(), sample.resident), (1, 3, 4096));
    assert_eq!((sample.waited, sample.anonymous), (Some(Duration::from_nanos(2)), 11 * 1024));
    let object = Object { file: Some("/n/f".into()), mount: Some("/n".into()), device: Some("s:/n".into()) };
    let wait = Wait { thread: 8, function: Some("nfs_wait".into()), timeslices: Some(3), object: Some(object) };
    assert_eq!(sample.wait.as_deref(), Some(&wait));
    assert_eq!(Process::from(sample).wait.unwrap().device.as_deref(), Some("s:/n"));
    let description = &sample.description;
    assert!(description.name.starts_with('n') && &*description.command_line == "n -x");
    assert_eq!((&*description.executable, &*description.user), ("/bin/n", "1000"));
    assert_eq!(description.application.as_ref().unwrap().id, "org.x.Y");
    let as_the_kernel_writes = line.replace("/user.slice/", "0::/user.slice/");
    assert_eq!(snapshot(&as_the_kernel_writes).unwrap().samples[0].description, *description);
}

#[test]
fn what_must_be_there_is_asked_for() {
    assert_eq!(snapshot("{}").unwrap_err(), Fault::NoTime);
    assert_eq!(snapshot(r#"{"v":2,"at":1}"#).unwrap_err(), Fault::Version(2));
    assert!(matches!(snapshot(r#"{"at":-1}"#).unwrap_err(), Fault::NoSuchTime { key: "at", .. }));
    assert_eq!(snapshot(r#"{"at":1,"processes":[{"start_time":4}]}"#).unwrap_err(), Fault::NoPid);
    assert_eq!(snapshot(r#"{"at":1,"processes":[{"pid":4}]}"#).unwrap_err(), Fault::NoStartTime(4));
}

#[test]
fn a_wrong_line_is_named_after_the_events_before_it() {
    let text = golden();
    let all = replay_text(text.as_bytes()).0;
    for wrong in ["hello", "{\"at\":9e9,\"processes\":[{\"pid\":1}]}", "{\"at\":", "7"] {
        let (lines, result) = replay_text(format!("{text}\n{wrong}\n{text}").as_bytes());
        assert_eq!(lines, all, "{wrong}");
        let told = result.unwrap_err().to_string();
        let at = format!("trace.jsonl, line {}: ", text.lines().count() + 2);
        assert!(told.contains(&at) && told.ends_with("Mend the line or take it out, and replay again."), "{told}");
    }
}

#[test]
fn the_last_line_may_be_cut_off_anywhere() {
    let text = golden();
    let all = replay_text(text.as_bytes()).0;
    let last = "{\"at\":9000,\"processes\":[{\"pid\":1,\"name\":\"zo\u{eb}\",\"start_time\":5,\"x\":true}]}";
    for length in 1..last.len() {
        let cut = &last.as_bytes()[..length];
        let (lines, result) = replay_text(&[text.as_bytes(), cut].concat());
        assert_eq!((lines, result.unwrap()), (all.clone(), Some(text.lines().count() + 1)), "{length}");
    }
    let (lines, result) = replay_text(&[text.as_bytes(), last.as_bytes()].concat());
    assert_eq!((lines, result.unwrap()), (all, None), "a whole last line needs no newline");
}

fn process() -> impl Strategy<Value = Process> {
    let small = (1_u32..1 << 22, any::<u64>(), any::<u32>(), -20_i8..20);
    let times = (any::<Option<u64>>(), any::<Option<u64>>(), any::<Option<u64>>());
    let texts = (any::<Option<String>>(), any::<Option<String>>(), any::<Option<String>>());
    (small, times, texts).prop_map(
        |((pid, start_time, uid, nice), (cpu_ns, wait_ns, rss_kb), (name, cmdline, cgroup))| {
            let (pid, start_time, uid, nice) = (Some(pid), Some(start_time), Some(uid), Some(nice));
            Process { pid, start_time, uid, name, cmdline, cpu_ns, wait_ns, rss_kb, cgroup, nice, ..Process::default() }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_line_comes_back(
        at in 0_u64..1 << 40,
        wall in any::<Option<i64>>(),
        on_battery in any::<Option<bool>>(),
        processes in proptest::collection::vec(process(), 0..4),
    ) {
        let (v, at, processes) = (Some(VERSION), Some(at.into()), Some(processes));
        let line = Line { v, at, wall, on_battery, processes, ..Line::default() };
        let text = serde_json::to_string(&line).unwrap();
        prop_assert!(!text.contains('\n'));
        prop_assert_eq!(serde_json::from_str::<Line>(&text).unwrap(), line);
    }

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = serde_json::from_slice::<Line>(&bytes).map(|line| Replay::new(Config::default()).feed(line));
    }
}
