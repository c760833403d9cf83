"""What users could disagree about; counted apart. The label is what we think a careful user wants."""
from desk import *
from registry import trace

MB = 1024


@trace(cores=8, mem=16, interval=2, minutes=15)
def grey_video_call_96(w):
    """A video call at about 96 to 104 % over four processes of the browser. No user calls it a runaway; the threshold does."""
    desktop(w, "chrome mail", 1, noise=False)
    main, gpu, audio, page = (w.apps["chrome"][i] for i in (0, 2, 4, 5))
    for q, level in ((main, .10), (gpu, .30), (audio, .06), (page, .52)):
        w.go(wander(w, q, level * 0.97, level * 1.05))


@trace(cores=8, mem=16, interval=5, minutes=30, desk="kde")
def grey_game(w):
    """A game of 240 to 300 % from its launcher for half an hour."""
    desktop(w, "discord", 1)
    steam = launch(w, "steam", "steam", "/home/ada/.steam/ubuntu12_32/steam", anon=260, file=150, threads=40, base=0.01)
    g = w.spawn("witcher3.exe", "Z:\\games\\witcher3.exe", steam, anon=3800, file=600, threads=90)
    w.go(wander(w, g, 2.3, 3.0))


@trace(cores=8, mem=16, interval=2, minutes=10)
def grey_gradle_daemon(w):
    """A Gradle daemon, whose starter has ended, builds for 50 s at 400 % at each call from an IDE; orphans are told after 20 s."""
    desktop(w, "firefox idea", 1)
    g = w.spawn("java", "/opt/idea/jbr/bin/java -Xmx2g org.gradle.launcher.daemon.bootstrap.GradleDaemon 8.9", w.manager, anon=800, threads=60, age=1500,
                vm=5000, vm_fixed=True, cgroup=w.apps["idea"][0].cgroup)
    w.go(bursts(w, g, (3.5, 4.5), (42, 52), (60, 120)))


@trace(cores=8, mem=32, interval=5, minutes=10)
def grey_link_of_ide(w):
    """An IDE builds without a terminal; its last step is one link of three minutes at 100 %."""
    desktop(w, "firefox idea", 1)
    ninja = w.spawn("ninja", "/opt/clion/bin/ninja/linux/x64/ninja -C cmake-build-release", w.apps["idea"][0], anon=9)
    def go():
        yield 20
        yield from build(w, ninja, 6, seconds=120, files=(2, 15))
        ld = w.spawn("ld", "/usr/bin/ld -plugin liblto_plugin.so -o app", w.spawn("collect2", "collect2 -o app", ninja), anon=20)
        w.grow(ld, 20 * MB, cap=2500 * MB)
        yield from work(w, ld, 185)
        w.end_tree(ninja)
    w.go(go())


@trace(cores=8, mem=16, interval=10, minutes=30)
def grey_nohup(w):
    """setsid nohup ./simulate & outlives its shell on purpose and keeps two cores busy."""
    desktop(w, "firefox", 1)
    p = w.spawn("simulate", "./simulate --years 100", w.manager, anon=400, threads=2, age=0, cgroup=f"{USER}/app.slice/app-org.gnome.Terminal.slice/vte-spawn-{uuid(w)}.scope")
    w.go(wander(w, p, 1.9, 2.0))


@trace(cores=8, mem=16, interval=2, minutes=15)
def grey_notebook_cell(w):
    """A cell of a notebook computes for ten minutes at 100 %; its kernel has no terminal, its server has."""
    desktop(w, "firefox", 1)
    server = job(w, w.shells[0], "jupyter-lab", "/usr/bin/python3 /usr/bin/jupyter-lab", anon=110, threads=6)
    k = w.spawn("python3", "/usr/bin/python3 -m ipykernel_launcher -f kernel-4.json", server, anon=700, threads=14, tty=0)
    w.go(hold(w, k, 1.0, 600), 60)


@trace(cores=8, mem=16, interval=5, minutes=15)
def grey_handbrake(w):
    """HandBrake's window encodes at 700 % and normal priority."""
    desktop(w, "firefox", 1)
    p = launch(w, "fr.handbrake.ghb", "ghb", "/usr/bin/ghb", anon=900, threads=40, age=200)
    w.go(wander(w, p, 6.5, 7.5), 60)


@trace(cores=8, mem=16, interval=5, minutes=15)
def grey_clangd_index(w):
    """clangd indexes a project for eight minutes at 400 %, its threads at low priority, the process is not."""
    desktop(w, "firefox code", 1)
    p = w.spawn("clangd", "/usr/bin/clangd --background-index", w.apps["code"][-2], anon=700, threads=14)
    w.go(wander(w, p, 3.7, 4.0, seconds=480), 60)


@trace(cores=8, mem=32, interval=5, minutes=20)
def grey_vm_in_app_slice(w):
    """GNOME Boxes runs a virtual machine in app.slice at 200 %."""
    desktop(w, "firefox", 1)
    p = launch(w, "org.gnome.Boxes", "qemu-system-x86", "/usr/bin/qemu-system-x86_64 -name boxes -m 4096", anon=4000, threads=10, age=300, vm=7000, vm_fixed=True)
    w.go(wander(w, p, 1.7, 2.3), 60)


@trace(cores=8, mem=32, interval=10, minutes=40)
def grey_cache_linear(w):
    """Redis loads its data at a steady 4 MiB/s for 9 min, then is level: linear as a leak until it ends."""
    desktop(w, "firefox", 1)
    p = w.spawn("redis-server", "/usr/bin/redis-server *:6379", w.init, uid=117, anon=12, threads=5, age=3, cgroup="/system.slice/redis-server.service")
    def go():
        yield 30
        w.load(p, 0.4)
        w.grow(p, 4 * MB, cap=2200 * MB)
        yield 545
        w.load(p, 0.01)
    w.go(go())


@trace(cores=8, mem=16, interval=2, minutes=9)
def grey_sync_stick(w):
    """sync waits four minutes for a slow stick without running once; the user knows."""
    desktop(w, "firefox", 2)
    p = job(w, w.shells[0], "sync", "sync", anon=0.5)
    w.io_level = 70
    w.change(p, state="D", wait={"thread": p.pid, "function": "wb_wait_for_completion", "timeslices": 3})
    def go():
        yield 240
        w.change(p, state="S", wait=None)
        w.io_level = 0.3
        done(w, w.shells[0], p)
    w.go(go())


@trace(cores=8, mem=16, interval=10, minutes=20)
def grey_container_paused(w):
    """docker pause under the old freezer: six processes rest in state D in __refrigerator until they are thawed."""
    desktop(w, "firefox", 1)
    box = f"/system.slice/docker-{hexes(w, 64)}.scope"
    shim = w.spawn("containerd-shim", "/usr/bin/containerd-shim-runc-v2 -namespace moby", w.init, anon=8, age=4000, threads=11, cgroup="/system.slice/containerd.service")
    ps = [w.spawn("postgres", f"postgres: {n}", shim, uid=999, anon=20, age=3000, cgroup=box) for n in ("main", "writer", "checkpointer", "stats", "app", "launcher")]
    def go():
        yield 90
        for p in ps:
            w.change(p, state="D", wait={"thread": p.pid, "function": "__refrigerator", "timeslices": 700})
    w.go(go())


@trace(cores=8, mem=16, interval=10, minutes=30)
def grey_crash_loop_60(w):
    """A service crashes each 5 s, each life costs 3 s of CPU: 60 % of a core for good. A user would want to know; the threshold says no."""
    desktop(w, "firefox", 1)
    def go():
        yield 60
        label = w.runaway("the crash loop", [], "cpu_high", 60)
        while True:
            p = w.spawn("colord", "/usr/libexec/colord", w.init, uid=120, anon=14, cgroup="/system.slice/colord.service")
            label.add(p)
            yield from work(w, p, 3)
            w.exit(p)
            yield 2
    w.go(go())


@trace(cores=4, mem=8, interval=10, minutes=90)
def grey_steady_70(w):
    """A background helper that nobody uses keeps 70 % of a core busy for 90 min. A user would want to know; the threshold says no."""
    desktop(w, "firefox", 1, kernel=30)
    p = w.spawn("gvfsd-trash", "/usr/libexec/gvfsd-trash", w.manager, anon=6, cgroup=USER + "/session.slice/gvfs.service")
    def go():
        yield 60
        w.load(p, 0.7)
        w.runaway("the helper", [p])
    w.go(go())


@trace(cores=8, mem=16, interval=10, minutes=60)
def grey_flapping(w):
    """A program works a core for 70 s and rests for 40 s, for an hour."""
    desktop(w, "firefox", 1)
    p = launch(w, "rssguard", "rssguard", "/usr/bin/rssguard", anon=150, threads=9)
    def go():
        yield 100
        w.runaway("the flapping", [p])
        while True:
            w.load(p, 1.0)
            yield 70
            w.load(p, 0)
            yield 40
    w.go(go())


@trace(cores=8, mem=16, interval=2, minutes=15, desk="kde")
def grey_game_loads_level(w):
    """A game at 75 % loads a level: 2.5 GiB in 12 s, and 5 GiB are left; for 12 s memory would be full within a minute."""
    desktop(w, "discord", 1)
    steam = launch(w, "steam", "steam", "/home/ada/.steam/ubuntu12_32/steam", anon=260, file=150, threads=40, base=0.01)
    g = w.spawn("factorio", "/home/ada/.steam/steamapps/common/Factorio/bin/x64/factorio", steam, anon=int(w.available() / 1024) - 7500, file=600, threads=30, age=900)
    w.go(wander(w, g, 0.65, 0.82))
    def go():
        for _ in range(2):
            yield 240
            before = g.anon
            w.grow(g, 213 * MB)
            yield 12
            w.grow(g, 0)
            yield 90
            g.anon = before
    w.go(go())
