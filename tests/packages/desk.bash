# shellcheck shell=bash disable=SC2154
# Somebody at a desktop, and what is to be seen there.

user=ann
seat=seat0
display=:0

# Whose session is on the screen of the seat.
on_screen() { of_session Name; }

# A property of the session on the screen.
of_session() {
    inside loginctl show-session --property="$1" --value "$(inside loginctl show-seat --property=ActiveSession --value "$seat")"
}

# Runs a command in the session, and not in a login of its own.
at_desk() {
    inside setpriv --reuid "$user" --regid "$user" --init-groups env --chdir="/home/$user" HOME="/home/$user" DISPLAY="$display" \
        XDG_RUNTIME_DIR="$runtime" DBUS_SESSION_BUS_ADDRESS="unix:path=$runtime/bus" "$@"
}

# Whose icons the tray has, by their pids.
icons() {
    at_desk gdbus call --session --dest org.kde.StatusNotifierWatcher --object-path /StatusNotifierWatcher \
        --method org.freedesktop.DBus.Properties.Get org.kde.StatusNotifierWatcher RegisteredStatusNotifierItems |
        grep --only-matching 'Item-[0-9]*' | cut --delimiter=- --fields=2 | paste --serial --delimiters=' '
}

# Tells whether the panel shows the icon of RunawayGuard in a colour: in_panel COLOUR
in_panel() {
    local dots
    dots=$(convert "$(picture)" -crop 1280x26+0+0 txt:- | grep --count "$1")
    if [ "$dots" -ge 50 ]; then echo an icon; else echo "$dots dots"; fi
}

# Who guards, which icons the tray has, and what the panel shows.
seen() {
    printf 'guards: %s; icons: %s; in the panel: %s' "$(guard "$user" | paste --serial --delimiters=' ')" "$(icons)" "$(in_panel '#3D9A42')"
}

# Tells whether one guards, other than the one before, and has its icon in the panel: is_seen [PID BEFORE]
is_seen() {
    local pid seen
    pid=$(guard "$user")
    seen=$(seen)
    [ "$pid" = "${1:-}" ] || [ "$seen" != "guards: $pid; icons: $pid; in the panel: an icon" ] || seen=yes
    printf '%s' "$seen"
}

# Ends the session as Log Out in the panel's menu does, once its dialog is answered.
log_out() { at_desk xfce4-session-logout --logout 2>/dev/null; }

# What there is to see where a step failed.
scene() {
    inside loginctl --no-pager list-sessions
    inside ps f -e -o pid,user,lstart,args
    inside sh -c 'tail --lines=20 /var/log/lightdm/lightdm.log /home/*/.xsession-errors'
}
