//! What came of the last action, told where it was asked for.

use super::act::Act;
use crate::figures::harmless;
use crate::process::State;
use crate::protocol::{self, Process};
use crate::window::ask::{ASKING, Failure, Taken};
use crate::window::mirror::Mirror;
use crate::window::theme;
use iced::Element;
use iced::widget::text;

/// How long a process may take to end as it was asked, in seconds.
const PATIENCE: i64 = 5;

/// What came of an action.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    /// Which action it was: answers to earlier ones are nothing to it.
    number: u64,
    act: Act,
    process: Process,
    sentence: String,
    is_wrong: bool,
    /// When the process was signalled, while its end is waited for.
    signalled: Option<i64>,
    /// Whether an administrator is being asked.
    is_asking: bool,
}

impl Outcome {
    /// Begins with what is being done.
    pub(super) fn new(number: u64, act: Act, process: Process) -> Self {
        Self { number, act, sentence: act.begun(&process), process, is_wrong: false, signalled: None, is_asking: false }
    }

    /// Takes up the answer of an action.
    pub(super) fn take(&mut self, number: u64, answer: Result<Taken, Failure>, now: i64) {
        if number != self.number {
            return;
        }
        self.is_wrong = answer.is_err();
        self.is_asking = matches!(answer, Ok(Taken { asking: true }));
        self.signalled = (answer.is_ok() && !self.is_asking && self.act.is_destructive()).then_some(now);
        self.sentence = match answer {
            Ok(_) if self.is_asking => ASKING.to_owned(),
            Ok(_) => self.act.done(&self.process),
            Err(failure) => failure.message,
        };
    }

    /// Takes up what came of the question to an administrator.
    pub(super) fn answered(&mut self, told: &protocol::Outcome) {
        let Process { pid, start_time, .. } = self.process;
        if self.is_asking && (told.pid, told.start_time) == (pid, start_time) {
            (self.is_asking, self.is_wrong) = (false, !told.ended);
            self.sentence = harmless(&told.message);
        }
    }

    /// Looks whether the process has ended.
    pub(super) fn follow(&mut self, mirror: &Mirror, now: i64) {
        let Some(signalled) = self.signalled else { return };
        let found = mirror.find(super::rows::id(&self.process));
        let who = super::act::who(&self.process);
        if found.is_none_or(|process| matches!(process.state, State::Zombie | State::Dead)) {
            self.sentence = format!("{who} has ended.");
            self.signalled = None;
        } else if now.saturating_sub(signalled) >= PATIENCE {
            self.sentence = if self.act == Act::Kill {
                format!("{who} was killed and is still there: it waits in the kernel, and ends after that.")
            } else {
                format!("{who} was asked to end and is still running. Kill ends it without asking.")
            };
        }
    }

    /// Draws the sentence.
    pub(super) fn view<'a, M: 'a>(&'a self) -> Element<'a, M> {
        let style = if self.is_wrong { theme::wrong } else { theme::muted };
        text(&self.sentence).size(theme::SMALL).style(style).into()
    }
}
