//! Opening the window on the desktop, and what reaches it from there.

use super::instance::{self, Instance};
use super::preferences::Preferences;
use super::{LEAST_SIZE, Message, Window, link, theme};
use crate::applet::icons::{self, Pixmap};
use crate::paths::{APP_ID, Paths};
use crate::protocol::Tab;
use iced::futures::StreamExt;
use iced::{Size, Subscription, Task, keyboard, window};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How old the list of processes may become while it is shown.
pub(super) const REFRESH: Duration = Duration::from_secs(2);

const TICK: Duration = Duration::from_secs(1);

/// Why the window does not open.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no display.
    #[error("there is no display. Run it in a desktop session, or set DISPLAY or WAYLAND_DISPLAY.")]
    NoDisplay,
    /// The display does not work; its name.
    #[error("the display {0} does not answer, or went away. Check that it runs and that you may use it.")]
    Display(String),
    /// Whether another window is open cannot be told.
    #[error(transparent)]
    Instance(#[from] instance::Error),
    /// The windowing library gave up.
    #[error("the window cannot be drawn: {0}")]
    Draw(#[from] iced::Error),
}

/// Opens the window at a tab and stays until it is closed; where one is open already, that one comes forward.
///
/// # Errors
/// Where there is no display that works, or the window that is open does not answer.
pub fn run(paths: &Paths, tab: Option<Tab>) -> Result<(), Error> {
    let display = display().ok_or(Error::NoDisplay)?;
    let Instance::Only(_lock, socket) = instance::enter(paths, tab)? else { return Ok(()) };
    let preferences = Preferences::load(&paths.window);
    let settings = settings(Size::new(preferences.width, preferences.height));
    let boot = RefCell::new(Some(Window::new(paths.clone(), preferences, tab)));
    let boot = move || (boot.take().unwrap_or_else(|| unreachable!("it boots once")), Task::done(Message::Tick(now())));
    let program = iced::application(boot, Window::update, Window::view)
        .title("RunawayGuard")
        .theme(Window::theme)
        .style(Window::style)
        .subscription(move |window: &Window| subscription(window, &socket))
        .settings(identity())
        .window(settings)
        .executor::<Executor>();
    draw(display, || program.run())
}

/// Who the program is to the desktop, and how it writes.
pub(super) fn identity() -> iced::Settings {
    iced::Settings { id: Some(APP_ID.to_owned()), default_text_size: theme::BODY.into(), ..iced::Settings::default() }
}

/// The windowing libraries panic where a display does not answer; that is told as any other error.
pub(super) fn draw(display: String, run: impl FnOnce() -> iced::Result) -> Result<(), Error> {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let outcome = catch_unwind(AssertUnwindSafe(run));
    std::panic::set_hook(hook);
    outcome.map_err(|_| Error::Display(display))?.map_err(Error::Draw)
}

/// The display that is used: Wayland's before that of X11.
pub(super) fn display() -> Option<String> {
    let variables = ["WAYLAND_DISPLAY", "WAYLAND_SOCKET", "DISPLAY"];
    variables.into_iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
}

fn settings(size: Size) -> window::Settings {
    window::Settings {
        size,
        min_size: Some(LEAST_SIZE),
        icon: icon(),
        exit_on_close_request: false,
        platform_specific: window::settings::PlatformSpecific {
            application_id: APP_ID.to_owned(),
            ..Default::default()
        },
        ..window::Settings::default()
    }
}

fn icon() -> Option<window::Icon> {
    let Pixmap { side, argb } = icons::application(64);
    let rgba = argb.chunks_exact(4).flat_map(|pixel| [pixel[1], pixel[2], pixel[3], pixel[0]]).collect();
    window::icon::from_rgba(rgba, side.into(), side.into()).ok()
}

fn subscription(window: &Window, socket: &std::path::Path) -> Subscription<Message> {
    Subscription::batch([
        Subscription::run_with((window.scene.paths.socket.clone(), window.attempt), |(socket, _)| {
            followed(socket.clone())
        }),
        Subscription::run_with(socket.to_owned(), |socket| instance::requests(socket.clone()).map(Message::Raise)),
        Subscription::run(|| theme::desktop::appearances().map(Message::Appearance)),
        iced::time::every(TICK).map(|_| Message::Tick(now())),
        window::resize_events().map(|(_, size)| Message::Resized(size)),
        window::close_requests().map(|_| Message::Close),
        keyboard::listen().filter_map(|event| {
            let keyboard::Event::KeyPressed { key, modifiers, .. } = event else { return None };
            Some(Message::Key(key, modifiers))
        }),
    ])
}

/// Follows the connection to the applet.
pub(super) fn followed<M: From<link::Event<M>> + Send + 'static>(
    socket: PathBuf,
) -> impl iced::futures::Stream<Item = M> {
    link::follow(socket).map(M::from)
}

/// Brings the window before the others; where a compositor does not let it, it asks for attention.
pub(super) fn raise() -> Task<Message> {
    window::latest().and_then(|id| {
        Task::batch([
            window::minimize(id, false),
            window::gain_focus(id),
            window::request_user_attention(id, Some(window::UserAttention::Informational)),
        ])
    })
}

pub(super) fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs().cast_signed())
}

/// One thread for all that waits: iced's own makes one for each core.
pub(super) struct Executor(tokio::runtime::Runtime);

impl iced::Executor for Executor {
    fn new() -> std::io::Result<Self> {
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().map(Self)
    }

    fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        drop(self.0.spawn(future));
    }

    fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.0.block_on(future)
    }

    fn enter<R>(&self, run: impl FnOnce() -> R) -> R {
        let _guard = self.0.enter();
        run()
    }
}
