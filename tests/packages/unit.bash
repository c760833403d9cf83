# shellcheck shell=bash disable=SC2154
# The unit: begins and ends with the session, once, comes back after a crash and after a hang, and sees all of /proc.

equal "the unit is verified without a word" "" \
    "$(as ann systemd-analyze --user --man=no verify "/usr/lib/systemd/user/$unit" 2>&1)"

has "its program is told as the window reads it" "path=/usr/bin/runaway-guard ;" \
    "$(manager ann show --property=ExecStart --value "$unit")"
equal "before the session it does not run" inactive "$(state ann)"
manager ann set-environment XDG_SESSION_CLASS=greeter
log_in ann
equal "it does not start where somebody is to log in" "inactive no" \
    "$(manager ann show --property=ActiveState,ConditionResult --value "$unit" | paste --serial --delimiters=' ')"
log_out ann
manager ann unset-environment XDG_SESSION_CLASS
log_in ann
becomes "it starts with the session" active state ann
log_out ann
becomes "it ends with the session" inactive state ann
equal "nothing of it goes on" 0 "$(guards ann)"

entry=$(sed -n 's/^Exec=//p' "$root/etc/xdg/autostart/io.github.runawayguard.applet.desktop")
# shellcheck disable=SC2086
starts ann autostart $entry
log_in ann
becomes "started by its entry and by its unit, one is there" 1 guards ann
manager ann stop autostart.service
manager ann restart "$unit"
# shellcheck disable=SC2086
equal "where the unit has started it, the entry's says so" "RunawayGuard is running already." "$(as ann $entry 2>&1)"
equal "the entry makes no unit of its own, as others do" "app-other@autostart.service" \
    "$(manager ann list-units --all --plain --no-legend 'app-*@autostart.service' | cut --delimiter=' ' --fields=1)"
equal "one is there" 1 "$(guards ann)"

doctor() { as ann runaway-guard doctor | sed -n 's/ *([^)]*)$//; s/^\([a-z]*\) *autostart *\(.*\)/\1: \2/p'; }
equal "doctor says that it starts at login" "ok: on" "$(doctor)"
manager ann mask --quiet "$unit"
equal "and that it does not where its unit is masked" \
    "wrong: this desktop leaves it to the unit $unit, which is masked" "$(doctor)"
manager ann unmask --quiet "$unit"
equal "and that it does again" "ok: on" "$(doctor)"

# A crash ends it with SIGABRT. (SIGSEGV from outside it survives once: Rust has a look whether its stack has run over.)
for signal in ABRT KILL; do
    pid=$(main ann)
    inside kill -s "$signal" "$pid"
    anew "it comes back after SIG$signal" ann "$pid"
done
manager ann reset-failed "$unit"
pid=$(main ann)
inside kill -s STOP "$pid"
anew "it comes back after a hang" ann "$pid"
has "the watchdog has seen the hang" "Watchdog timeout" "$(inside journalctl --quiet --output=cat USER_UNIT="$unit")"

equal "it is in no user namespace of its own" "$(inside readlink /proc/1/ns/user)" \
    "$(inside readlink "/proc/$(main ann)/ns/user")"
# Names what the hardening of the unit keeps from reading, of a process of the same user, and of root's.
cat >"$root/usr/local/bin/look" <<'LOOK'
#!/bin/sh
exec >"$HOME/unread.new"
for pid in "$(pgrep -u ann -x sleep)" 1; do
    cd "/proc/$pid"
    for file in io smaps_rollup environ; do cat $file >/dev/null 2>&1 || echo "$pid/$file"; done
    readlink exe >/dev/null || echo "$pid/exe"
    ls fd >/dev/null 2>&1 || echo "$pid/fd"
done
mv "$HOME/unread.new" "$HOME/unread"
LOOK
chmod +x "$root/usr/local/bin/look"
sed -e '/^Type=\|^Watchdog\|^Restart\|^Condition\|^KillMode/d' -e 's|^ExecStart=.*|ExecStart=/usr/local/bin/look|' \
    "$root/usr/lib/systemd/user/$unit" >"$root/etc/systemd/user/look.service"
starts ann sleeper sleep 1000
manager ann daemon-reload
manager ann start look.service
becomes "under its hardening all is read of its user's processes, and nothing of root's" \
    "$(printf '1/%s\n' io smaps_rollup environ exe fd)" cat "$root/home/ann/unread"
