//! What is never signalled: what the system, the session or the guard itself stands on.

use crate::process::Pid;
use crate::sample::procfs::Identity;
use std::num::NonZero;

/// The kernel keeps this much of a name.
///
/// Source: proc(5), `/proc/pid/comm`.
const CUT: usize = 15;

/// Processes on which a session stands; a `*` at the end stands for any end.
const NAMES: [&str; 80] = [
    // Session managers
    "systemd",
    "(sd-pam)",
    "gnome-session*",
    "xfce4-session",
    "ksmserver",
    "startplasma*",
    "plasma_session",
    "lxqt-session",
    "lxsession",
    "cinnamon-session*",
    "mate-session",
    "budgie-session*",
    "cosmic-session",
    "uwsm",
    "start-hyprland",
    "enlightenment*",
    "dde-session*",
    "elogind*",
    "systemd-logind",
    // Compositors and window managers
    "gnome-shell",
    "gnome-kiosk",
    "kwin_wayland*",
    "kwin_x11",
    "sway",
    "Hyprland",
    ".Hyprland-wrapp",
    "niri",
    "labwc",
    "wayfire",
    "river",
    "weston*",
    "cosmic-comp",
    "mutter*",
    "muffin",
    "cinnamon",
    "budgie-wm",
    "gala",
    "marco",
    "metacity",
    "phoc",
    "cage",
    "dwl",
    "hikari",
    "mangowc",
    "gamescope*",
    "miriway*",
    "xfwm4",
    "openbox",
    "fluxbox",
    "icewm*",
    "i3",
    "bspwm",
    "awesome",
    "dwm",
    "qtile",
    "xmonad*",
    "herbstluftwm",
    "spectrwm",
    "fvwm*",
    "jwm",
    "wmaker",
    "compiz",
    "deepin-kwin*",
    // D-Bus daemons
    "dbus-daemon",
    "dbus-broker",
    "dbus-broker-launch",
    // Display servers
    "Xorg*",
    "X",
    "Xwayland*",
    "Xvfb",
    "Xephyr",
    "Xvnc",
    "Xtigervnc",
    // Display managers
    "gdm*",
    "sddm*",
    "lightdm",
    "lxdm*",
    "ly-dm",
    "greetd",
    "xdm",
];

/// Tells what must not be signalled. It is pure: samples may be asked about too, so that menus can leave Kill out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protection {
    uid: u32,
    guards: Vec<Pid>,
}

impl Protection {
    /// Protects this process and the sessions of its user.
    #[must_use]
    pub fn of_this_process() -> Self {
        Self::new(nix::unistd::getuid().as_raw(), vec![std::process::id()])
    }

    /// Protects these processes of the guard, and the sessions of this user.
    #[must_use]
    pub fn new(uid: u32, guards: Vec<Pid>) -> Self {
        Self { uid, guards }
    }

    /// Protects one more process of the guard: the applet that started this one.
    #[must_use]
    pub fn and(mut self, guard: Option<NonZero<Pid>>) -> Self {
        self.guards.extend(guard.map(NonZero::get));
        self
    }

    /// Tells whether this process must not be signalled.
    #[must_use]
    pub fn is_protected(&self, identity: &Identity) -> bool {
        self.protects(&identity.name, identity.uid, identity.id.pid, identity.kernel_thread)
    }

    /// Tells the same of what a sample says; the name may be longer than the kernel's.
    #[must_use]
    pub fn protects(&self, name: &str, uid: u32, pid: Pid, kernel_thread: bool) -> bool {
        // Root may signal everybody's processes, so it must spare everybody's sessions.
        let may_carry_session = self.uid == 0 || uid == self.uid || uid == 0;
        pid <= 1 || kernel_thread || self.guards.contains(&pid) || (may_carry_session && carries_session(name))
    }
}

fn carries_session(name: &str) -> bool {
    NAMES.iter().any(|known| match known.strip_suffix('*') {
        Some(beginning) => name.as_bytes().starts_with(cut(beginning)),
        None => cut(known) == cut(name),
    })
}

fn cut(name: &str) -> &[u8] {
    &name.as_bytes()[..name.len().min(CUT)]
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: u32 = 1000;

    fn protects(name: &str, uid: u32) -> bool {
        Protection::new(ME, vec![77]).protects(name, uid, 4711, false)
    }

    #[test]
    fn the_session_is_protected_by_whole_and_by_cut_names() {
        for name in [
            "systemd",
            "gnome-session-b",
            "gnome-session-binary",
            "xfce4-session",
            "ksmserver",
            "startplasma-way",
            "lxqt-session",
            "cinnamon-sessio",
            "mate-session",
            "gnome-shell",
            "kwin_wayland",
            "kwin_wayland_wr",
            "kwin_x11",
            "sway",
            "Hyprland",
            "niri",
            "labwc",
            "wayfire",
            "river",
            "weston",
            "cosmic-comp",
            "mutter",
            "xfwm4",
            "openbox",
            "i3",
            "dbus-daemon",
            "dbus-broker",
            "dbus-broker-lau",
            "dbus-broker-launch",
            "Xorg",
            "X",
            "Xwayland",
            "Xvfb",
            "gdm",
            "gdm-session-wor",
            "gdm3",
            "sddm",
            "sddm-helper",
            "lightdm",
        ] {
            assert!(protects(name, ME) && protects(name, 0), "{name}");
            assert!(!protects(name, 1001), "{name} of somebody else");
        }
    }

    #[test]
    fn others_are_not_protected() {
        for name in ["firefox", "node", "", "Xeyes", "swaybg", "i3bar", "dbus-broker-lax", "systemd-run", "gnome-she"] {
            assert!(!protects(name, ME), "{name}");
        }
    }

    #[test]
    fn the_kernel_init_and_the_guard_are_protected() {
        let guard = Protection::new(ME, vec![77]).and(NonZero::new(78)).and(None);
        assert!(guard.protects("init", 0, 1, false) && guard.protects("x", ME, 0, false));
        assert!(guard.protects("kworker/0:1", 0, 99, true));
        assert!(guard.protects("runaway-guard", ME, 77, false) && guard.protects("runaway-guard", ME, 78, false));
        assert!(!guard.protects("runaway-guard", ME, 79, false));
    }

    #[test]
    fn root_spares_the_sessions_of_all() {
        assert!(Protection::new(0, Vec::new()).protects("gnome-shell", 1001, 4711, false));
        assert!(!Protection::new(0, Vec::new()).protects("node", 1001, 4711, false));
    }
}
