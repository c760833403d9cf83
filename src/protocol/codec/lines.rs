//! Bytes in any pieces in, whole lines of bounded length out.

use std::ops::Range;

/// The longest line in bytes, without its end.
pub const MAX_LINE: usize = 1 << 20;

/// The room that is kept for the next line, once a longer one is done.
const KEPT: usize = 16 << 10;

/// A line is longer than the limit; nothing after it can be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the line is longer than {MAX_LINE} bytes. Send shorter lines.")]
pub struct TooLong;

/// Cuts a stream of bytes into lines.
///
/// A line ends with `\n`; a `\r` before it is dropped, and lines of blanks alone are skipped. Where every line that
/// there is was taken before more bytes are fed, it holds at most the limit and what was fed last.
#[derive(Debug)]
pub struct Lines {
    limit: usize,
    buffer: Vec<u8>,
    /// Where the first line begins that was not taken yet.
    start: usize,
    /// Up to where there is no end of a line.
    searched: usize,
    gave_up: bool,
}

impl Default for Lines {
    fn default() -> Self {
        Self::new(MAX_LINE)
    }
}

impl Lines {
    /// Begins with no bytes; `limit` is the longest line in bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { limit, buffer: Vec::new(), start: 0, searched: 0, gave_up: false }
    }

    /// Takes the next bytes of the stream.
    pub fn feed(&mut self, bytes: &[u8]) {
        if !self.gave_up {
            self.forget_taken();
            self.make_room(bytes.len());
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// Gives the next whole line, without its end; None until more bytes are fed.
    ///
    /// A line that is too long is told once, as soon as it is known; after it there are no more.
    pub fn next_line(&mut self) -> Option<Result<&[u8], TooLong>> {
        while let Some(line) = self.find_line() {
            if line.len() > self.limit {
                return Some(Err(self.give_up()));
            }
            if !is_blank(&self.buffer[line.clone()]) {
                return Some(Ok(&self.buffer[line]));
            }
        }
        if self.rest().len() > self.limit {
            return Some(Err(self.give_up()));
        }
        self.forget_taken();
        None
    }

    /// Gives what was fed after the last end of a line, once the stream has ended.
    pub fn last_line(&mut self) -> Option<&[u8]> {
        let rest = self.rest();
        self.start = self.buffer.len();
        self.searched = self.start;
        Some(&self.buffer[rest]).filter(|line| !is_blank(line))
    }

    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.buffer.capacity()
    }

    fn find_line(&mut self) -> Option<Range<usize>> {
        let unsearched = &self.buffer[self.searched..];
        let Some(at) = unsearched.iter().position(|byte| *byte == b'\n') else {
            self.searched = self.buffer.len();
            return None;
        };
        let line = self.start..self.searched + at;
        self.start = line.end + 1;
        self.searched = self.start;
        Some(self.without_carriage_return(line))
    }

    fn rest(&self) -> Range<usize> {
        self.without_carriage_return(self.start..self.buffer.len())
    }

    fn without_carriage_return(&self, line: Range<usize>) -> Range<usize> {
        let dropped = usize::from(self.buffer[line.clone()].ends_with(b"\r"));
        line.start..line.end - dropped
    }

    fn forget_taken(&mut self) {
        self.buffer.drain(..self.start);
        self.searched -= self.start;
        self.start = 0;
        if self.buffer.capacity() > 4 * KEPT && self.buffer.len() <= KEPT {
            self.buffer.shrink_to(KEPT);
        }
    }

    /// Grows by doubling as a vector does, but never beyond what the longest line needs.
    fn make_room(&mut self, more: usize) {
        let needed = self.buffer.len() + more;
        if needed > self.buffer.capacity() {
            let room = (2 * self.buffer.capacity()).min(self.limit + more).max(needed);
            self.buffer.reserve_exact(room - self.buffer.len());
        }
    }

    fn give_up(&mut self) -> TooLong {
        *self = Self { gave_up: true, ..Self::new(self.limit) };
        TooLong
    }
}

fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r'))
}
