//! How a thread waits in state D: in which function of the kernel, and for what.

mod object;

use super::root::{Folder, Root};
use super::schedstat;
use super::text;
use crate::sample::{Object, Wait};
use object::Question;
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::thread;

/// So many waits are looked into at once, to tell what for.
const MOST_ASKED: usize = 8;

/// Enough for the list of mounts, which is on the heap.
const STACK: usize = 128 * 1024;

/// The reader of waits.
///
/// What a thread waits for is asked by a thread of its own that ends with the answer: the kernel may let the one who asks wait
/// as well, as where a program is replaced while its files hang. Until it has answered nothing else is asked.
#[derive(Debug, Default)]
pub(super) struct Waits {
    questions: Vec<Question>,
    asking: Option<Receiver<Vec<Answer>>>,
    answers: Vec<Answer>,
}

/// What a wait is for, and which one it is.
type Answer = (Wait, Object);

impl Waits {
    /// Begins another scan: hears what was answered meanwhile.
    pub(super) fn begin_scan(&mut self) {
        match self.asking.as_ref().map(Receiver::try_recv) {
            Some(Ok(answers)) => (self.answers, self.asking) = (answers, None),
            Some(Err(TryRecvError::Disconnected)) => self.asking = None,
            Some(Err(TryRecvError::Empty)) | None => {}
        }
    }

    /// Reads how a thread of this folder waits. One that has not run since it was read before is looked into, once.
    pub(super) fn read(&mut self, root: &Root, thread: &Folder, before: Option<Wait>) -> Wait {
        let function = function(root, thread);
        let timeslices = schedstat::read(root, thread).map(|counts| counts.timeslices);
        let now = Wait { thread: thread.pid, function, timeslices, object: None };
        let is_same = |before: &Wait| now.turns().is_some() && now.turns() == before.turns();
        let Some(before) = before.filter(is_same) else { return now };
        let object = before.object.or_else(|| self.answer(&now));
        if object.is_none() {
            self.ask(root, &now);
        }
        Wait { object, ..now }
    }

    /// Ends a scan: has asked what came up.
    pub(super) fn end_scan(&mut self) {
        if self.questions.is_empty() {
            return;
        }
        let questions = std::mem::take(&mut self.questions);
        let (tell, told) = sync_channel(1);
        let ask = move || {
            // Whoever asked may be no more.
            let _ = tell.send(questions.into_iter().map(Question::answer).collect());
        };
        let spawned = thread::Builder::new().name("asker".into()).stack_size(STACK).spawn(ask);
        self.asking = spawned.is_ok().then_some(told);
    }

    fn answer(&self, wait: &Wait) -> Option<Object> {
        self.answers.iter().find(|(asked, _)| asked.turns() == wait.turns()).map(|(_, object)| object.clone())
    }

    fn ask(&mut self, root: &Root, wait: &Wait) {
        if self.asking.is_none() && self.questions.len() < MOST_ASKED {
            self.questions.extend(Question::new(root, wait.clone()));
        }
    }
}

/// Source: proc(5), `/proc/pid/wchan`: `0` where it may not be read or the thread does not wait.
fn function(root: &Root, thread: &Folder) -> Option<Box<str>> {
    let mut buffer = [0; 128];
    let name = text::clean(root.read(thread, "wchan", &mut buffer).ok()?.trim_ascii());
    Some(name).filter(|name| !name.is_empty() && name != "0").map(Into::into)
}
