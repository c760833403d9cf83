//! The runtime folder, the socket, the config file and the database.

use super::{Check, Found, LIMIT};
use crate::applet::store;
use crate::config::file::File;
use crate::paths::Paths;
use rusqlite::{Connection, OpenFlags};
use std::io::ErrorKind;
use std::os::unix::fs::{FileTypeExt, MetadataExt};

/// Looks at the socket and the folder that it is in.
pub(super) fn runtime(paths: &Paths) -> [Check; 2] {
    [folder(paths), socket(paths)]
}

fn folder(paths: &Paths) -> Check {
    let name = "runtime folder";
    let Some(folder) = paths.socket.parent() else {
        return Check::wrong(name, "the socket has none", "Give RUNAWAY_GUARD_SOCKET a whole path.");
    };
    let shown = folder.display().to_string();
    match std::fs::metadata(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Check::missing(name, format!("{shown} is not there yet"), "The applet makes it.")
        }
        Err(error) => Check::wrong(name, format!("{shown}: {error}"), "Make it readable."),
        Ok(meta) if !meta.is_dir() => Check::wrong(name, format!("{shown} is no folder"), "Remove it."),
        Ok(meta) if !is_private(&meta) => {
            let remedy = format!("Make it yours alone: chmod 700 {shown}");
            Check::wrong(name, format!("{shown} is open to others"), remedy)
        }
        Ok(_) if paths.without_runtime_dir => {
            Check::missing(name, format!("XDG_RUNTIME_DIR is not set; the socket is in {shown}"), "This works too.")
        }
        Ok(_) => Check::ok(name, shown),
    }
}

/// Whoever may write there may take the socket's place.
fn is_private(meta: &std::fs::Metadata) -> bool {
    meta.uid() == nix::unistd::getuid().as_raw() && meta.mode() & 0o022 == 0
}

fn socket(paths: &Paths) -> Check {
    let shown = paths.socket.display().to_string();
    match std::fs::symlink_metadata(&paths.socket) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Check::missing("socket", format!("{shown} is not there"), "The applet makes it when it starts.")
        }
        Err(error) => Check::wrong("socket", format!("{shown}: {error}"), "Make its folder readable."),
        Ok(meta) if !meta.file_type().is_socket() => {
            Check::wrong("socket", format!("{shown} is no socket"), "Remove it, and start the applet again.")
        }
        Ok(meta) if meta.mode() & 0o077 != 0 => {
            Check::wrong("socket", format!("{shown} is open to others"), "Start the applet again.")
        }
        Ok(_) => Check::ok("socket", shown),
    }
}

pub(super) fn config(paths: &Paths) -> Check {
    match File::new(&paths.config).load() {
        Err(error) => {
            Check::wrong("config", error.fault.to_string(), format!("The file is {}.", paths.config.display()))
        }
        Ok(_) if paths.config.exists() => Check::ok("config", paths.config.display().to_string()),
        Ok(_) => Check::ok("config", "no file: the defaults hold"),
    }
}

pub(super) fn database(paths: &Paths) -> Check {
    let shown = paths.history.display().to_string();
    match std::fs::metadata(&paths.history) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Check::missing("database", format!("{shown} is not there yet"), "The applet makes it when it starts.")
        }
        Err(error) => Check::wrong("database", format!("{shown}: {error}"), "Make its folder readable."),
        Ok(meta) => match alerts(paths) {
            Ok(count) => {
                let kibibytes = meta.len().div_ceil(1024);
                Check::ok("database", format!("{shown}, {count} alerts, {kibibytes} KiB"))
            }
            Err(error) => {
                if let Some(trouble) = store::trouble(&error, &paths.history) {
                    // The sentence says what to do already.
                    return Check { found: Found::Wrong, ..Check::ok("database", format!("{shown}: {trouble}")) };
                }
                let remedy = "End the applet, move the file away, and start the applet: it makes a new one.";
                Check::wrong("database", format!("{shown}: {error}"), remedy)
            }
        },
    }
}

fn alerts(paths: &Paths) -> rusqlite::Result<i64> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let database = Connection::open_with_flags(&paths.history, flags)?;
    database.busy_timeout(LIMIT)?;
    database.query_row("SELECT count(*) FROM alerts", (), |row| row.get(0))
}
