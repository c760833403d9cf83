//! Finds the application that a process belongs to, by its cgroup.

use crate::process::Application;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

/// The names of the applications that were met.
#[derive(Debug)]
pub struct Applications {
    data_dirs: Vec<PathBuf>,
    met: HashMap<String, Option<Arc<Application>>>,
}

/// What a cgroup tells of the application.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mark {
    id: String,
    /// D-Bus starts applications and services alike: only a desktop file makes the first of it.
    needs_desktop_file: bool,
}

impl Applications {
    /// Looks for desktop files where this user's desktop does.
    #[must_use]
    pub fn from_environment() -> Self {
        Self::new(crate::paths::data_dirs())
    }

    /// Looks for desktop files below these folders, the first before the last.
    #[must_use]
    pub fn new(data_dirs: Vec<PathBuf>) -> Self {
        Self { data_dirs, met: HashMap::new() }
    }

    /// Finds the application, given the text of `/proc/pid/cgroup`; None where the process belongs to none.
    pub fn find(&mut self, cgroup: &str) -> Option<Arc<Application>> {
        let Mark { id, needs_desktop_file } = mark(unit(cgroup)?)?;
        if !self.met.contains_key(&id) {
            let found = self.name(&id).or_else(|| (!needs_desktop_file).then(|| prettified(&id)));
            self.met.insert(id.clone(), found.map(|name| Arc::new(Application { id: id.clone(), name })));
        }
        self.met.get(&id).cloned().flatten()
    }

    fn name(&self, id: &str) -> Option<String> {
        let read = |dir: &PathBuf| std::fs::read(dir.join("applications").join(format!("{id}.desktop"))).ok();
        self.data_dirs.iter().find_map(read).and_then(|file| name_in(&String::from_utf8_lossy(&file)))
    }
}

/// The innermost systemd unit of the process.
fn unit(cgroup: &str) -> Option<&str> {
    unit_path(path(cgroup)?)?.rsplit('/').next()
}

/// Gives the path of a cgroup up to the innermost systemd unit in it; None where it is in none.
#[must_use]
pub fn unit_path(path: &str) -> Option<&str> {
    let is_unit = |part: &str| [".scope", ".service", ".slice"].iter().any(|kind| part.ends_with(kind));
    std::iter::successors(Some(path), |path| path.rsplit_once('/').map(|(above, _)| above)).find(|path| is_unit(path))
}

/// Finds the path of the cgroup that systemd made, given the text of `/proc/pid/cgroup`; None where that names none.
///
/// Source: cgroups(7), `/proc/pid/cgroup`: `0::/path`, or `1:name=systemd:/path` with cgroups of version 1.
#[must_use]
pub fn path(cgroup: &str) -> Option<&str> {
    let path = |line: &'_ str| -> Option<usize> {
        let (_, rest) = line.split_once(':')?;
        let (controllers, path) = rest.split_once(':')?;
        (matches!(controllers, "" | "name=systemd") && path.len() > 1).then_some(line.len() - path.len())
    };
    cgroup.lines().find_map(|line| path(line).map(|at| &line[at..]))
}

/// Understands the name of a unit; None where it is none of an application.
///
/// Source: systemd's `DESKTOP_ENVIRONMENTS.md`: `app[-launcher]-ID-RANDOM.scope`, `app[-launcher]-ID[@RANDOM].service`;
/// snapd names its scopes `snap.SNAP.APP-RANDOM.scope`; dbus-broker `dbus-:1.2-NAME@N.service`.
fn mark(unit: &str) -> Option<Mark> {
    let (name, kind) = unit.rsplit_once('.')?;
    let id = match name.split_once(['-', '.'])? {
        ("app", rest) if kind == "scope" => scope_id(rest)?,
        ("app", rest) if kind == "service" => service_id(rest),
        ("dbus", rest) if kind == "service" => service_id(rest),
        ("snap", rest) if kind == "scope" => snap_id(rest)?,
        _ => return None,
    };
    let id = unescaped(&id);
    let usable = !id.is_empty() && id.len() <= 255 && !id.contains(['/', '\0']) && !id.starts_with('.');
    usable.then(|| Mark { id, needs_desktop_file: name.starts_with("dbus-") })
}

fn scope_id(rest: &str) -> Option<String> {
    let (rest, _random) = rest.rsplit_once('-')?;
    Some(without_launcher(rest).to_owned())
}

fn service_id(rest: &str) -> String {
    let (rest, template) = rest.split_once('@').map_or((rest, false), |(rest, _)| (rest, true));
    let random = |end: &str| end.len() >= 4 && end.bytes().all(|byte| byte.is_ascii_hexdigit());
    let rest = rest.rsplit_once('-').filter(|(_, end)| !template && random(end)).map_or(rest, |(rest, _)| rest);
    without_launcher(rest).to_owned()
}

/// A dash within launcher or id is escaped, so that the first plain one divides them.
fn without_launcher(rest: &str) -> &str {
    rest.split_once('-').map_or(rest, |(_launcher, id)| id)
}

/// The desktop file of a snap is `SNAP_APP.desktop`; before the UUID stands a dash, with older versions a dot.
fn snap_id(rest: &str) -> Option<String> {
    const UUID: usize = 36;
    let (snap, app) = rest.split_once('.')?;
    let app = app.len().checked_sub(UUID + 1).and_then(|length| app.get(..length))?;
    Some(format!("{snap}_{app}"))
}

/// Source: systemd.unit(5), "String Escaping for Inclusion in Unit Names".
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\x") {
        bytes.extend(before.bytes());
        let code = after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let Some(code) = code {
            bytes.push(code);
        } else {
            bytes.extend(b"\\x");
        }
        rest = if code.is_some() { &after[2..] } else { after };
    }
    bytes.extend(rest.bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Source: Desktop Entry Specification, key `Name` of the group `Desktop Entry`.
fn name_in(file: &str) -> Option<String> {
    let group = file.lines().skip_while(|line| line.trim() != "[Desktop Entry]").skip(1);
    let mut lines = group.take_while(|line| !line.starts_with('['));
    let name = lines.find_map(|line| line.split_once('=').filter(|(key, _)| key.trim() == "Name"))?.1;
    let name: String = name.trim().replace("\\s", " ").chars().filter(|c| !c.is_control()).take(64).collect();
    Some(name).filter(|name| !name.is_empty())
}

/// Makes a name for people of an id: `org.gnome.text-editor` becomes `Text Editor`.
fn prettified(id: &str) -> String {
    let last = id.rsplit('.').find(|part| !part.is_empty()).unwrap_or(id);
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>())
    };
    last.split(['-', '_', ' ']).filter_map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(cgroup: &str) -> Option<String> {
        Applications::new(Vec::new()).find(cgroup).map(|application| application.id.clone())
    }

    fn in_session(unit: &str) -> String {
        format!("0::/user.slice/user-1000.slice/user@1000.service/app.slice/{unit}\n")
    }

    #[test]
    fn units_of_applications_give_their_id() {
        let uuid = "5f0d0a5e-2f3e-4c43-8ad0-1c3c7f5c6b2a";
        for (unit, expected) in [
            ("app-gnome-org.mozilla.firefox-1234.scope".into(), "org.mozilla.firefox"),
            ("app-gnome-google\\x2dchrome-40911.scope".into(), "google-chrome"),
            ("app-firefox-3f2a1b.scope".into(), "firefox"),
            ("app-KDE-org.kde.dolphin-77.scope".into(), "org.kde.dolphin"),
            ("app-flatpak-org.gimp.GIMP-2241.scope".into(), "org.gimp.GIMP"),
            ("app-firefox@8f1b2c3d4e5f.service".into(), "firefox"),
            ("app-org.kde.konsole@autostart.service".into(), "org.kde.konsole"),
            (
                "app-org.gnome.Evolution\\x2dalarm\\x2dnotify@autostart.service".into(),
                "org.gnome.Evolution-alarm-notify",
            ),
            ("app-gnome-org.gnome.Calculator-9731.service".into(), "org.gnome.Calculator"),
            (format!("snap.firefox.firefox-{uuid}.scope"), "firefox_firefox"),
            (format!("snap.code-insiders.url-handler.{uuid}.scope"), "code-insiders_url-handler"),
        ] {
            assert_eq!(id(&in_session(&unit)).as_deref(), Some(expected), "{unit}");
        }
    }

    #[test]
    fn terminals_children_sessions_and_services_are_no_applications() {
        for cgroup in [
            in_session("app-org.gnome.Terminal.slice/vte-spawn-5f0d0a5e-2f3e-4c43-8ad0-1c3c7f5c6b2a.scope"),
            in_session("app-org.kde.konsole@8f1b2c3d.service/tab(1234-1).scope"),
            in_session("app-gnome\\x2dsession\\x2dmanager.slice/gnome-session-manager@gnome.service"),
            in_session("app.slice"),
            in_session("app-/etc/passwd-1.scope"),
            "0::/user.slice/user-1000.slice/session-2.scope\n".into(),
            "0::/system.slice/cron.service\n".into(),
            "0::/init.scope\n".into(),
            "0::/\n".into(),
            String::new(),
            "garbage".into(),
        ] {
            assert_eq!(id(&cgroup), None, "{cgroup}");
        }
    }

    #[test]
    fn both_versions_of_cgroups_are_understood() {
        let hybrid = "12:pids:/user.slice/x\n1:name=systemd:/user.slice/app-firefox-77.scope\n0::/\n";
        assert_eq!(id(hybrid).as_deref(), Some("firefox"));
        assert_eq!(id("0::/user.slice/app.slice/app-gnome-gedit-1.scope/sub\n").as_deref(), Some("gedit"));
    }

    #[test]
    fn the_name_comes_from_the_first_desktop_file() {
        let (home, system) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let write = |dir: &tempfile::TempDir, id: &str, text: &str| {
            std::fs::create_dir_all(dir.path().join("applications")).expect("a folder");
            std::fs::write(dir.path().join(format!("applications/{id}.desktop")), text).expect("a file");
        };
        write(&home, "firefox", "# ours\n[Desktop Entry]\nName[de]=Feuerfuchs\nName = Firefox\\sNightly\n");
        write(&system, "firefox", "[Desktop Entry]\nName=Firefox\n");
        write(
            &system,
            "org.gnome.Nautilus",
            "[Desktop Action new]\nName=New\n[Desktop Entry]\nName=Files\n[X]\nName=x\n",
        );
        write(&system, "nameless", "[Desktop Entry]\nExec=x\n[Other]\nName=No\n");
        let dirs = [&home, &system].map(|dir| dir.path().to_path_buf());
        let mut applications = Applications::new(dirs.into());
        let mut name = |unit: &str| applications.find(&in_session(unit)).map(|application| application.name.clone());
        assert_eq!(name("app-firefox-1.scope").as_deref(), Some("Firefox Nightly"));
        assert_eq!(name("app-nameless-1.scope").as_deref(), Some("Nameless"));
        assert_eq!(name("dbus-:1.2-org.gnome.Nautilus@0.service").as_deref(), Some("Files"));
        assert_eq!(name("dbus-:1.2-org.a11y.atspi.Registry@0.service"), None);
    }

    #[test]
    fn processes_of_one_application_share_it() {
        let mut applications = Applications::new(Vec::new());
        let first = applications.find(&in_session("app-firefox-1.scope")).expect("an application");
        let second = applications.find(&in_session("app-firefox-2.scope")).expect("an application");
        assert!(Arc::ptr_eq(&first, &second));
        assert_eq!(first.name, "Firefox");
    }

    #[test]
    fn ids_become_readable() {
        assert_eq!(prettified("org.gnome.text-editor"), "Text Editor");
        assert_eq!(prettified("google-chrome"), "Google Chrome");
        assert_eq!(prettified("..."), "...");
    }
}
