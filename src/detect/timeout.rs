//! Run times: processes that a `[[rule]]` allows only so long.

use super::past::Past;
use super::process::past_limit;
use super::rules::Special;
use super::{Process, Verdict};
use crate::protocol::Evidence;

pub(super) fn judge(process: &Process, past: &Past, rule: &Special) -> Verdict {
    let Some(limit) = rule.runtime.filter(|_| !process.sample.kernel_thread) else { return Verdict::Calm };
    let runtime = past.awake_age(process.step.now);
    let Some(severity) = past_limit(runtime.as_secs_f64(), limit.as_secs_f64()) else { return Verdict::Calm };
    Verdict::Firing(
        severity,
        Evidence::Timeout {
            runtime_seconds: runtime.as_secs(),
            limit_seconds: limit.as_secs(),
            rule: rule.title.clone(),
        },
    )
}
