# shellcheck shell=bash disable=SC2154
# A booted system with a service manager for each user. It ends, and nothing is left of it, when the script that boots it ends.

guest=runaway-guard-trial-$$
nspawn=
leader=

# Where the cgroups of this process are, for each hierarchy that systemd makes use of.
own_cgroups() {
    local mount
    mount=$(findmnt --noheadings --first-only --types cgroup2 --output TARGET) || return 0
    printf '%s\n' "$mount$(sed -n 's/^0:://p' /proc/self/cgroup)"
    mount=$(findmnt --noheadings --first-only --types cgroup --options name=systemd --output TARGET) || return 0
    printf '%s\n' "$mount$(sed -n 's/^[0-9]*:name=systemd://p' /proc/self/cgroup)"
}

# Boots the system in a folder.
boot() {
    local cgroup
    mapfile -t cgroups < <(own_cgroups)
    [ ${#cgroups[@]} -gt 0 ] || fail "it does not boot: systemd-nspawn needs cgroup v2, and this machine has none mounted."
    for cgroup in "${cgroups[@]}"; do
        mkdir "$cgroup/$guest" || fail "it does not boot: systemd-nspawn needs to write to $cgroup."
    done
    (
        for cgroup in "${cgroups[@]}"; do echo "$BASHPID" >"$cgroup/$guest/cgroup.procs"; done
        SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 exec systemd-nspawn --quiet --directory="$1" --machine="$guest" --register=no \
            --keep-unit --private-network --boot --console=pipe </dev/null
    ) >"$1/srv/boot.log" 2>&1 &
    nspawn=$!
    becomes "it boots" running state_of_system "$1/srv/boot.log"
}

state_of_system() {
    kill -0 "$nspawn" 2>/dev/null || { cat "$1" && return; }
    leader=$(pgrep --parent "$nspawn" --oldest) && inside systemctl is-system-running
}

# Runs a command in the system, as root.
inside() {
    leader=$(pgrep --parent "$nspawn" --oldest)
    nsenter --target "$leader" --mount --uts --ipc --net --pid --cgroup --root --wd env --ignore-environment \
        PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive timeout 90 "$@" </dev/null
}

halt() {
    local cgroup
    if [ -n "$nspawn" ]; then
        leader=$(pgrep --parent "$nspawn" --oldest) && kill -s RTMIN+4 "$leader"
        for _ in {1..100}; do
            kill -0 "$nspawn" 2>/dev/null || break
            sleep 0.1
        done
        ! kill -0 "$nspawn" 2>/dev/null || kill -KILL "${leader:-$nspawn}" "$nspawn" || true
        wait "$nspawn" || true
    fi
    for cgroup in "${cgroups[@]}"; do
        find "$cgroup/$guest" -depth -type d -exec rmdir {} \; 2>/dev/null || true
    done
    rm -rf --one-file-system /run/systemd/nspawn/{propagate,unix-export}/"$guest" \
        "/run/systemd/nspawn/locks/inode-$(stat --format=%d:%i "$root")"
}
