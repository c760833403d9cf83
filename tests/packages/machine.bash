# shellcheck shell=bash disable=SC2154,SC2034
# A machine of its own, which QEMU emulates, with two graphics cards and two keyboards: each pair is a seat. It ends when the
# script that boots it ends.

qemu=
port=

# Readies the system in a folder: commands come over SSH; the display manager has a screen at each seat, and asks for names.
# Of two X servers that are ready at the same time lightdm takes neither for ready: the second seat's waits.
# shellcheck disable=SC2016 # the script is to read this
prepare_machine() {
    ssh-keygen -q -t ed25519 -N '' -f "$work/key"
    install -D --mode=600 "$work/key.pub" "$1/root/.ssh/authorized_keys"
    printf '%s\n' 'UsePAM no' >"$1/etc/ssh/sshd_config.d/trial.conf"
    printf '%s\n' '[Match]' 'Name=en*' '[Network]' 'DHCP=yes' >"$1/etc/systemd/network/trial.network"
    systemctl --quiet --root="$1" enable systemd-networkd ssh
    mkdir -p "$1/etc/lightdm/lightdm.conf.d"
    printf '%s\n' '[Seat:*]' 'greeter-hide-users=true' '[Seat:seat-*]' 'xserver-command=trial-later' \
        >"$1/etc/lightdm/lightdm.conf.d/trial.conf"
    printf '%s\n' '#!/bin/sh' \
        'until [ -n "$(loginctl show-seat --property=ActiveSession --value seat0)" ]; do sleep 0.5; done' \
        'exec X "$@"' >"$1/usr/local/bin/trial-later"
    chmod +x "$1/usr/local/bin/trial-later"
}

# Whether KVM can run it: where the processor has no virtualization of its own, /dev/kvm may be there and run no common kernel.
accelerator() {
    if [ -w /dev/kvm ] && grep --quiet --word-regexp --extended-regexp 'vmx|svm' /proc/cpuinfo; then echo kvm; else echo tcg; fi
}

# How many processors it has: of several that are emulated, Linux crashes now and then as they wake.
processors() { if [ "$(accelerator)" = kvm ]; then echo 2; else echo 1; fi; }

# Boots the system in a folder, with a disk made of it.
boot() {
    truncate --size=4G "$work/disk"
    mke2fs -q -t ext4 -d "$1" "$work/disk"
    local options=(
        -accel "$(accelerator)" -m 2048 -smp "$(processors)" -nodefaults -display none -monitor stdio -serial "file:$work/console"
        -kernel "$1/vmlinuz" -initrd "$1/initrd.img" -append "root=/dev/vda rw console=ttyS0 no_console_suspend"
        -drive "file=$work/disk,format=raw,if=virtio,cache=unsafe"
        -netdev "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:0-:22" -device "virtio-net-pci,netdev=net"
        -device "VGA,id=seat0,xres=1280,yres=800"
        -device "pci-bridge-seat,chassis_nr=1,id=pci1" -device "secondary-vga,bus=pci1,addr=2,id=seat1,xres=1280,yres=800"
        -device "nec-usb-xhci,bus=pci1,addr=15,id=usb1" -device "usb-kbd,bus=usb1.0" -device "usb-tablet,bus=usb1.0"
    )
    exec {monitor}> >(exec qemu-system-x86_64 "${options[@]}" >"$work/monitor" 2>&1)
    qemu=$!
    until [ -n "$port" ] || ! kill -0 "$qemu"; do port=$(forwarded) && sleep 0.2; done
    becomes "it boots" running state_of_system
    becomes "it has two seats" 2 count_seats
    second=$(seats | grep --invert-match --line-regexp seat0)
}

seats() { inside loginctl list-seats --no-legend; }
count_seats() { seats | wc --lines; }

state_of_system() {
    if kill -0 "$qemu" 2>/dev/null; then inside systemctl is-system-running; else cat "$work/monitor"; fi
}

# Where the system's SSH is to be reached.
forwarded() {
    tell info usernet
    sed -n 's/.*127[.]0[.]0[.]1 *\([0-9]*\) .*/\1/p' "$work/monitor" | tail --lines=1
}

# Tells QEMU's monitor something.
tell() { printf '%s\n' "$*" >&"$monitor"; }

# Runs a command in the system, as root.
inside() {
    timeout 90 ssh -q -n -i "$work/key" -p "$port" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
        -o ConnectTimeout=5 -o ControlMaster=auto -o ControlPath="$work/ssh" -o ControlPersist=yes root@127.0.0.1 \
        "env LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive $(printf '%q ' "$@")"
}

# What is on the screen of the seat, as a file that convert reads.
picture() {
    local card=seat0 file="$work/screen.ppm"
    [ "$seat" = seat0 ] || card=seat1
    rm -f "$file"
    tell screendump "$file" "$card"
    for _ in {1..50}; do
        [ "$(stat --format=%s "$file" 2>/dev/null)" != $((1280 * 800 * 3 + 16)) ] || break
        sleep 0.1
    done
    printf '%s' "$file"
}

# Keeps what is on the screen, where pictures are wanted: shown NAME
shown() { [ -z "${PICTURES:-}" ] || convert "$(picture)" "$PICTURES/$suite-$1.png"; }

halt() {
    [ -z "$qemu" ] || ! kill "$qemu" 2>/dev/null || wait "$qemu" || true
}
