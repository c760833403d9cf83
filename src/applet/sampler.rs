//! The thread that scans, so that a /proc which hangs never stops the loop.

use crate::process::Pid;
use crate::sample::procfs::{Collector, Limits};
use crate::sample::{Now, Snapshot, power};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;
use tokio::sync::mpsc;

/// What a scan gave: a snapshot, or a sentence that says why there is none.
pub type Scanned = Result<Snapshot, String>;

/// What a scan is to begin with.
#[derive(Debug, Default)]
pub struct Request {
    /// A snapshot that nobody needs any more: it lends the scan its memory.
    pub spent: Option<Snapshot>,
    /// Whom to look at more closely.
    pub suspects: Vec<Pid>,
}

/// The loop's end of the sampling thread. The thread sleeps until it is asked, and ends when this is dropped.
#[derive(Debug)]
pub struct Sampler {
    requests: SyncSender<Request>,
    results: mpsc::Receiver<Scanned>,
    busy_since: Arc<AtomicU64>,
    limits: Limits,
}

impl Sampler {
    /// Opens the root and starts the thread.
    ///
    /// # Errors
    /// The root cannot be opened, so mount procfs there; or the system has no thread to give.
    pub fn spawn(root: impl Into<PathBuf>) -> io::Result<Self> {
        let root = root.into();
        let collector = Collector::new(&root)?;
        let limits = collector.limits();
        let (requests, requested) = sync_channel(1);
        let (send, results) = mpsc::channel(1);
        let busy_since = Arc::new(AtomicU64::new(IDLE));
        let work =
            Work { root, collector, results: send, busy_since: Arc::clone(&busy_since), battery: Battery::default() };
        thread::Builder::new().name("sampler".into()).stack_size(STACK).spawn(move || work.run(&requested))?;
        Ok(Self { requests, results, busy_since, limits })
    }

    /// Asks for a scan. Requests that come while one is waiting are one; it never waits.
    pub fn request(&self, request: Request) {
        // Full: a request waits already. Disconnected: the result says so.
        let _ = self.requests.try_send(request);
    }

    /// Waits for the next result; None when the thread is no more. It may be dropped at any time and nothing is lost.
    pub async fn next(&mut self) -> Option<Scanned> {
        self.results.recv().await
    }

    /// Tells since when the scan runs that has not ended, on the monotonic clock; None where none does.
    #[must_use]
    pub fn is_busy_since(&self) -> Option<Duration> {
        let since = self.busy_since.load(Ordering::Relaxed);
        (since != IDLE).then(|| Duration::from_millis(since))
    }

    /// Tells what keeps the guard from seeing every process.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }
}

/// A scan needs little: its buffers are on the heap. Name services that know users from afar need more.
const STACK: usize = 256 * 1024;

const IDLE: u64 = u64::MAX;

struct Work {
    root: PathBuf,
    collector: Collector,
    results: mpsc::Sender<Scanned>,
    busy_since: Arc<AtomicU64>,
    battery: Battery,
}

/// What was last known of the battery, which may take long to tell.
#[derive(Debug, Default)]
struct Battery {
    asked: Option<Duration>,
    is_in_use: Option<bool>,
}

impl Battery {
    fn look(&mut self, now: Now) -> Option<bool> {
        const EVERY: Duration = Duration::from_mins(1);
        if self.asked.is_none_or(|asked| now.monotonic.saturating_sub(asked) >= EVERY) {
            self.asked = Some(now.monotonic);
            self.is_in_use = power::on_battery();
        }
        self.is_in_use
    }
}

impl Work {
    fn run(mut self, requested: &Receiver<Request>) {
        while let Ok(Request { spent, suspects }) = requested.recv() {
            self.collector.suspect(suspects);
            if let Some(spent) = spent {
                self.collector.recycle(spent);
            }
            let now = Now::read();
            self.busy_since.store(now.monotonic.as_millis() as u64, Ordering::Relaxed);
            let scanned = self.collector.scan(now).map_err(|error| sentence(&self.root, &error));
            let scanned = scanned.map(|snapshot| Snapshot { on_battery: self.battery.look(now), ..snapshot });
            self.busy_since.store(IDLE, Ordering::Relaxed);
            if self.results.blocking_send(scanned).is_err() {
                return;
            }
        }
    }
}

fn sentence(root: &Path, error: &io::Error) -> String {
    format!("Processes cannot be read from {}: {error}. It is tried again at the next scan.", root.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many threads of this process bear the name.
    fn threads_named_sampler() -> usize {
        let tasks = std::fs::read_dir("/proc/self/task").expect("the threads").flatten();
        let name = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("comm")).unwrap_or_default();
        tasks.map(name).filter(|name| name == "sampler\n").count()
    }

    async fn result(sampler: &mut Sampler) -> Scanned {
        let next = tokio::time::timeout(Duration::from_secs(20), sampler.next());
        next.await.expect("a result in time").expect("the thread")
    }

    async fn busy(sampler: &Sampler) -> Duration {
        let begins = async {
            loop {
                if let Some(since) = sampler.is_busy_since() {
                    return since;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), begins).await.expect("a scan that began")
    }

    #[tokio::test]
    async fn a_request_gives_one_snapshot() {
        let mut sampler = Sampler::spawn("/proc").expect("a sampler");
        for _ in 0..3 {
            sampler.request(Request::default());
            let snapshot = result(&mut sampler).await.expect("a snapshot");
            assert!(snapshot.samples.iter().any(|sample| sample.id.pid == std::process::id()));
        }
        assert!(threads_named_sampler() > 0);
        assert_eq!(sampler.is_busy_since(), None);
        assert!(sampler.results.try_recv().is_err());
    }

    #[tokio::test]
    async fn a_root_that_hangs_is_seen_the_loop_goes_on_and_requests_become_one() {
        let dir = tempfile::tempdir().expect("a folder");
        let fifo = dir.path().join("7/stat");
        std::fs::create_dir(dir.path().join("7")).expect("a folder");
        nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).expect("a fifo");
        let mut sampler = Sampler::spawn(dir.path()).expect("a sampler");
        let before = Now::read().monotonic;
        sampler.request(Request::default());
        let since = busy(&sampler).await;
        assert!(since + Duration::from_millis(1) >= before && since <= Now::read().monotonic);
        for _ in 0..10 {
            sampler.request(Request::default());
        }
        assert!(sampler.results.try_recv().is_err());
        for _ in 0..2 {
            busy(&sampler).await;
            // The read of the scan goes on when its file gets a writer, and finds nothing in it.
            drop(std::fs::OpenOptions::new().write(true).open(&fifo).expect("the other end"));
            assert_eq!(result(&mut sampler).await.expect("a snapshot").vanished, 1);
        }
        let Sampler { requests, mut results, .. } = sampler;
        drop(requests);
        let end = tokio::time::timeout(Duration::from_secs(20), results.recv()).await.expect("the end in time");
        assert!(end.is_none(), "ten requests became one scan");
    }

    #[tokio::test]
    async fn the_thread_ends_with_the_sampler() {
        let Sampler { requests, mut results, .. } = Sampler::spawn("/proc").expect("a sampler");
        drop(requests);
        let end = tokio::time::timeout(Duration::from_secs(20), results.recv()).await.expect("the end in time");
        assert!(end.is_none());
    }

    #[test]
    fn a_root_that_is_missing_is_an_error_at_once() {
        assert!(Sampler::spawn("/nonexistent").is_err());
    }
}
