# shellcheck shell=bash
# What a user does, and what is seen of the guard.

unit=runaway-guard.service

# Two users whose service managers start with the system, a session's target as desktops have it, a watchdog with less
# patience, and scans each second.
prepare() {
    local user
    mkdir -p "$1/etc/systemd/user/$unit.d" "$1/var/lib/systemd/linger"
    printf '%s\n' '[Unit]' 'BindsTo=graphical-session.target' 'Wants=xdg-desktop-autostart.target' \
        'Before=xdg-desktop-autostart.target' >"$1/etc/systemd/user/desktop.target"
    mkdir -p "$1/etc/xdg/autostart"
    printf '%s\n' '[Desktop Entry]' 'Type=Application' 'Name=Other' 'Exec=true' >"$1/etc/xdg/autostart/other.desktop"
    printf '[Service]\nWatchdogSec=6s\n' >"$1/etc/systemd/user/$unit.d/trial.conf"
    for user in ann bob; do
        chroot "$1" useradd --create-home "$user"
        touch "$1/var/lib/systemd/linger/$user"
        mkdir -p "$1/home/$user/.config/runaway-guard"
        printf '%s\n' '[general]' 'sample_interval_normal = 1' 'sample_interval_alert = 1' \
            '[[rule]]' 'match = "sh"' 'cpu_threshold_percent = 10' 'cpu_duration_seconds = 1' \
            >"$1/home/$user/.config/runaway-guard/config.toml"
        chroot "$1" chown --recursive "$user:" "/home/$user/.config"
    done
}

# What there is to see where a step failed.
scene() { [ -z "$leader" ] || inside journalctl --quiet --no-hostname --lines=30 USER_UNIT="$unit" + _SYSTEMD_USER_UNIT="$unit"; }

manager() { as "$1" systemctl --user "${@:2}"; }

log_in() {
    manager "$1" set-environment DISPLAY=:0
    manager "$1" start desktop.target
}

log_out() { manager "$1" stop desktop.target; }

state() { manager "$1" is-active "$unit"; }

main() { manager "$1" show --property=MainPID --value "$unit"; }

# Starts a guard as a desktop without systemd does, in the scope of the login, and logs out.
leave_behind() {
    as "$1" sh -c \
        'setsid runaway-guard --background >/dev/null 2>&1 & until runaway-guard status >/dev/null 2>&1; do sleep 0.1; done'
}

# What logind says of the session that a process is in.
session_of() {
    local id
    id=$(inside sed -n 's/.*session-\(.*\)[.]scope$/\1/p' "/proc/$1/cgroup")
    inside sed -n 's/^STATE=//p' "/run/systemd/sessions/$id"
}

# What logind says of the session that a user's only guard is in.
guarded_session() {
    local pid
    pid=$(guard "$1") && [[ $pid =~ ^[0-9]+$ ]] && session_of "$pid"
}

# Starts something in a user's session, as a desktop does: starts USER NAME COMMAND…
starts() { as "$1" systemd-run --user --quiet --collect --property=Type=exec --unit="$2" --setenv=DISPLAY=:0 -- "${@:3}"; }

# Another one runs: anew WHAT USER PID
anew() { becomes "$1" "active, another one" main_beside "$2" "$3"; }

main_beside() {
    local pid
    pid=$(main "$1")
    [ "$pid" != 0 ] && [ "$pid" != "$2" ] && printf '%s, another one' "$(state "$1")"
}

# Whether the unit's program has ended by itself (1), and how.
ended() {
    manager "$1" show --property=ActiveState,ExecMainCode,ExecMainStatus "$unit" | sort | paste --serial --delimiters=' '
}

# How many alerts fire.
firing() { as "$1" runaway-guard status --json | sed -n 's/.*"alert_count": *\([0-9]*\).*/\1/p'; }
