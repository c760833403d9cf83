//! A session bus of a test's own: the real daemon, private, and gone with the value.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::watch;

/// Far more than anything here takes, on a machine that is busy with other things.
pub(crate) const LIMIT: Duration = Duration::from_mins(1);

/// A running `dbus-daemon`.
pub(crate) struct PrivateBus {
    daemon: Child,
    dir: TempDir,
}

impl PrivateBus {
    /// Starts a daemon that can start these services: a name and a command each.
    pub(crate) fn start(services: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (name, command) in services {
            let service = format!("[D-BUS Service]\nName={name}\nExec={command}\n");
            std::fs::write(dir.path().join(format!("{name}.service")), service).unwrap();
        }
        std::fs::write(dir.path().join("bus.conf"), config(dir.path())).unwrap();
        let daemon = daemon(dir.path());
        Self { daemon, dir }
    }

    /// Its address, which stays the same when it is started again.
    pub(crate) fn address(&self) -> String {
        format!("unix:path={}", self.dir.path().join("bus").display())
    }

    /// Its folder, which goes with it.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Ends the daemon at once.
    pub(crate) fn stop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }

    /// Starts a new daemon at the old address.
    pub(crate) fn start_again(&mut self) {
        self.stop();
        self.daemon = daemon(self.dir.path());
    }

    /// Makes another connection to it.
    pub(crate) async fn connect(&self) -> zbus::Connection {
        zbus::connection::Builder::address(self.address().as_str()).unwrap().build().await.unwrap()
    }
}

impl Drop for PrivateBus {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Waits until the watched value is as wanted.
pub(crate) async fn until<T: Clone>(watched: &mut watch::Receiver<T>, wanted: impl FnMut(&T) -> bool) -> T {
    tokio::time::timeout(LIMIT, watched.wait_for(wanted)).await.expect("it comes in time").unwrap().clone()
}

fn daemon(dir: &Path) -> Child {
    let _ = std::fs::remove_file(dir.join("bus"));
    let mut daemon = Command::new("dbus-daemon")
        .arg("--config-file")
        .arg(dir.join("bus.conf"))
        .args(["--nofork", "--nopidfile", "--print-address=1"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("dbus-daemon is installed");
    // It prints its address when it listens.
    let mut address = String::new();
    BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut address).unwrap();
    assert!(address.starts_with("unix:"), "the daemon listens at {address:?}");
    daemon
}

fn config(dir: &Path) -> String {
    let mut config = String::from(concat!(
        "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\"\n",
        " \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n",
        "<busconfig><type>session</type><auth>EXTERNAL</auth>\n",
        "<policy context=\"default\"><allow send_destination=\"*\"/><allow receive_sender=\"*\"/>",
        "<allow own=\"*\"/></policy>\n",
    ));
    write!(config, "<listen>unix:path={0}/bus</listen><servicedir>{0}</servicedir></busconfig>", dir.display())
        .unwrap();
    config
}
