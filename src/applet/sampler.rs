//! The thread that reads /proc. A read that hangs holds up this thread and not the loop.

use crate::sample::procfs::Collector;
use crate::sample::{Now, Snapshot};
use std::io;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use tokio::sync::mpsc;

/// The thread's stack in bytes.
const STACK: usize = 256 * 1024;

/// The loop's end of the sampler.
#[derive(Debug)]
pub struct Sampler {
    wanted: SyncSender<()>,
    snapshots: mpsc::Receiver<Result<Snapshot, String>>,
}

impl Sampler {
    /// Starts the thread that scans the /proc at `root`.
    ///
    /// # Errors
    /// The folder cannot be opened, or no thread can be started: the guard has nothing to watch.
    pub fn spawn(root: impl AsRef<Path>) -> io::Result<Self> {
        let collector = Collector::new(root.as_ref())?;
        let (wanted, requests) = sync_channel(1);
        let (results, snapshots) = mpsc::channel(1);
        std::thread::Builder::new()
            .name("sampler".to_owned())
            .stack_size(STACK)
            .spawn(move || scan_on_request(collector, &requests, &results))?;
        Ok(Self { wanted, snapshots })
    }

    /// Asks for one scan; where one is asked for already, that one serves both.
    pub fn request(&self) {
        // A full channel holds the request that serves this one too.
        let _ = self.wanted.try_send(());
    }

    /// Waits for the scan that was asked for.
    ///
    /// # Errors
    /// A sentence that says why /proc could not be read.
    pub async fn finished(&mut self) -> Result<Snapshot, String> {
        match self.snapshots.recv().await {
            Some(result) => result,
            None => std::future::pending().await,
        }
    }
}

fn scan_on_request(
    mut collector: Collector,
    requests: &Receiver<()>,
    results: &mpsc::Sender<Result<Snapshot, String>>,
) {
    while let Ok(()) = requests.recv() {
        let scanned = collector.scan(Now::read()).map_err(|error| format!("/proc cannot be read: {error}."));
        if results.blocking_send(scanned).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_request_gives_one_snapshot_in_which_this_process_is() {
        let mut sampler = Sampler::spawn("/proc").unwrap();
        for _ in 0..3 {
            sampler.request();
            let snapshot = sampler.finished().await.unwrap();
            assert!(snapshot.samples.iter().any(|sample| sample.id.pid == std::process::id()));
        }
    }
}
