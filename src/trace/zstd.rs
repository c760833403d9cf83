//! Reads Zstandard, any number of frames: a recording has one a line.
//!
//! Source: RFC 8878, section 3.1.

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::fmt;
use std::io::{self, BufRead, Read};

/// Gives what the frames of a source hold. Where the source ends within a frame, so does the text, with
/// [`io::ErrorKind::UnexpectedEof`].
pub(super) struct Frames<R> {
    source: R,
    decoder: FrameDecoder,
    is_within: bool,
}

impl<R: BufRead> Frames<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source, decoder: FrameDecoder::new(), is_within: false }
    }

    /// Begins the next frame; false at the end.
    fn begin(&mut self) -> io::Result<bool> {
        while !self.source.fill_buf()?.is_empty() {
            match self.decoder.init(&mut self.source) {
                Ok(()) => {
                    self.is_within = true;
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    io::copy(&mut (&mut self.source).take(length.into()), &mut io::sink())?;
                }
                Err(error) => return Err(self.explain(error)),
            }
        }
        Ok(false)
    }

    /// The decoder tells a source that ended and one that is broken by the same words.
    fn explain(&mut self, error: FrameDecoderError) -> io::Error {
        let has_ended = self.source.fill_buf().is_ok_and(<[u8]>::is_empty);
        if has_ended { io::Error::new(io::ErrorKind::UnexpectedEof, error) } else { io::Error::other(error) }
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.is_within {
                if self.decoder.can_collect() > 0 {
                    return self.decoder.read(buffer);
                }
                if self.decoder.is_finished() {
                    self.is_within = false;
                } else {
                    let decoded = self.decoder.decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1));
                    decoded.map_err(|error| self.explain(error))?;
                }
            } else if !self.begin()? {
                return Ok(0);
            }
        }
    }
}

impl<R> fmt::Debug for Frames<R> {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.debug_struct("Frames").field("is_within", &self.is_within).finish_non_exhaustive()
    }
}
