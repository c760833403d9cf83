//! Times as people read them, by the clock of the place.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Writes the day of a moment in Unix seconds: `28 May 2026`.
#[must_use]
pub fn day(seconds: i64) -> String {
    written(seconds, "%-d %b %Y")
}

/// Writes a moment in Unix seconds: `28 May 2026, 14:07`.
#[must_use]
pub fn moment(seconds: i64) -> String {
    written(seconds, "%-d %b %Y, %H:%M")
}

fn written(seconds: i64, format: &str) -> String {
    let Ok(timestamp) = Timestamp::from_second(seconds) else { return "–".to_owned() };
    timestamp.to_zoned(zone()).strftime(format).to_string()
}

/// Tests tell the same times everywhere.
fn zone() -> TimeZone {
    if cfg!(test) { TimeZone::UTC } else { TimeZone::system() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_people_say_them() {
        assert_eq!(day(1_779_962_400), "28 May 2026");
        assert_eq!(moment(1_779_962_400), "28 May 2026, 10:00");
        assert_eq!(day(i64::MAX), "–");
    }
}
