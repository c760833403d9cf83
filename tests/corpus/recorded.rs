//! The recorded traces, and those of any other folder.

use super::label::Label;
use super::score::{Result, Run};
use super::{Trace, check};
use runaway_guard::trace::Reader;
use std::path::{Path, PathBuf};

/// Finds ours, in the order of their names.
pub(crate) fn all() -> Vec<Trace> {
    within(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/recorded"))
}

/// Finds those of a folder, in the order of their names.
pub(crate) fn within(folder: &Path) -> Vec<Trace> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut labels: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|kind| kind == "json")).collect();
    labels.sort();
    let trace = |label: PathBuf| Trace {
        name: label.file_stem().unwrap().to_string_lossy().into_owned(),
        run: Box::new(move |name| run(name, &label)),
    };
    labels.into_iter().map(trace).collect()
}

fn run(name: &str, label: &Path) -> Result {
    let text = std::fs::read_to_string(label).unwrap();
    let label_of: Label = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", label.display()));
    check(name, &label_of);
    let mut reader = Reader::open(&label.with_extension("jsonl.zst")).unwrap();
    let mut run = Run::new();
    while let Some(line) = reader.next_line().unwrap() {
        run.feed(line).unwrap();
    }
    assert_eq!(reader.cut(), None, "{name} is cut off");
    run.finish(name.to_owned(), label_of)
}
