//! A home folder of the test's own.

use std::ffi::{OsStr, OsString};
use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The folders of a home, relative to it.
const FOLDERS: &[&str] = &["config", "data", "state", "cache", "run", "bin", "log"];

/// A private home with its XDG folders, and the environment that leads programs there. It is removed when dropped.
pub(crate) struct Home {
    dir: TempDir,
    variables: Vec<(&'static str, OsString)>,
}

impl Home {
    /// Makes an empty home.
    pub(crate) fn new() -> Self {
        let dir = tempfile::Builder::new().prefix("guard-").tempdir().unwrap();
        for name in FOLDERS {
            DirBuilder::new().mode(0o700).create(dir.path().join(name)).unwrap();
        }
        let mut home = Self { dir, variables: Vec::new() };
        home.set("HOME", home.path("").into_os_string());
        home.set("XDG_CONFIG_HOME", home.path("config").into_os_string());
        home.set("XDG_DATA_HOME", home.path("data").into_os_string());
        home.set("XDG_STATE_HOME", home.path("state").into_os_string());
        home.set("XDG_CACHE_HOME", home.path("cache").into_os_string());
        home.set("XDG_RUNTIME_DIR", home.path("run").into_os_string());
        home.set("NO_AT_BRIDGE", "1");
        home.set("GTK_USE_PORTAL", "0");
        home.set("GSETTINGS_BACKEND", "memory");
        home.set("GIO_USE_VFS", "local");
        home.set("RUST_BACKTRACE", "1");
        home.set("LANG", "C.UTF-8");
        home.set("PATH", search_path(&home.path("bin")));
        home
    }

    /// A path below the home.
    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.dir.path().join(below)
    }

    /// The folder that is first on the programs' search path.
    pub(crate) fn bin(&self) -> PathBuf {
        self.path("bin")
    }

    /// The applet's socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.path("run/runaway-guard.sock")
    }

    /// The applet's config file; it need not be there.
    pub(crate) fn config_file(&self) -> PathBuf {
        self.path("config/runaway-guard/config.toml")
    }

    /// Writes the applet's config file.
    pub(crate) fn write_config(&self, text: &str) {
        let file = self.config_file();
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }

    /// Sets a variable for all commands that are made from now on.
    pub(crate) fn set(&mut self, name: &'static str, value: impl Into<OsString>) {
        self.variables.retain(|(known, _)| *known != name);
        self.variables.push((name, value.into()));
    }

    /// A variable of its commands.
    #[allow(dead_code, reason = "the bench of the window uses it")]
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        let (_, value) = self.variables.iter().find(|(known, _)| *known == name)?;
        value.to_str().map(ToOwned::to_owned)
    }

    /// A command in this home, and in nothing else of the environment. It dies with the thread that starts it, so that
    /// nothing stays even when the tests are killed.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL"]).arg(program);
        command.env_clear().envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.current_dir(self.dir.path());
        command
    }

    /// Runs a program to its end and returns its standard output.
    pub(crate) fn run(&self, program: &str, arguments: &[&str]) -> Vec<u8> {
        let output = self.command(program).args(arguments).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {}: {}: {errors}", arguments.join(" "), output.status);
        output.stdout
    }

    pub(super) fn new_log(&self, name: &str) -> (PathBuf, File) {
        let path = self.path("log").join(name);
        let file = File::options().create(true).append(true).open(&path).unwrap();
        (path, file)
    }
}

fn search_path(bin: &Path) -> OsString {
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(std::iter::once(bin.to_path_buf()).chain(std::env::split_paths(&inherited))).unwrap()
}
