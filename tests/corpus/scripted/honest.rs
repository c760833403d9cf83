//! Work that is nobody's trouble, and that plain rules cry at.

use super::{Named, honest};
use crate::desktop::{Desktop, SHELL};
use crate::label::Label;

pub(super) const SCRIPTS: &[Named] = &[
    ("build_in_a_terminal", build_in_a_terminal),
    ("build_of_an_editor", build_of_an_editor),
    ("build_with_drivers", build_with_drivers),
    ("build_with_long_units", build_with_long_units),
    ("configure_script", configure_script),
    ("nice_encoder", nice_encoder),
    ("idle_indexer", idle_indexer),
    ("render_in_a_terminal", render_in_a_terminal),
    ("virtual_machine", virtual_machine),
    ("nightly_backup", nightly_backup),
    ("package_upgrade", package_upgrade),
    ("video_call", video_call),
    ("kernel_at_work", kernel_at_work),
    ("thrashing", thrashing),
    ("steady_server", steady_server),
    ("start_of_the_session", start_of_the_session),
    ("idle_day", idle_day),
];

/// Keeps compilers at work under `make`: each lives for a few seconds and compiles another file.
pub(super) fn build(desktop: &mut Desktop, make: u32, jobs: usize, lives: f64, seconds: f64, tty: u32) {
    let mut slots: Vec<Option<(u32, f64)>> = vec![None; jobs];
    let mut file = 0;
    desktop.each(seconds, |desktop, passed| {
        for (slot, job) in slots.iter_mut().enumerate() {
            if let Some((pid, until)) = *job {
                if passed < until {
                    continue;
                }
                desktop.end(pid);
            }
            file += 1;
            let tool = ["cc1plus", "cc1plus", "cc1plus", "ld", "moc"][file % 5];
            let pid = desktop.start(make, tool, &format!("{tool} -O2 -o part{file}.o part{file}.cpp"));
            let actor = desktop.actor(pid);
            (actor.cores, actor.varies, actor.process.tty) = (0.97, 0.03, Some(tty));
            actor.memory(180.0 + (file % 7) as f64 * 60.0);
            *job = Some((pid, passed + lives * (0.6 + 0.2 * ((file + slot) % 5) as f64)));
        }
        // What compilers use between their last line and their end is never seen.
        desktop.actor(make).children = 0.4;
    });
    for (pid, _) in slots.into_iter().flatten() {
        desktop.end(pid);
    }
    desktop.actor(make).children = 0.0;
}

/// The device number of a terminal.
pub(super) const TERMINAL: u32 = 34_817;

fn build_in_a_terminal(desktop: &mut Desktop) -> Label {
    desktop.interval = 2.0;
    let make = desktop.start(SHELL, "make", "make -j4");
    desktop.actor(make).process.tty = Some(TERMINAL);
    build(desktop, make, 4, 8.0, 1200.0, TERMINAL);
    let link = desktop.start(make, "ld.lld", "ld.lld -o program");
    (desktop.actor(link).cores, desktop.actor(link).process.tty) = (3.0, Some(TERMINAL));
    desktop.actor(link).grows = 40.0;
    desktop.go_on(90.0);
    desktop.end(link);
    desktop.go_on(60.0);
    honest("A build of twenty minutes in a terminal, with a long link at its end.")
}

fn build_of_an_editor(desktop: &mut Desktop) -> Label {
    desktop.interval = 5.0;
    let editor = desktop.launch("com.example.Code", "code");
    desktop.actor(editor).cores = 0.1;
    desktop.go_on(120.0);
    let ninja = desktop.start(editor, "ninja", "ninja -C build");
    build(desktop, ninja, 4, 9.0, 900.0, 0);
    desktop.go_on(60.0);
    honest("An editor builds a project by itself, without a terminal.")
}

/// A build whose compilers are children of their drivers, which do nothing themselves.
fn build_with_drivers(desktop: &mut Desktop) -> Label {
    desktop.interval = 2.0;
    let runner = desktop.serve("/system.slice/runner.service", "runner", "/usr/bin/runner");
    let make = desktop.start(runner, "make", "make -j4");
    let mut slots: [Option<(u32, u32, f64)>; 4] = [None; 4];
    let mut file = 0;
    desktop.each(900.0, |desktop, passed| {
        for slot in &mut slots {
            match *slot {
                Some((.., until)) if passed < until => continue,
                Some((driver, compiler, _)) => {
                    desktop.end(compiler);
                    desktop.end(driver);
                }
                None => {}
            }
            file += 1;
            let driver = desktop.start(make, "gcc", &format!("gcc -O2 -c part{file}.c"));
            let compiler = desktop.start(driver, "cc1", &format!("cc1 -quiet -O2 part{file}.c"));
            desktop.actor(compiler).cores = 0.97;
            *slot = Some((driver, compiler, passed + f64::from(1 + file % 3)));
        }
    });
    honest("A build without a terminal whose files take one to three seconds each.")
}

fn build_with_long_units(desktop: &mut Desktop) -> Label {
    let editor = desktop.launch("com.example.Code", "code");
    let make = desktop.start(editor, "make", "make -j3");
    build(desktop, make, 3, 32.0, 1800.0, 0);
    honest("An editor builds a project whose files take half a minute each.")
}

fn configure_script(desktop: &mut Desktop) -> Label {
    desktop.interval = 2.0;
    let script = desktop.start(SHELL, "sh", "sh ./configure");
    let mut step = 0;
    let mut now = None;
    desktop.each(240.0, |desktop, _| {
        if let Some(old) = now.take() {
            desktop.end(old);
        }
        desktop.pass(0.3);
        step += 1;
        let (name, cmdline) = match step % 4 {
            0 => ("cc1", format!("cc1 -quiet conftest{step}.c")),
            1 => ("sed", format!("sed s/@{step}@/yes/")),
            2 => ("conftest", format!("./conftest {step}")),
            _ => ("grep", format!("grep have_{step}")),
        };
        let pid = desktop.start(script, name, &cmdline);
        desktop.actor(pid).cores = 0.9;
        desktop.actor(script).children = 0.8;
        now = Some(pid);
    });
    desktop.actor(script).children = 0.0;
    desktop.go_on(60.0);
    honest("A configure script without a terminal: hundreds of small programs, one after the other.")
}

fn nice_encoder(desktop: &mut Desktop) -> Label {
    let encoder = desktop.launch("org.example.Transcoder", "transcoder");
    let worker = desktop.start(encoder, "ffmpeg", "ffmpeg -i film.mkv film.webm");
    let actor = desktop.actor(worker);
    (actor.cores, actor.varies, actor.process.nice, actor.process.threads) = (3.6, 0.05, Some(19), Some(14));
    desktop.go_on(3600.0);
    honest("A film is encoded for an hour at low priority.")
}

fn idle_indexer(desktop: &mut Desktop) -> Label {
    let indexer = desktop.launch("org.example.Indexer", "indexer");
    let actor = desktop.actor(indexer);
    (actor.cores, actor.varies, actor.process.policy) = (0.99, 0.01, Some(5));
    desktop.go_on(1800.0);
    honest("Files are indexed for half an hour under the scheduler's policy for idle work.")
}

fn render_in_a_terminal(desktop: &mut Desktop) -> Label {
    let render = desktop.start(SHELL, "blender", "blender -b scene.blend -a");
    let actor = desktop.actor(render);
    (actor.cores, actor.varies, actor.process.tty, actor.process.threads) = (3.9, 0.04, Some(TERMINAL), Some(12));
    desktop.go_on(5400.0);
    honest("A scene is rendered in a terminal for an hour and a half.")
}

fn virtual_machine(desktop: &mut Desktop) -> Label {
    let unit = "/machine.slice/machine-qemu\\x2d3\\x2ddebian.scope";
    let machine = desktop.serve(unit, "qemu-system-x86", "/usr/bin/qemu-system-x86_64 -name debian");
    let actor = desktop.actor(machine);
    (actor.cores, actor.varies, actor.process.threads) = (2.0, 0.2, Some(8));
    actor.memory(4096.0);
    desktop.go_on(3600.0);
    honest("A virtual machine is busy for an hour.")
}

fn nightly_backup(desktop: &mut Desktop) -> Label {
    let unit = "/system.slice/backup.service";
    let backup = desktop.serve(unit, "restic", "/usr/bin/restic backup /home");
    let actor = desktop.actor(backup);
    (actor.cores, actor.varies, actor.process.threads) = (0.6, 0.3, Some(10));
    desktop.each(3600.0, |desktop, passed| {
        let letter = if (passed as u64 / 10).is_multiple_of(3) { "D" } else { "S" };
        desktop.actor(backup).state(letter);
        desktop.actor(backup).memory(300.0 + 80.0 * (passed / 3600.0));
    });
    honest("A backup reads the disk for an hour at 60 % of a core, often in state D.")
}

fn package_upgrade(desktop: &mut Desktop) -> Label {
    desktop.interval = 2.0;
    let unit = "/system.slice/packagekit.service";
    let manager = desktop.serve(unit, "packagekitd", "/usr/libexec/packagekitd");
    let steps =
        [("dpkg-deb", 0.9), ("dpkg", 0.5), ("depmod", 0.9), ("mandb", 0.8), ("xz", 1.0), ("update-initramf", 0.7)];
    let mut now = None;
    desktop.each(500.0, |desktop, passed| {
        let step = passed as usize / 18;
        if (passed as u64).is_multiple_of(18) {
            if let Some(old) = now.take() {
                desktop.end(old);
            }
            let (name, cores) = steps[step % steps.len()];
            let pid = desktop.start(manager, name, &format!("{name} --of package{step}"));
            desktop.actor(pid).cores = cores;
            now = Some(pid);
        }
    });
    honest("Packages are upgraded in the background.")
}

fn video_call(desktop: &mut Desktop) -> Label {
    desktop.on_battery = Some(true);
    let call = desktop.launch("org.example.Meet", "meet");
    let actor = desktop.actor(call);
    (actor.cores, actor.varies, actor.process.threads) = (0.66, 0.15, Some(40));
    desktop.go_on(3600.0);
    honest("A video call of an hour, on battery.")
}

fn kernel_at_work(desktop: &mut Desktop) -> Label {
    desktop.actor(4).cores = 0.98;
    desktop.actor(6).cores = 0.97;
    desktop.go_on(600.0);
    honest("The kernel's own threads are busy: nobody can do anything about them.")
}

fn thrashing(desktop: &mut Desktop) -> Label {
    desktop.interval = 5.0;
    let victims: Vec<u32> =
        ["mail", "files", "chat", "notes"].map(|name| desktop.launch(&format!("org.example.{name}"), name)).into();
    desktop.go_on(60.0);
    (desktop.pressure.mem_some, desktop.pressure.mem_full) = (Some(70.0), Some(45.0));
    (desktop.pressure.io_full, desktop.pressure.cpu_some) = (Some(60.0), Some(35.0));
    desktop.each(600.0, |desktop, passed| {
        for (number, pid) in victims.iter().enumerate() {
            let actor = desktop.actor(*pid);
            (actor.cores, actor.waits) = (0.05, 0.3);
            actor.state(if (passed as usize / 5 + number).is_multiple_of(2) { "D" } else { "S" });
            actor.process.swap_kb = Some(20_000 + passed as u64 * 10);
        }
        desktop.actor(4).cores = 0.9;
    });
    honest("Memory is short: programs wait for what was swapped out, and run in between.")
}

fn steady_server(desktop: &mut Desktop) -> Label {
    let server = desktop.serve("/system.slice/game-server.service", "game-server", "/opt/game-server");
    (desktop.actor(server).cores, desktop.actor(server).varies) = (0.95, 0.03);
    desktop.pass(90_000.0);
    desktop.go_on(3600.0);
    honest("A server has used as much since yesterday, and there are cores enough.")
}

fn start_of_the_session(desktop: &mut Desktop) -> Label {
    desktop.interval = 2.0;
    let names = ["shell", "indexer", "browser", "mailer", "updater"];
    let started: Vec<u32> = names.map(|name| desktop.launch(&format!("org.example.{name}"), name)).into();
    desktop.pressure.cpu_some = Some(60.0);
    desktop.each(45.0, |desktop, passed| {
        for pid in &started {
            let actor = desktop.actor(*pid);
            (actor.cores, actor.waits) = (0.8, 0.3);
            actor.memory(100.0 + passed * 20.0);
        }
    });
    desktop.pressure.cpu_some = Some(1.0);
    for pid in started {
        (desktop.actor(pid).cores, desktop.actor(pid).waits) = (0.02, 0.0);
    }
    desktop.go_on(600.0);
    honest("A session begins: everything starts at once, for 45 s.")
}

fn idle_day(desktop: &mut Desktop) -> Label {
    let browser = desktop.launch("org.mozilla.firefox", "firefox");
    desktop.each(8.0 * 3600.0, |desktop, passed| {
        let is_used = passed as u64 % 3600 < 1200;
        let actor = desktop.actor(browser);
        (actor.cores, actor.varies) = if is_used { (0.5, 0.6) } else { (0.02, 0.5) };
        actor.memory(900.0 + 250.0 * (passed / 2000.0).sin());
    });
    honest("A working day with a browser.")
}
