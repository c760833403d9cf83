# shellcheck shell=bash disable=SC2154
# A logout while an alert fires, a login without a display, and another user at the same machine.

starts ann burner sh -c 'while :; do :; done'
becomes "an alert fires" 1 firing ann
log_out ann
becomes "after the logout it does not run" inactive state ann
equal "its socket is gone" "" "$(inside sh -c 'ls /run/user/*/runaway-guard.sock 2>/dev/null')"
manager ann stop burner.service
log_in ann
becomes "after the next login nothing fires" 0 firing ann
has "the alert of before has ended" '"state":"resolved"' "$(as ann runaway-guard alerts --json | tr -d ' \n')"

has "a login without a display is answered" "Level       green" "$(as ann runaway-guard status)"
sleeper=$(inside pgrep --euid ann --exact sleep)
has "it sees the processes" "$sleeper" "$(as ann runaway-guard ps --filter sleep)"
equal "it ends one" "SIGTERM was sent to $sleeper." "$(as ann runaway-guard kill "$sleeper")"
becomes "the process ends" 0 inside pgrep --count --euid ann --exact sleep
equal "a start there says who runs" \
    "RunawayGuard is running already. Its window opens in the session that it was started in." "$(as ann runaway-guard 2>&1)"
equal "one is there still" 1 "$(guards ann)"

leave_behind bob
as bob runaway-guard --background >/dev/null 2>&1 &
login=$!
becomes "the login right after a logout has its own" active guarded_session bob
inside kill "$(guard bob)"
wait "$login" || true
leave_behind bob
becomes "where no unit ends it, it ends at the logout" 0 guards bob

as bob systemd-run --user --quiet --collect --unit=remote -- runaway-guard
becomes "a start where nobody runs it, and no desktop is there, serves its user" 0 firing bob
log_in bob
becomes "a session's unit leaves it to that one" \
    "ActiveState=inactive ExecMainCode=1 ExecMainStatus=0" ended bob
equal "one is there for both" 1 "$(guards bob)"
manager bob stop remote.service
log_out bob

starts ann sleeper sleep 1000
log_in bob
becomes "another user's session has its own" active state bob
equal "each user has one" "1 1" "$(guards ann) $(guards bob)"
theirs="/run/user/$(inside id --user ann)/runaway-guard.sock"
has "nobody else can ask it" "Permission denied" "$(as bob env RUNAWAY_GUARD_SOCKET="$theirs" runaway-guard status 2>&1)"
said=$(as bob runaway-guard kill "$(inside pgrep --euid ann --exact sleep)" 2>&1) &&
    fail "another user's process: expected that it is not ended, but saw $said"
equal "another user's process goes on" 1 "$(inside pgrep --count --euid ann --exact sleep)"
