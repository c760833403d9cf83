//! `record`.

use super::{Error, Terminal};
use crate::sample::Now;
use crate::sample::procfs::Collector;
use crate::trace::{Line, Writer};
use serde_json::json;
use std::io;
use std::path::Path;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{MissedTickBehavior, sleep};

pub(super) fn run(
    file: &Path,
    length: Option<Duration>,
    interval: Duration,
    terminal: &mut Terminal,
) -> Result<(), Error> {
    let failed = |error: io::Error| Error::Failed(format!("{}: {error}. Check the path and the disk.", file.display()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut writer = Writer::create(file).map_err(failed)?;
    let recorded = runtime.block_on(record(&mut writer, length, interval));
    // What was recorded before a failure is whole too.
    let finished = writer.finish();
    let snapshots = recorded.and_then(|snapshots| finished.map(|()| snapshots)).map_err(failed)?;
    if terminal.json {
        return Ok(terminal.json(&json!({ "file": file.to_string_lossy(), "snapshots": snapshots }))?);
    }
    Ok(terminal.line(&format!("{snapshots} snapshots are in {}.", file.display()))?)
}

/// Records until the time is over or somebody interrupts; gives how many snapshots there are.
async fn record(writer: &mut Writer, length: Option<Duration>, interval: Duration) -> io::Result<u64> {
    let mut interrupts = Interrupts::new()?;
    let mut collector = Collector::thorough("/proc")?;
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let over = sleep(length.unwrap_or(Duration::MAX));
    tokio::pin!(over);
    let mut snapshots = 0;
    loop {
        tokio::select! {
            biased;
            () = interrupts.any() => return Ok(snapshots),
            _ = ticks.tick() => {
                let snapshot = collector.scan(Now::read())?;
                writer.write(&Line::from(&snapshot))?;
                collector.recycle(snapshot);
                snapshots += 1;
            }
            () = &mut over => return Ok(snapshots),
        }
    }
}

/// What ends a recording: Ctrl+C, SIGTERM, and a terminal that closes.
struct Interrupts([Signal; 3]);

impl Interrupts {
    fn new() -> io::Result<Self> {
        let [interrupt, terminate, hangup] =
            [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()].map(signal);
        Ok(Self([interrupt?, terminate?, hangup?]))
    }

    async fn any(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}
