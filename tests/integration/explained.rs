//! Why a real process is told of: by the socket, and by the command line.

use crate::faults::QUICK;
use crate::harness::{Applet, Home, LIMIT, Running, wait_for};
use serde_json::json;

#[test]
fn a_loop_is_explained_by_itself_and_with_its_like() {
    let home = Home::new();
    home.write_config(QUICK);
    let start = |_| Running::start(&home, "loop", home.command("sh").args(["-c", "while :; do :; done"]));
    let loops: Vec<_> = (0..2).map(start).collect();
    let mut applet = Applet::start(&home, &["--headless"]);
    let mut client = applet.client();
    let pid = loops[0].pid();
    let told = wait_for("it is told of", LIMIT, || {
        let told = client.ask("explain_process", &json!({ "pid": pid }))["data"].take();
        (told["reasons"][0]["state"] == "firing" && told["groups"][0]["figures"]["own_percent"].is_f64())
            .then_some(told)
    });
    let figure = |name: &str| told["groups"][0]["figures"][name].as_f64().unwrap();
    assert_eq!((told["groups"][0]["reason"].as_str(), figure("threshold_percent")), (Some("cpu_high"), 5.0));
    assert!(figure("own_percent") > 0.0 && figure("cpu_percent") > figure("own_percent"), "{told}");
    let output = Applet::command(&home, &["explain", &pid.to_string()]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let rules: Vec<&str> = said.lines().filter_map(|line| line.split_whitespace().next()).skip(2).collect();
    assert_eq!(rules, ["cpu_high", "hang", "memory_leak", "timeout", "together"], "{said}");
}
