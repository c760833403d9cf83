//! The scripted traces: what cannot be made here, or takes hours.

mod cpu;
mod groups;
mod hangs;
mod honest;
mod memory;
mod scarce;
mod together;

use super::desktop::Desktop;
use super::label::{Identity, Label, Runaway};
use super::{Trace, check};
use std::path::Path;

/// What scripts a trace, and labels it.
type Script = fn(&mut Desktop) -> Label;

/// A script, by the name of its function.
type Named = (&'static str, Script);

fn scripts() -> impl Iterator<Item = Named> {
    let of_memory = [memory::SCRIPTS, scarce::SCRIPTS, together::SCRIPTS];
    let of_others = [cpu::SCRIPTS, groups::SCRIPTS, honest::SCRIPTS, hangs::SCRIPTS];
    of_memory.into_iter().chain(of_others).flatten().copied()
}

/// Gives the traces, in their order.
pub(crate) fn all() -> Vec<Trace> {
    let trace = |(name, script): Named| Trace {
        name: name.to_owned(),
        run: Box::new(move |name| {
            let mut desktop = Desktop::new(false);
            let label = script(&mut desktop);
            check(name, &label);
            desktop.finish().0.finish(name.to_owned(), label)
        }),
    };
    scripts().map(trace).collect()
}

/// Writes each trace and its label into a folder.
pub(crate) fn write(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    for (name, script) in scripts() {
        let mut desktop = Desktop::new(true);
        let label = serde_json::to_string_pretty(&script(&mut desktop)).unwrap();
        let lines = desktop.finish().1;
        let text: String = lines.iter().map(|line| serde_json::to_string(line).unwrap() + "\n").collect();
        std::fs::write(folder.join(name).with_extension("jsonl"), text).unwrap();
        std::fs::write(folder.join(name).with_extension("json"), label + "\n").unwrap();
    }
}

/// A label of a trace in which nothing may be told.
fn honest(what: &str) -> Label {
    told(what, Vec::new())
}

fn told(what: &str, runaways: Vec<Runaway>) -> Label {
    Label { what: what.to_owned(), how: "scripted".to_owned(), runaways }
}

/// A runaway of this reason from a time on; `rule_seconds` are those of the settings' defaults.
fn runaway(what: &str, members: Vec<Identity>, reason: &str, from: f64) -> Runaway {
    let rule_seconds = match reason {
        "cpu_high" => 60.0,
        "hang" => 30.0,
        _ => 300.0,
    };
    let (what, reasons) = (what.to_owned(), vec![reason.to_owned()]);
    Runaway { what, members, app: None, reasons, from, until: None, rule_seconds }
}
