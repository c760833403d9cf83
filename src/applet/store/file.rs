//! The database as a file: how it is opened, checked, kept private and set aside.

use super::rows::{self, Contents};
use super::schema;
use super::trouble::{Trouble, is_damage};
use crate::paths;
use rusqlite::{Connection, OpenFlags};
use std::fs::{self, OpenOptions, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;
use time::OffsetDateTime;

/// How long a change waits for another program that has the file locked.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

/// The files that SQLite keeps beside a database.
const COMPANIONS: [&str; 2] = ["-wal", "-shm"];

/// Why a file cannot be used; the file is as it was.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("{0}")]
    Damaged(String),
    #[error("it was written by a newer version of RunawayGuard. Install that version again.")]
    Newer,
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

/// A file that is open, checked and of the present version.
#[derive(Debug)]
pub(super) struct Opened {
    /// The connection to it.
    pub(super) connection: Connection,
    /// Which file it is.
    pub(super) identity: Identity,
    /// What it holds.
    pub(super) contents: Contents,
    /// The sentence about a damaged file that was in its place.
    pub(super) set_aside: Option<String>,
}

/// Tells one file from another that later has the same path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    /// Reads which file is at this path now.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        fs::metadata(path).map(|found| Self { device: found.dev(), inode: found.ino() })
    }
}

/// Opens the file, and makes it where there is none. A damaged one is set aside and a new one begun.
pub(super) fn open(path: &Path, now: i64) -> Result<Opened, Refusal> {
    match begin(path) {
        Err(Refusal::Damaged(why)) => {
            let kept = set_aside(path, now).map_err(|error| Trouble::of_io(&error))?;
            let shown = (path.display(), kept.display());
            let note =
                format!("The history {} was damaged ({why}). It is kept as {}; a new one was begun.", shown.0, shown.1);
            begin(path).map(|opened| Opened { set_aside: Some(note), ..opened })
        }
        other => other,
    }
}

/// Makes a database in memory that has the same tables.
pub(super) fn in_memory() -> rusqlite::Result<Connection> {
    let mut connection = Connection::open_in_memory()?;
    schema::migrate(&mut connection)?;
    Ok(connection)
}

/// Reads what a file holds that cannot be written, as far as that is possible.
pub(super) fn rescue(path: &Path) -> Option<Contents> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    ["mode=ro", "immutable=1"].into_iter().find_map(|how| {
        let connection = Connection::open_with_flags(format!("{}?{how}", uri(path)), flags).ok()?;
        match schema::version(&connection).ok()? {
            schema::VERSION => rows::load(&connection).ok(),
            schema::WITH_TODAYS_WHITELIST..schema::VERSION => rows::whitelist_alone(&connection).ok(),
            _ => None,
        }
    })
}

fn begin(path: &Path) -> Result<Opened, Refusal> {
    prepare(path)?;
    let identity = Identity::of(path).map_err(|error| Trouble::of_io(&error))?;
    let refuse = |error| refusal(&error, path);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(refuse)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(refuse)?;
    if schema::version(&connection).map_err(refuse)? > schema::VERSION {
        return Err(Refusal::Newer);
    }
    connection.execute_batch(SETTINGS).map_err(refuse)?;
    check(&connection).map_err(refuse)?.map_or(Ok(()), |found| Err(Refusal::Damaged(found)))?;
    schema::migrate(&mut connection).map_err(refuse)?;
    let contents = rows::load(&connection).map_err(refuse)?;
    Ok(Opened { connection, identity, contents, set_aside: None })
}

/// With `synchronous = FULL` the log is on the disk before a commit returns. The cache is small because the guard's
/// memory matters more to it than its reads.
///
/// Source: <https://www.sqlite.org/pragma.html>.
const SETTINGS: &str = "
    PRAGMA cache_size = -64;
    PRAGMA mmap_size = 0;
    PRAGMA temp_store = MEMORY;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 64;
    PRAGMA journal_size_limit = 262144;
";

/// Tells what is wrong within the file.
fn check(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok((found != "ok").then(|| found.replace('\n', " ")))
}

fn refusal(error: &rusqlite::Error, path: &Path) -> Refusal {
    if is_damage(error) {
        Refusal::Damaged(error.to_string())
    } else {
        Refusal::Trouble(Trouble::of_sqlite(error, path))
    }
}

/// Makes folder and file where they are not there, and both private. SQLite gives its companions the file's mode.
fn prepare(path: &Path) -> Result<(), Refusal> {
    if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(Refusal::Damaged("it is not a file".to_owned()));
    }
    make_private(path).map_err(|error| Trouble::of_io(&error).into())
}

fn make_private(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        paths::create_private_dir(folder)?;
    }
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
    let private = Permissions::from_mode(0o600);
    if file.metadata()?.permissions().mode() & 0o777 != 0o600 {
        file.set_permissions(private.clone())?;
    }
    let companions = COMPANIONS.map(|suffix| beside(path, suffix));
    companions.iter().filter(|path| path.exists()).try_for_each(|path| fs::set_permissions(path, private.clone()))
}

/// Moves a file and its companions to a dated name that nothing has yet.
fn set_aside(path: &Path, now: i64) -> io::Result<PathBuf> {
    let dated = format!(".damaged-{}", stamp(now));
    let numbered = (2..).map(|number| beside(path, &format!("{dated}-{number}")));
    let mut names = std::iter::once(beside(path, &dated)).chain(numbered);
    let is_free = |path: PathBuf| path.symlink_metadata().is_err();
    let free = |name: &PathBuf| is_free(name.clone()) && COMPANIONS.iter().all(|suffix| is_free(beside(name, suffix)));
    let kept = names.find(free).ok_or(io::ErrorKind::AlreadyExists)?;
    for suffix in COMPANIONS.into_iter().filter(|suffix| beside(path, suffix).exists()) {
        fs::rename(beside(path, suffix), beside(&kept, suffix))?;
    }
    fs::rename(path, &kept)?;
    Ok(kept)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Writes a time as `2026-05-01T120000Z`.
fn stamp(unix: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp(unix).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (date, (hour, minute, second)) = (time.date(), time.to_hms());
    format!("{date}T{hour:02}{minute:02}{second:02}Z")
}

/// Writes a path as SQLite's URIs have it.
///
/// Source: <https://www.sqlite.org/uri.html>.
fn uri(path: &Path) -> String {
    let byte = |byte: &u8| match byte {
        b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => char::from(*byte).to_string(),
        other => format!("%{other:02X}"),
    };
    format!("file:{}", path.as_os_str().as_bytes().iter().map(byte).collect::<String>())
}
