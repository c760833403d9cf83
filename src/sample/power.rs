//! Whether the machine runs on its battery.

use std::path::Path;

/// Tells whether the machine runs on its battery; None where the kernel does not tell.
///
/// Source: the kernel's `Documentation/ABI/testing/sysfs-class-power`.
#[must_use]
pub fn on_battery() -> Option<bool> {
    told_by(Path::new("/sys/class/power_supply"))
}

fn told_by(folder: &Path) -> Option<bool> {
    let supplies = std::fs::read_dir(folder).ok()?;
    let told: Vec<bool> = supplies.flatten().filter_map(|supply| by_supply(&supply.path())).collect();
    // One that feeds the machine decides, whatever a battery does meanwhile.
    (!told.is_empty()).then(|| !told.contains(&false))
}

/// A battery of a mouse or a headset has a scope and says nothing of the machine.
fn by_supply(supply: &Path) -> Option<bool> {
    let word = |file: &str| std::fs::read_to_string(supply.join(file)).ok().map(|text| text.trim().to_owned());
    if word("scope").is_some_and(|scope| scope == "Device") {
        return None;
    }
    if word("type")? == "Battery" {
        return Some(word("status")? == "Discharging");
    }
    (word("online")? != "0").then_some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(supplies: &[(&str, &[(&str, &str)])]) -> Option<bool> {
        let folder = tempfile::tempdir().unwrap();
        for (supply, files) in supplies {
            std::fs::create_dir(folder.path().join(supply)).unwrap();
            for (file, text) in *files {
                std::fs::write(folder.path().join(supply).join(file), format!("{text}\n")).unwrap();
            }
        }
        told_by(folder.path())
    }

    #[test]
    fn the_supplies_tell() {
        let battery = |status| ("BAT0", [("type", "Battery"), ("status", status)]);
        let mains = |online| ("AC", [("type", "Mains"), ("online", online)]);
        let mouse = ("hid", [("type", "Battery"), ("status", "Discharging"), ("scope", "Device")]);
        let (full, draining) = (battery("Full"), battery("Discharging"));
        let (on, off) = (mains("1"), mains("0"));
        assert_eq!(told(&[]), None);
        assert_eq!(told(&[("hid", &mouse.1)]), None);
        assert_eq!(told(&[("BAT0", &full.1)]), Some(false));
        assert_eq!(told(&[("BAT0", &draining.1), ("AC", &off.1)]), Some(true));
        assert_eq!(told(&[("BAT0", &draining.1), ("AC", &on.1)]), Some(false));
    }
}
