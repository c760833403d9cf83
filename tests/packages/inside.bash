# shellcheck shell=bash
# What is done in a system that runs, and who guards there.

# Runs a command in a login of its own without a display, as one over SSH has it: as USER COMMAND…
as() {
    local user="$1"
    shift
    inside systemd-run --quiet --uid="$user" --property=PAMName=login --pipe --wait --collect -- "$@"
}

apt() {
    local log
    log=$(inside apt-get --quiet --yes -o Dpkg::Use-Pty=0 "$@" 2>&1) || fail "apt-get $*: $log"
}

# How many guards a user has.
guards() { guard "$1" --count; }

# The processes of a user's guards, without their windows and popups: guard USER [OPTION]
guard() { inside pgrep --euid "$1" "${@:2}" --full '^[^ ]*runaway-guard( --(background|headless))?$'; }
