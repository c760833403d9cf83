# shellcheck shell=bash disable=SC2016,SC2154
# Processes of root's: whether an administrator is asked, who answers, and what becomes of them, all from within the unit.
# It needs a booted system with the package, with pkexec and polkitd, and ann's session with its unit running.

rules="$root/etc/polkit-1/rules.d/10-trial.rules"
hog=

# Starts a process of root's that keeps a core busy: hog [COMMANDS BEFORE]
hog() {
    inside systemd-run --quiet --collect --unit="hog$((++hogs))" sh -c "${1:-} while :; do :; done"
    hog=$(inside systemctl show --property=MainPID --value "hog$hogs.service")
}
hogs=0

hog_lives() { inside sh -c "[ -d /proc/$hog ] && echo yes || echo no"; }

# What polkit answers without a question: answers YES|NO; or that it asks: answers
answers() {
    rm -f "$rules"
    [ $# -eq 0 ] || printf 'polkit.addRule(function (action, subject) {\n    %s { return polkit.Result.%s; }\n});\n' \
        'if (action.id == "io.github.runawayguard.applet.kill")' "$1" >"$rules"
    inside systemctl restart polkit
}

# Sends a request as a script does, and prints the answer and, where an administrator is asked, what came of it.
request() {
    as ann perl -MIO::Socket::UNIX -e '
        my $guard = IO::Socket::UNIX->new("$ENV{XDG_RUNTIME_DIR}/runaway-guard.sock") or die "no socket";
        $guard->print("$ARGV[0]\n");
        while (<$guard>) {
            print if /^\{"type":"(response|error|outcome)"/;
            last if /^\{"type":"(error|outcome)"/ or /^\{"type":"response"/ && !/"cmd":"kill_process".*"asking":true/;
        }' "$1"
}

# Has the process ended, with a person behind it who may be asked.
asked_to_end() { request "{\"cmd\":\"kill_process\",\"params\":{\"pid\":$hog,\"signal\":\"${1:-TERM}\",\"ask\":true}}"; }

# Ann at the screen; her other logins come from elsewhere.
sits_down() {
    inside systemd-run --quiet --collect --unit=screen --property=User=ann --property=PAMName=login \
        --setenv=XDG_SEAT=seat0 --setenv=XDG_SESSION_TYPE=x11 -- sleep infinity
    becomes "ann sits at the screen" active inside sh -c \
        'loginctl show-session --property=State --value "$(loginctl show-seat --property=ActiveSession --value seat0)"'
}

# An agent in ann's session that types what is written to a pipe.
agent() {
    local manager
    manager=$(inside systemctl show --property=MainPID --value "user@$(inside id --user ann).service")
    as ann sh -c 'cd && rm -f agent.log typed && mkfifo typed'
    starts ann agent sh -c "cd && exec script --quiet --flush --command 'pkttyagent --process $manager' agent.log <>typed"
}
questions() { grep --count 'AUTHENTICATING FOR io.github.runawayguard.applet.kill' "$root/home/ann/agent.log" 2>/dev/null || true; }

# Asks until the agent has come up, and leaves the question standing; what came of it goes to a file.
question_stands() {
    local deadline=$((SECONDS + ${patience:-30}))
    asker=
    until [ "$(questions)" = 1 ]; do
        [ $SECONDS -lt $deadline ] || fail "a question stands: expected one, but saw '$(<"$1")'"
        if [ -z "$asker" ] || ! kill -0 "$asker" 2>/dev/null; then
            asked_to_end >"$1" &
            asker=$!
        fi
        sleep 0.2
    done
    passed "a question stands"
}
types() {
    becomes "the agent asks for the password" 1 grep --count 'Password:' "$root/home/ann/agent.log"
    as ann sh -c 'printf "%s\n" "$1" >/home/ann/typed' sh "$1"
}

scans_after() { [ "$(scanned)" -gt "$1" ] && echo later; }
scanned() { as ann runaway-guard status --json | sed -n 's/.*"scanned": *\([0-9]*\).*/\1/p'; }
notice() { request '{"cmd":"get_notices"}'; }
deed() { as ann runaway-guard alerts --limit 1 --json | tr -d ' \n' | sed -n 's/.*"action":"\([^"]*\)".*/\1/p'; }
fires_for_hog() { notice | grep --count --fixed-strings "($hog)"; }

inside useradd --create-home --groups sudo boss
echo boss:right | chroot "$root" chpasswd
log_in ann
manager ann restart "$unit"
has "what is needed is there" "ok       other users" "$(as ann runaway-guard doctor)"

hog
becomes "root's runaway is told of" 1 fires_for_hog
has "its notification says whose it is" "It belongs to root: Kill asks for an administrator's password." "$(notice)"
has "it offers no pause" '"actions":["kill","whitelist","dismiss"]' "$(notice)"
said=$(as ann runaway-guard kill "$hog" 2>&1) && fail "a command ended root's process: $said"
equal "on the command line nobody is asked" "Not allowed: it belongs to root. Run: sudo kill -TERM $hog" "$said"
said=$(request "{\"cmd\":\"kill_process\",\"params\":{\"pid\":$hog,\"signal\":\"TERM\"}}")
has "a script asks nobody" '"code":"forbidden"' "$said"
has "away from the screen nobody is asked" "It was not allowed, so nothing was done." "$(asked_to_end)"
sits_down
has "without an agent it is said" "this session has no polkit agent" "$(asked_to_end)"
answers NO
has "what a rule forbids is not done" "It was not allowed, so nothing was done." "$(asked_to_end)"
answers
agent
question_stands "$root/srv/wrong"
types wrong
wait "$asker"
has "a wrong password is none" "It was not allowed, so nothing was done." "$(<"$root/srv/wrong")"
manager ann stop agent.service
equal "after all that it goes on" yes "$(hog_lives)"

agent
question_stands "$root/srv/first"
asked_to_end KILL >"$root/srv/second" &
second=$!
before=$(scanned)
becomes "scans go on meanwhile" later scans_after "$before"
types right
wait "$asker" "$second"
has "with the password it ends" "\"ended\":true,\"message\":\"sh ($hog) ended.\"" "$(<"$root/srv/first")"
has "who asked meanwhile is told too" "\"ended\":true" "$(<"$root/srv/second")"
equal "it was one question" 1 "$(questions)"
equal "it is no more" no "$(hog_lives)"
manager ann stop agent.service
hog
has "no answer is kept for the next" "this session has no polkit agent" "$(asked_to_end)"

answers YES
becomes "the next is told of" 1 fires_for_hog
alert=$(as ann runaway-guard alerts --active --json | tr -d ' \n' | sed -n "s/.*\"id\":\([0-9]*\),\"pid\":$hog,.*/\1/p")
has "the button is pressed" '"asking":true' \
    "$(request "{\"cmd\":\"act_on_alert\",\"params\":{\"id\":$alert,\"action\":\"kill\",\"ask\":true}}")"
becomes "the process ends" no hog_lives
becomes "the alert tells what was done" SIGTERMbysocket deed
hog "trap '' TERM;"
has "what ignores the request is killed" "It ignored the request to end; killed after 5 s." "$(asked_to_end)"
equal "it is no more either" no "$(hog_lives)"
has "the helper takes nothing but pid and start time" "status=15" \
    "$(as ann systemd-run --user --pipe --wait pkexec /usr/libexec/runaway-guard-kill 1 1 9 2>&1 || true)"

mv "$root/usr/bin/pkexec" "$root/usr/bin/pkexec.away"
manager ann restart "$unit"
hog
becomes "without pkexec it is told of too" 1 fires_for_hog
has "its notification says what to run" "It belongs to root. To end it, run: sudo kill $hog" "$(notice)"
has "a request is told why" "An administrator cannot be asked: pkexec is not installed." "$(asked_to_end)"
equal "and it goes on" yes "$(hog_lives)"
mv "$root/usr/bin/pkexec.away" "$root/usr/bin/pkexec"
inside systemctl stop "hog$hogs.service" screen.service
answers
manager ann restart "$unit"
log_out ann
