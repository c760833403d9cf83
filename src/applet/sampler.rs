//! The thread that scans, so that a /proc which hangs never stops the loop.

use crate::process::Pid;
use crate::sample::procfs::{Collector, Limits};
use crate::sample::{Now, Snapshot, power};
use std::future::pending;
use std::io;
use std::path::{Path, PathBuf};
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

/// The loop's end of the sampling thread. The thread sleeps until it is asked, and ends when this is dropped. Where it fails,
/// the next request begins another.
#[derive(Debug)]
pub struct Sampler {
    root: PathBuf,
    thread: Option<Thread>,
    /// Why the last request came to nothing.
    refused: Option<String>,
    limits: Limits,
}

/// The ends of the thread that reads.
#[derive(Debug)]
struct Thread {
    requests: SyncSender<Request>,
    results: mpsc::Receiver<Scanned>,
}

impl Sampler {
    /// Opens the root and starts the thread.
    ///
    /// # Errors
    /// The root cannot be opened, so mount procfs there; or the system has no thread to give.
    pub fn spawn(root: impl Into<PathBuf>) -> io::Result<Self> {
        let root = root.into();
        let (thread, limits) = Thread::spawn(&root)?;
        Ok(Self { root, thread: Some(thread), refused: None, limits })
    }

    /// Asks for a scan. Requests that come while one is waiting are one; it never waits.
    pub fn request(&mut self, request: Request) {
        if self.thread.is_none() {
            match Thread::spawn(&self.root) {
                Ok((thread, _)) => self.thread = Some(thread),
                Err(error) => self.refused = Some(sentence(&self.root, &error)),
            }
        }
        if let Some(thread) = &self.thread {
            // Full: a request waits already. Disconnected: the result says so.
            let _ = thread.requests.try_send(request);
        }
    }

    /// Waits for the next result. It may be dropped at any time and nothing is lost.
    ///
    /// # Errors
    /// The sentence that says why there is no snapshot; the next request may have one.
    pub async fn next(&mut self) -> Scanned {
        if let Some(why) = self.refused.take() {
            return Err(why);
        }
        let Some(thread) = &mut self.thread else { return pending().await };
        if let Some(scanned) = thread.results.recv().await {
            return scanned;
        }
        self.thread = None;
        Err(FAILED.to_owned())
    }

    /// Tells what keeps the guard from seeing every process.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }
}

impl Thread {
    fn spawn(root: &Path) -> io::Result<(Self, Limits)> {
        let collector = Collector::new(root)?;
        let limits = collector.limits();
        let (requests, requested) = sync_channel(1);
        let (send, results) = mpsc::channel(1);
        let work = Work { root: root.to_owned(), collector, results: send, battery: Battery::default() };
        thread::Builder::new().name("sampler".into()).stack_size(STACK).spawn(move || work.run(&requested))?;
        Ok((Self { requests, results }, limits))
    }
}

const FAILED: &str = "The scan failed, which is a fault of RunawayGuard. It begins anew with the next one.";

/// A scan needs little: its buffers are on the heap. Name services that know users from afar need more.
const STACK: usize = 256 * 1024;

struct Work {
    root: PathBuf,
    collector: Collector,
    results: mpsc::Sender<Scanned>,
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
            let scanned = self.collector.scan(now).map_err(|error| sentence(&self.root, &error));
            let scanned = scanned.map(|snapshot| Snapshot { on_battery: self.battery.look(now), ..snapshot });
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
        next.await.expect("a result in time")
    }

    fn is_silent(sampler: &mut Sampler) -> bool {
        sampler.thread.as_mut().is_some_and(|thread| thread.results.try_recv().is_err())
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
        assert!(is_silent(&mut sampler));
    }

    #[tokio::test]
    async fn a_root_that_hangs_leaves_the_loop_alone_and_requests_become_one() {
        let dir = tempfile::tempdir().expect("a folder");
        let fifos = ["7", "8"].map(|pid| {
            std::fs::create_dir(dir.path().join(pid)).expect("a folder");
            let fifo = dir.path().join(pid).join("stat");
            nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).expect("a fifo");
            fifo
        });
        // Waits until the scan has come so far. It goes on then, and finds nothing in the file.
        let let_go = |fifo: &Path| drop(std::fs::OpenOptions::new().write(true).open(fifo).expect("the other end"));
        let mut sampler = Sampler::spawn(dir.path()).expect("a sampler");
        sampler.request(Request::default());
        let_go(&fifos[0]);
        for _ in 0..10 {
            sampler.request(Request::default());
        }
        assert!(is_silent(&mut sampler), "the second file holds it up");
        let_go(&fifos[1]);
        assert_eq!(result(&mut sampler).await.expect("a snapshot").vanished, 2);
        for fifo in &fifos {
            let_go(fifo);
        }
        assert_eq!(result(&mut sampler).await.expect("a snapshot").vanished, 2);
        let Thread { requests, mut results } = sampler.thread.take().expect("the thread");
        drop(requests);
        let end = tokio::time::timeout(Duration::from_secs(20), results.recv()).await.expect("the end in time");
        assert!(end.is_none(), "ten requests became one scan");
    }

    #[tokio::test]
    async fn a_thread_that_failed_is_told_of_once_and_the_next_request_begins_another() {
        let mut sampler = Sampler::spawn("/proc").expect("a sampler");
        // What is left of one that panicked.
        let (requests, results) = (sync_channel(1).0, mpsc::channel(1).1);
        sampler.thread = Some(Thread { requests, results });
        sampler.request(Request::default());
        assert_eq!(result(&mut sampler).await.expect_err("no snapshot"), FAILED);
        let next = tokio::time::timeout(Duration::from_millis(10), sampler.next()).await;
        assert!(next.is_err(), "it is told once");
        sampler.request(Request::default());
        assert!(!result(&mut sampler).await.expect("a snapshot").samples.is_empty());
    }

    #[tokio::test]
    async fn where_no_other_can_be_begun_each_request_says_why() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut sampler = Sampler::spawn(dir.path()).expect("a sampler");
        sampler.thread = None;
        drop(dir);
        for _ in 0..2 {
            sampler.request(Request::default());
            let why = result(&mut sampler).await.expect_err("no snapshot");
            assert!(why.starts_with("Processes cannot be read from "), "{why}");
        }
    }

    #[tokio::test]
    async fn the_thread_ends_with_the_sampler() {
        let Thread { requests, mut results } = Thread::spawn(Path::new("/proc")).expect("a thread").0;
        drop(requests);
        let end = tokio::time::timeout(Duration::from_secs(20), results.recv()).await.expect("the end in time");
        assert!(end.is_none());
    }

    #[test]
    fn a_root_that_is_missing_is_an_error_at_once() {
        assert!(Sampler::spawn("/nonexistent").is_err());
    }
}
