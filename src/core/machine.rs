//! How busy the whole machine is, from one snapshot to the next.

use crate::figures::{mebibytes, tenths};
use crate::protocol::Status;
use crate::sample::{Now, Snapshot};
use std::time::Duration;

/// What is remembered of the snapshot before.
#[derive(Debug, Default)]
pub(super) struct Machine {
    previous: Option<(Now, Duration)>,
    cpu_percent: Option<f64>,
}

impl Machine {
    /// Takes a snapshot.
    pub(super) fn observe(&mut self, snapshot: &Snapshot) {
        let (now, load) = (snapshot.now, snapshot.load);
        let previous = std::mem::replace(&mut self.previous, load.idle.map(|idle| (now, idle)));
        self.cpu_percent = load.idle.zip(previous).and_then(|(idle, (before, idle_before))| {
            let capacity = now.awake_since(before)? * load.cores;
            let rested = idle.saturating_sub(idle_before);
            (!capacity.is_zero()).then(|| 100.0 * (1.0 - rested.as_secs_f64() / capacity.as_secs_f64()).clamp(0.0, 1.0))
        });
    }

    /// Puts down what the last snapshot showed of the machine.
    pub(super) fn describe(&self, snapshot: &Snapshot, status: &mut Status) {
        let memory = Some(snapshot.memory).filter(|memory| memory.total > 0);
        status.scanned = Some(snapshot.now.unix);
        status.cores = snapshot.load.cores;
        status.cpu_percent = self.cpu_percent.map(tenths);
        status.memory_total_mb = memory.map(|memory| mebibytes(memory.total));
        status.memory_used_mb = memory.map(|memory| mebibytes(memory.total.saturating_sub(memory.available)));
        status.pressure = snapshot.load.pressure;
    }
}
