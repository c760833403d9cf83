//! Writes a trace line by line.

use super::format::Line;
use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Only the user may read what processes do.
const MODE: u32 = 0o600;

/// A trace that is being written. After each line the file is whole, but for the end mark of gzip.
#[derive(Debug)]
pub struct Writer(Output);

#[derive(Debug)]
enum Output {
    Plain(File),
    Gzip(GzEncoder<File>),
    /// One frame a line: there may be any number in a file.
    Zstandard(File),
}

impl Writer {
    /// Makes the file, or writes over the one that is there. Its name's ending says how it is compressed.
    ///
    /// # Errors
    /// What the file system answered.
    pub fn create(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(MODE).open(path)?;
        if file.metadata()?.is_file() {
            file.set_permissions(Permissions::from_mode(MODE))?;
        }
        let ending = path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
        Ok(Self(match ending.as_deref().and_then(std::ffi::OsStr::to_str) {
            Some("gz") => Output::Gzip(GzEncoder::new(file, flate2::Compression::default())),
            Some("zst") => Output::Zstandard(file),
            Some(_) | None => Output::Plain(file),
        }))
    }

    /// Writes one line.
    ///
    /// # Errors
    /// What the file system answered.
    pub fn write(&mut self, line: &Line) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        match &mut self.0 {
            Output::Plain(file) => file.write_all(&text),
            Output::Gzip(encoder) => encoder.write_all(&text).and_then(|()| encoder.flush()),
            Output::Zstandard(file) => file.write_all(&compress_to_vec(text.as_slice(), CompressionLevel::Fastest)),
        }
    }

    /// Ends the file.
    ///
    /// # Errors
    /// What the file system answered.
    pub fn finish(self) -> io::Result<()> {
        match self.0 {
            Output::Plain(_) | Output::Zstandard(_) => Ok(()),
            Output::Gzip(encoder) => encoder.finish().map(drop),
        }
    }
}
