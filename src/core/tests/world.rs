//! A machine of the tests.

use super::*;

/// A machine of which the test decides what its processes do; time runs from scan to scan as the core asks.
pub(super) struct World {
    pub(super) core: Core,
    pub(super) now: Now,
    pub(super) processes: Vec<Sample>,
    pub(super) idle: Duration,
    pub(super) tickets: u64,
    /// What was stored of alerts, by id.
    pub(super) records: BTreeMap<i64, Record>,
    /// The pause that was stored.
    pub(super) pause: Option<KeptPause>,
}

pub(super) const START: Now =
    Now { monotonic: Duration::from_secs(1000), boottime: Duration::from_secs(1000), unix: 1_800_000_000 };

impl World {
    pub(super) fn new(start: Start) -> Self {
        let (core, _) = Core::new(start, START);
        let (processes, idle) = (Vec::new(), Duration::from_mins(15));
        Self { core, now: START, processes, idle, tickets: 0, records: BTreeMap::new(), pause: None }
    }

    pub(super) fn add(&mut self, pid: u32, name: &str) {
        let description = Description {
            name: name.into(),
            command_line: format!("/usr/bin/{name} --work").into(),
            uid: 1000,
            user: "ada".into(),
            ..Description::default()
        };
        let id = Id { pid, start_time: u64::from(pid) * 10 };
        self.processes.push(Sample { age: Duration::from_secs(500), ..Sample::running(id, 1, description) });
    }

    pub(super) fn process(&mut self, pid: u32) -> &mut Sample {
        self.processes.iter_mut().find(|sample| sample.id.pid == pid).unwrap()
    }

    /// Lets one interval pass in which these processes keep so many cores busy each.
    pub(super) fn scan(&mut self, busy: &[(u32, f64)]) -> Vec<Effect> {
        let interval = self.core.interval(self.now).unwrap();
        self.scan_after(interval, busy)
    }

    /// Scans after so long, in which these processes keep so many cores busy each.
    pub(super) fn scan_after(&mut self, interval: Duration, busy: &[(u32, f64)]) -> Vec<Effect> {
        self.pass(interval, busy);
        self.tick()
    }

    /// Lets time pass without a scan, in which these processes keep so many cores busy each.
    pub(super) fn pass(&mut self, interval: Duration, busy: &[(u32, f64)]) {
        self.now.monotonic += interval;
        self.now.boottime += interval;
        self.now.unix += interval.as_secs().cast_signed();
        let used: f64 = busy.iter().map(|(_, cores)| cores).sum();
        self.idle += interval.mul_f64((4.0 - used).max(0.0));
        for sample in &mut self.processes {
            sample.age += interval;
            let cores = busy.iter().find(|(pid, _)| *pid == sample.id.pid).map_or(0.0, |(_, cores)| *cores);
            sample.cpu_time += interval.mul_f64(cores);
        }
    }

    pub(super) fn tick(&mut self) -> Vec<Effect> {
        let snapshot = Snapshot {
            now: self.now,
            samples: self.processes.clone(),
            vanished: 0,
            memory: Memory { total: 16 << 30, available: 6 << 30 },
            load: Load {
                cores: 4,
                idle: Some(self.idle),
                pressure: Pressure { cpu_some: Some(1.5), ..Pressure::default() },
            },
            is_exact: false,
            on_battery: None,
            took: Duration::from_millis(3),
        };
        let effects = self.core.tick(snapshot);
        self.store(&effects);
        effects
    }

    pub(super) fn seconds_since(&self, before: Now) -> u64 {
        self.now.monotonic.saturating_sub(before.monotonic).as_secs()
    }

    pub(super) fn burn_until_alert(&mut self, pid: u32) -> Alert {
        for _ in 0..100 {
            if let Some(alert) = pushed(&self.scan(&[(pid, 1.0)])).pop() {
                return alert;
            }
        }
        panic!("no alert");
    }

    pub(super) fn ask(&mut self, request: Request) -> (Ticket, Vec<Effect>) {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        let effects = self.core.request(ticket, Origin::Socket, request, self.now);
        self.store(&effects);
        (ticket, effects)
    }

    /// Keeps what is to be stored.
    pub(super) fn store(&mut self, effects: &[Effect]) {
        for effect in effects {
            if let Effect::Store(Write::Alert(record), None) = effect {
                self.records.insert(record.alert.id, record.as_ref().clone());
            }
            if let Effect::Store(Write::Pause(pause), None) = effect {
                self.pause = *pause;
            }
        }
    }

    /// Ends the guard and starts it anew with what was stored.
    pub(super) fn restart(&mut self) -> Vec<Effect> {
        let whitelist = self.core.whitelist.entries().cloned().collect();
        let next_whitelist = self.core.next_whitelist;
        let lasting = self.records.values().filter(|record| record.lasts.is_some()).cloned().collect();
        let next_alert = self.records.keys().last().map_or(1, |id| id + 1);
        let kept = Start { lasting, whitelist, pause: self.pause, next_alert, next_whitelist, ..Start::default() };
        let (core, mut effects) = Core::new(kept, self.now);
        self.core = core;
        self.store(&effects);
        effects.extend(self.tick());
        effects
    }

    pub(super) fn whitelist(&mut self, pattern: &str) -> Vec<Effect> {
        let pattern = pattern.to_owned();
        let params = AddWhitelist { pattern, match_type: MatchType::Name, reason: None };
        let (_, effects) = self.ask(Request::AddWhitelist(params));
        let [Effect::Store(Write::AddWhitelist(_), Some(write))] = effects[..] else { panic!("{effects:?}") };
        self.core.stored(write, Ok(()), self.now)
    }
}

pub(super) fn pushed(effects: &[Effect]) -> Vec<Alert> {
    let alert =
        |effect: &Effect| if let Effect::Push(Push::Alert(alert)) = effect { Some((**alert).clone()) } else { None };
    effects.iter().filter_map(alert).collect()
}
