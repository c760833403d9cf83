//! A session bus of the test's own.

use super::{Home, LIMIT, Running, Session, fixture, wait_until};
use std::io::{BufRead as _, BufReader};

/// A `dbus-daemon`. It can be killed and started again at the same address.
pub(crate) struct Bus {
    daemon: Running,
    address: String,
}

impl Bus {
    /// Starts it, and leads all later commands of the home to it.
    pub(crate) fn start(home: &mut Home) -> Self {
        let socket = home.path("run/bus");
        let config = fixture("desktop/bus.conf").replace("SOCKET", socket.to_str().unwrap());
        std::fs::write(home.path("bus.conf"), config).unwrap();
        let address = format!("unix:path={}", socket.display());
        home.set("DBUS_SESSION_BUS_ADDRESS", &address);
        Self { daemon: start_daemon(home), address }
    }

    /// Kills it: everything on it loses its connection.
    pub(crate) fn kill(&mut self, home: &Home) {
        self.daemon.kill();
        let socket = home.path("run/bus");
        if socket.exists() {
            std::fs::remove_file(socket).unwrap();
        }
    }

    /// Starts it again at the same address, after [`Bus::kill`].
    pub(crate) fn start_again(&mut self, home: &Home) {
        self.daemon = start_daemon(home);
    }

    /// A new connection to it.
    pub(crate) fn connect(&self) -> Session {
        Session::connect(&self.address)
    }

    /// Waits until somebody owns the name.
    pub(crate) fn wait_for_owner(&self, name: &str) {
        let session = self.connect();
        wait_until(&format!("an owner of {name}"), LIMIT, || session.owner(name).is_some());
    }
}

fn start_daemon(home: &Home) -> Running {
    let mut command = home.command("dbus-daemon");
    command.args(["--nofork", "--nopidfile", "--print-address=1", "--config-file"]).arg(home.path("bus.conf"));
    let mut daemon = Running::start_piped(home, "dbus-daemon", &mut command);
    let mut line = String::new();
    BufReader::new(daemon.take_stdout()).read_line(&mut line).unwrap();
    assert!(line.starts_with("unix:path="), "dbus-daemon says {line:?}: {}", daemon.log());
    daemon
}
