//! The thread of the database: there while something is asked, and gone at rest.

use super::worker::{Command, Worker};
use std::io;
use std::thread;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// The thread's stack; the tests pass with an eighth of it.
const STACK: usize = 256 * 1024;

/// How long to wait where the system has no thread to give, as in a storm of forks.
const NO_THREAD: Duration = Duration::from_secs(1);

/// Has commands carried out until nobody can send any more, then the file closed.
///
/// # Errors
/// [`Ended`] where the thread ended early, and the worker with it.
pub(super) async fn serve(mut worker: Worker, mut inbox: mpsc::Receiver<Command>) -> Result<(), Ended> {
    while let Some(command) = inbox.recv().await {
        (worker, inbox) = in_thread((worker, inbox, command), |(mut worker, mut inbox, command)| {
            worker.obey_all(command, &mut inbox);
            (worker, inbox)
        })
        .await?;
    }
    in_thread(worker, Worker::finish).await
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

    #[tokio::test]
    async fn work_is_done_in_a_thread_of_its_own() {
        let done = in_thread(20, |number| (number + 1, thread::current().name().map(ToOwned::to_owned))).await;
        assert_eq!(done, Ok((21, Some("store".to_owned()))));
    }

    #[tokio::test]
    async fn a_thread_that_ended_early_is_told() {
        assert_eq!(in_thread((), |()| panic!("as a bug would")).await, Err::<(), _>(Ended));
    }
}
