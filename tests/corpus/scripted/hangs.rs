//! Processes that wait in the kernel.

use super::{Named, honest, runaway, told};
use crate::desktop::{Desktop, SHELL};
use crate::label::Label;
use runaway_guard::trace::Wait;

pub(super) const SCRIPTS: &[Named] = &[
    ("server_of_files_is_gone", server_of_files_is_gone),
    ("disk_that_works_hard", disk_that_works_hard),
    ("hang_that_ends", hang_that_ends),
    ("hang_through_a_suspend", hang_through_a_suspend),
    ("stuck_and_killed", stuck_and_killed),
    ("thread_that_is_stuck", thread_that_is_stuck),
    ("threads_that_read", threads_that_read),
    ("leader_that_is_stuck", leader_that_is_stuck),
    ("leader_that_reads", leader_that_reads),
];

fn server_of_files_is_gone(desktop: &mut Desktop) -> Label {
    desktop.interval = 5.0;
    let copies: Vec<u32> =
        ["cp", "ls", "rsync"].map(|name| desktop.start(SHELL, name, &format!("{name} /mnt/nas/films"))).into();
    for pid in &copies {
        desktop.actor(*pid).cores = 0.1;
    }
    desktop.go_on(60.0);
    let from = desktop.at();
    for pid in &copies {
        desktop.actor(*pid).cores = 0.0;
        desktop.actor(*pid).state("D");
    }
    desktop.go_on(300.0);
    let found = copies.iter().map(|pid| runaway("one that waits", vec![desktop.id(*pid)], "hang", from));
    told("A server of files is gone, and three programs wait for it.", found.collect())
}

fn disk_that_works_hard(desktop: &mut Desktop) -> Label {
    desktop.interval = 2.0;
    let copy = desktop.start(SHELL, "dd", "dd if=disk.img of=copy.img");
    desktop.actor(copy).cores = 0.25;
    desktop.pressure.io_full = Some(70.0);
    desktop.actor(copy).state("D");
    desktop.go_on(900.0);
    honest("A copy is in state D in every line, and works.")
}

fn hang_that_ends(desktop: &mut Desktop) -> Label {
    desktop.interval = 5.0;
    let editor = desktop.launch("org.gnome.TextEditor", "gnome-text-edit");
    desktop.actor(editor).cores = 0.02;
    desktop.each(1200.0, |desktop, passed| {
        let is_stuck = passed as u64 % 120 < 20;
        desktop.actor(editor).cores = if is_stuck { 0.0 } else { 0.02 };
        desktop.actor(editor).state(if is_stuck { "D" } else { "S" });
    });
    honest("An editor waits 20 s for its disk, every two minutes.")
}

fn hang_through_a_suspend(desktop: &mut Desktop) -> Label {
    desktop.interval = 5.0;
    let player = desktop.launch("org.gnome.Totem", "totem");
    desktop.actor(player).cores = 0.1;
    desktop.go_on(60.0);
    desktop.actor(player).cores = 0.0;
    desktop.actor(player).state("D");
    desktop.go_on(15.0);
    desktop.sleep(9000.0);
    desktop.go_on(5.0);
    desktop.actor(player).cores = 0.1;
    desktop.actor(player).state("S");
    desktop.go_on(300.0);
    honest("A player waits for a disk while the machine goes to sleep and wakes up.")
}

fn stuck_and_killed(desktop: &mut Desktop) -> Label {
    let scanner = desktop.start(SHELL, "scanimage", "scanimage --device");
    desktop.actor(scanner).cores = 0.05;
    desktop.go_on(60.0);
    let from = desktop.at();
    desktop.actor(scanner).cores = 0.0;
    desktop.actor(scanner).state("D");
    desktop.go_on(600.0);
    let id = desktop.id(scanner);
    desktop.end(scanner);
    desktop.go_on(60.0);
    told(
        "A scanner does not answer; its program is ended after ten minutes.",
        vec![runaway("the program", vec![id], "hang", from)],
    )
}

/// How a thread waits for a file of a server, having been given a CPU so many times.
fn waits(thread: u32, timeslices: u64) -> Wait {
    Wait {
        thread: Some(thread),
        function: Some("rpc_wait_bit_killable".to_owned()),
        timeslices: Some(timeslices),
        file: Some("/mnt/nas/photos/4711.raw".to_owned()),
        mount: Some("/mnt/nas".to_owned()),
        device: Some("nas:/export".to_owned()),
    }
}

/// A viewer of photos that has eight threads, and works.
fn viewer(desktop: &mut Desktop) -> u32 {
    let viewer = desktop.launch("org.gnome.Photos", "gnome-photos");
    let actor = desktop.actor(viewer);
    (actor.cores, actor.varies, actor.process.threads) = (0.3, 0.5, Some(8));
    desktop.go_on(120.0);
    viewer
}

fn thread_that_is_stuck(desktop: &mut Desktop) -> Label {
    desktop.interval = 5.0;
    let viewer = viewer(desktop);
    let from = desktop.at();
    desktop.actor(viewer).process.wait = Some(waits(viewer + 100_000, 812));
    desktop.go_on(300.0);
    let found = runaway("its thread", vec![desktop.id(viewer)], "hang", from);
    told("One thread of a viewer waits for a server that is gone; the others work.", vec![found])
}

fn threads_that_read(desktop: &mut Desktop) -> Label {
    desktop.interval = 5.0;
    let viewer = viewer(desktop);
    desktop.each(1200.0, |desktop, passed| {
        let looked = passed as u32 / 5;
        let thread = viewer + 100_000 + looked / 20 % 3;
        desktop.actor(viewer).process.wait = Some(waits(thread, 812 + u64::from(looked) * 7));
    });
    honest("Threads of a viewer are in state D in every line, and run in between.")
}

fn leader_that_is_stuck(desktop: &mut Desktop) -> Label {
    desktop.interval = 5.0;
    let viewer = viewer(desktop);
    let from = desktop.at();
    desktop.actor(viewer).state("D");
    desktop.actor(viewer).process.wait = Some(waits(viewer, 90_001));
    desktop.go_on(300.0);
    let found = runaway("its first thread", vec![desktop.id(viewer)], "hang", from);
    told("The first thread of a viewer waits for a server that is gone; the others work.", vec![found])
}

fn leader_that_reads(desktop: &mut Desktop) -> Label {
    desktop.interval = 5.0;
    let viewer = viewer(desktop);
    desktop.each(1200.0, |desktop, passed| {
        desktop.actor(viewer).state("D");
        desktop.actor(viewer).process.wait = Some(waits(viewer, 90_001 + passed as u64 / 15));
    });
    honest("The first thread of a viewer is in state D in every line, and runs four times a minute.")
}
