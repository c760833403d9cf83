"""What stands on a desktop: kernel threads, services, the session, applications; and what they do when all is well."""
import hashlib
from sim import World

USER = "/user.slice/user-1000.slice/user@1000.service"


def hexes(w, n):
    return "".join(w.rng.choice("0123456789abcdef") for _ in range(n))


def uuid(w):
    h = hexes(w, 32)
    return "-".join((h[:8], h[8:12], h[12:16], h[16:20], h[20:]))


def boot(w, kernel=None, services=True):
    """init, threads of the kernel, services of the system."""
    r = w.rng
    age = w.at - 0.3
    w.init = w.spawn("systemd", "/sbin/init splash", pid=1, uid=0, anon=8, file=9, age=age, base=0.0006, cgroup="/init.scope")
    w.init.ppid, w.init.ccpu = 0, r.uniform(50, 900)
    k = w.spawn("kthreadd", pid=2, kernel=True, age=age, uid=0, cpu=0.05)
    k.ppid = 0
    next_pid = 3
    names = [("pool_workqueue_release", 0), ("kworker/R-rcu_gp", -20), ("kworker/R-slub_flushwq", -20), ("kworker/R-netns", -20),
             ("kworker/R-mm_percpu_wq", -20), ("rcu_preempt", 0), ("rcu_exp_gp_kthread_worker", 0)]
    for core in range(w.cores):
        names += [(f"cpuhp/{core}", 0), (f"idle_inject/{core}", 0), (f"migration/{core}", 0), (f"ksoftirqd/{core}", 0), (f"kworker/{core}:0H-events_highpri", -20)]
    names += [("kdevtmpfs", 0), ("kauditd", 0), ("khungtaskd", 0), ("oom_reaper", 0), ("kworker/R-write", -20), ("kcompactd0", 0), ("ksmd", 5),
              ("khugepaged", 19), ("kworker/R-kintegrityd", -20), ("kworker/R-kblockd", -20), ("kswapd0", 0), ("kworker/R-nvme-wq", -20),
              ("irq/9-acpi", 0), ("scsi_eh_0", 0), ("jbd2/nvme0n1p2-8", 0), ("kworker/R-ext4-rsv-conversion", -20), ("card0-crtc0", 0), ("irq/150-iwlwifi", 0)]
    names = names[:kernel] if kernel else names
    w.kthreads = {}
    for name, nice in names:
        state = "I" if name.startswith(("kworker", "rcu_", "pool_")) else "S"
        busy = 0.0008 if name.startswith(("rcu_preempt", "ksoftirqd", "irq/150")) else 0.0
        w.kthreads[name] = w.spawn(name, pid=next_pid, kernel=True, age=age, uid=0, nice=nice, state=state, base=busy)
        next_pid += 1
    w.next_pid = next_pid + 60
    for n in range(min(6, w.cores)):
        w.spawn(f"kworker/{n}:1-events", kernel=True, age=age * r.uniform(0.01, 1), uid=0, state="I", base=r.choice((0, 0.0004, 0.002)))
        w.spawn(f"kworker/u{w.cores * 2}:{n}-events_unbound", kernel=True, age=min(age, r.uniform(30, 2000)), uid=0, state="I", base=r.choice((0, 0.001)))
    w.next_pid = max(w.next_pid, 700)
    if services:
        for name, command, anon, threads, base in (
                ("systemd-journald", "/usr/lib/systemd/systemd-journald", 6, 1, 0.0006), ("systemd-udevd", "/usr/lib/systemd/systemd-udevd", 4, 1, 0),
                ("systemd-oomd", "/usr/lib/systemd/systemd-oomd", 1, 1, 0.0004), ("systemd-resolved", "/usr/lib/systemd/systemd-resolved", 4, 1, 0.0003),
                ("systemd-timesyncd", "/usr/lib/systemd/systemd-timesyncd", 1, 2, 0), ("avahi-daemon", "avahi-daemon: running [ada.local]", 1, 1, 0.0002),
                ("dbus-daemon", "@dbus-daemon --system --address=systemd: --nofork", 3, 1, 0.0008), ("polkitd", "/usr/lib/polkit-1/polkitd --no-debug", 4, 4, 0),
                ("systemd-logind", "/usr/lib/systemd/systemd-logind", 2, 1, 0.0002), ("NetworkManager", "/usr/sbin/NetworkManager --no-daemon", 8, 4, 0.001),
                ("wpa_supplicant", "/usr/sbin/wpa_supplicant -u -s", 3, 1, 0.0006), ("ModemManager", "/usr/sbin/ModemManager", 3, 4, 0),
                ("cupsd", "/usr/sbin/cupsd -l", 3, 1, 0), ("gdm3", "/usr/sbin/gdm3", 2, 4, 0), ("upowerd", "/usr/libexec/upowerd", 3, 4, 0.0002),
                ("accounts-daemon", "/usr/libexec/accounts-daemon", 2, 4, 0), ("rtkit-daemon", "/usr/libexec/rtkit-daemon", 1, 3, 0),
                ("packagekitd", "/usr/libexec/packagekitd", 24, 4, 0), ("bluetoothd", "/usr/libexec/bluetooth/bluetoothd", 2, 1, 0),
                ("fwupd", "/usr/libexec/fwupd/fwupd", 40, 6, 0), ("cron", "/usr/sbin/cron -f", 0.5, 1, 0), ("sshd", "sshd: /usr/sbin/sshd -D [listener]", 1, 1, 0)):
            unit = {"systemd-journald": "systemd-journald.service", "dbus-daemon": "dbus.service", "gdm3": "gdm.service", "upowerd": "upower.service",
                    "cupsd": "cups.service", "bluetoothd": "bluetooth.service", "polkitd": "polkit.service"}.get(name, name + ".service")
            p = w.spawn(name, command, w.init, uid=0, anon=anon, threads=threads, base=base, age=age - r.uniform(1, 5), cgroup="/system.slice/" + unit)
            setattr(w, name.replace("-", "_"), p)
    w.session_age = age - 20


def session(w):
    """A graphical session of user 1000, as w.desk says: gnome, kde, or flat (a window manager without units)."""
    r, age = w.rng, w.session_age
    w.app_seq = 0
    w.manager = w.spawn("systemd", "/usr/lib/systemd/systemd --user", w.init, uid=1000, anon=4, file=9, age=age, cgroup=USER + "/init.scope", base=0.0003)
    w.subreaper = w.manager
    w.spawn("(sd-pam)", "(sd-pam)", w.manager, anon=3, file=1, age=age)
    units = {"pipewire": ("/usr/bin/pipewire", 8, 3, 0.002, -11), "wireplumber": ("/usr/bin/wireplumber", 9, 6, 0.0006, -11),
             "pipewire-pulse": ("/usr/bin/pipewire-pulse", 9, 3, 0.002, -11)}
    for name, (command, anon, threads, base, nice) in units.items():
        w.spawn(name, command, w.manager, anon=anon, threads=threads, base=base, nice=nice, age=age - 1, cgroup=f"{USER}/session.slice/{name}.service")
    w.bus = w.spawn("dbus-daemon", "/usr/bin/dbus-daemon --session --address=systemd: --nofork", w.manager, anon=3, age=age - 1, base=0.001,
                    cgroup=USER + "/session.slice/dbus.service")
    def small(name, command, anon, base, cgroup, threads=4):
        return w.spawn(name, command, w.manager, anon=anon, base=base, age=age - r.uniform(1, 6), cgroup=USER + cgroup, threads=threads)
    small("gvfsd", "/usr/libexec/gvfsd", 3, 0, "/session.slice/gvfs-daemon.service")
    small("xdg-desktop-portal", "/usr/libexec/xdg-desktop-portal", 6, 0, "/session.slice/xdg-desktop-portal.service")
    small("xdg-document-portal", "/usr/libexec/xdg-document-portal", 4, 0, "/session.slice/xdg-document-portal.service")
    small("at-spi2-registryd", "/usr/libexec/at-spi2-registryd", 2, 0.0003, "/session.slice/at-spi-dbus-bus.service")
    small("dconf-service", "/usr/libexec/dconf-service", 1, 0, "/session.slice/dconf.service")
    leader = w.spawn("gdm-session-worker", "gdm-session-worker [pam/gdm-password]", w.init, uid=0, anon=3, age=age, threads=4,
                     cgroup="/user.slice/user-1000.slice/session-2.scope")
    w.session_leader = leader
    if w.desk == "gnome":
        w.shell = w.spawn("gnome-shell", "/usr/bin/gnome-shell", w.manager, anon=260, file=180, threads=18, base=r.uniform(0.012, 0.05), age=age - 2,
                          cgroup=USER + "/session.slice/org.gnome.Shell@wayland.service")
        w.spawn("Xwayland", "/usr/bin/Xwayland :0 -rootless -noreset -core", w.shell, anon=40, file=60, base=0.003, age=age - 3, threads=4)
        for name in ("gsd-color", "gsd-power", "gsd-media-keys", "gsd-xsettings", "gsd-housekeeping", "gsd-keyboard", "gsd-smartcard", "gsd-wacom"):
            small(name, "/usr/libexec/" + name, 4, 0.0002 if name == "gsd-power" else 0, f"/session.slice/org.gnome.SettingsDaemon.{name[4:].title()}.service")
        for name, anon in (("evolution-source-registry", 5), ("goa-daemon", 8), ("evolution-calendar-factory", 8), ("gnome-keyring-daemon", 1)):
            small(name, "/usr/libexec/" + name, anon, 0, f"/session.slice/{name}.service")
        w.spawn("gjs", "/usr/bin/gjs -m /usr/share/gnome-shell/org.gnome.Shell.Notifications", w.shell, anon=10, age=age - 4, threads=8)
    elif w.desk == "kde":
        w.shell = w.spawn("kwin_wayland", "/usr/bin/kwin_wayland --wayland-fd 7 --socket wayland-0 --xwayland", w.manager, anon=120, file=130, threads=14,
                          base=r.uniform(0.01, 0.05), age=age - 2, cgroup=USER + "/session.slice/plasma-kwin_wayland.service")
        w.spawn("Xwayland", "/usr/bin/Xwayland :0 -auth /run/user/1000/xauth -listenfd 58", w.shell, anon=40, file=60, base=0.002, age=age - 3)
        w.spawn("plasmashell", "/usr/bin/plasmashell --no-respawn", w.manager, anon=240, file=200, threads=30, base=r.uniform(0.004, 0.02), age=age - 4,
                cgroup=USER + "/session.slice/plasma-plasmashell.service")
        for name, unit, anon in (("kded6", "plasma-kded6", 26), ("ksmserver", "plasma-ksmserver", 10), ("polkit-kde-authentication-agent-1", "plasma-polkit-agent", 10),
                                 ("kactivitymanagerd", "plasma-kactivitymanagerd", 12), ("org_kde_powerdevil", "plasma-powerdevil", 9), ("kaccess", "plasma-kaccess", 7)):
            small(name, "/usr/bin/" + name, anon, 0.0003, f"/session.slice/{unit}.service", 7)
        small("baloo_file", "/usr/libexec/kf6/baloo_file", 20, 0, "/background.slice/kde-baloo.service", 2)
    else:
        flat = "/user.slice/user-1000.slice/session-2.scope"
        xinit = w.spawn("xinit", "xinit /home/ada/.xinitrc -- /usr/bin/X :0", leader, uid=1000, anon=0.3, file=3, age=age - 1, cgroup=flat)
        w.spawn("Xorg", "/usr/lib/xorg/Xorg :0 vt2 -keeptty", xinit, uid=1000, anon=70, file=80, base=r.uniform(0.008, 0.03), age=age - 1, tty=1026, nice=0)
        w.shell = w.spawn("i3", "i3", xinit, anon=6, file=20, base=0.001, age=age - 2)
        bar = w.spawn("i3bar", "i3bar --bar_id=bar-0 --socket=/run/user/1000/i3/ipc", w.shell, anon=4, base=0.0008, age=age - 3)
        w.spawn("i3status", "i3status", bar, anon=1, base=0.001, age=age - 3)
        w.spawn("dunst", "dunst", w.shell, anon=5, age=age - 3)
        w.spawn("picom", "picom -b", w.shell, anon=9, base=0.01, age=age - 3)


def scope(w, app, pid):
    if w.desk == "flat":
        return "/user.slice/user-1000.slice/session-2.scope"
    if w.desk == "kde":
        return f"{USER}/app.slice/app-{app}-{pid}.scope"
    return f"{USER}/app.slice/app-gnome-{app}-{pid}.scope"


def launch(w, app, name, cmdline, age=None, **k):
    """The first process of an application, in a scope of its own."""
    parent = w.shell
    age = w.rng.uniform(0.2, 0.95) * w.session_age if age is None else age
    p = w.spawn(name, cmdline, parent, age=age, tty=0, **k)
    p.cgroup, p.app = scope(w, app, p.pid), app
    if w.desk != "flat" and w.desk == "kde":
        p.ppid = w.manager.pid
    return p


def firefox(w, tabs=8, busy=1.0, age=None):
    r = w.rng
    main = launch(w, "firefox", "firefox", "/usr/lib/firefox/firefox", anon=420, file=260, threads=120, base=0.03 * busy, age=age, exe="/usr/lib/firefox/firefox")
    kids = []
    def helper(name, kind, anon, base, threads=24):
        number = len(kids) + 1
        kids.append(w.spawn(name, f"/usr/lib/firefox/firefox -contentproc -parentBuildID 20260901120000 -prefsLen 3{r.randrange(1000, 9999)} {number} {kind}", main,
                            exe="/usr/lib/firefox/firefox", anon=anon, file=110, threads=threads, base=base, age=max(1.0, (w.at - main.start / 100) * r.uniform(0.2, 0.98))))
    helper("Socket Process", "socket", 12, 0.001, 5)
    helper("RDD Process", "rdd", 20, 0.0005, 6)
    helper("WebExtensions", "tab", 180, 0.004 * busy)
    helper("Utility Process", "utility", 12, 0, 4)
    for n in range(tabs):
        helper("Isolated Web Co" if n % 4 else "Web Content", "tab", r.uniform(40, 320), r.choice((0, 0, 0.0008, 0.002, 0.012)) * busy)
    main_list = [main] + kids
    return main_list


def chrome(w, tabs=10, busy=1.0, age=None, name="chrome", app="google-chrome", tab_anon=(30, 220)):
    r, path = w.rng, "/opt/google/chrome/chrome"
    main = launch(w, app, name, path, anon=190, file=210, threads=40, base=0.015 * busy, age=age, exe=path, vm=34000)
    of = lambda: max(0.5, (w.at - main.start / 100) * r.uniform(0.2, 0.98))
    zygote = w.spawn(name, path + " --type=zygote --crashpad-handler-pid=0", main, anon=6, file=50, exe=path, age=(w.at - main.start / 100) - 0.2, vm=32000)
    out = [main, zygote]
    out.append(w.spawn(name, path + " --type=gpu-process --ozone-platform=wayland", main, anon=160, file=140, threads=20, base=0.012 * busy, age=of(), exe=path, vm=33000))
    out.append(w.spawn(name, path + " --type=utility --utility-sub-type=network.mojom.NetworkService", main, anon=30, file=90, threads=12, base=0.003 * busy, age=of(), exe=path, vm=32800))
    out.append(w.spawn(name, path + " --type=utility --utility-sub-type=audio.mojom.AudioService", main, anon=12, file=70, threads=9, age=of(), exe=path, vm=32800))
    for n in range(tabs):
        out.append(w.spawn(name, f"{path} --type=renderer --crashpad-handler-pid=0 --renderer-client-id={n + 5} --lang=en", zygote, anon=r.uniform(*tab_anon), file=120,
                           threads=16, base=r.choice((0, 0, 0.0005, 0.001, 0.008)) * busy, nice=0 if n < 3 else r.choice((0, 5)), age=of(), exe=path, vm=1170000))
    return out


def electron(w, app, name, path, anon=90, helpers=3, busy=1.0, age=None):
    r = w.rng
    main = launch(w, app, name, path, anon=anon, file=150, threads=34, base=0.003 * busy, age=age, exe=path.split()[0], vm=34000)
    of = lambda: max(0.5, (w.at - main.start / 100) * r.uniform(0.5, 0.98))
    out = [main]
    zygote = w.spawn(name, path + " --type=zygote --no-zygote-sandbox", main, anon=6, file=50, age=of(), exe=path.split()[0], vm=32000)
    out += [zygote, w.spawn(name, path + " --type=gpu-process", main, anon=80, file=100, threads=14, base=0.002 * busy, age=of(), exe=path.split()[0], vm=33000)]
    out.append(w.spawn(name, path + " --type=utility --utility-sub-type=network.mojom.NetworkService", main, anon=22, file=70, threads=9, base=0.0006, age=of(), exe=path.split()[0], vm=32900))
    for n in range(helpers):
        out.append(w.spawn(name, f"{path} --type=renderer --renderer-client-id={n + 4}", zygote, anon=r.uniform(80, 260), file=120, threads=15,
                           base=r.choice((0.001, 0.003, 0.008)) * busy, age=of(), exe=path.split()[0], vm=1170000))
    return out


def code(w, age=None):
    out = electron(w, "code", "code", "/usr/share/code/code", helpers=3, age=age)
    host = out[-1]
    out.append(w.spawn("code", "/usr/share/code/code --type=utility --utility-sub-type=node.mojom.NodeService --lang=en-GB", out[0], anon=230, file=110, threads=14,
                       base=0.006, age=w.rng.uniform(60, 4000), vm=1170000, exe="/usr/share/code/code"))
    out.append(w.spawn("rust-analyzer", "/home/ada/.vscode/extensions/rust-lang.rust-analyzer/server/rust-analyzer", out[-1], anon=1100 if w.total > 12 << 20 else 300,
                       file=30, threads=10, base=0.002, age=50, exe="/home/ada/.vscode/extensions/rust-lang.rust-analyzer/server/rust-analyzer"))
    w.code_host = out[-2]
    return out


def terminal(w, tabs=2, age=None):
    """A terminal with shells on ttys; returns the shells."""
    age = w.rng.uniform(0.2, 0.9) * w.session_age if age is None else age
    if not hasattr(w, "terminal_server"):
        w.pts, w.terminal_server = 0, None
        if w.desk == "gnome":
            w.terminal_server = w.spawn("gnome-terminal-", "/usr/libexec/gnome-terminal-server", w.manager, anon=40, file=60, threads=5, base=0.001, age=age,
                                        cgroup=USER + "/app.slice/app-org.gnome.Terminal.slice/gnome-terminal-server.service")
        elif w.desk == "kde":
            w.terminal_server = launch(w, "org.kde.konsole", "konsole", "/usr/bin/konsole", anon=60, file=110, threads=9, base=0.001, age=age)
        else:
            w.terminal_server = launch(w, "alacritty", "alacritty", "alacritty", anon=40, file=60, threads=12, base=0.001, age=age)
    out = []
    for _ in range(tabs):
        group = f"{USER}/app.slice/app-org.gnome.Terminal.slice/vte-spawn-{uuid(w)}.scope" if w.desk == "gnome" else None
        shell = w.spawn("bash", "bash", w.terminal_server, anon=3, file=5, age=max(1.0, age * 0.9), tty=34816 + w.pts, fg=True, cgroup=group)
        w.pts += 1
        out.append(shell)
    return out


def job(w, shell, name, cmdline=None, fg=True, **k):
    """A job of a shell: the shell itself is not what its terminal shows at work meanwhile."""
    if fg:
        w.change(shell, fg=False)
    return w.spawn(name, cmdline, shell, fg=fg, **k)


def done(w, shell, p):
    w.end_tree(p)
    w.change(shell, fg=True)


def thunderbird(w):
    main = launch(w, "thunderbird", "thunderbird", "/usr/lib/thunderbird/thunderbird", anon=310, file=220, threads=80, base=0.006, exe="/usr/lib/thunderbird/thunderbird")
    return [main] + [w.spawn("Isolated Web Co", f"/usr/lib/thunderbird/thunderbird -contentproc {n} tab", main, anon=40, file=90, threads=22, age=500,
                             exe="/usr/lib/thunderbird/thunderbird") for n in range(3)]


def extras(w):
    r = w.rng
    out = [launch(w, "org.gnome.Nautilus", "nautilus", "/usr/bin/nautilus --gapplication-service", anon=50, file=90, threads=8)]
    out.append(launch(w, "libreoffice-writer", "oosplash", "/usr/lib/libreoffice/program/oosplash --writer", anon=0.5, file=3))
    out.append(w.spawn("soffice.bin", "/usr/lib/libreoffice/program/soffice.bin --writer", out[-1], anon=160, file=170, threads=7, base=0.002, age=700))
    return out


def java_ide(w, age=None):
    main = launch(w, "jetbrains-idea", "java", "/opt/idea/jbr/bin/java -Xms256m -Xmx4096m -Didea.platform.prefix=Idea com.intellij.idea.Main", anon=1900, file=190, threads=110,
                  base=0.03, age=age, exe="/opt/idea/jbr/bin/java", vm=11000, vm_fixed=True)
    return [main, w.spawn("fsnotifier", "/opt/idea/bin/fsnotifier", main, anon=1, file=2, age=300)]


APPS = {"firefox": firefox, "chrome": chrome, "code": code, "mail": thunderbird, "extras": extras, "idea": java_ide,
        "slack": lambda w: electron(w, "slack", "slack", "/usr/lib/slack/slack"), "discord": lambda w: electron(w, "discord", "Discord", "/usr/share/discord/Discord"),
        "spotify": lambda w: electron(w, "spotify", "spotify", "/usr/share/spotify/spotify", busy=2.5)}


def desktop(w, apps="firefox mail extras", shells=1, noise=True, kernel=None):
    """A whole desktop, with what its people do now and then."""
    boot(w, kernel)
    session(w)
    w.apps = {name: APPS[name](w) for name in apps.split()}
    w.shells = terminal(w, shells) if shells else []
    if noise:
        w.go(people(w))
        w.go(chores(w))
    return w


def people(w):
    """Somebody works: an application is busy for some seconds, then another one."""
    r = w.rng
    while True:
        yield r.uniform(15, 70)
        groups = [g for g in w.apps.values() if g and g[0].alive]
        if not groups:
            continue
        p = r.choice([p for p in r.choice(groups)[:8] if p.alive] or [w.shell])
        if p.demand > 0 or p.state != "S":
            continue
        level = r.choice((0.15, 0.3, 0.5, 0.8, 1.1)) + r.random() / 1000
        w.load(p, level)
        yield r.uniform(1, 14)
        if p.demand == level:
            w.load(p, 0)


def chores(w):
    """Timers and cron start small programs."""
    r = w.rng
    while True:
        yield r.uniform(40, 200)
        name = r.choice(("run-parts", "systemctl", "apt-config", "logrotate", "fstrim", "anacron"))
        p = w.spawn(name, f"/usr/sbin/{name}", w.init, uid=0, anon=2, file=4, cgroup=f"/system.slice/{name}.service")
        w.load(p, r.uniform(0.1, 0.9))
        yield r.uniform(0.2, 3)
        w.exit(p)


# --- what programs do ---------------------------------------------------------------------------------------------------

def hold(w, p, cores, seconds=None):
    """Wants so much until then."""
    w.load(p, cores)
    if seconds is not None:
        yield seconds
        w.load(p, 0)


def wander(w, p, low, high, step=(1, 4), pull=0.12, seconds=None):
    """Wants a load that wanders between two bounds."""
    r, level, end = w.rng, (low + high) / 2, None if seconds is None else w.now + seconds
    while p.alive and (end is None or w.now < end):
        level += r.gauss(0, (high - low) * 0.16) + ((low + high) / 2 - level) * pull
        level = min(high, max(low, level))
        w.load(p, level)
        yield r.uniform(*step)
    w.load(p, 0)


def bursts(w, p, level, on, off, count=None):
    """Wants much for a while and rests, again and again."""
    r = w.rng
    while p.alive and (count is None or count > 0):
        yield r.uniform(*off)
        w.load(p, r.uniform(*level))
        yield r.uniform(*on)
        w.load(p, 0)
        count = None if count is None else count - 1


def work(w, p, seconds, cores=1.0):
    """Uses so much CPU time, however long it takes."""
    target = p.cpu + seconds
    while p.alive and p.cpu < target - 0.005:
        w.load(p, cores)
        yield max(0.02, min(2.0, (target - p.cpu) / max(0.05, p.rate or cores)))
    w.load(p, 0)


def build(w, parent, jobs, seconds=None, files=(1, 9), memory=(60, 500), compiler=("cc1plus", "/usr/libexec/gcc/x86_64-linux-gnu/14/cc1plus -quiet src/{}.cpp"),
          driver=("g++", "g++ -O2 -c src/{}.cpp -o build/{}.o"), count=None, drivers=True, on_spawn=None):
    """So many jobs of a build at a time; a generator to be run by go, ends when all has been built."""
    state = {"left": count if count is not None else 10 ** 9, "end": None if seconds is None else w.now + seconds, "n": 0}
    r = w.rng
    def slot():
        while state["left"] > 0 and parent.alive and (state["end"] is None or w.now < state["end"]):
            state["left"] -= 1
            state["n"] += 1
            unit = f"{r.choice(('net', 'gfx', 'core', 'ui', 'db', 'util'))}/{r.choice(('list', 'parser', 'window', 'buffer', 'tree', 'socket'))}{state['n']}"
            top = w.spawn(driver[0], driver[1].format(unit, unit), parent, anon=2, file=6) if drivers else parent
            p = w.spawn(compiler[0], compiler[1].format(unit), top, anon=8, file=25)
            if on_spawn:
                on_spawn(p, top)
            need = r.uniform(*files) if r.random() < 0.85 else r.uniform(files[0], files[0] + (files[1] - files[0]) / 3)
            w.grow(p, r.uniform(*memory) * 1024 / need, cap=int(memory[1] * 1024))
            yield from work(w, p, need)
            w.exit(p)
            if drivers:
                w.exit(top)
            yield r.uniform(0.005, 0.08)
        state["jobs"] = state.get("jobs", 0) + 1
    for _ in range(jobs):
        w.go(slot(), r.uniform(0, 0.4))
    while state.get("jobs", 0) < jobs:
        yield 0.5
