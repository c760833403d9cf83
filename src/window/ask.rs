//! What a tab asks for: requests to the applet, and things to do in the window itself.

use crate::protocol::{ErrorCode, Request};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// Why a request came to nothing, for people and for the field that it was about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What the applet answered; None where no answer came.
    pub code: Option<ErrorCode>,
    /// A sentence.
    pub message: String,
}

impl Failure {
    /// Makes the failure of a request that was not answered.
    pub fn unanswered(message: impl Into<String>) -> Self {
        Self { code: None, message: message.into() }
    }
}

impl From<crate::protocol::Error> for Failure {
    fn from(error: crate::protocol::Error) -> Self {
        Self { code: Some(error.code), message: error.message }
    }
}

/// The data of an answer as it came.
pub type Answer = Result<Box<RawValue>, Failure>;

/// The answer to a request that has something done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Taken {
    /// Whether an administrator is asked first.
    #[serde(default)]
    pub asking: bool,
}

/// What is said until it is known what the administrator answered.
pub const ASKING: &str = "It belongs to another user: an administrator is asked for a password first.";

/// A request, and what becomes of its answer.
pub struct Ask<M> {
    /// What the applet is asked.
    pub request: Request,
    /// Makes a message of the answer; called once, away from the thread that draws.
    pub then: Box<dyn FnOnce(Answer) -> M + Send>,
}

impl<M: 'static> Ask<M> {
    /// Asks for data of a type.
    pub fn new<T: DeserializeOwned>(
        request: Request,
        then: impl FnOnce(Result<T, Failure>) -> M + Send + 'static,
    ) -> Self {
        let read = |data: Box<RawValue>| {
            serde_json::from_str(data.get()).map_err(|error| {
                Failure::unanswered(format!(
                    "The applet's answer is not understood: {error}. Is it of another version?"
                ))
            })
        };
        Self { request, then: Box::new(move |answer| then(answer.and_then(read))) }
    }

    /// Asks for something to be done, whose answer has no data that matters.
    pub fn act(request: Request, then: impl FnOnce(Result<(), Failure>) -> M + Send + 'static) -> Self {
        Self { request, then: Box::new(move |answer| then(answer.map(drop))) }
    }

    /// Makes the message of a request that has nowhere to go.
    #[must_use]
    pub fn refused(self) -> M {
        (self.then)(Err(Failure::unanswered("RunawayGuard is not connected. Nothing was done.")))
    }

    /// Gives the answer to the message's maker of another type.
    pub fn map<N: 'static>(self, wrap: impl FnOnce(M) -> N + Send + 'static) -> Ask<N> {
        Ask { request: self.request, then: Box::new(move |answer| wrap((self.then)(answer))) }
    }
}

/// What a tab wants done after a message.
pub enum Effect<M> {
    /// Ask the applet.
    Ask(Ask<M>),
    /// Show another tab.
    Show(crate::protocol::Tab),
    /// Fold into the mirror what an answer told of the applet.
    News(Box<super::mirror::News>),
    /// Show the Monitor tab with this process selected: its pid and start time.
    ShowProcess(u32, u64),
    /// Do something in the window: focus, scroll, copy.
    Do(iced::Task<M>),
}

impl<M: Send + 'static> Effect<M> {
    /// Wraps the messages that come of it.
    pub fn map<N: Send + 'static>(self, wrap: fn(M) -> N) -> Effect<N> {
        match self {
            Self::Ask(ask) => Effect::Ask(ask.map(wrap)),
            Self::Show(tab) => Effect::Show(tab),
            Self::News(news) => Effect::News(news),
            Self::ShowProcess(pid, start_time) => Effect::ShowProcess(pid, start_time),
            Self::Do(task) => Effect::Do(task.map(wrap)),
        }
    }
}

impl<M> From<Ask<M>> for Effect<M> {
    fn from(ask: Ask<M>) -> Self {
        Self::Ask(ask)
    }
}

impl<M> From<iced::Task<M>> for Effect<M> {
    fn from(task: iced::Task<M>) -> Self {
        Self::Do(task)
    }
}
