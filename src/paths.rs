//! Where the files are: applet and clients look in the same places in the same order.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// The name of the package, the binary and the folders.
pub const NAME: &str = "runaway-guard";

/// The application's id: of its desktop file, its icons, its tray item and its notifications.
pub const APP_ID: &str = "io.github.runawayguard.applet";

/// The unit of systemd that packages bring.
pub const UNIT: &str = "runaway-guard.service";

/// The variable that overrides the path of the socket.
pub const SOCKET_VARIABLE: &str = "RUNAWAY_GUARD_SOCKET";

/// The user has no home folder, so there is no place for files.
#[derive(Debug, thiserror::Error)]
#[error("no home folder is known. Set HOME and start again.")]
pub struct NoHome;

/// The places of one user's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// The config file.
    pub config: PathBuf,
    /// The database.
    pub history: PathBuf,
    /// The socket.
    pub socket: PathBuf,
    /// What the window remembers.
    pub window: PathBuf,
    /// Whether no runtime folder was found, so that the socket is in the state folder.
    pub without_runtime_dir: bool,
}

impl Paths {
    /// Finds the places from the environment.
    ///
    /// # Errors
    /// [`NoHome`] where neither HOME nor the password database names a home folder.
    pub fn find() -> Result<Self, NoHome> {
        let base = directories::BaseDirs::new().ok_or(NoHome)?;
        let state = base.state_dir().unwrap_or_else(|| base.data_local_dir()).join(NAME);
        let window = state.join("window.toml");
        let runtime = runtime_dir(&base);
        let without_runtime_dir = runtime.is_none();
        let socket = std::env::var_os(SOCKET_VARIABLE)
            .filter(|path| !path.is_empty())
            .map_or_else(|| runtime.unwrap_or(state).join("runaway-guard.sock"), PathBuf::from);
        Ok(Self {
            config: base.config_dir().join(NAME).join("config.toml"),
            history: base.data_dir().join(NAME).join("history.db"),
            socket,
            window,
            without_runtime_dir,
        })
    }

    /// The mark that the user was told of a tray that is missing.
    #[must_use]
    pub fn told_of_tray(&self) -> PathBuf {
        self.window.with_file_name("told-of-tray")
    }

    /// The lock file beside the socket, which makes one applet the only one.
    #[must_use]
    pub fn lock(&self) -> PathBuf {
        self.socket.with_extension("lock")
    }
}

/// Gives the folders in which icons and desktop files are looked for, the user's own first.
///
/// Source: XDG Base Directory Specification, `XDG_DATA_HOME` and `XDG_DATA_DIRS`; a relative path is passed over.
#[must_use]
pub fn data_dirs() -> Vec<PathBuf> {
    let home = directories::BaseDirs::new().map(|base| base.data_dir().to_path_buf());
    let shared = std::env::var_os("XDG_DATA_DIRS").filter(|dirs| !dirs.is_empty());
    let shared = shared.unwrap_or_else(|| "/usr/local/share:/usr/share".into());
    home.into_iter().chain(std::env::split_paths(&shared)).filter(|dir| dir.is_absolute()).collect()
}

fn runtime_dir(base: &directories::BaseDirs) -> Option<PathBuf> {
    let uid = nix::unistd::getuid().as_raw();
    let usual = PathBuf::from(format!("/run/user/{uid}"));
    let ours = |dir: &Path| std::fs::metadata(dir).is_ok_and(|found| found.is_dir() && found.uid() == uid);
    base.runtime_dir().map(Path::to_path_buf).or_else(|| Some(usual).filter(|dir| ours(dir)))
}

/// Tells whether this is a program that nobody but root can write.
#[must_use]
pub fn is_roots_alone(file: &Metadata) -> bool {
    file.is_file() && file.uid() == 0 && file.mode() & 0o133 == 0o111
}

/// Makes a folder and those above it, readable by its owner alone where it is new.
///
/// # Errors
/// What the file system answered.
pub fn create_private_dir(dir: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}
