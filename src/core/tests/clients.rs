//! What clients are told of the guard, and what they may ask of alerts and entries.

use super::*;
use crate::protocol::{Hello, Status};

/// The data of the answer that is among the effects.
fn data(effects: &[Effect]) -> serde_json::Value {
    let reply = effects.iter().find_map(|effect| if let Effect::Reply(_, reply) = effect { Some(reply) } else { None });
    let Some(Reply::Response(data)) = reply else { panic!("{effects:?}") };
    data.clone()
}

#[test]
fn the_status_tells_of_the_machine() {
    let mut world = World::new(Start::default());
    world.add(100, "spin");
    assert_eq!((world.core.status().scanned, world.core.status().cores), (None, 0));
    world.tick();
    let first = world.core.status();
    assert_eq!((first.scanned, first.cores, first.cpu_percent), (Some(START.unix), 4, None), "no interval yet");
    assert_eq!((first.memory_total_mb, first.memory_used_mb), (Some(16_384.0), Some(10_240.0)));
    assert_eq!(first.pressure, Pressure { cpu_some: Some(1.5), ..Pressure::default() });
    world.scan(&[(100, 1.0)]);
    assert_eq!(world.core.status().cpu_percent, Some(25.0), "one of four cores");
    world.now.boottime += Duration::from_hours(1);
    world.scan(&[]);
    assert_eq!(world.core.status().cpu_percent, None, "the machine slept");
    world.scan(&[(100, 9.0)]);
    assert_eq!(world.core.status().cpu_percent, Some(100.0));
}

#[test]
fn what_is_wrong_with_the_config_is_told_by_itself_too() {
    let mut world = burner();
    let sentence = "config.toml, line 3, column 1: no such key.".to_owned();
    world.core.set_problem(Part::Store, Some("The disk is full.".to_owned()));
    world.core.set_problem(Part::Config, Some(sentence.clone()));
    let Status { problems, config_problem, .. } = world.core.status();
    assert_eq!((problems.len(), config_problem), (2, Some(sentence)));
    world.core.set_problem(Part::Config, None);
    assert_eq!(world.core.status().config_problem, None);
}

#[test]
fn hello_tells_of_this_run() {
    let about = About {
        pid: 900,
        started: START.unix,
        config_path: "/c/config.toml".into(),
        history_path: "/d/history.db".into(),
        socket_path: "/r/guard.sock".into(),
    };
    let mut world = World::new(Start { about, ..Start::default() });
    let hello: Hello = serde_json::from_value(data(&world.ask(Request::Hello).1)).unwrap();
    assert_eq!((hello.pid, hello.started, &*hello.socket_path), (900, START.unix, "/r/guard.sock"));
    assert_eq!((&*hello.config_path, &*hello.history_path), ("/c/config.toml", "/d/history.db"));
}
