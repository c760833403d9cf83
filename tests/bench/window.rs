//! What the window costs and how fast it is. The screen is an Xvfb; the empty window is iced's with the same features and
//! nothing in it, run by this same bench.

use crate::crowd::Crowd;
use crate::harness::{Applet, Bus, Home, LIMIT, Running, Screen, wait_until};
use crate::measure::{cpu_of, cpu_of_thread, mebibytes, median, ms, settle};
use crate::report::Report;
use iced_test::Simulator;
use runaway_guard::paths::Paths;
use runaway_guard::process::State;
use runaway_guard::protocol::{Process, Tab};
use runaway_guard::window::mirror::News;
use runaway_guard::window::preferences::Preferences;
use runaway_guard::window::{Message, Window};
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat};
use x11rb::rust_connection::RustConnection;

/// The argument with which this bench is the empty window.
pub(crate) const EMPTY: &str = "--empty-window";

/// The ground of the empty window.
const MAGENTA: [u8; 3] = [255, 0, 255];

/// How often each start is measured.
const ROUNDS: usize = 15;

/// How many frames are drawn.
const FRAMES: usize = 200;

/// Measures on a screen of its own.
pub(crate) fn run(report: &mut Report) {
    report.table("The window:", &["what", "figure"]);
    frames(report);
    let mut home = Home::new();
    let screen = Screen::start(&mut home);
    let bus = Bus::start(&mut home);
    home.write_config("");
    let mut applet = Applet::start(&home, &["--background"]);
    starts(report, &home);
    idle(report, &home);
    hundred_times(report, &home, &mut applet);
    scrolling(report, &home);
    drop((applet, bus, screen));
}

/// Is the empty window, until it is ended.
pub(crate) fn empty() {
    let program = iced::application(|| (), |(): &mut (), (): ()| {}, ground);
    program.window_size(iced::Size::new(960.0, 640.0)).run().expect("a display");
}

fn ground((): &()) -> iced::Element<'_, ()> {
    let [red, green, blue] = MAGENTA;
    let style = move |_: &iced::Theme| {
        iced::widget::container::Style::default().background(iced::Color::from_rgb8(red, green, blue))
    };
    iced::widget::container("").width(iced::Fill).height(iced::Fill).style(style).into()
}

/// From spawn to pixels: the empty window's first frame, and ours with its table filled.
fn starts(report: &mut Report, home: &Home) {
    let display = Display::connect(home);
    let (mut empty, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let bench = std::env::current_exe().unwrap();
        empty.push(display.time_to(home, home.command(bench).arg(EMPTY), Display::is_magenta));
        ours.push(display.time_to(
            home,
            &mut Applet::command(home, &["window", "--tab", "monitor"]),
            Display::has_rows,
        ));
    }
    let (empty, ours) = (median(&mut empty), median(&mut ours));
    report.figure("spawn to first frame, empty iced window, median", &format!("{:.0} ms", ms(empty)));
    report.figure("spawn to first frame with data, ours, median", &format!("{:.0} ms", ms(ours)));
    report.figure("beyond the empty window", &format!("{:.0} ms", ms(ours) - ms(empty)));
}

/// The display as a program sees it.
struct Display {
    connection: RustConnection,
    root: u32,
}

impl Display {
    fn connect(home: &Home) -> Self {
        let name = home.variable("DISPLAY").expect("a screen was started");
        let (connection, screen) = x11rb::connect(Some(&name)).unwrap();
        let root = connection.setup().roots[screen].root;
        Self { connection, root }
    }

    /// Runs a program until the screen shows what it should, and gives how long that took.
    fn time_to(&self, home: &Home, command: &mut std::process::Command, shows: fn(&[u8]) -> bool) -> Duration {
        wait_until("a blank screen", LIMIT, || self.pixels().chunks_exact(4).all(|pixel| pixel[..3] == [0, 0, 0]));
        let began = Instant::now();
        let mut program = Running::start(home, "measured", command);
        while !shows(&self.pixels()) {
            assert!(began.elapsed() < LIMIT, "nothing is drawn: {}", program.log());
        }
        let taken = began.elapsed();
        program.kill();
        taken
    }

    /// A part of the window that has text only once there are rows: blue, green, red and nothing of each pixel.
    fn pixels(&self) -> Vec<u8> {
        let image = self.connection.get_image(ImageFormat::Z_PIXMAP, self.root, 16, 120, 240, 160, u32::MAX);
        image.unwrap().reply().unwrap().data
    }

    fn is_magenta(pixels: &[u8]) -> bool {
        pixels.chunks_exact(4).all(|pixel| pixel[..3] == MAGENTA)
    }

    /// Some of it is ground, and some is text.
    fn has_rows(pixels: &[u8]) -> bool {
        let bright = pixels.chunks_exact(4).filter(|pixel| pixel[1] > 200).count();
        let dark = pixels.chunks_exact(4).filter(|pixel| pixel[1] < 80).count();
        bright > 10_000 && dark > 300
    }
}

/// The window open and left alone: CPU and memory.
fn idle(report: &mut Report, home: &Home) {
    let mut window = Running::start(home, "window", &mut Applet::command(home, &["window", "--tab", "monitor"]));
    settle(Duration::from_secs(5));
    let (began, before) = (Instant::now(), cpu_of(window.pid()));
    settle(Duration::from_secs(30));
    let share = cpu_of(window.pid()).saturating_sub(before).as_secs_f64() / began.elapsed().as_secs_f64();
    report.figure("idle window, share of one core within 30 s", &format!("{:.2} %", share * 100.0));
    for key in ["Rss:", "Pss:", "Anonymous:"] {
        report.figure(
            &format!("window process: {}", key.trim_end_matches(':')),
            &format!("{:.2} MiB", mebibytes(window.pid(), key)),
        );
    }
    window.kill();
}

/// The resident process before and after the window was opened and closed.
fn hundred_times(report: &mut Report, home: &Home, applet: &mut Applet) {
    let pid = applet.process().pid();
    let size = |pid| (mebibytes(pid, "Pss:"), mebibytes(pid, "Anonymous:"), count(pid, "fd"), count(pid, "task"));
    open_and_close(home, applet, 3);
    let before = size(pid);
    open_and_close(home, applet, 100);
    let after = size(pid);
    let told = |(pss, anonymous, files, threads): (f64, f64, usize, usize)| {
        format!("{pss:.2}, {anonymous:.2} MiB, {files}, {threads}")
    };
    report.figure("resident before: PSS, anonymous, descriptors, threads", &told(before));
    report.figure("resident after 100 windows", &told(after));
}

fn open_and_close(home: &Home, applet: &mut Applet, times: usize) {
    let parent = applet.process().pid();
    let mut client = applet.client();
    for _ in 0..times {
        client.data("open_window", &serde_json::json!({}));
        wait_until("the window answers", LIMIT, || home.path("run/runaway-guard.window.sock").exists());
        wait_until("the window's end", LIMIT, || {
            for child in children(parent) {
                let pid = rustix::process::Pid::from_raw(child.cast_signed()).unwrap();
                let pidfd = rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty());
                let _ =
                    pidfd.and_then(|pidfd| rustix::process::pidfd_send_signal(pidfd, rustix::process::Signal::KILL));
            }
            children(parent).is_empty()
        });
        let _ = fs::remove_file(home.path("run/runaway-guard.window.sock"));
    }
}

fn children(parent: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{parent}/task")).unwrap();
    let of = |task: PathBuf| fs::read_to_string(task.join("children")).unwrap_or_default();
    let listed: String = tasks.map(|task| of(task.unwrap().path())).collect();
    listed.split_whitespace().map(|pid| pid.parse().unwrap()).collect()
}

/// Drawing 10,000 processes at twice the scale: a refresh, and a scroll.
fn frames(report: &mut Report) {
    let nowhere = PathBuf::from("/dev/null/nowhere");
    let paths = Paths {
        config: nowhere.clone(),
        history: nowhere.clone(),
        socket: nowhere.clone(),
        window: nowhere,
        without_runtime_dir: false,
    };
    let mut window = Window::new(paths, Preferences::default(), Some(Tab::Monitor));
    drop(window.update(Message::News(News::Status(Ok(status())))));
    let mut update = Vec::new();
    for round in 0..FRAMES {
        let processes = (0..10_000).map(|pid| process(pid, round)).collect();
        let began = Instant::now();
        drop(window.update(Message::News(News::Processes(Ok(processes)))));
        update.push(began.elapsed());
    }
    let theme = window.theme();
    let (mut build, mut draw) = (Vec::new(), Vec::new());
    for _ in 0..FRAMES / 4 {
        let began = Instant::now();
        let mut simulator =
            Simulator::with_size(iced::Settings::default(), iced::Size::new(960.0, 640.0), window.view());
        build.push(began.elapsed());
        let began = Instant::now();
        simulator.snapshot(&theme).unwrap();
        draw.push(began.elapsed());
    }
    report.figure(
        "10,000 processes: taking up a list, filter and sort, median",
        &format!("{:.2} ms", ms(median(&mut update))),
    );
    report.figure(
        "10,000 processes: building and laying out a frame from nothing",
        &format!("{:.2} ms", ms(median(&mut build))),
    );
    report
        .figure("10,000 processes: drawing a whole frame of 1920 × 1280", &format!("{:.2} ms", ms(median(&mut draw))));
}

fn status() -> runaway_guard::protocol::Status {
    serde_json::from_value(serde_json::json!({
        "monitored_count": 10_000, "alert_count": 0, "level": "green", "paused": false, "paused_until": null,
        "interval_seconds": 10, "scan_ms": 50.0, "problems": []
    }))
    .unwrap()
}

fn process(pid: u32, round: usize) -> Process {
    let mixed =
        u64::from(pid).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(round as u64 * 0x5851_f42d_4c95_7f2d) >> 40;
    Process {
        pid: pid + 1,
        name: format!("worker-{}", pid % 97),
        cmdline: format!("/usr/lib/worker/worker-{} --number {pid}", pid % 97),
        cpu_percent: if mixed.is_multiple_of(3) { (mixed % 1000) as f64 / 10.0 } else { 0.0 },
        memory_mb: (mixed % 4000) as f64,
        runtime_seconds: u64::from(pid),
        state: State::Sleeping,
        start_time: u64::from(pid),
        ppid: pid / 10,
        uid: 1000,
        user: "ada".into(),
        threads: 1,
        app: None,
        app_name: None,
    }
}

/// Scrolling through 10,000 real processes, and leaving them alone: what the thread that draws uses.
fn scrolling(report: &mut Report, home: &Home) {
    const STEPS: u32 = 200;
    let crowd = Crowd::start(10_000, 0);
    let mut window = Running::start(home, "window", &mut Applet::command(home, &["window", "--tab", "monitor"]));
    settle(Duration::from_secs(15));
    let drawn = || cpu_of_thread(window.pid(), window.pid());
    let before = drawn();
    settle(Duration::from_secs(20));
    let alone = drawn().saturating_sub(before);
    home.run("xdotool", &["mousemove", "400", "300"]);
    let before = drawn();
    home.run("xdotool", &["click", "--repeat", &STEPS.to_string(), "--delay", "40", "5"]);
    settle(Duration::from_secs(1));
    let scrolled = drawn().saturating_sub(before);
    report
        .figure("10,000 processes: drawing thread, alone, a refresh (each 2 s)", &format!("{:.2} ms", ms(alone / 10)));
    report.figure("10,000 processes: drawing thread, a step of the wheel", &format!("{:.2} ms", ms(scrolled / STEPS)));
    window.kill();
    drop(crowd);
}

fn count(pid: u32, folder: &str) -> usize {
    fs::read_dir(format!("/proc/{pid}/{folder}")).unwrap().count()
}
