//! Run times: processes that a `[[rule]]` allows only so long. The first rule that matches is the one that holds.

use super::past::Past;
use super::{Limit, Process, Verdict, severity};
use crate::process::Description;
use crate::protocol::Evidence;
use std::sync::Arc;

pub(super) fn judge(process: &Process, past: &mut Past, limits: &[Limit]) -> Verdict {
    if process.sample.kernel_thread {
        return Verdict::Calm;
    }
    let Some(limit) = limit_of(&process.sample.description, past, limits) else { return Verdict::Calm };
    let runtime = past.awake_age(process.step.now);
    let Some(severity) = severity(runtime.as_secs_f64(), limit.runtime.as_secs_f64()) else { return Verdict::Calm };
    Verdict::Firing(
        severity,
        Evidence::Timeout {
            runtime_seconds: runtime.as_secs(),
            limit_seconds: limit.runtime.as_secs(),
            rule: limit.title.clone(),
        },
    )
}

fn limit_of<'a>(description: &Arc<Description>, past: &mut Past, limits: &'a [Limit]) -> Option<&'a Limit> {
    let found = match &past.limit {
        Some((known, found)) if Arc::ptr_eq(known, description) => *found,
        Some(_) | None => {
            let found = limits.iter().position(|limit| limit.pattern.matches(description));
            past.limit = Some((Arc::clone(description), found));
            found
        }
    };
    found.and_then(|index| limits.get(index))
}
