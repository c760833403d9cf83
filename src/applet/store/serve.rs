//! The thread of the database: there while something is asked, and gone at rest.

use super::Note;
use super::worker::{Command, Worker};
use std::io;
use std::thread;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// The thread's stack; the tests pass with an eighth of it.
const STACK: usize = 256 * 1024;

/// How long to wait where the system has no thread to give, as in a storm of forks.
const NO_THREAD: Duration = Duration::from_secs(1);

/// What people are told where the thread ended early.
const FAILED: &str =
    "The history failed, which is a fault of RunawayGuard. It is kept no more: start RunawayGuard again.";

/// Has commands carried out until nobody can send any more, then the file closed. Where the thread ends early, and the
/// worker with it, that is said.
pub(super) async fn serve(worker: Worker, inbox: mpsc::Receiver<Command>, notes: mpsc::Sender<Note>) {
    serve_by(Worker::obey_all, worker, inbox, notes).await;
}

/// What carries out a command and those that wait behind it.
type Obey = fn(&mut Worker, Command, &mut mpsc::Receiver<Command>);

async fn serve_by(obey: Obey, worker: Worker, inbox: mpsc::Receiver<Command>, notes: mpsc::Sender<Note>) {
    if let Err(error) = serve_all(obey, worker, inbox).await {
        tracing::error!("{error}");
        // The loop that ended hears nothing any more.
        let _ = notes.send(Note::Failing(FAILED.to_owned())).await;
    }
}

async fn serve_all(obey: Obey, mut worker: Worker, mut inbox: mpsc::Receiver<Command>) -> Result<(), Ended> {
    while let Some(command) = next(worker.tries_again_after(), &mut inbox).await {
        (worker, inbox) = in_thread((obey, worker, inbox, command), |(obey, mut worker, mut inbox, command)| {
            obey(&mut worker, command, &mut inbox);
            (worker, inbox)
        })
        .await?;
    }
    in_thread(worker, Worker::finish).await
}

/// Waits for a command; where something waits for the file, no longer than until that is to be tried again.
async fn next(tries_again_after: Option<Duration>, inbox: &mut mpsc::Receiver<Command>) -> Option<Command> {
    match tries_again_after {
        None => inbox.recv().await,
        Some(time) => tokio::time::timeout(time, inbox.recv()).await.unwrap_or(Some(Command::TryAgain)),
    }
}

/// The thread ended before its work was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the thread of the database ended early")]
pub(super) struct Ended;

/// Waits for a thread to do the work. What it needs is given to it once it is there, so nothing is lost where there is none.
async fn in_thread<T: Send + 'static, R: Send + 'static>(given: T, work: fn(T) -> R) -> Result<R, Ended> {
    let (give, result) = loop {
        match start(work) {
            Ok(started) => break started,
            Err(error) => tracing::warn!("the history waits for a thread: {error}"),
        }
        tokio::time::sleep(NO_THREAD).await;
    };
    give.send(given).map_err(|_| Ended)?;
    result.await.map_err(|_| Ended)
}

type Started<T, R> = (oneshot::Sender<T>, oneshot::Receiver<R>);

fn start<T: Send + 'static, R: Send + 'static>(work: fn(T) -> R) -> io::Result<Started<T, R>> {
    let (give, given) = oneshot::channel();
    let (done, result) = oneshot::channel();
    let thread = thread::Builder::new().name("store".to_owned()).stack_size(STACK);
    thread.spawn(move || given.blocking_recv().map(|given| done.send(work(given))))?;
    Ok((give, result))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::applet::store::worker::Settings;

    #[tokio::test]
    async fn work_is_done_in_a_thread_of_its_own() {
        let done = in_thread(20, |number| (number + 1, thread::current().name().map(ToOwned::to_owned))).await;
        assert_eq!(done, Ok((21, Some("store".to_owned()))));
    }

    #[tokio::test]
    async fn a_thread_that_ended_early_is_told_when_it_does() {
        let folder = tempfile::tempdir().unwrap();
        let (notes, mut later) = mpsc::channel(1);
        let path = folder.path().join("history.db");
        let settings = Settings { path, retention_days: 90, now: 1, retry: NO_THREAD, notes: notes.clone() };
        let (worker, ..) = Worker::start(settings).unwrap();
        let (asks, inbox) = mpsc::channel(1);
        asks.send(Command::SetRetention(1)).await.unwrap();
        serve_by(|_, _, _| panic!("as a bug would"), worker, inbox, notes).await;
        assert_eq!(later.recv().await, Some(Note::Failing(FAILED.to_owned())));
        assert!(asks.is_closed());
    }
}
