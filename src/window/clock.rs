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

/// Writes a moment in Unix seconds as short as it can be told from others: `5 min ago` today, `27 May, 14:07` this
/// year, `28 May 2025` before.
#[must_use]
pub fn short(seconds: i64, now: i64) -> String {
    if (midnight(now)..=now).contains(&seconds) {
        return ago(now - seconds);
    }
    let year = |at| written(at, "%Y");
    written(seconds, if year(seconds) == year(now) { "%-d %b, %H:%M" } else { "%-d %b %Y" })
}

/// Writes a day in Unix seconds as a sentence names it: `today`, `yesterday`, `Tuesday` within a week, `3 May` this
/// year, `28 May 2025` before.
#[must_use]
pub fn named_day(seconds: i64, now: i64) -> String {
    let today = midnight(now);
    let yesterday = midnight(today - 1);
    if seconds >= today {
        "today".to_owned()
    } else if seconds >= yesterday {
        "yesterday".to_owned()
    } else if seconds >= midnight(now - 6 * 86_400) {
        written(seconds, "%A")
    } else {
        let year = |at| written(at, "%Y");
        written(seconds, if year(seconds) == year(now) { "%-d %B" } else { "%-d %b %Y" })
    }
}

/// Gives the begin of a day in Unix seconds.
#[must_use]
pub fn midnight(seconds: i64) -> i64 {
    let Ok(timestamp) = Timestamp::from_second(seconds) else { return seconds };
    timestamp.to_zoned(zone()).start_of_day().map_or(seconds, |begin| begin.timestamp().as_second())
}

fn ago(seconds: i64) -> String {
    match seconds {
        ..60 => "just now".to_owned(),
        60..3600 => format!("{} min ago", seconds / 60),
        _ => format!("{} h ago", seconds / 3600),
    }
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

    #[test]
    fn times_of_today_are_told_by_their_age() {
        let now = 1_779_962_400;
        let times = [0, 59, 60, 3599, 3600, 36_000, 36_001, 86_400 * 200, -60].map(|age| short(now - age, now));
        let of_today = ["just now", "just now", "1 min ago", "59 min ago", "1 h ago", "10 h ago"];
        assert_eq!(times[..6], of_today);
        assert_eq!(times[6..], ["27 May, 23:59", "9 Nov 2025", "28 May, 10:01"]);
    }

    #[test]
    fn days_of_this_week_have_names() {
        let now = 1_779_962_400;
        let days = [0, 1, 2, 6, 7, 200].map(|days| named_day(now - days * 86_400, now));
        assert_eq!(days, ["today", "yesterday", "Tuesday", "Friday", "21 May", "9 Nov 2025"]);
        assert_eq!(midnight(now), now - 36_000);
    }
}
