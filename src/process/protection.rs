//! What is never signalled: what the system, the session or the guard itself stands on.

use super::{Pid, Reach};
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protection {
    uid: u32,
    guards: Vec<Pid>,
    asks: bool,
}

impl Protection {
    /// Protects this process, for the user that it runs as.
    #[must_use]
    pub fn of_this_process() -> Self {
        Self::new(nix::unistd::getuid().as_raw(), vec![std::process::id()])
    }

    /// Protects these processes of the guard, for this user.
    #[must_use]
    pub fn new(uid: u32, guards: Vec<Pid>) -> Self {
        Self { uid, guards, asks: false }
    }

    /// Tells that an administrator can be asked to let processes of other users be ended.
    #[must_use]
    pub fn asking(self, asks: bool) -> Self {
        Self { asks, ..self }
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
        self.protects(&identity.name, identity.id.pid, identity.kernel_thread)
    }

    /// Tells what the user may do to the process that a sample is of; its name may be longer than the kernel's.
    #[must_use]
    pub fn reach(&self, name: &str, uid: u32, pid: Pid, kernel_thread: bool) -> Reach {
        if self.protects(name, pid, kernel_thread) {
            Reach::Protected
        } else if self.uid == 0 || uid == self.uid {
            Reach::Free
        } else if self.asks {
            Reach::Asks
        } else {
            Reach::Foreign
        }
    }

    /// Others' sessions are spared as well: root, and whoever asks an administrator, reaches them.
    fn protects(&self, name: &str, pid: Pid, kernel_thread: bool) -> bool {
        pid <= 1 || kernel_thread || self.guards.contains(&pid) || carries_session(name)
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
        Protection::new(ME, vec![77]).reach(name, uid, 4711, false) == Reach::Protected
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
            assert!([ME, 0, 1001].into_iter().all(|uid| protects(name, uid)), "{name}");
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
        let guard = Protection::new(ME, vec![77]).and(NonZero::new(78)).and(None).asking(true);
        let reach = |name, uid, pid, kernel_thread| guard.reach(name, uid, pid, kernel_thread);
        for reach in [reach("init", 0, 1, false), reach("x", ME, 0, false), reach("kworker/0:1", 0, 99, true)] {
            assert_eq!(reach, Reach::Protected);
        }
        let guards = [77, 78, 79].map(|pid| reach("runaway-guard", ME, pid, false));
        assert_eq!(guards, [Reach::Protected, Reach::Protected, Reach::Free]);
    }

    #[test]
    fn what_belongs_to_others_is_reached_by_root_and_by_asking() {
        let reach = |guard: Protection| [ME, 0, 1001].map(|uid| guard.reach("node", uid, 4711, false));
        let mine = Protection::new(ME, Vec::new());
        assert_eq!(reach(mine.clone()), [Reach::Free, Reach::Foreign, Reach::Foreign]);
        assert_eq!(reach(mine.asking(true)), [Reach::Free, Reach::Asks, Reach::Asks]);
        assert_eq!(reach(Protection::new(0, Vec::new())), [Reach::Free; 3]);
    }
}
