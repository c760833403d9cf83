//! Figures as people read them, and text that cannot steer their terminal.

use serde_json::Value;

/// Replaces what could steer a terminal or reorder a line: names and command lines are whatever a process says.
///
/// Line breaks and tabs become spaces, so that one row stays one row.
#[must_use]
pub fn harmless(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\n' | '\r' | '\t' => ' ',
            character if steers(character) => char::REPLACEMENT_CHARACTER,
            character => character,
        })
        .collect()
}

/// Writes JSON without any character that could steer a terminal: they only occur within strings, where JSON has
/// an escape for them.
#[must_use]
pub fn harmless_json(data: &Value) -> String {
    let escaped = |character| match character {
        character if steers(character) => format!("\\u{:04x}", u32::from(character)),
        character => character.to_string(),
    };
    let plain = data.to_string();
    if plain.chars().any(steers) { plain.chars().map(escaped).collect() } else { plain }
}

/// Control characters, C1 included, and Unicode's marks that reorder a line, hide in it or break it.
fn steers(character: char) -> bool {
    let reorders = matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}');
    character.is_control() || reorders || matches!(character, '\u{061c}' | '\u{feff}')
}

/// Rounds to one digit after the point.
#[must_use]
pub fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// Gives bytes in MiB, to one digit after the point.
#[must_use]
pub fn mebibytes(bytes: u64) -> f64 {
    const MIB: f64 = 1024.0 * 1024.0;
    tenths(bytes as f64 / MIB)
}

/// Writes a time span by its two largest units: `45 s`, `5 min`, `2 h 10 min`, `3 d 4 h`.
#[must_use]
pub fn span(seconds: u64) -> String {
    let of = |large: u64, large_name: &str, small: u64, small_name: &str| match seconds % large / small {
        0 => format!("{} {large_name}", seconds / large),
        rest => format!("{} {large_name} {rest} {small_name}", seconds / large),
    };
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => of(3600, "h", 60, "min"),
        _ => of(86_400, "d", 3600, "h"),
    }
}

/// Writes how long ago something was, on a clock that may have been set back since.
#[must_use]
pub fn age(then: i64, now: i64) -> String {
    span(u64::try_from(now.saturating_sub(then)).unwrap_or(0))
}

/// Writes a size given in MiB: `620 MiB`, `1.4 GiB`; what rounds to nothing is a quiet `0`.
#[must_use]
pub fn size(mebibytes: f64) -> String {
    if mebibytes < 0.05 {
        "0".into()
    } else if mebibytes < 9.95 {
        format!("{mebibytes:.1} MiB")
    } else if mebibytes < 1023.5 {
        format!("{mebibytes:.0} MiB")
    } else {
        format!("{:.1} GiB", mebibytes / 1024.0)
    }
}

/// Writes a use in percent of one core.
#[must_use]
pub fn percent(percent: f64) -> String {
    if percent < 0.05 { "0".into() } else { format!("{percent:.1}") }
}

/// Understands a time span: `90s`, `15min`, `2h`, `3d`.
#[must_use]
pub fn seconds(written: &str) -> Option<i64> {
    let number = written.trim_end_matches(|character: char| !character.is_ascii_digit());
    let factor = match written[number.len()..].trim() {
        "s" => 1,
        "m" | "min" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    number.parse::<u32>().ok().map(|number| i64::from(number) * factor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn figures_read_as_people_say_them() {
        let spans = [0, 59, 60, 3599, 3600, 7800, 86_399, 86_400, 277_200].map(span);
        assert_eq!(spans, ["0 s", "59 s", "1 min", "59 min", "1 h", "2 h 10 min", "23 h 59 min", "1 d", "3 d 5 h"]);
        let sizes = [0.0, 0.04, 0.5, 9.94, 9.96, 620.0, 1023.4, 1023.6, 3174.4].map(size);
        assert_eq!(sizes, ["0", "0", "0.5 MiB", "9.9 MiB", "10 MiB", "620 MiB", "1023 MiB", "1.0 GiB", "3.1 GiB"]);
        assert_eq!([0.0, 0.04, 31.25, 400.0].map(percent), ["0", "0", "31.2", "400.0"]);
        assert_eq!([age(100, 160), age(200, 100)], ["1 min", "0 s"]);
    }

    #[test]
    fn spans_are_understood() {
        let understood = ["90s", "15min", "15m", "2h", "3 d", "2", "h", "", "-1h", "2x", "99999999999d"].map(seconds);
        let expected = [Some(90), Some(900), Some(900), Some(7200), Some(259_200)];
        assert_eq!(understood[..5], expected);
        assert_eq!(understood[5..], [None; 6]);
    }

    #[test]
    fn nothing_that_steers_a_terminal_is_left() {
        let hostile = "a\x1b]0;owned\x07b\u{9b}31mc\r\nd\te\x7f\u{202e}f\u{200b}é漢";
        assert_eq!(harmless(hostile), "a\u{fffd}]0;owned\u{fffd}b\u{fffd}31mc  d e\u{fffd}\u{fffd}f\u{fffd}é漢");
        let written = harmless_json(&json!({ "name": hostile }));
        assert!(!written.chars().any(steers), "{written}");
        assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), json!({ "name": hostile }));
    }
}
