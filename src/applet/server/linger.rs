//! The end of a connection whose last line should reach the client.
//!
//! A client that is still writing gets a broken pipe once the other end is closed, and many never read what was said
//! before. So the end lingers: what still arrives is thrown away, within bounds.

use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;
use tokio::time::timeout;

/// The longest that an end may take.
pub(super) const LONGEST: Duration = Duration::from_secs(1);

/// The most that is thrown away, in bytes.
const MOST: usize = 16 << 20;

/// Writes a last line, and closes once the client has closed too.
pub(super) async fn say_and_close(mut stream: UnixStream, line: &str) {
    // The time may run out, and the client may be gone: it is closed in any case.
    let _ = timeout(LONGEST, async {
        if stream.write_all(line.as_bytes()).await.is_ok() {
            close(stream).await;
        }
    })
    .await;
}

/// Says that no more will come, and closes once the client has closed too.
pub(super) async fn close(mut stream: UnixStream) {
    if stream.shutdown().await.is_err() {
        return;
    }
    let mut thrown_away = 0;
    while thrown_away < MOST && stream.readable().await.is_ok() {
        match throw_away(&stream) {
            Ok(0) => return,
            Ok(count) => thrown_away += count,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
        tokio::task::yield_now().await;
    }
}

fn throw_away(stream: &UnixStream) -> std::io::Result<usize> {
    stream.try_read(&mut [0; 16 << 10])
}
