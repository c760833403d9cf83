//! The fields of the tab: each key of the config with its words, and what it may be.

use crate::config::{Config, NotificationMethod, wire};
use serde_json::Value;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

/// A table of the config.
pub(super) struct Group {
    /// Its heading.
    pub(super) title: &'static str,
    /// What it is about.
    pub(super) explained: &'static str,
    /// Its keys.
    pub(super) fields: &'static [Field],
}

/// A key of the config.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    /// Its name on the wire, its table included.
    pub(super) key: &'static str,
    /// What it is called.
    pub(super) label: &'static str,
    /// What it may be.
    pub(super) kind: Kind,
}

/// What a key may be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// On or off.
    Switch,
    /// A whole number.
    Number {
        /// Of what.
        unit: &'static str,
        /// Its bounds, from the schema.
        bounds: fn(&Config) -> RangeInclusive<u32>,
    },
    /// How alerts are shown.
    Method,
}

/// How alerts can be shown, in words.
pub(super) const METHODS: [(NotificationMethod, &str); 3] = [
    (NotificationMethod::System, "Desktop"),
    (NotificationMethod::Popup, "Small window"),
    (NotificationMethod::Both, "Both"),
];

/// All tables, in the order of the file.
pub(super) const GROUPS: [Group; 4] = [
    Group { title: "CPU", explained: "A process that keeps the processor busy.", fields: &CPU },
    Group { title: "Hang", explained: "A process that waits in the kernel and cannot be interrupted.", fields: &HANG },
    Group { title: "Memory leak", explained: "A process whose memory grows and grows.", fields: &MEMORY },
    Group { title: "General", explained: "How the guard itself behaves.", fields: &GENERAL },
];

const CPU: [Field; 3] = [
    switch("cpu_high.enabled", "Watch the CPU"),
    number("cpu_high.threshold_percent", "Threshold", "% of one core", |config| {
        config.detection.cpu_high.threshold_percent.bounds()
    }),
    number("cpu_high.duration_seconds", "For how long", "seconds", |config| {
        config.detection.cpu_high.duration_seconds.bounds()
    }),
];

const HANG: [Field; 2] = [
    switch("hang.enabled", "Watch for hangs"),
    number("hang.duration_seconds", "For how long", "seconds", |config| {
        config.detection.hang.duration_seconds.bounds()
    }),
];

const MEMORY: [Field; 3] = [
    switch("memory_leak.enabled", "Watch for leaks"),
    number("memory_leak.growth_threshold_mb", "Growth", "MiB", |config| {
        config.detection.memory_leak.growth_threshold_mb.bounds()
    }),
    number("memory_leak.window_minutes", "Within", "minutes", |config| {
        config.detection.memory_leak.window_minutes.bounds()
    }),
];

const GENERAL: [Field; 5] = [
    number("general.sample_interval_normal", "Look every", "seconds", |config| {
        config.general.sample_interval_normal.bounds()
    }),
    number("general.sample_interval_alert", "When suspicious, every", "seconds", |config| {
        config.general.sample_interval_alert.bounds()
    }),
    Field { key: "general.notification_method", label: "Notify by", kind: Kind::Method },
    number("general.kill_grace_seconds", "Kill forces after", "seconds", |config| {
        config.general.kill_grace_seconds.bounds()
    }),
    number("general.retention_days", "Keep alerts for", "days", |config| config.general.retention_days.bounds()),
];

const fn switch(key: &'static str, label: &'static str) -> Field {
    Field { key, label, kind: Kind::Switch }
}

const fn number(
    key: &'static str,
    label: &'static str,
    unit: &'static str,
    bounds: fn(&Config) -> RangeInclusive<u32>,
) -> Field {
    Field { key, label, kind: Kind::Number { unit, bounds } }
}

static DEFAULTS: LazyLock<(Config, Value)> = LazyLock::new(|| {
    let config = Config::default();
    let tree = wire::wire(&config);
    (config, tree)
});

/// Gives every field.
pub(super) fn fields() -> impl Iterator<Item = &'static Field> {
    GROUPS.iter().flat_map(|group| group.fields)
}

/// Why a text is no value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// What is wrong.
    pub(super) sentence: String,
    /// What it may be.
    pub(super) allowed: String,
}

impl Field {
    /// Gives the default as a field shows it.
    pub(super) fn default(&self) -> String {
        self.shown(&DEFAULTS.1)
    }

    /// Gives the value of a config of the wire as a field shows it.
    pub(super) fn shown(&self, config: &Value) -> String {
        match wire::get(config, self.key) {
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
            None => String::new(),
        }
    }

    /// Reads what was typed or chosen.
    ///
    /// # Errors
    /// What is wrong with it, and what is allowed.
    pub(super) fn read(&self, text: &str) -> Result<Value, Wrong> {
        match self.kind {
            Kind::Switch => Ok(Value::Bool(text == "true")),
            Kind::Method => Ok(Value::String(text.to_owned())),
            Kind::Number { bounds, .. } => {
                let allowed = || format!("{}; {} by default", in_words(&bounds(&DEFAULTS.0)), self.default());
                number_in(text, &bounds(&DEFAULTS.0))
                    .map(Value::from)
                    .map_err(|sentence| Wrong { sentence, allowed: allowed() })
            }
        }
    }

    /// Says a value in a few words.
    pub(super) fn in_words(&self, value: &str) -> String {
        match self.kind {
            Kind::Switch => if value == "true" { "on" } else { "off" }.to_owned(),
            Kind::Number { .. } => value.to_owned(),
            Kind::Method => METHODS
                .iter()
                .find(|(method, _)| serde_json::to_value(method).is_ok_and(|word| word == value))
                .map_or(value, |(_, words)| words)
                .to_owned(),
        }
    }
}

/// Reads a whole number within bounds.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub(super) fn number_in(text: &str, bounds: &RangeInclusive<u32>) -> Result<u32, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("A number is missing.".to_owned());
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.chars().all(|character| character.is_ascii_digit()) || digits.is_empty() {
        return Err(format!("\u{201c}{}\u{201d} is not a whole number.", crate::figures::harmless(text)));
    }
    match text.parse::<u32>() {
        Ok(number) if bounds.contains(&number) => Ok(number),
        Ok(number) if number > *bounds.end() => Err(format!("{number} is too large.")),
        Err(_) if !text.starts_with('-') => Err("This is too large.".to_owned()),
        Ok(_) | Err(_) => Err(format!("{text} is too small.")),
    }
}

/// Says bounds: `1 to 3600`.
pub(super) fn in_words(bounds: &RangeInclusive<u32>) -> String {
    format!("{} to {}", bounds.start(), bounds.end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_config_has_a_field_and_its_default_is_allowed() {
        let Value::Object(tree) = wire::wire(&Config::default()) else { panic!("no object") };
        let keys = tree.iter().filter_map(|(table, keys)| Some((table, keys.as_object()?)));
        let mut keys: Vec<_> =
            keys.flat_map(|(table, keys)| keys.keys().map(move |key| format!("{table}.{key}"))).collect();
        let mut shown: Vec<_> = fields().map(|field| field.key.to_owned()).collect();
        keys.sort();
        shown.sort();
        assert_eq!(shown, keys);
        for field in fields() {
            assert_eq!(field.read(&field.default()).as_ref(), Ok(wire::get(&DEFAULTS.1, field.key).unwrap()));
        }
    }

    #[test]
    fn what_is_no_number_within_bounds_is_refused() {
        let read = |text| number_in(text, &(1..=3600));
        assert_eq!(read(" 60 "), Ok(60));
        assert_eq!(read("3601"), Err("3601 is too large.".to_owned()));
        assert_eq!(read("99999999999"), Err("This is too large.".to_owned()));
        assert_eq!(read("0"), Err("0 is too small.".to_owned()));
        assert_eq!(read("-5"), Err("-5 is too small.".to_owned()));
        assert_eq!(read(""), Err("A number is missing.".to_owned()));
        assert_eq!(read("ninety"), Err("\u{201c}ninety\u{201d} is not a whole number.".to_owned()));
        assert_eq!(read("1.5").unwrap_err(), "\u{201c}1.5\u{201d} is not a whole number.");
    }

    #[test]
    fn the_bounds_are_those_of_the_schema() {
        let threshold = fields().find(|field| field.key == "cpu_high.threshold_percent").unwrap();
        assert_eq!(threshold.read("0").unwrap_err().allowed, "1 to 6400; 90 by default");
    }
}
