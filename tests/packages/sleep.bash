# shellcheck shell=bash disable=SC2154
# A machine that sleeps for longer than any rule's duration, while something burns, hangs, and runs by a clock.

status_of_machine() {
    tell info status
    sleep 0.2
    sed -n 's/.*VM status: \([a-z ()]*\).*/\1/p' "$work/monitor" | tail --lines=1
}

# How long the burner has burned, in seconds of its own.
burned() { inside ps -o times= -C burner; }
has_burned() { [ "$(burned)" -lt "$1" ] || echo "$1 s"; }

# The unit of the other seat's: its program, and how often it came anew.
unit_of() { inside systemctl --user --machine="$1@.host" show --property=MainPID,NRestarts runaway-guard; }

# Whether there was a scan within 6 s of waking, and none while the machine slept.
# shellcheck disable=SC2016 # awk is to read these
has_scanned() {
    inside sed -n 's/.*"scanned":\([0-9]*\).*/\1/p' /home/ann/told |
        awk -v slept="$slept" 'NR > 1 && $1 - before > most { most = $1 - before } { before = $1 }
            END { if (most >= slept - 3 && most <= slept + 6) print "yes"; else print most " s without a scan" }'
}

# When a program was told of, in seconds since 1970: told_of NAME
told_of() { inside grep --max-count=1 "\"name\":\"$1\"" /home/ann/told | sed -n 's/.*"timestamp":\([0-9]*\).*/\1/p'; }

# Sees that it was told of once it was at it for so long, the sleep not counted: told NAME FROM TO
told() {
    local at
    becomes "$1 is told of" 1 inside sh -c "grep --count --max-count=1 '\"name\":\"$1\"' /home/ann/told"
    at=$(($(told_of "$1") - began - slept))
    ((at >= $2 && at <= $3)) || fail "$1: expected it $2 to $3 s after its start, but it was after $at s"
    passed "$1 was told of $at s after its start, the sleep not counted"
}

guards_before="$(guard ann) $(unit_of bob)"
runs sh -c 'exec runaway-guard watch --json >/home/ann/told'
began=$(inside date +%s)
runs /srv/stuck
runs /srv/overtime 1000
burns
becomes "something has burned for a while" "10 s" has_burned 10
inside systemctl suspend
becomes "the machine sleeps" "paused (suspended)" status_of_machine
slept=$(date +%s)
sleep 75
tell system_wakeup
slept=$(($(date +%s) - slept))
becomes "it wakes" running status_of_machine
becomes "it answers" awake inside echo awake
equal "the guard answers, and has told of nothing" green "$(level)"
equal "nothing has been told" 0 "$(inside grep --count '"reason"' /home/ann/told || true)"
[ "$(burned)" -lt 30 ] || fail "that was late: the burner has burned for $(burned) s"
becomes "it has scanned since" yes has_scanned
most=$(at_desk runaway-guard ps --sort cpu --limit 1 --json | sed -n 's/.*"cpu_percent": *\([0-9]*\).*/\1/p')
((most >= 30 && most <= 210)) || fail "expected that the burner uses a core, but saw $most %"
passed "the most that a process uses is $most %"
shown awake
told burner 28 70
told stuck 28 70
told overtime 58 90
equal "the guards are those of before, and the watchdog has ended none" "$guards_before" "$(guard ann) $(unit_of bob)"
inside pkill --exact 'burner|stuck|overtime'
becomes "all is quiet again" green level
becomes "the icon is in the panel" yes is_seen
