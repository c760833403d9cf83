//! Prints the figures of all traces, ours beside those of the plain rules.

use super::score::{Result, Score, Total, median};
use std::fmt::Write as _;

/// Makes the table, with what was missed and what was wrong below it.
pub(crate) fn text(results: &[Result]) -> String {
    let mut text = String::from(
        "trace                            minutes runaways | ours: found  late s  false | plain: found  late s  false\n",
    );
    for result in results {
        let (ours, plain) = (row(&result.ours), row(&result.plain));
        let (minutes, runaways) = (result.seconds / 60.0, result.label.runaways.len());
        writeln!(text, "{:<32} {minutes:>7.0} {runaways:>8} | {:>4} {ours} | {:>5} {plain}", result.name, "", "")
            .unwrap();
    }
    text += "\n                                    ours    plain\n";
    let ours = Total::of(results, |result| &result.ours);
    let plain = Total::of(results, |result| &result.plain);
    let mut line = |what: &str, figure: fn(&Total) -> f64, digits: usize| {
        writeln!(text, "{what:<32} {:>7.digits$} {:>8.digits$}", figure(&ours), figure(&plain)).unwrap();
    };
    line("precision", Total::precision, 3);
    line("recall", Total::recall, 3);
    line("runaways", |total| total.runaways as f64, 0);
    line("found", |total| total.found as f64, 0);
    line("false alarms", |total| total.wrong as f64, 0);
    line("of these in honest traces", |total| total.wrong_in_honest as f64, 0);
    line("traced days", |total| total.days, 2);
    line("false alarms a day", Total::wrong_a_day, 1);
    line("median delay, seconds", |total| median(&total.delays[0]), 1);
    line("median delay, intervals", Total::median_intervals, 1);
    line("worst delay, seconds", |total| worst(&total.delays[0]), 1);
    line("worst delay, intervals", |total| worst(&total.delays[1]), 1);
    text + "The delay is that beyond the rule's own duration; a minus is sooner.\n" + &faults(results)
}

fn row(score: &Score) -> String {
    let found: Vec<f64> = score.delays.iter().copied().flatten().collect();
    let latest = found.iter().copied().reduce(f64::max);
    let latest = latest.map_or_else(|| "-".to_owned(), |latest| format!("{latest:.1}"));
    format!("{:>6} {latest:>7} {:>6}", found.len(), score.wrong.len())
}

fn worst(sorted: &[f64]) -> f64 {
    sorted.last().copied().unwrap_or(0.0)
}

/// Tells what ours missed, and what it told that it should not have.
fn faults(results: &[Result]) -> String {
    let mut text = String::new();
    for result in results {
        for (runaway, delay) in result.label.runaways.iter().zip(&result.ours.delays) {
            if delay.is_none() {
                writeln!(text, "missed: {}: {}, from {:.0}", result.name, runaway.what, runaway.from).unwrap();
            }
        }
        for alert in &result.ours.wrong {
            writeln!(text, "false: {}: {:.0} {}: {}", result.name, alert.at, alert.reason, alert.summary).unwrap();
        }
    }
    text
}
