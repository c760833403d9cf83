//! Work that was put behind all others, by the scheduling policy of real processes.

use crate::harness::{Home, LIMIT, Running, requires, wait_until};
use runaway_guard::sample::Now;
use runaway_guard::sample::procfs::Collector;

#[test]
fn work_of_policy_batch_or_idle_is_of_low_priority() {
    if !requires(&["chrt"]) {
        return;
    }
    let home = Home::new();
    let mut collector = Collector::new("/proc").unwrap();
    for (option, policy) in [("--batch", 3), ("--idle", 5), ("--other", 0)] {
        let command = ["0", "sh", "-c", "while :; do :; done"];
        let burner = Running::start(&home, "burner", home.command("chrt").arg(option).args(command));
        wait_until("it has its policy", LIMIT, || {
            let snapshot = collector.scan(Now::read()).unwrap();
            let sample = snapshot.samples.iter().find(|sample| sample.id.pid == burner.pid());
            let found = sample.filter(|sample| &*sample.description.name == "sh");
            found.is_some_and(|sample| sample.policy == policy && sample.is_of_low_priority() == (policy != 0))
        });
    }
}
