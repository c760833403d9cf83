# shellcheck shell=bash
# What the trials say: a line for each step that went well, and what was expected and seen where one did not.

trial="${trial:-packages}"

fail() {
    printf '%s: %s\n' "$trial" "$*" >&2
    declare -F scene >/dev/null && scene >&2
    exit 1
}

passed() { printf '%s: ok: %s\n' "$trial" "$*"; }

# equal WHAT EXPECTED SEEN
equal() {
    [ "$2" = "$3" ] || fail "$1: expected '$2', but saw '$3'"
    passed "$1"
}

# has WHAT PART SEEN
has() {
    [[ $3 == *"$2"* ]] || fail "$1: expected something with '$2', but saw '$3'"
    passed "$1"
}

# differs WHAT BEFORE SEEN
differs() {
    [ "$2" != "$3" ] || fail "$1: expected another one than '$2'"
    passed "$1"
}

# Asks again and again, for a minute, or what patience there is: becomes WHAT EXPECTED COMMAND…
becomes() {
    local what="$1" expected="$2" seen='' deadline=$((SECONDS + ${patience:-60}))
    shift 2
    while [ $SECONDS -lt $deadline ]; do
        seen=$("$@" 2>&1) || true
        [ "$seen" != "$expected" ] || { passed "$what" && return; }
        sleep 0.2
    done
    fail "$what: expected '$expected', but saw '$seen'"
}
