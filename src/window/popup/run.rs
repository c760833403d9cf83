//! Opening the popup on the desktop.

use super::{Message, Popup};
use crate::applet::lock::Lock;
use crate::paths::{APP_ID, Paths};
use crate::window::instance;
use crate::window::preferences::Preferences;
use crate::window::run::{Error, Executor, display, draw, followed, identity};
use crate::window::theme::desktop;
use iced::futures::StreamExt;
use iced::{Element, Point, Size, Subscription, Task, window};
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::time::Duration;

const TICK: Duration = Duration::from_secs(1);

/// The space between the popup and the corner of the screen.
const MARGIN: f32 = 16.0;

/// What the panel at the top of most desktops takes.
const PANEL: f32 = 32.0;

/// What the popup leaves free above and below it.
pub(super) const AROUND: f32 = PANEL + 2.0 * MARGIN;

/// Shows the notices of the applet until there are none; where another popup does, it leaves them to that one.
///
/// # Errors
/// Where there is no display that works, or the lock cannot be used.
pub fn run(paths: &Paths) -> Result<(), Error> {
    let display = display().ok_or(Error::NoDisplay)?;
    let lock = Lock::acquire(&paths.socket.with_extension("popup.lock")).map_err(instance::Error::from)?;
    let Some(_lock) = lock else { return Ok(()) };
    let preferences = Preferences::load(&paths.window);
    let popup = RefCell::new(Some(Popup::new(preferences.appearance, preferences.last_desktop())));
    let boot = move || (popup.take().unwrap_or_else(|| unreachable!("it boots once")), Task::none());
    let socket = paths.socket.clone();
    let program = iced::daemon(boot, Popup::update, view)
        .title("RunawayGuard")
        .theme(|popup: &Popup, _| popup.theme())
        .subscription(move |_| subscription(&socket))
        .settings(identity())
        .executor::<Executor>();
    draw(display, || program.run())
}

/// A window without a frame, above the others, in the upper right corner. An X11 window manager that does not manage
/// it gives it no focus either; Wayland leaves both place and focus to the compositor.
pub(super) fn settings(size: Size) -> window::Settings {
    let corner = |popup: Size, screen: Size| Point::new((screen.width - popup.width - MARGIN).max(0.0), PANEL + MARGIN);
    window::Settings {
        size,
        position: window::Position::SpecificWith(corner),
        resizable: false,
        decorations: false,
        level: window::Level::AlwaysOnTop,
        platform_specific: window::settings::PlatformSpecific {
            application_id: APP_ID.to_owned(),
            override_redirect: true,
        },
        ..window::Settings::default()
    }
}

fn view(popup: &Popup, _: window::Id) -> Element<'_, Message> {
    popup.view()
}

fn subscription(socket: &Path) -> Subscription<Message> {
    Subscription::batch([
        Subscription::run_with(socket.to_owned(), |socket: &PathBuf| followed(socket.clone())),
        Subscription::run(|| desktop::appearances().map(Message::Appearance)),
        iced::time::every(TICK).map(|_| Message::Tick),
    ])
}
