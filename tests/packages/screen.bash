# shellcheck shell=bash disable=SC2154
# A display manager with a screen that only memory has, somebody who types at it, and what is to be seen there.

# Readies the system in a folder: a display manager whose X server needs no graphics card, and two users with a password. The
# display manager takes a console, which a container has none of.
prepare_screen() {
    local user
    mkdir -p "$1/etc/lightdm/lightdm.conf.d"
    printf '%s\n' '[LightDM]' 'logind-check-graphical=false' 'lock-memory=false' '[Seat:*]' 'xserver-command=screen' \
        >"$1/etc/lightdm/lightdm.conf.d/trial.conf"
    printf '%s\n' '#!/bin/bash' 'for arg; do [[ $arg == vt* || $arg == -novtswitch ]] || args+=("$arg"); done' \
        'exec Xvfb "${args[@]}" -screen 0 1280x800x24 -fbdir /srv' >"$1/usr/local/bin/screen"
    chmod +x "$1/usr/local/bin/screen"
    printf 'XDG_VTNR OVERRIDE=0\n' >>"$1/etc/security/pam_env.conf"
    for user in ann bob; do
        chroot "$1" useradd --create-home --shell /bin/bash "$user"
        echo "$user:right" | chroot "$1" chpasswd
        mkdir -p "$1/home/$user/.config/runaway-guard"
        printf '%s\n' '[general]' 'sample_interval_normal = 1' >"$1/home/$user/.config/runaway-guard/config.toml"
        chroot "$1" chown --recursive "$user:" "/home/$user/.config"
    done
}

# Whose session is on the screen.
on_screen() {
    local session
    session=$(inside loginctl show-seat --property=ActiveSession --value seat0)
    inside loginctl show-session --property=Name --value "$session"
}

# Types name and password where the display manager asks for them, and tells whose session came of it.
types_in() {
    inside env DISPLAY=:0 XAUTHORITY=/run/lightdm/root/:0 xdotool \
        key Escape sleep 0.5 type --args 1 "$1" key Return sleep 1 type --args 1 right key Return >/dev/null
    for _ in {1..50}; do
        [ "$(on_screen)" != "$1" ] || break
        sleep 0.1
    done
    on_screen
}

log_in() {
    becomes "the display manager asks who comes" lightdm on_screen
    becomes "$1 logs in" "$1" types_in "$1"
}

# Runs a command in a user's session, without a login of its own: at_desk USER COMMAND…
at_desk() {
    local uid
    uid=$(inside id --user "$1")
    inside setpriv --reuid "$uid" --regid "$uid" --clear-groups env --chdir="/home/$1" HOME="/home/$1" DISPLAY=:0 \
        XDG_RUNTIME_DIR="/run/user/$uid" DBUS_SESSION_BUS_ADDRESS="unix:path=/run/user/$uid/bus" "${@:2}"
}

# Whose icons the tray has, by their pids.
icons() {
    at_desk "$1" gdbus call --session --dest org.kde.StatusNotifierWatcher --object-path /StatusNotifierWatcher \
        --method org.freedesktop.DBus.Properties.Get org.kde.StatusNotifierWatcher RegisteredStatusNotifierItems |
        grep --only-matching 'Item-[0-9]*' | cut --delimiter=- --fields=2 | paste --serial --delimiters=' '
}

# Tells whether the panel shows the icon of RunawayGuard, which is green.
in_panel() {
    local dots
    dots=$(convert "xwd:$root/srv/Xvfb_screen0" -crop 1280x26+0+0 txt:- | grep --count '#3D9A42')
    if [ "$dots" -ge 50 ]; then echo an icon; else echo "$dots green dots"; fi
}

# Who guards, which icons the tray has, and what the panel shows.
seen() { printf 'guards: %s; icons: %s; in the panel: %s' "$(guard "$1" | paste --serial --delimiters=' ')" "$(icons "$1")" "$(in_panel)"; }

# Tells whether one guards, other than the one before, and has its icon in the panel: is_seen USER [PID BEFORE]
is_seen() {
    local pid seen
    pid=$(guard "$1")
    seen=$(seen "$1")
    [ "$pid" = "${2:-}" ] || [ "$seen" != "guards: $pid; icons: $pid; in the panel: an icon" ] || seen=yes
    printf '%s' "$seen"
}

# Logs in, and sees the guard come: comes USER [PID BEFORE]
comes() {
    local began
    log_in "$1"
    began=$(date +%s%3N)
    becomes "one guards, with its icon in the panel" yes is_seen "$@"
    printf '%s: from the login to the icon: %s ms\n' "$trial" $(($(date +%s%3N) - began))
    [ -z "${PICTURES:-}" ] || convert "xwd:$root/srv/Xvfb_screen0" "$PICTURES/$suite-$((++pictures)).png"
}
pictures=0

# Ends a user's session as Log Out in the panel's menu does, once its dialog is answered.
log_out() { at_desk "$1" xfce4-session-logout --logout 2>/dev/null; }

# By what a process was started, and what logind or systemd calls the place that it is in.
parent_of() { inside ps -o comm= -p $(($(inside ps -o ppid= -p "$1"))); }
place_of() { inside sed -n 's/^0::.*\/\([a-z]*\)[^/]*$/\1/p' "/proc/$1/cgroup"; }

# What goes on of a user, and what is kept for the time of a login.
left() { inside sh -c 'pgrep --euid "$1" --list-full; ls -A "/run/user/$(id --user "$1")" 2>/dev/null' sh "$1"; }

# What there is to see where a step failed.
scene() {
    inside loginctl --no-pager list-sessions
    inside ps f -e -o pid,user,lstart,args
    tail --lines=20 "$root"/var/log/lightdm/lightdm.log "$root"/home/*/.xsession-errors
}
