//! Start at login, by an XDG autostart entry.
//!
//! auto-launch writes and removes the user's entry. What it leaves to its caller is done here: a quoted command, the
//! folder of `XDG_CONFIG_HOME`, the words that switch an entry off, entries that a package brought, and a look at what
//! was written.
//!
//! Source: Desktop Application Autostart Specification.

mod entry;

use crate::paths::APP_ID;
use crate::paths::NoHome;
use auto_launch::{AutoLaunch, LinuxLaunchMode};
use entry::Entry;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

/// What is put off in an entry of the user, where one of the system would start the applet.
const SWITCHED_OFF: &str = "[Desktop Entry]\nType=Application\nName=RunawayGuard\nHidden=true\n";

/// Whether the applet is started at login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is.
    On,
    /// It is not.
    Off,
    /// There is an entry that does not do what it should; the sentence says why.
    Invalid(String),
}

/// Start at login could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No folder for the entry.
    #[error(transparent)]
    NoHome(#[from] NoHome),
    /// The program's own path is not known.
    #[error("The path of this program is not known: {0}. Is /proc mounted?")]
    OwnPath(io::Error),
    /// The program was moved or removed while it ran.
    #[error("{} is not there any more. Start RunawayGuard from where it is now.", .0.display())]
    Gone(PathBuf),
    /// A desktop entry is UTF-8, and these paths are not.
    #[error("{} is not UTF-8, and a desktop entry has to be. Move it to another path.", .0.display())]
    NotUtf8(PathBuf),
    /// The entry could not be written or removed.
    #[error("{}: {source}. Make the folder and the file writable.", .path.display())]
    Write {
        /// The entry.
        path: PathBuf,
        /// What happened.
        source: auto_launch::Error,
    },
    /// The entry was written and does not do what it should.
    #[error("{} was changed, and yet: {reason}", .path.display())]
    NotInForce {
        /// The entry.
        path: PathBuf,
        /// What was found instead.
        reason: String,
    },
}

/// The autostart entries of one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Autostart {
    /// The user's folder.
    user: PathBuf,
    /// The system's folders, the first one counts.
    system: Vec<PathBuf>,
    /// What is to be started.
    program: PathBuf,
}

impl Autostart {
    /// Finds the folders and the program from the environment.
    ///
    /// # Errors
    /// [`Error::NoHome`] or [`Error::OwnPath`]: set HOME; mount /proc.
    pub fn new() -> Result<Self, Error> {
        let base = directories::BaseDirs::new().ok_or(NoHome)?;
        let dirs = std::env::var_os("XDG_CONFIG_DIRS").filter(|dirs| !dirs.is_empty());
        let dirs = dirs.unwrap_or_else(|| "/etc/xdg".into());
        let system = std::env::split_paths(&dirs).filter(|dir| dir.is_absolute()).map(|dir| dir.join("autostart"));
        Ok(Self {
            user: base.config_dir().join("autostart"),
            system: system.collect(),
            program: own_program().map_err(Error::OwnPath)?,
        })
    }

    /// Starts the applet at login from now on. Where a package's entry does that already, the user's own goes.
    ///
    /// # Errors
    /// [`Error`], whose sentence names the file and what to do.
    pub fn enable(&self) -> Result<(), Error> {
        match (self.status(), self.packaged()) {
            (Status::On, _) => return Ok(()),
            (Status::Off | Status::Invalid(_), Status::On) => self.remove()?,
            (Status::Off | Status::Invalid(_), Status::Off | Status::Invalid(_)) => self.write()?,
        }
        self.check(&Status::On)
    }

    /// Looks after an entry that this program wrote, and that starts what is not there any more: its file was moved, as those
    /// of an `AppImage` are, or another version took its place. From now on it starts this one; true where that was needed.
    ///
    /// # Errors
    /// [`Error`], whose sentence names the file and what to do.
    pub fn mend(&self) -> Result<bool, Error> {
        let entry = std::fs::read_to_string(self.file()).map(|text| Entry::parse(&text));
        let program = entry.ok().and_then(|entry| entry.written_for());
        let lost = program.is_some_and(|program| is_lost(Path::new(&program)));
        if lost {
            self.enable()?;
        }
        Ok(lost)
    }

    /// No longer starts the applet at login. Where a package's entry would, the user's own says no.
    ///
    /// # Errors
    /// [`Error`], whose sentence names the file and what to do.
    pub fn disable(&self) -> Result<(), Error> {
        self.remove()?;
        if self.packaged() != Status::Off {
            self.folder()
                .and_then(|()| std::fs::write(self.file(), SWITCHED_OFF))
                .map_err(|error| self.failed(error))?;
        }
        self.check(&Status::Off)
    }

    /// Tells whether the applet is started at login.
    #[must_use]
    pub fn status(&self) -> Status {
        self.first(std::iter::once(&self.user).chain(&self.system))
    }

    /// The user's entry, whether or not it is there.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        self.user.join(format!("{APP_ID}.desktop"))
    }

    fn packaged(&self) -> Status {
        self.first(&self.system)
    }

    /// Judges the first entry there is: it hides those in the folders that follow.
    fn first<'a>(&self, folders: impl IntoIterator<Item = &'a PathBuf>) -> Status {
        for folder in folders {
            let path = folder.join(format!("{APP_ID}.desktop"));
            return match std::fs::read_to_string(&path) {
                Ok(text) => self.judge(&Entry::parse(&text)),
                Err(error) if absent(&error) => continue,
                Err(error) => Status::Invalid(format!("{}: {error}.", path.display())),
            };
        }
        Status::Off
    }

    fn judge(&self, entry: &Entry) -> Status {
        let not_there = |program: &str| find(program).is_none();
        if entry.is_switched_off() || entry.try_exec().is_some_and(|program| not_there(&program)) {
            return Status::Off;
        }
        let Some(program) = entry.program() else {
            return Status::Invalid("The entry's Exec line is missing or cannot be read.".into());
        };
        match find(&program) {
            None => Status::Invalid(format!("The entry starts {program}, which is not there.")),
            Some(found) if found == real(&self.program) => Status::On,
            Some(_) => Status::Invalid(format!("The entry starts {program}, which is not this program.")),
        }
    }

    fn write(&self) -> Result<(), Error> {
        let launcher = self.launcher()?;
        if !self.program.is_file() {
            return Err(Error::Gone(self.program.clone()));
        }
        self.folder().map_err(|error| self.failed(error))?;
        let _guard = Stray::watch();
        launcher.enable().map_err(|error| self.failed(error))?;
        let path = self.file();
        let mended = std::fs::read_to_string(&path).map(|text| entry::mend(&text));
        mended.and_then(|text| std::fs::write(&path, text)).map_err(|error| self.failed(error))
    }

    fn remove(&self) -> Result<(), Error> {
        self.launcher()?.disable().map_err(|error| self.failed(error))
    }

    /// auto-launch puts its file at `$HOME/.config/autostart` joined with the name: an absolute name leads it to the
    /// folder that counts.
    fn launcher(&self) -> Result<AutoLaunch, Error> {
        let name = self.user.join(APP_ID);
        let name = name.to_str().ok_or_else(|| Error::NotUtf8(name.clone()))?;
        let program = self.program.to_str().ok_or_else(|| Error::NotUtf8(self.program.clone()))?;
        Ok(AutoLaunch::new(name, &entry::program(program), LinuxLaunchMode::XdgAutostart, &[entry::BACKGROUND]))
    }

    fn folder(&self) -> io::Result<()> {
        std::fs::create_dir_all(&self.user)
    }

    fn check(&self, wanted: &Status) -> Result<(), Error> {
        let reason = match self.status() {
            status if status == *wanted => return Ok(()),
            Status::On => "it is still started at login.".into(),
            Status::Off => "it is not started at login.".into(),
            Status::Invalid(reason) => reason,
        };
        Err(Error::NotInForce { path: self.file(), reason })
    }

    fn failed(&self, source: impl Into<auto_launch::Error>) -> Error {
        Error::Write { path: self.file(), source: source.into() }
    }
}

/// auto-launch makes `$HOME/.config/autostart` even where the entry goes elsewhere: what was not there before and is
/// empty goes again.
struct Stray(Vec<PathBuf>);

impl Stray {
    fn watch() -> Self {
        let home = directories::BaseDirs::new().map(|base| base.home_dir().join(".config"));
        let folders = home.into_iter().flat_map(|config| [config.join("autostart"), config]);
        Self(folders.filter(|folder| !folder.exists()).collect())
    }
}

impl Drop for Stray {
    fn drop(&mut self) {
        for folder in &self.0 {
            // One that is in use is not removed, and that is as it should be.
            let _ = std::fs::remove_dir(folder);
        }
    }
}

fn absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// The program that a login should start: the `AppImage`, be it there or not, rather than the mount of this one run, and the
/// file that took the place of this one after an upgrade.
fn own_program() -> io::Result<PathBuf> {
    let running = std::env::current_exe()?;
    if let Some(image) = app_image(&running, std::env::var_os("APPIMAGE"), std::env::var_os("APPDIR")) {
        return Ok(image);
    }
    Ok(super::upgrade::place(&running).unwrap_or(running))
}

/// Whether a program is no longer where it was. One whose folder is missing too may be on a disk that is not there now.
fn is_lost(program: &Path) -> bool {
    std::fs::metadata(program).is_err_and(|error| absent(&error)) && program.parent().is_some_and(Path::is_dir)
}

/// A program that an `AppImage` has started inherits both variables: they are ours only where we are within it.
fn app_image(running: &Path, image: Option<OsString>, dir: Option<OsString>) -> Option<PathBuf> {
    let image = PathBuf::from(image?);
    let within = dir.is_some_and(|dir| real(running).starts_with(real(Path::new(&dir))));
    (within && image.is_absolute()).then_some(image)
}

/// Finds a program as a session does: by its path, or by its name in PATH.
pub(super) fn find(program: &str) -> Option<PathBuf> {
    let named = Path::new(program);
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let candidates: Vec<PathBuf> = if named.is_absolute() {
        vec![named.to_path_buf()]
    } else {
        std::env::split_paths(&paths).map(|dir| dir.join(named)).collect()
    };
    candidates.into_iter().find(|path| path.is_file()).map(|path| real(&path))
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

#[cfg(test)]
mod tests;
