//! The user's file: read whole, checked whole, and written whole or not at all.

pub use super::wire::{get, patch_from, wire};

use super::{Config, edit, parse};
use crate::paths::create_private_dir;
use crate::protocol::{self, ErrorCode};
use nix::fcntl::OFlag;
use serde_json::{Map, Value};
use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// What a new file begins with: every key with its default and a comment.
pub const TEMPLATE: &str = include_str!("default.toml");

/// The largest file in bytes that is read or written.
const LARGEST: u64 = 1 << 20;

/// How many links to links are followed.
const MOST_LINKS: usize = 40;

/// How often an edit begins anew where others write the file meanwhile.
const MOST_EDITS: usize = 10;

/// The user's `config.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Where it is, or will be.
    pub path: PathBuf,
}

/// Why the file is not taken up: its text is for people while the guard runs.
#[derive(Debug, thiserror::Error)]
#[error("{fault} The settings from before stay in force.")]
pub struct Error {
    /// What is wrong, without what follows from it.
    #[from]
    pub fault: Fault,
}

impl Error {
    /// Gives the text for a guard that just started and has no settings from before.
    #[must_use]
    pub fn at_start(&self) -> String {
        format!("{} The default settings are in force.", self.fault)
    }
}

/// What is wrong with the file; the sentence begins with its name.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A key or value is refused, or it is no TOML.
    #[error("{name}, {error}")]
    Refused {
        /// The file's name.
        name: String,
        /// Where and why.
        error: parse::Error,
    },
    /// It is no text.
    #[error("{name}, line {line}, column {column}: this is not UTF-8. Save the file as UTF-8 text.")]
    NotUtf8 {
        /// The file's name.
        name: String,
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in characters.
        column: usize,
    },
    /// It is too large.
    #[error("{name} is larger than 1 MiB and is not read. Make it smaller.")]
    TooLarge {
        /// The file's name.
        name: String,
    },
    /// It is a folder, a pipe or a device.
    #[error("{name} is not a file. Move it away.")]
    NoFile {
        /// The file's name.
        name: String,
    },
    /// It cannot be opened or read.
    #[error("{name} cannot be read: {source}. Mend its permissions.")]
    Unreadable {
        /// The file's name.
        name: String,
        /// What the file system answered.
        source: io::Error,
    },
}

impl File {
    /// Names the file at this path.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Reads the config; the defaults where there is no file.
    ///
    /// # Errors
    /// What is wrong with the file, where, and what is allowed there.
    pub fn load(&self) -> Result<Config, Error> {
        let text = self.read()?.unwrap_or_default();
        Ok(self.parse(&text)?)
    }

    /// Applies a patch to the file as it is now, and gives the config that it then holds. A file that is not there
    /// begins as the template. What an editor saves meanwhile is kept: the patch is applied to that.
    ///
    /// # Errors
    /// `invalid_config` where the patch, or the file as it is, is refused; `internal` where the file can be neither
    /// read nor written. Then nothing was changed.
    pub fn edit(&self, patch: &Map<String, Value>) -> Result<Config, protocol::Error> {
        self.edit_what(|| self.read(), patch)
    }

    /// Edits what is read, as long as that is still there when the new file is to take its place.
    fn edit_what(
        &self,
        mut read: impl FnMut() -> Result<Option<String>, Fault>,
        patch: &Map<String, Value>,
    ) -> Result<Config, protocol::Error> {
        for _ in 0..MOST_EDITS {
            let written = read().map_err(|fault| unchanged(&fault))?;
            let text = written.as_deref().unwrap_or(TEMPLATE);
            self.parse(text).map_err(|fault| unchanged(&fault))?;
            let edited = edit::edit(text, patch)?;
            let config = self.parse(&edited).map_err(|fault| unchanged(&fault))?;
            let is_current = || read().is_ok_and(|now| now == written);
            if edited == text || self.replace(&edited, is_current).map_err(|error| self.unwritten(&error))? {
                return Ok(config);
            }
        }
        Err(self.unwritten(&io::Error::new(ErrorKind::ResourceBusy, "another program keeps on writing it")))
    }

    fn unwritten(&self, error: &io::Error) -> protocol::Error {
        let message = format!("{} cannot be written: {error}. Nothing was changed.", self.name());
        protocol::Error::new(ErrorCode::Internal, message)
    }

    fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or(self.path.as_os_str());
        name.to_string_lossy().into_owned()
    }

    fn parse(&self, text: &str) -> Result<Config, Fault> {
        parse::parse(text).map_err(|error| Fault::Refused { name: self.name(), error })
    }

    /// Reads the text; None where there is no file.
    fn read(&self) -> Result<Option<String>, Fault> {
        let bytes = match self.read_bytes() {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == ErrorKind::IsADirectory => return Err(Fault::NoFile { name: self.name() }),
            Err(source) => return Err(Fault::Unreadable { name: self.name(), source }),
        };
        if bytes.len() as u64 > LARGEST {
            return Err(Fault::TooLarge { name: self.name() });
        }
        String::from_utf8(bytes).map(Some).map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(&error.as_bytes()[..valid]);
            let (line, column) = parse::position(text.trim_start_matches('\u{feff}'), text.len());
            Fault::NotUtf8 { name: self.name(), line, column }
        })
    }

    /// Reads one byte more than may be there at most; a pipe is not waited for.
    fn read_bytes(&self) -> io::Result<Vec<u8>> {
        let file = OpenOptions::new().read(true).custom_flags(OFlag::O_NONBLOCK.bits()).open(&self.path)?;
        if !file.metadata()?.is_file() {
            return Err(ErrorKind::IsADirectory.into());
        }
        let mut bytes = Vec::new();
        file.take(LARGEST + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Puts a whole new file in the place of the old one, with its mode, where that is still current once the new one is on
    /// the disk; tells whether it was. Where the path is a link, the link stays.
    fn replace(&self, text: &str, is_current: impl FnOnce() -> bool) -> io::Result<bool> {
        if text.len() as u64 > LARGEST {
            return Err(io::Error::new(ErrorKind::FileTooLarge, "it would be larger than 1 MiB"));
        }
        let target = follow(&self.path)?;
        let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        create_private_dir(folder)?;
        let mode = fs::metadata(&target).map_or(0o600, |found| found.permissions().mode() & 0o7777);
        let new = folder.join(format!(".{}.{}.new", self.name(), std::process::id()));
        let replaced = write_new(&new, text, mode)
            .and_then(|()| if is_current() { fs::rename(&new, &target).map(|()| true) } else { Ok(false) });
        if !matches!(replaced, Ok(true)) {
            // The first error tells more than one about a file that may not be there.
            let _ = fs::remove_file(&new);
            return replaced;
        }
        // The change is made. Where the folder can only be written, or its file system knows no such request, it reaches the
        // disk in its own time.
        let _ = fs::File::open(folder).and_then(|folder| folder.sync_all());
        Ok(true)
    }
}

fn unchanged(fault: &Fault) -> protocol::Error {
    let code = match fault {
        Fault::Refused { .. } | Fault::NotUtf8 { .. } | Fault::TooLarge { .. } => ErrorCode::InvalidConfig,
        Fault::NoFile { .. } | Fault::Unreadable { .. } => ErrorCode::Internal,
    };
    protocol::Error::new(code, format!("{fault} Nothing was changed."))
}

/// Follows links to where the file is or would be.
fn follow(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_path_buf();
    for _ in 0..MOST_LINKS {
        match fs::read_link(&path) {
            Ok(target) => path = path.parent().unwrap_or(Path::new("")).join(target),
            Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::NotFound) => return Ok(path),
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(ErrorKind::InvalidInput, "too many links"))
}

fn write_new(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.set_permissions(Permissions::from_mode(mode))?;
    file.sync_all()
}

#[cfg(test)]
mod tests;
