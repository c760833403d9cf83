use super::*;
use crate::protocol::ErrorCode;
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};

/// An applet that gives each request to `answer`, and says what that gives.
struct Applet {
    folder: tempfile::TempDir,
    asked: Receiver<Value>,
}

impl Applet {
    fn answering(answer: impl Fn(&Value) -> Vec<Value> + Send + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join("applet.sock")).unwrap();
        let (tell, asked) = sync_channel(16);
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            for line in BufReader::new(stream.try_clone().unwrap()).lines() {
                let request: Value = serde_json::from_str(&line.unwrap()).unwrap();
                let answers = answer(&request);
                tell.send(request).unwrap();
                for message in &answers {
                    say(&mut stream, message);
                }
            }
        });
        Self { folder, asked }
    }

    fn with_data(data: Value) -> Self {
        Self::answering(move |request| {
            vec![json!({"type":"response","id":request["id"],"cmd":request["cmd"],"data":data})]
        })
    }

    fn run(&self, written: &[&str]) -> Ran {
        run_at(self.folder.path(), written, None)
    }

    /// What was asked, without the id.
    fn asked(&self) -> (String, Value) {
        let request = self.asked.try_recv().unwrap();
        (request["cmd"].as_str().unwrap().to_owned(), request["params"].clone())
    }
}

fn say(stream: &mut UnixStream, message: &Value) {
    // A client that has seen enough is gone.
    let _ = stream.write_all(format!("{message}\n").as_bytes());
}

#[derive(Debug, PartialEq)]
struct Ran {
    code: u8,
    out: String,
    sentence: Option<String>,
}

fn done(out: &str) -> Ran {
    Ran { code: 0, out: out.into(), sentence: None }
}

fn paths(folder: &Path) -> Paths {
    Paths {
        config: folder.join("config.toml"),
        history: folder.join("history.db"),
        socket: folder.join("applet.sock"),
        window: std::path::PathBuf::new(),
        without_runtime_dir: false,
    }
}

fn run_at(folder: &Path, written: &[&str], width: Option<usize>) -> Ran {
    let mut out = Vec::new();
    let ended = run_into(&mut out, folder, written, width);
    let out = String::from_utf8(out).unwrap();
    match ended {
        Ok(()) => Ran { code: 0, out, sentence: None },
        Err(error) => Ran { code: error.exit_code(), out, sentence: error.sentence() },
    }
}

fn run_into(out: &mut dyn Write, folder: &Path, written: &[&str], width: Option<usize>) -> Result<(), Error> {
    let arguments = Arguments::read([&["runaway-guard"], written].concat()).unwrap();
    let mut terminal = Terminal { out, width, json: arguments.json, now: 10_000 };
    run(arguments.command.unwrap(), &paths(folder), &mut terminal)
}

fn hostile() -> Value {
    json!([
        {"pid":4711,"name":"Isolated Web Co","cmdline":"/usr/lib/firefox/firefox -contentproc","cpu_percent":140.04,
         "memory_mb":1433.6,"runtime_seconds":7380,"state":"R","start_time":5,"ppid":1,"uid":1000,"user":"ada",
         "threads":9,"app":"firefox"},
        {"pid":7,"name":"a\u{1b}]0;owned\u{7}\u{9b}2J","cmdline":"sh -c\necho \u{202e}done","cpu_percent":0.0,
         "memory_mb":0.0,"runtime_seconds":5,"state":"S","start_time":6,"ppid":1,"uid":0,"user":"root","threads":1,
         "app":null,"novelty":1}
    ])
}

fn alert() -> Value {
    json!({"id":3,"pid":4711,"name":"Isolated Web Co","reason":"cpu_high","severity":"critical","timestamp":9_700,
        "cmdline":"firefox","start_time":5,"state":"acted","ended":9_900,"action":"SIGTERM by socket",
        "evidence":{"cpu_percent":140.0,"threshold_percent":90,"seconds":62},"summary":"Firefox is using 1.4 cores"})
}

fn status() -> Value {
    json!({"monitored_count":512,"alert_count":2,"level":"yellow","paused":false,"paused_until":null,
        "interval_seconds":10,"scan_ms":4.14,"problems":[]})
}

#[test]
fn processes_are_a_table_that_no_name_can_break() {
    let applet = Applet::with_data(hostile());
    let expected = [
        " PID  CPU %   MEMORY    RUNTIME  STATE  USER  NAME             COMMAND\n",
        "4711  140.0  1.4 GiB  2 h 3 min  R      ada   Isolated Web Co  /usr/lib/firefox/firefox -contentproc\n",
        "   7      0        0        5 s  S      root  a�]0;owned��2J   sh -c echo �done\n",
    ];
    assert_eq!(applet.run(&["ps"]), done(&expected.concat()));
    assert_eq!(applet.asked(), ("list_processes".into(), json!({"sort":"cpu"})));
}

#[test]
fn lines_are_cut_to_the_terminal_alone() {
    let applet = Applet::with_data(hostile());
    let ran = run_at(applet.folder.path(), &["ps", "--sort", "memory", "--limit", "2", "--filter", "x"], Some(50));
    assert!(ran.out.lines().all(|line| line.chars().count() <= 50), "{}", ran.out);
    assert!(ran.out.lines().nth(1).unwrap().ends_with('…'), "{}", ran.out);
    assert_eq!(applet.asked(), ("list_processes".into(), json!({"limit":2,"sort":"memory","filter":"x"})));
}

#[test]
fn json_is_the_data_as_it_came_on_one_line() {
    let applet = Applet::with_data(hostile());
    let ran = applet.run(&["ps", "--json"]);
    assert_eq!(serde_json::from_str::<Value>(&ran.out).unwrap(), hostile());
    assert!(ran.out.ends_with("}]\n") && !ran.out.trim_end().contains(char::is_control), "{}", ran.out);
}

#[test]
fn alerts_show_when_what_and_what_was_done() {
    let applet = Applet::with_data(json!([alert()]));
    let expected = [
        "ID      BEGAN  STATE  SEVERITY   PID  NAME             WHAT\n",
        " 3  5 min ago  acted  critical  4711  Isolated Web Co  Firefox is using 1.4 cores [SIGTERM by socket]\n",
    ];
    assert_eq!(applet.run(&["alerts", "--active", "--since", "2h", "--limit", "7"]), done(&expected.concat()));
    assert_eq!(applet.asked(), ("get_alerts".into(), json!({"limit":7,"since":2_800,"active":true})));
    assert_eq!(Applet::with_data(json!([])).run(&["alerts"]), done("No alerts.\n"));
}

#[test]
fn the_status_is_four_lines_and_its_problems() {
    let expected = "\
Level       yellow
Alerts      2 firing
Processes   512
Monitoring  every 10 s; the last scan took 4.1 ms
";
    assert_eq!(Applet::with_data(status()).run(&["status"]), done(expected));
    let mut paused = status();
    paused["paused"] = true.into();
    paused["paused_until"] = 10_900.into();
    paused["problems"] = json!(["The session bus is gone."]);
    let ran = Applet::with_data(paused).run(&["status"]);
    assert!(
        ran.out.ends_with("Monitoring  paused for another 15 min\nProblem     The session bus is gone.\n"),
        "{ran:?}"
    );
}

#[test]
fn commands_ask_for_what_they_say_and_confirm_it() {
    let success = || json!({"success":true,"id":8});
    let cases: [(&[&str], &str, Value, &str); 11] = [
        (&["kill", "4711"], "kill_process", json!({"pid":4711,"signal":"SIGTERM"}), "SIGTERM was sent to 4711."),
        (
            &["kill", "7", "-s", "9", "--start-time", "5"],
            "kill_process",
            json!({"pid":7,"signal":"SIGKILL","start_time":5}),
            "SIGKILL was sent to 7.",
        ),
        (&["pause", "900"], "pause_monitoring", json!({"seconds":900}), "Monitoring is paused for 15 min."),
        (&["pause"], "pause_monitoring", json!({}), "Monitoring is paused. Go on with: runaway-guard resume"),
        (&["resume"], "resume_monitoring", json!({}), "Monitoring goes on."),
        (&["clear"], "clear_alerts", json!({}), "Every alert is dismissed."),
        (&["dismiss", "3"], "dismiss_alert", json!({"id":3}), "Alert 3 is dismissed."),
        (
            &["whitelist", "add", "cc1", "--match", "regex", "--reason", "builds"],
            "add_whitelist",
            json!({"pattern":"cc1","match_type":"regex","reason":"builds"}),
            "Added to the whitelist as 8.",
        ),
        (
            &["whitelist", "add", "ffmpeg"],
            "add_whitelist",
            json!({"pattern":"ffmpeg","match_type":"name"}),
            "Added to the whitelist as 8.",
        ),
        (&["whitelist", "remove", "8"], "remove_whitelist", json!({"id":8}), "Entry 8 is removed from the whitelist."),
        (&["dismiss", "4", "--json"], "dismiss_alert", json!({"id":4}), "{\"success\":true,\"id\":8}"),
    ];
    for (written, cmd, params, said) in cases {
        let applet = Applet::with_data(success());
        assert_eq!(applet.run(written), done(&format!("{said}\n")), "{written:?}");
        assert_eq!(applet.asked(), (cmd.into(), params), "{written:?}");
    }
}

#[test]
fn an_explanation_is_never_cut() {
    let reason = |reason: &str, state: &str, summary: &str| json!({"reason":reason,"state":state,"summary":summary,"figures":{"seconds":10.0}});
    let busy = "It uses 0.3 cores; the limit is 0.9 cores.";
    let together = "The processes of Firefox have kept 2.2 cores busy together for 10 s; they are told of after 60 s.";
    let mut group = reason("cpu_high", "suspicious", together);
    group["kind"] = "application".into();
    let mut data = json!({"pid":4711,"start_time":5,"name":"Isolated Web Co","whitelist":"Web","rule":"tabs",
        "reasons":[reason("cpu_high", "calm", busy)],"groups":[group]});
    let lines = [
        "Isolated Web Co (4711)\nIt is on the whitelist (\"Web\"): nothing is told of it.\n",
        "The rule \"tabs\" holds for it.\nALERT     STATE       WHY\n",
        &format!("cpu_high  calm        {busy}\ntogether  suspicious  {together}\n"),
    ];
    let applet = Applet::with_data(data.clone());
    assert_eq!(
        run_at(applet.folder.path(), &["explain", "4711", "--start-time", "5"], Some(60)),
        done(&lines.concat())
    );
    assert_eq!(applet.asked(), ("explain_process".into(), json!({"pid":4711,"start_time":5})));
    assert_eq!(Applet::with_data(data.clone()).run(&["explain", "4711", "--json"]), done(&format!("{data}\n")));
    data.as_object_mut().unwrap().remove("groups");
    assert!(!Applet::with_data(data).run(&["explain", "4711"]).out.contains("together"), "an older applet tells none");
}

#[test]
fn the_whitelist_is_a_table() {
    let entry = json!({"id":12,"pattern":"^cc1$","match_type":"regex","reason":null,"created":2_800});
    let expected = "ID  MATCH    ADDED  PATTERN  REASON\n12  regex  2 h ago  ^cc1$\n";
    assert_eq!(Applet::with_data(json!([entry])).run(&["whitelist", "list"]), done(expected));
    assert!(Applet::with_data(json!([])).run(&["whitelist", "list"]).out.starts_with("The whitelist is empty."));
}

#[test]
fn a_refusal_is_a_sentence_and_exit_code_1() {
    let applet = Applet::answering(|request| {
        let error = crate::protocol::Error::new(ErrorCode::Forbidden, "Not allowed: 1\u{1b}[2J belongs to root.");
        vec![json!({"type":"error","id":request["id"],"cmd":"kill_process","error":error})]
    });
    let sentence = Some("Not allowed: 1\u{fffd}[2J belongs to root.".into());
    assert_eq!(applet.run(&["kill", "2"]), Ran { code: FAILED, out: String::new(), sentence });
}

#[test]
fn without_an_applet_every_client_command_ends_with_3() {
    let folder = tempfile::tempdir().unwrap();
    let sentence = Some("No applet is running. Start it with: runaway-guard --background".to_owned());
    for written in ["status", "ps", "watch --json", "resume", "config get", "config set a b", "whitelist list"] {
        let ran = run_at(folder.path(), &written.split(' ').collect::<Vec<_>>(), None);
        assert_eq!(ran, Ran { code: NOT_RUNNING, out: String::new(), sentence: sentence.clone() }, "{written}");
    }
    assert!(matches!(open_window(&paths(folder.path())), Err(client::Error::NotRunning)));
}

/// An applet that pushes as soon as somebody comes, and ends.
fn pushing(pushes: Vec<Value>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let listener = UnixListener::bind(folder.path().join("applet.sock")).unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        for push in &pushes {
            say(&mut stream, push);
        }
    });
    folder
}

fn pushes() -> Vec<Value> {
    let status = || json!({"type":"status","data":status()});
    vec![status(), json!({"type":"alert","data":alert()}), status(), json!({"type":"novelty","data":{"x":1}})]
}

#[test]
fn watch_tells_what_is_new_until_the_applet_ends() {
    let ran = run_at(pushing(pushes()).path(), &["watch"], None);
    let expected = "\
status  yellow, 2 firing
alert 3  acted  critical  Isolated Web Co (4711)  Firefox is using 1.4 cores [SIGTERM by socket]
";
    assert_eq!((ran.code, ran.out.as_str()), (FAILED, expected));
    assert!(ran.sentence.unwrap().starts_with("The applet closed the connection."));
}

#[test]
fn watch_prints_every_push_as_a_line_of_json() {
    let ran = run_at(pushing(pushes()).path(), &["watch", "--json"], None);
    let lines: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, pushes());
}

/// A pipe whose reader has gone after so many bytes.
struct Closed(usize);

impl Write for Closed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let applet = Applet::with_data(hostile());
    let ended = run_into(&mut Closed(0), applet.folder.path(), &["ps"], None).unwrap_err();
    assert_eq!((ended.exit_code(), ended.sentence()), (DONE, None));
    let ended = run_into(&mut Closed(600), pushing(pushes()).path(), &["watch", "--json"], None).unwrap_err();
    assert_eq!((ended.exit_code(), ended.sentence()), (DONE, None));
    let full = Error::Output(io::ErrorKind::StorageFull.into());
    assert_eq!(full.exit_code(), FAILED);
    assert!(full.sentence().unwrap().starts_with("The output could not be written"));
}

#[test]
fn the_path_of_the_config_needs_no_applet() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml").display().to_string();
    assert_eq!(run_at(folder.path(), &["config", "path"], None), done(&format!("{path}\n")));
    let expected = json!({ "path": path }).to_string() + "\n";
    assert_eq!(run_at(folder.path(), &["config", "path", "--json"], None), done(&expected));
}

fn with_config() -> Applet {
    Applet::answering(|request| {
        let data =
            json!({"cpu_high":{"enabled":true,"threshold_percent":150},"general":{"notification_method":"both"}});
        vec![json!({"type":"config","id":request["id"],"data":data})]
    })
}

#[test]
fn settings_are_read_by_their_key() {
    let get = |written: &[&str]| with_config().run(&[&["config", "get"], written].concat());
    assert_eq!(get(&["cpu_high.threshold_percent"]), done("150\n"));
    assert_eq!(get(&["detection.cpu_high.enabled"]), done("true\n"));
    assert_eq!(get(&["general.notification_method"]), done("both\n"));
    assert_eq!(get(&["general.notification_method", "--json"]), done("\"both\"\n"));
    assert_eq!(get(&["cpu_high"]), done("enabled = true\nthreshold_percent = 150\n"));
    assert!(get(&[]).out.contains("[general]\nnotification_method = \"both\"\n"));
    let unknown = get(&["general.colour"]);
    assert_eq!(unknown.code, FAILED);
    assert!(unknown.sentence.unwrap().starts_with("There is no setting \"general.colour\"."));
}

#[test]
fn settings_are_changed_by_their_key() {
    let applet = with_config();
    let ran = applet.run(&["config", "set", "cpu_high.threshold_percent", "150"]);
    assert_eq!(ran, done("cpu_high.threshold_percent is now 150.\n"));
    assert_eq!(applet.asked(), ("update_config".into(), json!({"cpu_high":{"threshold_percent":150}})));
    let applet = with_config();
    assert_eq!(applet.run(&["config", "set", "general.notification_method", "both", "--json"]).code, DONE);
    assert_eq!(applet.asked().1, json!({"general":{"notification_method":"both"}}));
}

#[test]
fn the_window_is_asked_for() {
    let applet = Applet::with_data(json!({"success":true}));
    open_window(&paths(applet.folder.path())).unwrap();
    assert_eq!(applet.asked(), ("open_window".into(), json!({})));
}

#[test]
fn an_answer_of_another_shape_is_a_failure() {
    let ran = Applet::with_data(json!("processes")).run(&["ps"]);
    assert_eq!(ran.code, FAILED);
    assert!(ran.sentence.unwrap().starts_with("The applet's answer is not understood"));
}
