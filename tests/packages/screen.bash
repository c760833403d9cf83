# shellcheck shell=bash disable=SC2154
# A display manager with a screen that only memory has, and somebody who types at it.

# Readies the system in a folder: a display manager whose X server needs no graphics card, and ann, who has a password. The
# display manager is sure of a console, and a container has none: the X server is not told of it, and logind neither. Nor may
# it lock memory there, and where it cannot, it crashes.
# shellcheck disable=SC2016 # the script is to read these
prepare_screen() {
    mkdir -p "$1/etc/lightdm/lightdm.conf.d" "$1/home/ann/.config/runaway-guard"
    printf '%s\n' '[LightDM]' 'logind-check-graphical=false' 'lock-memory=false' \
        '[Seat:*]' 'xserver-command=trial-screen' 'greeter-hide-users=false' >"$1/etc/lightdm/lightdm.conf.d/trial.conf"
    printf '%s\n' '#!/bin/bash' 'for arg; do [[ $arg == vt* || $arg == -novtswitch ]] || args+=("$arg"); done' \
        'exec Xvfb "${args[@]}" -screen 0 1280x800x24 -fbdir /srv' >"$1/usr/local/bin/trial-screen"
    chmod +x "$1/usr/local/bin/trial-screen"
    printf 'XDG_VTNR OVERRIDE=0\n' >>"$1/etc/security/pam_env.conf"
    printf '%s\n' '[general]' 'sample_interval_normal = 1' >"$1/home/ann/.config/runaway-guard/config.toml"
    chroot "$1" useradd --shell /bin/bash ann
    echo ann:right | chroot "$1" chpasswd
    chroot "$1" chown --recursive ann: /home/ann
    runtime=/run/user/$(chroot "$1" id --user ann)
}

# Types the password where the display manager asks ann for hers, and tells whose session came of it. What was typed before it
# listened is gone.
types_password() {
    inside env DISPLAY=:0 XAUTHORITY=/run/lightdm/root/:0 xdotool key ctrl+a type --args 1 right key Return >/dev/null
    for _ in {1..50}; do
        [ "$(on_screen)" != ann ] || break
        sleep 0.1
    done
    on_screen
}

log_in() {
    becomes "the display manager is there" lightdm on_screen
    becomes "ann logs in" ann types_password
}

# What is on the screen, as a file that convert reads.
picture() { printf '%s' "xwd:$root/srv/Xvfb_screen0"; }

# Logs in, and sees the guard come: comes [PID BEFORE]
comes() {
    log_in
    becomes "one guards, with its icon in the panel" yes is_seen "$@"
    printf '%s: from the login to the icon: %s ms\n' "$trial" \
        $(($(cut --delimiter=' ' --fields=1 /proc/uptime | tr -d .) * 10 - $(of_session TimestampMonotonic) / 1000))
    [ -z "${PICTURES:-}" ] || convert "$(picture)" "$PICTURES/$suite-$((++pictures)).png"
}
pictures=0

# By what a process was started, and what logind or systemd calls the place that it is in.
parent_of() { inside ps -o comm= -p $(($(inside ps -o ppid= -p "$1"))); }
place_of() { inside sed -n 's/^0::.*\/\([a-z]*\)[^/]*$/\1/p' "/proc/$1/cgroup"; }

# What goes on of ann's, and what is kept for the time of a login.
# shellcheck disable=SC2016 # the inner shell is to read this
left() { inside sh -c 'pgrep --euid ann --list-full; ls -A "$1" 2>/dev/null' sh "$runtime"; }
