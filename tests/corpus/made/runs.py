"""Desktops on which something runs away."""
from desk import *
from registry import trace

MB = 1024


# --- single loops -------------------------------------------------------------------------------------------------------

@trace(cores=4, mem=8, interval=10, minutes=12)
def run_loop_quiet(w):
    """A helper of the desktop loops at 100 % of a core, all else rests."""
    desktop(w, "firefox mail", 1)
    p = w.spawn("tracker-extract-3", "/usr/libexec/tracker-extract-3", w.manager, anon=40, threads=6, cgroup=USER + "/app.slice/tracker-extract-3.service")
    def go():
        yield 120
        w.load(p, 1.0)
        w.runaway("the loop", [p])
    w.go(go())


@trace(cores=32, mem=64, interval=2, minutes=8)
def run_loop_beside_build(w):
    """On 32 cores make -j24 works in a terminal; a language server loops."""
    desktop(w, "chrome code", 2)
    make = job(w, w.shells[0], "make", "make -j24", anon=6)
    w.go(build(w, make, 24, seconds=400))
    p = w.spawn("clangd", "/usr/bin/clangd --background-index=false", w.apps["code"][-2], anon=600, threads=12)
    def go():
        yield 70
        w.load(p, 1.0)
        w.runaway("the language server", [p] + w.apps["code"], app="code")
    w.go(go())


@trace(cores=8, mem=16, interval=5, minutes=12, desk="kde")
def run_threads_380(w):
    """An electron application spins on four threads, 380 %."""
    desktop(w, "chrome discord mail", 1)
    p = w.apps["discord"][-1]
    def go():
        yield 90
        w.go(wander(w, p, 3.7, 3.95))
        w.runaway("the renderer", w.apps["discord"], app="Discord")
    w.go(go())


@trace(cores=2, mem=4, interval=2, minutes=10)
def run_loop_starved(w):
    """Two cores: make -j3 in a terminal, beside it a loop that gets half a core and wants one."""
    desktop(w, "firefox", 2)
    make = job(w, w.shells[0], "make", "make -j3", anon=3)
    w.go(build(w, make, 3, seconds=590, memory=(40, 160)))
    p = w.spawn("gvfsd-metadata", "/usr/libexec/gvfsd-metadata", w.manager, anon=4, cgroup=USER + "/session.slice/gvfs-metadata.service")
    def go():
        yield 60
        w.load(p, 1.0)
        w.runaway("the starved loop", [p])
    w.go(go())


@trace(cores=8, mem=16, interval=10, minutes=14)
def run_loop_94(w):
    """A page keeps its process at 93 to 97 %, just above the threshold."""
    desktop(w, "chrome", 1)
    p = w.apps["chrome"][7]
    def go():
        yield 100
        w.go(wander(w, p, 0.93, 0.97))
        w.runaway("the page", w.apps["chrome"], app="google-chrome")
    w.go(go())


@trace(cores=8, mem=16, interval=2, minutes=8)
def run_loop_nice_5(w):
    """A loop at nice 5, which is not low priority."""
    desktop(w, "firefox", 1)
    p = launch(w, "variety", "variety", "/usr/bin/python3 /usr/bin/variety", anon=90, threads=9, nice=5)
    def go():
        yield 60
        w.load(p, 1.0)
        w.runaway("the loop", [p])
    w.go(go())


@trace(cores=4, mem=8, interval=10, minutes=15)
def run_root_service(w):
    """A service of root loops: ModemManager at 100 %."""
    desktop(w, "firefox mail", 1)
    p = w.ModemManager
    def go():
        yield 200
        w.load(p, 1.0)
        w.runaway("the service", [p])
    w.go(go())


@trace(cores=4, mem=8, interval=2, minutes=8)
def run_renames_itself(w):
    """A loop that gives itself another name and command line every few seconds."""
    desktop(w, "firefox", 1)
    p = w.spawn("worker-0", "worker: starting", w.manager, anon=30, cgroup=USER + "/app.slice/worker.service")
    def go():
        yield 45
        w.load(p, 1.0)
        w.runaway("the loop under many names", [p])
        n = 0
        while True:
            n += 1
            w.rename(p, f"worker-{n}", f"worker: job {n} of 900")
            yield w.rng.uniform(1.5, 6)
    w.go(go())


@trace(cores=8, mem=16, interval=10, minutes=45)
def run_forgotten_job(w):
    """yes > /dev/null & was forgotten in a terminal; the shell waits for its next command."""
    desktop(w, "firefox", 2)
    def go():
        yield 100
        p = job(w, w.shells[0], "yes", "yes", fg=False, anon=0.2, file=1)
        w.load(p, 1.0)
        w.runaway("the forgotten job", [p])
    w.go(go())


@trace(cores=4, mem=8, interval=2, minutes=6)
def run_orphan_of_closed_terminal(w):
    """A terminal is closed; an editor in it lives on without it and loops on the dead tty."""
    desktop(w, "firefox", 2)
    p = job(w, w.shells[0], "nano", "nano notes.txt", anon=3)
    def go():
        yield 60
        shell = w.shells[0]
        w.change(p, tty=0, fg=None)
        w.exit(shell)
        w.load(p, 1.0)
        w.runaway("the orphaned editor", [p], rule=20)
    w.go(go())


@trace(cores=8, mem=16, interval=10, minutes=8, desk="kde")
def run_orphan_helper(w):
    """Slack crashes; one of its renderers lives on as an orphan and loops."""
    desktop(w, "chrome slack", 1)
    p = w.apps["slack"][-1]
    def go():
        yield 100
        w.load(p, 1.0)
        for q in w.apps["slack"]:
            if q is not p:
                w.exit(q)
        w.apps["slack"] = []
        w.runaway("the orphan", [p], rule=20)
    w.go(go())


@trace(cores=4, mem=8, interval=10, minutes=12)
def run_loop_over_sleep(w):
    """A loop begins 25 s before the machine sleeps for six hours and goes on after: it is told after 60 s awake."""
    desktop(w, "firefox mail", 1)
    p = w.apps["mail"][2]
    def go():
        yield 150
        w.load(p, 1.0)
        w.runaway("the loop", w.apps["mail"], app="thunderbird")
        yield 25
        w.sleep(6 * 3600)
    w.go(go())


@trace(cores=4, mem=8, interval=2, minutes=7, battery=True)
def run_loop_on_battery(w):
    """On battery a loop of one core is told after 40 s."""
    desktop(w, "firefox mail", 1)
    p = w.spawn("goa-identity-service", "/usr/libexec/goa-identity-service", w.manager, anon=8, threads=4, cgroup=USER + "/session.slice/goa.service")
    def go():
        yield 90
        w.load(p, 1.0)
        w.runaway("the loop", [p], rule=40)
    w.go(go())


@trace(cores=4, mem=8, interval=2, minutes=8, uptime=55)
def run_loop_at_login(w):
    """A session begins with all its bursts; one of the programs that start then never stops."""
    boot(w)
    w.session_age = 1.0
    def go():
        yield 2
        session(w)
        w.go(hold(w, w.shell, 1.3, 15))
        w.apps = {}
        for name in ("firefox", "mail", "slack"):
            yield w.rng.uniform(2, 6)
            w.session_age = 2.0
            w.apps[name] = APPS[name](w)
            for p in w.apps[name]:
                w.go(hold(w, p, w.rng.uniform(0.1, 0.8), w.rng.uniform(3, 16)))
        p = w.spawn("evolution-alarm-notify", "/usr/libexec/evolution-data-server/evolution-alarm-notify", w.manager, anon=20, cgroup=USER + "/app.slice/app-evolution.scope")
        w.load(p, 1.0)
        w.runaway("the notifier", [p])
        w.go(people(w))
    w.go(go())


@trace(cores=8, mem=16, interval=5, minutes=30)
def run_again_and_again(w):
    """A sync client loops for 130, 118, 106 and 95 s and calms down each time: told twice, then not, then again as it lasts for 5 min."""
    desktop(w, "firefox", 1)
    p = launch(w, "megasync", "megasync", "/usr/bin/megasync", anon=160, threads=14)
    def go():
        for seconds in (130, 118, 106, 95, 300):
            yield 180
            w.load(p, 1.0)
            label = w.runaway(f"the loop of {seconds} s", [p], rule=60 if seconds != 300 else 130) if seconds not in (106, 95) else None
            yield seconds
            w.load(p, 0)
            label and w.over(label)
    w.go(go())


@trace(cores=8, mem=16, interval=2, minutes=8)
def run_compositor(w):
    """gnome-shell draws without end, 105 to 120 %."""
    desktop(w, "firefox slack", 1)
    def go():
        yield 80
        w.go(wander(w, w.shell, 1.05, 1.2))
        w.runaway("the compositor", [w.shell])
    w.go(go())


@trace(cores=8, mem=16, interval=2, minutes=10)
def run_page_beside_video(w):
    """One page of Firefox loops, in another tab a video plays at 45 %."""
    desktop(w, "firefox mail", 1)
    w.go(wander(w, w.apps["firefox"][7], 0.3, 0.5))
    p = w.apps["firefox"][9]
    def go():
        yield 100
        w.load(p, 1.0)
        w.runaway("the page", w.apps["firefox"], app="firefox")
    w.go(go())


@trace(cores=12, mem=32, interval=10, minutes=75, uptime=50000)
def run_spin_all_life(w):
    """A service has kept exactly one core busy since the machine started, without a pause, as a loop does."""
    desktop(w, "firefox", 1, kernel=60)
    p = w.spawn("ibus-extension-gtk3", "/usr/libexec/ibus-extension-gtk3", w.manager, anon=20, threads=4, age=40000, cpu=39990, cgroup=USER + "/session.slice/ibus.service")
    w.load(p, 1.0)
    w.runaway("the loop", [p])


@trace(cores=8, mem=16, interval=10, minutes=40, uptime=70000)
def run_worse_than_all_life(w):
    """A media server has used 15 % for 15 hours, and now keeps 1.5 cores busy."""
    desktop(w, "firefox", 1)
    p = w.spawn("jellyfin", "/usr/bin/jellyfin", w.init, uid=118, anon=500, threads=50, age=60000, cpu=9000, cgroup="/system.slice/jellyfin.service")
    w.load(p, 0.15)
    def go():
        yield 400
        w.go(wander(w, p, 1.4, 1.6))
        w.runaway("the media server", [p])
    w.go(go())


@trace(cores=2, mem=4, interval=2, minutes=7)
def run_three_loops_two_cores(w):
    """Three loops of three services on two cores, two thirds of a core each."""
    desktop(w, "firefox", 1)
    def go():
        yield 50
        for name in ("goa-daemon", "gvfs-afc-volume-monitor", "tracker-miner-fs-3"):
            p = w.spawn(name, "/usr/libexec/" + name, w.manager, anon=8, threads=3, cgroup=f"{USER}/session.slice/{name}.service")
            w.load(p, 1.0)
            w.runaway(name, [p])
            yield 1.5
    w.go(go())


@trace(cores=4, mem=8, interval=2, minutes=10)
def run_eight_loops_four_cores(w):
    """Eight workers of one parent want a core each, on four cores: 50 % each."""
    desktop(w, "firefox", 1)
    def go():
        yield 40
        parent = w.spawn("python3", "python3 -m pool", w.manager, anon=20, cgroup=USER + "/app.slice/pool.service")
        kids = [w.spawn("python3", "python3 -m pool", parent, anon=20) for _ in range(8)]
        for q in kids:
            w.load(q, 1.0)
        w.runaway("the pool", [parent] + kids)
    w.go(go())


@trace(cores=4, mem=8, interval=5, minutes=10)
def run_container_loop(w):
    """A container's server loops."""
    desktop(w, "firefox code", 1)
    shim = w.spawn("containerd-shim", "/usr/bin/containerd-shim-runc-v2 -namespace moby", w.init, anon=8, age=4000, threads=11, cgroup="/system.slice/containerd.service")
    p = w.spawn("node", "node /app/server.js", shim, uid=1000, anon=120, threads=11, age=3990, cgroup=f"/system.slice/docker-{hexes(w, 64)}.scope")
    def go():
        yield 90
        w.load(p, 1.0)
        w.runaway("the server", [p])
    w.go(go())


@trace(cores=8, mem=16, interval=10, minutes=10)
def run_other_user(w):
    """Another user's forgotten session holds a loop."""
    desktop(w, "firefox", 1)
    m = w.spawn("systemd", "/usr/lib/systemd/systemd --user", w.init, uid=1001, anon=4, age=5000, cgroup="/user.slice/user-1001.slice/user@1001.service/init.scope")
    p = w.spawn("gnome-calendar", "/usr/bin/gnome-calendar --gapplication-service", m, anon=90, threads=6, age=4000,
                cgroup="/user.slice/user-1001.slice/user@1001.service/app.slice/app-gnome-calendar-77.scope")
    def go():
        yield 80
        w.load(p, 1.0)
        w.runaway("bob's calendar", [p])
    w.go(go())


@trace(cores=4, mem=8, interval=2, minutes=8, pid_max=2600)
def run_pid_reused(w):
    """A loop is killed after 100 s; another program that loops gets its pid at once."""
    desktop(w, "firefox", 1)
    def go():
        yield 50
        p = w.spawn("indicator-a", "/usr/bin/indicator-a", w.manager, anon=10, cgroup=USER + "/app.slice/a.service")
        w.load(p, 1.0)
        label = w.runaway("the first", [p])
        yield 100
        w.over(label)
        w.exit(p)
        yield 0.5
        q = w.spawn("applet-b", "/usr/bin/applet-b", w.manager, anon=10, pid=p.pid, cgroup=USER + "/app.slice/b.service")
        w.load(q, 1.0)
        w.runaway("the second", [q])
    w.go(go())


@trace(cores=8, mem=16, interval=2, minutes=9)
def run_clock_steps(w):
    """The wall clock steps back by a day 20 s into a loop."""
    desktop(w, "firefox", 1)
    def go():
        yield 70
        p = w.spawn("update-notifier", "/usr/bin/update-notifier", w.manager, anon=30, cgroup=USER + "/app.slice/app-update-notifier.scope")
        w.load(p, 1.0)
        w.runaway("the loop", [p])
        yield 20
        w.wall_off -= 86400
        yield 30
        w.wall_off += 90000
    w.go(go())


@trace(cores=4, mem=4, interval=5, minutes=15)
def run_loop_beside_kswapd(w):
    """kswapd0 is busy, which is not told; beside it a mail program loops."""
    desktop(w, "firefox mail", 1)
    w.go(wander(w, w.kthreads["kswapd0"], 0.9, 1.0))
    p = w.apps["mail"][0]
    def go():
        yield 250
        w.load(p, 1.0)
        w.runaway("the mail program", w.apps["mail"], app="thunderbird")
    w.go(go())


@trace(cores=4, mem=8, interval=5, minutes=15, desk="flat")
def run_loop_in_flat_session(w):
    """All applications share one scope and use some; one page of Chrome loops."""
    desktop(w, "firefox chrome mail discord", 2)
    for name, n in (("firefox", 0), ("mail", 0), ("discord", 4)):
        w.go(wander(w, w.apps[name][n], 0.15, 0.3))
    p = w.apps["chrome"][8]
    def go():
        yield 200
        w.load(p, 1.0)
        w.runaway("the page", w.apps["chrome"])
    w.go(go())


@trace(cores=8, mem=16, interval=2, minutes=12)
def run_among_much_honest(w):
    """ffmpeg in a terminal, an indexer in background.slice, an IDE that builds; a spell checker loops amid all that."""
    desktop(w, "chrome idea slack", 2)
    f = job(w, w.shells[0], "ffmpeg", "ffmpeg -i a.mkv b.mp4", anon=500, threads=20)
    w.go(wander(w, f, 1.5, 3.0))
    e = w.spawn("localsearch-3", "/usr/libexec/localsearch-3", w.manager, anon=70, cgroup=USER + "/background.slice/localsearch-3.service")
    w.go(wander(w, e, 0.9, 1.2))
    ninja = w.spawn("ninja", "ninja -C out", w.apps["idea"][0], anon=9)
    w.go(build(w, ninja, 2, seconds=600, files=(1, 9)))
    p = launch(w, "languagetool", "java", "/usr/bin/java -jar languagetool-server.jar", anon=700, threads=40, vm=6000, vm_fixed=True)
    def go():
        yield 150
        w.load(p, 1.0)
        w.runaway("the spell checker", [p])
    w.go(go())


@trace(cores=8, mem=16, interval=2, minutes=8)
def run_debuggee_goes_on(w):
    """A program is continued after a debugger has let it go and has ended; it loops as an orphan."""
    desktop(w, "firefox", 2)
    gdb = w.spawn("gdb", "gdb --batch -p 1", w.manager, anon=100, cgroup=USER + "/app.slice/gdb.service")
    p = w.spawn("renderer", "/home/ada/renderer", gdb, anon=200, threads=3)
    def go():
        w.change(p, state="t")
        yield 90
        w.change(p, state="S")
        w.exit(gdb)
        w.load(p, 2.0)
        w.runaway("the orphan", [p], rule=20)
    w.go(go())


@trace(cores=4, mem=8, interval=10, minutes=20)
def run_loop_with_dips(w):
    """A loop at 96 to 100 % that sleeps for 0.3 s every 7 s: each look sees more than 90 %."""
    desktop(w, "firefox", 1)
    p = launch(w, "cheese", "cheese", "/usr/bin/cheese", anon=90, threads=9)
    def go():
        yield 150
        w.runaway("the loop", [p])
        while True:
            w.load(p, 1.0)
            yield 6.7
            w.load(p, 0.0)
            yield 0.3
    w.go(go())


@trace(cores=16, mem=32, interval=5, minutes=14)
def run_two_apps(w):
    """Two applications loop, one after the other, each is told."""
    desktop(w, "chrome slack discord", 1)
    def go():
        yield 100
        w.load(w.apps["slack"][-1], 1.0)
        w.runaway("slack", w.apps["slack"], app="slack")
        yield 170
        w.load(w.apps["discord"][-1], 2.0)
        w.runaway("discord", w.apps["discord"], app="discord")
    w.go(go())


# --- many small ones ----------------------------------------------------------------------------------------------------

def small(w, count, each, app="fleet", start=80, name="fleet"):
    """An application of so many members, which begin to loop a little each."""
    main = launch(w, app, name, f"/opt/{name}/{name}", anon=60, threads=9, age=300)
    kids = [w.spawn(name, f"/opt/{name}/{name} --type=helper --id={n}", main, anon=w.rng.uniform(5, 14), file=20, threads=4, age=200) for n in range(count)]
    def go():
        yield start
        for q in kids:
            w.load(q, each * w.rng.uniform(0.97, 1.03))
        w.runaway(f"{count} helpers", [main] + kids, app=app)
    w.go(go())


@trace(cores=8, mem=16, interval=2, minutes=7)
def run_small_5(w):
    """Five helpers of one application loop at 30 % each."""
    desktop(w, "firefox", 1)
    small(w, 5, 0.30)


@trace(cores=8, mem=16, interval=10, minutes=10, desk="kde")
def run_small_50(w):
    """Fifty helpers of one application loop at 3 % each."""
    desktop(w, "firefox mail", 1)
    small(w, 50, 0.03)


@trace(cores=16, mem=32, interval=5, minutes=9)
def run_small_400(w):
    """Four hundred helpers of one application loop at 0.5 % each."""
    desktop(w, "firefox", 1)
    small(w, 400, 0.005)


@trace(cores=8, mem=32, interval=2, minutes=7)
def run_small_150(w):
    """150 renderers at 0.8 % each: 120 % together."""
    desktop(w, "mail", 1)
    out = chrome(w, tabs=150, tab_anon=(10, 40))
    w.apps["chrome"] = out[:4]
    def go():
        yield 70
        for p in out[5:]:
            w.load(p, w.rng.uniform(0.0075, 0.0085))
        w.runaway("the renderers", out, app="google-chrome")
    w.go(go())


@trace(cores=4, mem=8, interval=2, minutes=6)
def run_fork_bomb(w):
    """A fork bomb of a shell: processes double to 1200, all want a core; the terminal shows its prompt meanwhile."""
    desktop(w, "firefox", 2)
    def go():
        yield 60
        label = w.runaway("the bomb", [])
        shells = [w.spawn("bash", "bash", w.shells[0], anon=0.4, file=2, fg=False)]
        label.add(w.shells[0])
        while len(shells) < 1200:
            for p in list(shells):
                q = w.spawn("bash", "bash", p, anon=0.4, file=2, fg=False)
                shells.append(q)
                if len(shells) >= 1200:
                    break
            for p in shells:
                if p.demand == 0:
                    w.load(p, 1.0)
            label.add(*shells)
            yield 0.4
        # It goes on: some end, others take their place.
        while True:
            for _ in range(15):
                p = shells.pop(w.rng.randrange(len(shells)))
                w.exit(p)
                q = w.spawn("bash", "bash", w.rng.choice(shells), anon=0.4, file=2, fg=False)
                w.load(q, 1.0)
                shells.append(q)
                label.add(q)
            yield 1.0
    w.go(go())


@trace(cores=8, mem=16, interval=2, minutes=7)
def run_fork_storm(w):
    """A script of the session starts 400 programs a second, none is seen twice: 100 % of a core."""
    desktop(w, "firefox", 1)
    sh = w.spawn("sh", "/bin/sh /home/ada/bin/wait-for-net.sh", w.manager, anon=0.5, cgroup=USER + "/app.slice/wait-for-net.service")
    def go():
        yield 60
        label = w.runaway("the storm", [sh])
        w.load(sh, 0.35)
        while True:
            p = w.spawn("ping", "ping -c1 -W0 router", sh, anon=0.5, file=2)
            label.add(p)
            sh.ccpu += 0.65 * 0.19 * 1.0
            p.cpu = 0.001
            yield 0.19
            w.next_pid += 40
            w.exit(p)
            yield 0.01
    w.go(go())


# --- workers of one parent ------------------------------------------------------------------------------------------------

def workers(w, count, each, name="gunicorn", cgroup="/system.slice/shop.service", uid=33, start=60, rule=60):
    parent = w.spawn(name, f"{name}: master", w.init, uid=uid, anon=30, threads=1, age=4000, cgroup=cgroup)
    kids = [w.spawn(name, f"{name}: worker {n}", parent, anon=60, threads=2, age=3000) for n in range(count)]
    def go():
        yield start
        for q in kids:
            w.go(wander(w, q, each * 0.95, min(1.0, each * 1.05)))
        w.runaway(f"{count} workers", [parent] + kids, rule=rule)
    w.go(go())


@trace(cores=8, mem=16, interval=2, minutes=7)
def run_workers_4(w):
    """Four workers of a service at 100 % each: one alert is enough."""
    desktop(w, "firefox", 1)
    workers(w, 4, 1.0)


@trace(cores=8, mem=16, interval=10, minutes=10)
def run_workers_8(w):
    """Eight workers of a service at 60 % each."""
    desktop(w, "firefox mail", 1)
    workers(w, 8, 0.6)


@trace(cores=8, mem=16, interval=5, minutes=9)
def run_workers_12_small(w):
    """Twelve workers of one parent at 12 % each: 144 % together."""
    desktop(w, "firefox", 1)
    workers(w, 12, 0.12, name="php-fpm8.4", cgroup="/system.slice/php8.4-fpm.service")


@trace(cores=8, mem=16, interval=5, minutes=9, desk="flat")
def run_workers_flat(w):
    """Six workers of a script at 40 % each in a session without units; other applications beside use 25 % each."""
    desktop(w, "firefox chrome mail", 1)
    for name, n in (("firefox", 0), ("chrome", 5), ("mail", 0)):
        w.go(wander(w, w.apps[name][n], 0.15, 0.3))
    workers(w, 6, 0.4, name="thumbnailer", cgroup="/user.slice/user-1000.slice/session-2.scope", uid=1000)


@trace(cores=16, mem=64, interval=2, minutes=9)
def run_cron_piles_up(w):
    """cron starts a job each minute that never ends: one core, two, three."""
    desktop(w, "firefox", 1)
    def go():
        yield 30
        label = None
        while True:
            c = w.spawn("cron", "/usr/sbin/CRON -f", w.cron, anon=1)
            sh = w.spawn("sh", "/bin/sh -c /usr/local/bin/report", c, anon=0.5)
            p = w.spawn("report", "/usr/bin/python3 /usr/local/bin/report", sh, anon=60)
            w.load(p, 1.0)
            label = label or w.runaway("the jobs", [w.cron])
            label.add(c, sh, p)
            yield 60
    w.go(go())


# --- crash loops ------------------------------------------------------------------------------------------------------------

def crashes(w, parent, name, cmdline, life, cores, pause, start=60, rule=60, between=None, **k):
    """A program is started again and again; each life wants so many cores."""
    def go():
        yield start
        label = w.runaway("what is started again and again", [parent] if parent is not w.init and parent is not w.manager else [], rule=rule)
        while True:
            p = w.spawn(name, cmdline, parent, **k)
            label.add(p)
            w.load(p, cores)
            yield w.rng.uniform(0.9, 1.1) * life
            w.exit(p)
            yield pause
    w.go(go())


@trace(cores=4, mem=8, interval=2, minutes=7)
def run_crash_systemd_100ms(w):
    """systemd starts a service again 100 ms after each crash; a life is 1.7 s of a whole core."""
    desktop(w, "firefox", 1)
    crashes(w, w.init, "fancontrold", "/usr/bin/fancontrold", 1.7, 1.0, 0.1, anon=9, cgroup="/system.slice/fancontrold.service")


@trace(cores=8, mem=16, interval=10, minutes=12)
def run_crash_user_unit_12s(w):
    """The user's systemd starts an agent again: 12 s of a core, 0.1 s of rest; no life is seen three times."""
    desktop(w, "firefox mail", 1)
    crashes(w, w.manager, "sync-agent", "/usr/bin/sync-agent", 12, 1.0, 0.1, anon=60, threads=4, cgroup=USER + "/app.slice/sync-agent.service")


@trace(cores=8, mem=16, interval=2, minutes=8)
def run_crash_shell_3s(w):
    """A shell of a kiosk script starts a viewer again and again, 3 s each."""
    desktop(w, "firefox", 1)
    sh = w.spawn("sh", "/bin/sh /home/ada/kiosk.sh", w.manager, anon=0.5, cgroup=USER + "/app.slice/kiosk.service")
    crashes(w, sh, "viewer", "/usr/bin/viewer --fullscreen", 3, 1.0, 0.12, anon=80, threads=5)


@trace(cores=8, mem=16, interval=5, minutes=10)
def run_crash_supervisor_20s(w):
    """supervisord starts a node server again, 20 s of 1.3 cores each, 0.5 s of rest."""
    desktop(w, "firefox", 1)
    s = w.spawn("supervisord", "/usr/bin/python3 /usr/bin/supervisord -n", w.init, anon=24, age=8000, cgroup="/system.slice/supervisor.service")
    crashes(w, s, "node", "node /srv/app/index.js", 20, 1.3, 0.5, anon=150, threads=11, uid=33)


@trace(cores=4, mem=8, interval=10, minutes=14)
def run_crash_pm2_45s(w):
    """pm2 starts a server again each 45 s; between two lives is 0.3 s."""
    desktop(w, "firefox", 1)
    s = w.spawn("node", "PM2 v6.0.5: God Daemon (/home/ada/.pm2)", w.manager, anon=60, threads=11, age=8000, cgroup=USER + "/app.slice/pm2.service", base=0.002)
    crashes(w, s, "node", "node /home/ada/bot/index.js", 45, 1.0, 0.3, anon=90, threads=11)


@trace(cores=8, mem=16, interval=2, minutes=8)
def run_crash_container_12s(w):
    """docker starts a container again: each life of 12 s has a new shim below init, and the name stays."""
    desktop(w, "firefox code", 1)
    box = hexes(w, 64)
    def go():
        yield 60
        label = w.runaway("the container", [])
        while True:
            shim = w.spawn("containerd-shim", f"/usr/bin/containerd-shim-runc-v2 -namespace moby -id {box}", w.init, uid=0, anon=8, threads=11, cgroup="/system.slice/containerd.service")
            p = w.spawn("importer", "/app/importer --all", shim, anon=50, threads=6, cgroup=f"/system.slice/docker-{box}.scope")
            label.add(shim, p)
            w.load(p, 1.0)
            yield w.rng.uniform(11, 13)
            w.exit(p)
            yield 0.1
            w.exit(shim)
            yield 0.15
    w.go(go())


@trace(cores=8, mem=16, interval=10, minutes=10)
def run_crash_100ms_lives(w):
    """A launcher in the session starts a broken helper five times a second; no life is ever seen twice, 95 to 100 % together."""
    desktop(w, "firefox slack", 1)
    l = launch(w, "toolbox", "jetbrains-toolb", "/home/ada/.local/share/JetBrains/Toolbox/bin/jetbrains-toolbox --minimize", anon=180, threads=40)
    def go():
        yield 100
        label = w.runaway("the launcher's helper", [l])
        w.load(l, 0.06)
        while True:
            p = w.spawn("jetbrainsd", "/home/ada/.local/share/JetBrains/Daemon/jetbrainsd", l, anon=20, threads=8)
            label.add(p)
            w.load(p, 1.0)
            yield 0.19
            w.exit(p)
            yield 0.005
    w.go(go())


# --- leaks --------------------------------------------------------------------------------------------------------------------

def leak(w, p, mb_per_s, start=60, rule=None, others=(), noise=0, app=None):
    """Grows steadily from then on."""
    def go():
        yield start
        w.runaway(f"the leak of {mb_per_s} MiB/s", [p, *others], "memory_leak", rule if rule is not None else max(300, 500 / mb_per_s), app=app)
        while p.alive:
            w.grow(p, mb_per_s * MB * (w.rng.uniform(1 - noise, 1 + noise) if noise else 1))
            w.load(p, min(0.6, 0.02 + mb_per_s / 900))
            yield 5
    w.watch = True
    w.go(go())


@trace(cores=4, mem=16, interval=10, minutes=80)
def run_leak_half_mb(w):
    """A panel's applet leaks 0.5 MiB/s."""
    desktop(w, "firefox mail", 1)
    p = launch(w, "applet", "weather-applet", "/usr/bin/python3 /usr/bin/weather-applet", anon=40, threads=4)
    leak(w, p, 0.5)


@trace(cores=8, mem=16, interval=10, minutes=25)
def run_leak_2mb(w):
    """A chat client leaks 2 MiB/s."""
    desktop(w, "firefox slack mail", 1)
    leak(w, w.apps["slack"][-1], 2, others=w.apps["slack"], app="slack")


@trace(cores=8, mem=32, interval=2, minutes=12)
def run_leak_10mb(w):
    """A service of root leaks 10 MiB/s."""
    desktop(w, "chrome", 1)
    leak(w, w.packagekitd, 10)


@trace(cores=8, mem=16, interval=2, minutes=7, swap=2)
def run_leak_100mb(w):
    """A script without a terminal leaks 100 MiB/s on a machine of 16 GiB, until the kernel kills it."""
    desktop(w, "firefox mail", 1)
    p = w.spawn("python3", "python3 /home/ada/bin/import.py", w.manager, anon=50, cgroup=USER + "/app.slice/import.service")
    leak(w, p, 100, rule=45)


@trace(cores=16, mem=32, interval=2, minutes=5, swap=4)
def run_leak_500mb(w):
    """A program leaks 500 MiB/s: memory of 32 GiB is full within a minute from its first second on."""
    desktop(w, "firefox code", 1)
    p = launch(w, "org.inkscape.Inkscape", "inkscape", "/usr/bin/inkscape plan.svg", anon=300, threads=8)
    leak(w, p, 500, rule=10)


@trace(cores=8, mem=32, interval=5, minutes=40)
def run_leak_accelerates(w):
    """A leak that grows faster and faster, from 0.2 to 20 MiB/s within half an hour."""
    desktop(w, "firefox", 1)
    p = w.spawn("gsd-print-notifications", "/usr/libexec/gsd-print-notifications", w.manager, anon=20, cgroup=USER + "/session.slice/gsd-print.service")
    def go():
        yield 60
        w.runaway("the leak", [p], "memory_leak", 900)
        start = w.now
        while True:
            w.grow(p, 0.2 * MB * 100 ** min(1.0, (w.now - start) / 1800))
            yield 5
    w.go(go())


@trace(cores=8, mem=32, interval=10, minutes=40)
def run_leak_spread(w):
    """Twelve helpers of one application leak 0.25 MiB/s each: 3 MiB/s together, each one 75 MiB in 5 min."""
    desktop(w, "mail", 1)
    out = chrome(w, tabs=14)
    w.apps["chrome"] = out
    def go():
        yield 60
        w.runaway("the helpers", out, "memory_leak", 300, app="google-chrome")
        for p in out[5:17]:
            w.grow(p, 0.25 * MB)
    w.go(go())


@trace(cores=8, mem=32, interval=10, minutes=40)
def run_leak_saw_tooth(w):
    """A collector runs each 20 s and frees 150 MiB, but its floor rises by 2.5 MiB/s."""
    desktop(w, "firefox", 1)
    p = w.spawn("node", "node /srv/bot/index.js", w.manager, anon=160, threads=11, cgroup=USER + "/app.slice/bot.service", base=0.03)
    def go():
        yield 60
        floor = p.anon
        w.runaway("the leak under the teeth", [p], "memory_leak", 300)
        while True:
            w.grow(p, 10 * MB)
            yield w.rng.uniform(17, 22)
            floor += 2.5 * MB * 20
            p.anon = int(floor)
    w.go(go())


@trace(cores=4, mem=8, interval=5, minutes=30, swap=8)
def run_leak_into_swap(w):
    """Memory is full; a leak of 4 MiB/s goes into swap as fast as it grows, its resident part stays level; the recorder writes the sum."""
    desktop(w, "chrome slack mail", 1)
    fill(w, 450)
    p = w.spawn("zoom", "/opt/zoom/zoom", w.manager, anon=200, threads=40, cgroup=scope(w, "Zoom", 4))
    leak(w, p, 4)


@trace(cores=4, mem=8, interval=5, minutes=30, swap=8, style="foreign")
def run_leak_into_swap_told_apart(w):
    """As before, where the recorder tells resident and swapped memory apart."""
    run_leak_into_swap.play(w)


def fill(w, left):
    """Firm heaps leave so many MiB available."""
    group = [p for p in w.apps["chrome"] if "renderer" in p.cmdline][:6]
    need = w.available() - left * MB
    for p in group:
        p.anon += int(need / 6)
        p.no_swap = True


@trace(cores=2, mem=2, interval=10, minutes=25, swap=1)
def run_leak_small_machine(w):
    """2 GiB: a panel leaks 1.2 MiB/s of the 700 MiB that are left; 500 MiB are reached in 7 min."""
    boot(w)
    session(w)
    w.apps = {"extras": extras(w)}
    w.shells = terminal(w, 1)
    w.go(people(w))
    p = launch(w, "lxpanel", "lxpanel", "/usr/bin/lxpanel --profile LXDE", anon=30)
    leak(w, p, 1.2)


@trace(cores=8, mem=32, interval=10, minutes=60)
def run_leak_java_mapped_heap(w):
    """A Java service leaks into a heap that was mapped long before, 3 MiB/s, without a collector's pause: told after four windows."""
    desktop(w, "firefox", 1)
    p = w.spawn("java", "java -Xms12g -Xmx12g -jar crawler.jar", w.manager, anon=700, threads=60, age=4000, vm=15000, vm_fixed=True, cgroup=USER + "/app.slice/crawler.service", base=0.2)
    leak(w, p, 3, rule=1200)


@trace(cores=8, mem=16, interval=5, minutes=20)
def run_leak_in_terminal(w):
    """A program in a terminal, which is not told of for its CPU, leaks 3 MiB/s."""
    desktop(w, "firefox", 2)
    p = job(w, w.shells[0], "crawler", "./crawler --all", anon=80, threads=6)
    leak(w, p, 3)


@trace(cores=8, mem=16, interval=5, minutes=20)
def run_leak_nice(w):
    """An indexer at nice 19 in background.slice leaks 4 MiB/s."""
    desktop(w, "firefox", 1)
    p = w.spawn("localsearch-3", "/usr/libexec/localsearch-3", w.manager, anon=80, nice=19, threads=6, cgroup=USER + "/background.slice/localsearch-3.service")
    leak(w, p, 4)


@trace(cores=8, mem=32, interval=10, minutes=40)
def run_leak_beside_saw_tooth(w):
    """A service leaks 2 MiB/s beside one whose heap goes up and down by 900 MiB and a cache that slows."""
    desktop(w, "firefox", 1)
    good = w.spawn("gitea", "/usr/bin/gitea web", w.init, uid=120, anon=250, threads=20, age=9000, base=0.02, vm=2600, vm_fixed=True, cgroup="/system.slice/gitea.service")
    cache = w.spawn("memcached", "/usr/bin/memcached -m 1500", w.init, uid=121, anon=20, threads=10, cgroup="/system.slice/memcached.service")
    def teeth():
        while True:
            w.grow(good, 4 * MB)
            yield w.rng.uniform(200, 230)
            good.anon = 250 * MB
    def slows():
        while True:
            w.grow(cache, (1500 * MB - cache.anon) / 300)
            yield 5
    w.go(teeth())
    w.go(slows())
    p = w.spawn("minidlnad", "/usr/sbin/minidlnad -S", w.init, uid=122, anon=40, threads=2, cgroup="/system.slice/minidlna.service")
    leak(w, p, 2, start=300)


@trace(cores=8, mem=32, interval=10, minutes=45)
def run_leak_of_processes(w):
    """An application starts a helper of 12 MiB each 4 s and never ends one: 3 MiB/s."""
    desktop(w, "firefox", 1)
    main = launch(w, "notes", "notes", "/opt/notes/notes", anon=120, threads=20)
    def go():
        yield 60
        label = w.runaway("the helpers that never end", [main], "memory_leak", 300, app="notes")
        while True:
            p = w.spawn("notes", "/opt/notes/notes --type=utility", main, anon=12, file=20, threads=5)
            label.add(p)
            yield 4
    w.go(go())


@trace(cores=8, mem=16, interval=5, minutes=30)
def run_leak_that_ends(w):
    """A leak of 3 MiB/s for 9 min, then all is freed."""
    desktop(w, "firefox", 1)
    p = w.spawn("shotwell", "/usr/bin/shotwell", w.manager, anon=90, threads=8, cgroup=scope(w, "shotwell", 31))
    def go():
        yield 60
        label = w.runaway("the leak", [p], "memory_leak", 300)
        w.grow(p, 3 * MB)
        yield 540
        w.grow(p, 0)
        w.over(label)
        p.anon = 95 * MB
    w.go(go())


@trace(cores=4, mem=16, interval=10, minutes=300)
def run_leak_very_slow(w):
    """0.055 MiB/s: 500 MiB in 2.5 hours."""
    desktop(w, "firefox", 0, kernel=16)
    p = w.spawn("gnome-software", "/usr/bin/gnome-software --gapplication-service", w.manager, anon=160, threads=7, cgroup=USER + "/app.slice/gnome-software.service")
    leak(w, p, 0.055)


@trace(cores=8, mem=32, interval=10, minutes=30)
def run_two_leaks(w):
    """Two programs leak, 2 and 5 MiB/s."""
    desktop(w, "firefox slack", 1)
    a = w.spawn("clipit", "/usr/bin/clipit", w.manager, anon=20, threads=3, cgroup=scope(w, "clipit", 5))
    leak(w, a, 2, start=60)
    leak(w, w.apps["slack"][-1], 5, start=400, others=w.apps["slack"], app="slack")


@trace(cores=4, mem=16, interval=10, minutes=30)
def run_leak_over_sleep(w):
    """A leak of 2.5 MiB/s; in the middle of it the machine sleeps for three hours."""
    desktop(w, "firefox", 1)
    p = w.spawn("gnome-calendar", "/usr/bin/gnome-calendar", w.manager, anon=70, threads=6, cgroup=scope(w, "gnome-calendar", 9))
    leak(w, p, 2.5)
    w.call(200, lambda: w.sleep(3 * 3600))


@trace(cores=4, mem=16, interval=10, minutes=70)
def run_leak_stairs(w):
    """A timer leaks 40 MiB each minute."""
    desktop(w, "firefox", 1)
    p = w.spawn("conky", "conky", w.manager, anon=20, threads=6, cgroup=scope(w, "conky", 9), base=0.01)
    def go():
        yield 60
        w.runaway("the leak", [p], "memory_leak", 750)
        while True:
            p.anon += 40 * MB
            yield 60
    w.go(go())


@trace(cores=8, mem=32, interval=5, minutes=30)
def run_leak_noisy(w):
    """3 MiB/s, beside buffers of 60 MiB that come and go."""
    desktop(w, "firefox", 1)
    p = w.spawn("obs", "/usr/bin/obs", w.manager, anon=300, threads=40, cgroup=scope(w, "com.obsproject.Studio", 9), base=0.25)
    def go():
        yield 60
        w.runaway("the leak", [p], "memory_leak", 300)
        kept, start = 0, w.now
        base = p.anon
        while True:
            p.anon = int(base + 3 * MB * (w.now - start) + w.rng.uniform(0, 60) * MB)
            yield 1.3
    w.go(go())


@trace(cores=8, mem=16, interval=2, minutes=15)
def run_leak_and_loop(w):
    """A program loops and leaks 4 MiB/s."""
    desktop(w, "firefox", 1)
    p = w.spawn("evince-thumbnailer", "/usr/bin/evince-thumbnailer", w.manager, anon=40, threads=2, cgroup=USER + "/app.slice/thumb.scope")
    def go():
        yield 60
        w.load(p, 1.0)
        w.grow(p, 4 * MB)
        w.runaway("loop and leak", [p], "cpu_high memory_leak", 60)
    w.go(go())


# --- hangs ------------------------------------------------------------------------------------------------------------------

def stuck(w, p, function, **k):
    w.load(p, 0)
    w.change(p, state="D", wait={"thread": p.pid, "function": function, "timeslices": w.rng.randrange(100, 90000), **k})


@trace(cores=8, mem=16, interval=10, minutes=12)
def run_hang_nfs_five(w):
    """An NFS server is gone: a file manager, a shell, a player, a backup and an office program wait in one mount. One episode."""
    desktop(w, "firefox extras", 2)
    nas = dict(file="/mnt/nas/home", mount="/mnt/nas", device="nas:/export")
    ps = [w.apps["extras"][0], job(w, w.shells[0], "ls", "ls /mnt/nas/home", anon=1), launch(w, "mpv", "mpv", "mpv /mnt/nas/film.mkv", anon=90, threads=14),
          w.spawn("borg", "/usr/bin/borg create ::home", w.manager, anon=60, nice=19, cgroup=USER + "/background.slice/borg.service"), w.apps["extras"][2]]
    def go():
        yield 120
        label = w.runaway("the dead mount", ps, "hang", 30)
        w.io_level = 3
        for p in ps:
            stuck(w, p, w.rng.choice(("rpc_wait_bit_killable", "nfs_wait_bit_killable")), **nas)
            yield w.rng.uniform(0.5, 9)
    w.go(go())


@trace(cores=8, mem=16, interval=2, minutes=6)
def run_hang_single(w):
    """A file manager hangs in a FUSE mount."""
    desktop(w, "firefox extras", 1)
    p = w.apps["extras"][0]
    def go():
        yield 60
        stuck(w, p, "request_wait_answer", file="/run/user/1000/gvfs/smb", mount="/run/user/1000/gvfs", device="gvfsd-fuse")
        w.runaway("the file manager", [p], "hang", 30)
    w.go(go())


@trace(cores=8, mem=16, interval=5, minutes=8)
def run_hang_thread(w):
    """A thread of a player hangs in a driver, while the main thread goes on drawing."""
    desktop(w, "firefox spotify", 1)
    p = launch(w, "mpv", "mpv", "mpv film.mkv", anon=120, threads=18, base=0.06)
    def go():
        yield 70
        w.change(p, wait={"thread": p.pid + 6, "function": "v4l2_m2m_ctx_release", "timeslices": 812})
        w.runaway("the thread", [p], "hang", 30)
    w.go(go())


@trace(cores=4, mem=8, interval=10, minutes=10)
def run_hang_bad_disk(w):
    """A disk dies: the journal's kernel thread and three programs wait for it for good. One episode."""
    desktop(w, "firefox extras", 2)
    j = w.kthreads["jbd2/nvme0n1p2-8"]
    ps = [w.apps["firefox"][0], w.systemd_journald, w.apps["extras"][2]]
    def go():
        yield 100
        w.io_level = 96
        w.runaway("the disk", [j, *ps], "hang", 30)
        stuck(w, j, "io_schedule")
        for p in ps:
            stuck(w, p, "wait_on_page_bit_common", file="/home/ada", mount="/home", device="/dev/nvme0n1p2")
            yield 2.5
    w.go(go())


@trace(cores=8, mem=16, interval=2, minutes=9)
def run_hang_ends(w):
    """A program waits 95 s for a drive and goes on."""
    desktop(w, "firefox extras", 1)
    p = w.apps["extras"][2]
    def go():
        yield 80
        label = w.runaway("the wait", [p], "hang", 30)
        stuck(w, p, "nfs_wait_bit_killable", file="/mnt/nas/x", mount="/mnt/nas", device="nas:/export")
        yield 95
        w.over(label)
        w.change(p, state="S", wait=None)
    w.go(go())


@trace(cores=4, mem=8, interval=10, minutes=10)
def run_hang_over_sleep(w):
    """A hang begins 15 s before the machine sleeps for an hour and lasts: 30 s awake make it."""
    desktop(w, "firefox", 1)
    p = w.spawn("gphoto2", "/usr/libexec/gvfsd-gphoto2", w.manager, anon=6, threads=4, cgroup=USER + "/session.slice/gvfs.service")
    def go():
        yield 100
        w.runaway("the camera's helper", [p], "hang", 30)
        stuck(w, p, "usb_start_wait_urb")
        yield 15
        w.sleep(3600)
    w.go(go())


@trace(cores=8, mem=16, interval=2, minutes=6, style="foreign", wait=False)
def run_hang_without_details(w):
    """A recorder that tells only the state: D for four minutes."""
    desktop(w, "firefox", 1)
    p = w.spawn("umount", "umount /mnt/nas", w.manager, anon=1, cgroup=USER + "/app.slice/x.scope")
    def go():
        yield 60
        w.change(p, state="D")
        w.runaway("the umount", [p], "hang", 30)
    w.go(go())


@trace(cores=8, mem=16, interval=2, minutes=10)
def run_hang_loop_leak(w):
    """A hang, a loop and a leak in three programs within a minute; a build in a terminal beside."""
    desktop(w, "firefox extras slack", 2)
    make = job(w, w.shells[0], "make", "make -j4", anon=3)
    w.go(build(w, make, 4, seconds=560))
    p = w.spawn("fwupdmgr", "fwupdmgr refresh", w.manager, anon=12, cgroup=USER + "/app.slice/fw.scope")
    q = w.spawn("gvfsd-dnssd", "/usr/libexec/gvfsd-dnssd", w.manager, anon=5, cgroup=USER + "/session.slice/gvfs.service")
    s = w.spawn("syncthing", "/usr/bin/syncthing serve", w.manager, anon=90, threads=20, cgroup=USER + "/app.slice/syncthing.service")
    def go():
        yield 60
        stuck(w, p, "usb_start_wait_urb")
        w.runaway("the hang", [p], "hang", 30)
        yield 20
        w.load(q, 1.0)
        w.runaway("the loop", [q])
        yield 20
        leak(w, s, 5, start=0.1)
    w.watch = True
    w.go(go())


@trace(cores=8, mem=16, interval=5, minutes=8)
def run_hang_two_mounts(w):
    """Two mounts hang, one after the other, with a program each: two episodes."""
    desktop(w, "firefox extras", 1)
    a, b = w.apps["extras"][0], w.apps["extras"][2]
    def go():
        yield 60
        stuck(w, a, "rpc_wait_bit_killable", file="/mnt/nas/a", mount="/mnt/nas", device="nas:/export")
        w.runaway("the first mount", [a], "hang", 30)
        yield 110
        stuck(w, b, "request_wait_answer", file="/media/phone/b", mount="/media/phone", device="jmtpfs")
        w.runaway("the second mount", [b], "hang", 30)
    w.go(go())


@trace(cores=8, mem=16, interval=2, minutes=9)
def run_editor_beside_its_terminal(w):
    """The extension host of VS Code loops while a job works in the editor's own terminal, in the same cgroup."""
    desktop(w, "firefox code", 1)
    host = w.spawn("code", "/usr/share/code/code --type=utility --utility-sub-type=node.mojom.NodeService --pty-host", w.apps["code"][0], anon=70, threads=12, age=900)
    sh = w.spawn("bash", "/bin/bash --init-file shellIntegration-bash.sh", host, anon=4, tty=34840, fg=False, age=800)
    t = w.spawn("pytest", "/usr/bin/python3 -m pytest", sh, anon=300, fg=True)
    w.go(wander(w, t, 0.9, 1.0))
    def go():
        yield 120
        w.load(w.code_host, 1.0)
        w.runaway("the extension host", w.apps["code"] + [host], app="code")
    w.go(go())


@trace(cores=4, mem=8, interval=10, minutes=12)
def run_loop_78s(w):
    """A program loops for 78 s and stops; at looks of 10 s it is told before that."""
    desktop(w, "firefox", 1)
    p = launch(w, "gthumb", "gthumb", "/usr/bin/gthumb", anon=120, threads=6)
    def go():
        yield 203.3
        label = w.runaway("the loop", [p])
        w.load(p, 1.0)
        yield 78
        w.load(p, 0)
        w.over(label)
    w.go(go())
