//! The loop: what reaches it, and when it scans.

mod config;
mod lookout;
mod notes;
mod scans;
mod socket;

use super::desktop::{Desktop, Means};
use super::event::{Event, Part};
use super::lock::Lock;
use super::polkit::Polkit;
use super::popup::has_screen;
use super::sampler::Sampler;
use super::server::Server;
use super::service::{self, Service};
use super::store::{Note, Store};
use super::timer::Timer;
use super::window::Window;
use super::{Error, Parts};
use crate::config::file::File;
use crate::config::watch::Watch;
use crate::core::{About, Core, Origin, Start, Ticket};
use crate::paths::Paths;
use crate::process::protection::Protection;
use crate::protocol::Reply;
use crate::sample::Now;
use crate::words;
use config::{changed, watch_config};
use lookout::{Lookout, Seen};
use scans::Scan;
use std::collections::HashMap;
use std::future::pending;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::{JoinError, JoinSet};

/// Where the kernel tells of its processes.
pub(super) const PROC: &str = "/proc";

/// How many events may wait for the loop.
const EVENTS: usize = 256;

/// How long the end waits for what has begun: the grace time of Kill is 5 s where nothing else is set.
const BEGUN_END: Duration = Duration::from_secs(6);

/// Everything that stays in memory between login and logout.
pub(super) struct Resident {
    pub(super) core: Core,
    pub(super) store: Store,
    pub(super) server: Option<Server>,
    pub(super) config: File,
    /// Edits of the file are made one after the other.
    edits: Arc<Mutex<()>>,
    pub(super) protection: Protection,
    pub(super) polkit: Polkit,
    pub(super) events: mpsc::Sender<Event>,
    pub(super) tickets: HashMap<Ticket, oneshot::Sender<Reply>>,
    /// What was asked for and is done away from the loop, as each Kill; each gives what came of it.
    pub(super) begun: JoinSet<Event>,
    /// Whether a scan is wanted before the next is due.
    pub(super) scan_wanted: bool,
    /// Whether what people are shown may have changed.
    pub(super) changed: bool,
    /// Whether somebody asked it to end.
    pub(super) quits: bool,
    lookout: Lookout,
    /// The program that an upgrade has put in the place of this one, and that is to go on in its stead.
    successor: Option<PathBuf>,
    paths: Paths,
    lock: Lock,
    inbox: mpsc::Receiver<Event>,
    notes: mpsc::Receiver<Note>,
    sampler: Sampler,
    scan: Scan,
    scans: u32,
    timer: Timer,
    watch: Option<Watch>,
    pub(super) window: Option<Window>,
    desktop: Option<Desktop>,
    next_ticket: u64,
    ends: [Signal; 2],
    reload: Signal,
}

impl Resident {
    /// Brings up every part; one that cannot be had is noted, and the rest goes on.
    pub(super) fn start(parts: Parts, paths: &Paths, lock: Lock) -> Result<Self, Error> {
        let (events, inbox) = mpsc::channel(EVENTS);
        let config = File::new(paths.config.clone());
        let watch = watch_config(&config);
        let (settings, config_problem) = match config.load() {
            Ok(settings) => (settings, None),
            Err(error) => (crate::config::Config::default(), Some(error.at_start())),
        };
        let now = Now::read();
        let (store, opened) = Store::open(&paths.history, settings.general.retention_days.get(), now.unix);
        let (held, said, notes) = opened.parted();
        let polkit = Polkit::find();
        let protection = Protection::of_this_process().asking(polkit.missing().is_none());
        let lookout = Lookout::new(parts == Parts::Desktop);
        let begin = Start {
            config: settings,
            protection: protection.clone(),
            about: about(parts, paths, now, lookout.ends_with_session()),
            ..held
        };
        let (core, over) = Core::new(begin, now);
        let mut resident = Self {
            core,
            store,
            server: None,
            protection,
            polkit,
            tickets: HashMap::new(),
            begun: JoinSet::new(),
            scan_wanted: true,
            changed: true,
            quits: false,
            lookout,
            successor: None,
            paths: paths.clone(),
            lock,
            inbox,
            notes,
            sampler: Sampler::spawn(PROC)?,
            scan: Scan::Over(Instant::now()),
            scans: 0,
            timer: Timer::new()?,
            watch,
            window: (parts == Parts::Desktop).then(|| Window::new(&paths.socket, events.clone())),
            desktop: (parts == Parts::Desktop).then(|| Desktop::start(&paths.socket, &events)),
            next_ticket: 0,
            ends: [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?],
            reload: signal(SignalKind::hangup())?,
            config,
            edits: Arc::default(),
            events,
        };
        resident.note(Part::Config, config_problem);
        resident.bind();
        for note in said {
            resident.take_note(note);
        }
        resident.carry_out(over);
        resident.say_hello();
        Ok(resident)
    }

    fn say_hello(&self) {
        if self.paths.without_runtime_dir {
            tracing::warn!("There is no runtime folder. The socket is in the state folder instead.");
        }
        let limits = self.sampler.limits();
        if limits.processes_hidden {
            tracing::warn!("/proc hides the processes of other users. They are not watched.");
        }
        if limits.in_pid_namespace {
            tracing::warn!("This is a container. Only its own processes are watched.");
        }
        tracing::info!("RunawayGuard watches. Its socket is {}.", self.paths.socket.display());
    }

    /// Goes on until somebody asks it to end, or an upgrade has replaced the program: then it gives the new one.
    pub(super) async fn run(mut self) -> Option<PathBuf> {
        let mut service = Service::ready();
        while !self.quits && self.successor.is_none() {
            self.scan_if_due();
            self.show();
            let next = service.turn(self.next_turn());
            self.timer.set(next);
            let [terminate, interrupt] = &mut self.ends;
            tokio::select! {
                biased;
                _ = terminate.recv() => self.is_signalled("SIGTERM"),
                _ = interrupt.recv() => self.is_signalled("SIGINT"),
                _ = self.reload.recv() => self.load_config(),
                result = self.sampler.next() => self.scanned(result),
                event = self.inbox.recv() => match event {
                    None | Some(Event::Quit) => break,
                    Some(event) => self.handle(event),
                },
                Some(done) = self.begun.join_next() => self.take_done(done),
                Some(note) = self.notes.recv() => self.take_note(note),
                () = changed(self.watch.as_mut()) => self.load_config(),
                () = bus_changed(self.desktop.as_mut()) => {}
                () = self.lookout.news() => {}
                () = self.timer.went_off() => self.overdue(),
            }
            self.look_around();
        }
        let successor = self.successor.take().filter(|_| !self.quits);
        if successor.is_none() {
            service::ends();
        }
        self.end().await;
        successor
    }

    async fn end(mut self) {
        tracing::info!("RunawayGuard ends");
        if let Some(desktop) = self.desktop.take() {
            desktop.close().await;
        }
        self.finish_edits().await;
        // The clients' tasks write the last answers before they are let go.
        tokio::task::yield_now().await;
        if let Some(server) = self.server.take() {
            server.close();
        }
        if tokio::time::timeout(BEGUN_END, self.finish_begun()).await.is_err() {
            tracing::warn!(
                "RunawayGuard ends before what it has begun. If that is a Kill whose grace time is long, no SIGKILL is sent."
            );
        }
        let last = self.core.end(Now::read());
        self.carry_out(last);
        self.store.close().await;
    }

    /// Waits for what has begun: who ignores SIGTERM is to get SIGKILL.
    async fn finish_begun(&mut self) {
        while let Some(done) = self.begun.join_next().await {
            self.take_done(done);
        }
    }

    fn take_done(&mut self, done: Result<Event, JoinError>) {
        match done {
            Ok(done) => self.handle(done),
            Err(error) => tracing::error!("what was begun came to no end: {error}"),
        }
    }

    /// Gives the mark under which a request waits for its reply.
    pub(super) fn ticket(&mut self, reply: Option<oneshot::Sender<Reply>>) -> Ticket {
        self.next_ticket += 1;
        let ticket = Ticket(self.next_ticket);
        if let Some(reply) = reply {
            self.tickets.insert(ticket, reply);
        }
        ticket
    }

    fn handle(&mut self, event: Event) {
        let now = Now::read();
        // What a client asked shows in its effects; all else may change what people see by itself.
        self.changed |= !matches!(event, Event::Client { .. });
        let effects = match event {
            Event::Client { request, reply } => {
                let ticket = self.ticket(Some(reply));
                self.core.request(ticket, Origin::Socket, request, now)
            }
            Event::Menu(request) => {
                let ticket = self.ticket(None);
                self.core.request(ticket, Origin::Tray, request, now)
            }
            Event::Act { alert, action, origin } => self.core.act(alert, action, origin, now),
            Event::NoticeClosed(alert) => {
                self.core.notice_closed(alert);
                Vec::new()
            }
            Event::Killed { kill, outcome } => self.core.killed(kill, &outcome, now),
            Event::ConfigEdited { ticket, edited } => {
                self.config_edited(ticket, edited);
                Vec::new()
            }
            Event::Stored { write, result } => self.core.stored(write, result, now),
            Event::OpenWindow(tab) => vec![crate::core::Effect::OpenWindow(tab)],
            Event::WindowFailed(why) => {
                self.refuse_window(&why);
                Vec::new()
            }
            Event::PopupEnded(end) => {
                let problem = self.desktop.as_mut().and_then(|desktop| desktop.popup_ended(&end));
                if problem.is_some() {
                    self.note(Part::Popup, problem);
                }
                Vec::new()
            }
            Event::SetAutostart(on) => {
                self.set_autostart(on, now);
                Vec::new()
            }
            Event::Part { part, problem } => {
                if let (Part::Tray, Some(desktop)) = (part, &mut self.desktop) {
                    desktop.note_icon(problem.as_deref());
                }
                self.note(part, problem);
                Vec::new()
            }
            Event::Quit => Vec::new(),
        };
        self.carry_out(effects);
    }

    fn is_signalled(&mut self, signal: &str) {
        tracing::info!("{signal} asks it to end");
        self.quits = true;
    }

    fn look_around(&mut self) {
        if !self.lookout.is_due() {
            return;
        }
        let is_quiet = self.is_quiet();
        match self.lookout.look(is_quiet) {
            Seen::Nothing => {}
            Seen::Logout => {
                tracing::info!("the user has logged out");
                self.quits = true;
            }
            Seen::Upgrade(program) => self.successor = Some(program),
            Seen::Removal => {
                tracing::info!("the program was removed");
                self.quits = true;
            }
        }
    }

    /// Tells whether nobody would notice that the applet ends and starts anew.
    fn is_quiet(&self) -> bool {
        self.core.is_quiet() && self.server.as_ref().is_none_or(|server| server.client_count() == 0)
    }

    fn set_autostart(&mut self, on: bool, now: Now) {
        let done = self.desktop.as_mut().map_or(Ok(()), |desktop| desktop.set_autostart(on));
        if let Err(error) = done {
            tracing::warn!("{error}");
            self.core.tell(crate::words::about_the_guard(error.to_string()), now);
        }
    }

    fn show(&mut self) {
        if !self.changed {
            return;
        }
        let news = self.core.news();
        self.carry_out(news);
        self.changed = false;
        if let Some(desktop) = &mut self.desktop {
            let method = self.core.config().general.notification_method;
            let served = ![Part::Bus, Part::Notifications].into_iter().any(|part| self.core.has_problem(part));
            desktop.show(&self.core.view(), Means::choose(method, served), Now::read().unix);
        }
    }
}

fn about(parts: Parts, paths: &Paths, now: Now, ends_with_session: bool) -> About {
    let written = |path: &Path| path.display().to_string();
    About {
        pid: std::process::id(),
        started: now.unix,
        config_path: written(&paths.config),
        history_path: written(&paths.history),
        socket_path: written(&paths.socket),
        ends_with_session,
        no_window: no_window(parts),
    }
}

/// Why no window can be opened from here; None where one can.
fn no_window(parts: Parts) -> Option<&'static str> {
    match parts {
        _ if !cfg!(feature = "window") => Some(words::WITHOUT_WINDOW),
        Parts::Headless => Some(words::HEADLESS),
        Parts::Desktop => (!has_screen()).then_some(words::NO_SCREEN),
    }
}

async fn bus_changed(desktop: Option<&mut Desktop>) {
    match desktop {
        Some(desktop) => desktop.bus_changed().await,
        None => pending().await,
    }
}
