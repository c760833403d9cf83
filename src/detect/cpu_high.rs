//! Sustained CPU use: at or over the threshold in every sample of the duration.

use super::history::{History, Mark, Usage};
use super::{Process, Verdict, severity};
use crate::config::CpuHigh;
use crate::protocol::Evidence;

/// Below this part of the threshold a process is calm; between the two an alert neither begins nor ends.
const CALM_BELOW: f64 = 0.8;

pub(super) fn judge(process: &Process, history: &mut History, rule: &CpuHigh) -> Verdict {
    let sample = process.sample;
    if sample.state.is_stopped() {
        history.busy.stop();
        return Verdict::Held;
    }
    let Some(usage) = process.usage else { return Verdict::Held };
    let threshold = f64::from(rule.threshold_percent.get());
    if usage.percent() < threshold {
        history.busy.stop();
        return if usage.percent() < CALM_BELOW * threshold { Verdict::Calm } else { Verdict::Held };
    }
    let began = history.busy.go_on(Mark {
        at: process.step.at.saturating_sub(usage.interval),
        cpu_time: sample.cpu_time.saturating_sub(usage.busy),
    });
    let lasted = process.step.at.saturating_sub(began.at);
    let Some(severity) = severity(lasted.as_secs_f64(), rule.duration_seconds.seconds().as_secs_f64()) else {
        return Verdict::Suspicious;
    };
    let mean = Usage { interval: lasted, busy: sample.cpu_time.saturating_sub(began.cpu_time) };
    Verdict::Firing(
        severity,
        Evidence::CpuHigh {
            cpu_percent: (mean.percent() * 10.0).round() / 10.0,
            threshold_percent: rule.threshold_percent.get(),
            seconds: lasted.as_secs(),
        },
    )
}
