//! Reads a trace line by line.

use super::Error;
use super::format::Line;
use super::zstd::Frames;
use flate2::bufread::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// The longest line that is read: ten thousand processes have a tenth of it.
const LONGEST: u64 = 64 << 20;

/// A trace that is being read. Its first bytes tell whether it is compressed.
pub struct Reader {
    path: PathBuf,
    text: Box<dyn BufRead>,
    bytes: Vec<u8>,
    line: usize,
    cut: Option<usize>,
}

impl Reader {
    /// Opens a trace.
    ///
    /// # Errors
    /// [`Error::Open`].
    pub fn open(path: &Path) -> Result<Self, Error> {
        let text = open(path).map_err(|error| Error::Open { path: path.to_owned(), error })?;
        Ok(Self { path: path.to_owned(), text, bytes: Vec::new(), line: 0, cut: None })
    }

    /// Reads the next line that is not empty; None at the end.
    ///
    /// # Errors
    /// [`Error::Read`] or [`Error::Line`].
    pub fn next_line(&mut self) -> Result<Option<Line>, Error> {
        loop {
            let broke_off = self.read_bytes()?;
            let text = self.bytes.trim_ascii();
            if text.is_empty() {
                self.cut = broke_off.then_some(self.line);
                if broke_off || self.bytes.is_empty() {
                    return Ok(None);
                }
                continue;
            }
            let error = match serde_json::from_slice(text) {
                Ok(line) => return Ok(Some(line)),
                Err(error) => error,
            };
            if error.is_eof() && (broke_off || self.is_last()) {
                self.cut = Some(self.line);
                return Ok(None);
            }
            let what = if error.is_data() { "this is no line of a trace" } else { "this is no JSON" };
            // Its own line number would be 1, always.
            let why = error.to_string();
            let why = why.rsplit_once(" at line ").map_or(why.as_str(), |(why, _)| why);
            return Err(self.fault(format!("{what}: {why} at column {}.", error.column())));
        }
    }

    /// The line that was read last, counted from 1.
    #[must_use]
    pub fn at(&self) -> usize {
        self.line
    }

    /// The last line, where it was found cut off: the recording was killed.
    #[must_use]
    pub fn cut(&self) -> Option<usize> {
        self.cut
    }

    /// Reads up to the next newline; tells whether the file broke off within its compression.
    fn read_bytes(&mut self) -> Result<bool, Error> {
        self.bytes.clear();
        let read = self.text.by_ref().take(LONGEST).read_until(b'\n', &mut self.bytes);
        let broke_off = match read {
            Ok(_) => false,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => true,
            Err(error) => return Err(Error::Read { path: self.path.clone(), line: self.line, error }),
        };
        self.line += usize::from(broke_off || !self.bytes.is_empty());
        if self.bytes.len() as u64 == LONGEST {
            return Err(self.fault(format!("it is longer than {} MiB.", LONGEST >> 20)));
        }
        Ok(broke_off)
    }

    /// Tells whether nothing but white space follows.
    fn is_last(&mut self) -> bool {
        loop {
            let Ok(ahead) = self.text.fill_buf() else { return true };
            if ahead.is_empty() {
                return true;
            }
            if !ahead.trim_ascii().is_empty() {
                return false;
            }
            let length = ahead.len();
            self.text.consume(length);
        }
    }

    fn fault(&self, what: String) -> Error {
        Error::Line { path: self.path.clone(), line: self.line, what }
    }
}

fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    const GZIP: &[u8] = &[0x1f, 0x8b];
    const ZSTANDARD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
    let mut file = BufReader::new(File::open(path)?);
    let first = file.fill_buf()?;
    Ok(if first.starts_with(GZIP) {
        Box::new(BufReader::new(MultiGzDecoder::new(file)))
    } else if first.starts_with(ZSTANDARD) {
        Box::new(BufReader::new(Frames::new(file)))
    } else {
        Box::new(file)
    })
}
