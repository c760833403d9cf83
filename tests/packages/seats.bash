# shellcheck shell=bash disable=SC2154,SC2034
# Three users, who log in at the greeters of seats.

# Users with passwords, and programs that run away. A unit's watchdog has less patience than the machine sleeps.
prepare_users() {
    local user
    for user in ann bob carol; do
        chroot "$1" useradd --create-home --shell /bin/bash "$user"
        echo "$user:right" | chroot "$1" chpasswd
        mkdir -p "$1/home/$user/.config/runaway-guard"
        printf '%s\n' '[general]' 'sample_interval_normal = 1' '[detection.cpu_high]' 'threshold_percent = 50' 'duration_seconds = 30' \
            '[[rule]]' 'match = "overtime"' 'max_runtime_minutes = 1' >"$1/home/$user/.config/runaway-guard/config.toml"
        chroot "$1" chown --recursive "$user:" "/home/$user"
    done
    mkdir -p "$1/etc/systemd/user/runaway-guard.service.d"
    printf '%s\n' '[Service]' 'WatchdogSec=10s' >"$1/etc/systemd/user/runaway-guard.service.d/trial.conf"
    cp "$1/bin/dash" "$1/srv/burner"
    cp "$1/bin/sleep" "$1/srv/overtime"
    cc -o "$1/srv/stuck" ../fixtures/desktop/stuck.c
}

# Goes to somebody's desktop, be it on the screen or not: at SEAT USER
at() {
    seat="$1"
    user="$2"
    runtime=/run/user/$(inside id --user "$user")
    display=$(inside loginctl show-session --property=Display --value \
        "$(inside loginctl show-user --property=Display --value "$user")")
}

# Presses keys at the screen of the seat.
presses() {
    local screen
    screen=$(of_session Display)
    inside env "DISPLAY=$screen" "XAUTHORITY=/run/lightdm/root/$screen" xdotool "$@" >/dev/null
}

# Whether the greeter's dialog is drawn: what is typed before is gone.
dialog() { [ "$(convert "$(picture)" -crop 320x160+480+320 txt:- | grep --count '#FFFFFF')" -lt 20000 ] || echo drawn; }

# Types a name and a password where the display manager asks for them, once its Cancel was pressed, and tells whose session
# came of it.
types() {
    [ "$(on_screen)" != lightdm ] || presses mousemove 550 446 click 1 sleep 2 key ctrl+a type --args 1 "$1" \
        key Return sleep 3 type --args 1 right key Return
    for _ in {1..40}; do
        [ "$(on_screen)" != "$1" ] || break
        sleep 0.5
    done
    on_screen
}

# Logs in at a greeter, or comes back to a session: log_in SEAT USER
log_in() {
    seat="$1"
    becomes "a greeter is at $1" lightdm on_screen
    becomes "its dialog is there" drawn dialog
    shown "greeter-$1-$2"
    becomes "$2 logs in there" "$2" types "$2"
    at "$1" "$2"
}

# Logs in, and sees the guard come: comes SEAT USER
comes() {
    log_in "$@"
    becomes "$2 has a guard, with its icon in the panel" yes is_seen
}

# Leaves the session where it is, and has a greeter beside it.
leaves() {
    local path
    path=$(inside sed --null-data --quiet 's/^XDG_SEAT_PATH=//p' \
        "/proc/$(inside pgrep --euid "$user" --exact xfce4-session)/environ" | tr --delete '\0')
    inside env XDG_SEAT_PATH="$path" dm-tool switch-to-greeter
}

# Has the user's guard run by its unit, as on a desktop that systemd runs.
by_unit() {
    local before
    before=$(guard "$user")
    inside kill "$before"
    at_desk systemctl --user import-environment DISPLAY
    at_desk systemctl --user start runaway-guard
    becomes "a unit runs $user's, with its icon in the panel" yes is_seen "$before"
}

# Starts a program that stays: runs COMMAND…
# shellcheck disable=SC2016 # the inner shell is to read this
runs() { at_desk sh -c 'setsid "$@" >/dev/null 2>&1 &' sh "$@"; }

burns() { runs /srv/burner -c 'while :; do :; done'; }

level() { at_desk runaway-guard status | sed -n 's/^Level *//p'; }
