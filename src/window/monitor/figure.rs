//! Figures as the table and the details write them.

use crate::process::State;

/// Writes a use in percent of one core: `140 %`, `1.4 %`; what rounds to nothing is a quiet `0`.
pub(super) fn percent(percent: f64) -> String {
    if !percent.is_finite() || percent < 0.05 {
        "0".to_owned()
    } else if percent < 9.95 {
        format!("{percent:.1} %")
    } else {
        format!("{percent:.0} %")
    }
}

/// Writes a time span so that a column of them can be read downwards: `45 s`, `12 min`, `2 h 03`, `3 d 04 h`.
pub(super) fn runtime(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h {:02}", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} d {:02} h", seconds / 86_400, seconds % 86_400 / 3600),
    }
}

/// Says what the kernel's letter means.
pub(super) fn state(state: State) -> &'static str {
    match state {
        State::Running => "Running",
        State::Sleeping => "Sleeping",
        State::DiskSleep => "Waiting in the kernel, where no signal reaches it",
        State::Stopped => "Paused",
        State::Tracing => "Stopped by a debugger",
        State::Zombie => "Ended, and not yet taken note of by its parent",
        State::Dead => "Being removed",
        State::Idle => "Idle",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_as_people_say_them() {
        let written = [0.0, 0.04, 0.1, 9.94, 9.96, 140.0, f64::NAN, f64::INFINITY].map(percent);
        assert_eq!(written, ["0", "0", "0.1 %", "9.9 %", "10 %", "140 %", "0", "0"]);
        let written = [45, 725, 7380, 86_399, 277_200].map(runtime);
        assert_eq!(written, ["45 s", "12 min", "2 h 03", "23 h 59", "3 d 05 h"]);
    }
}
