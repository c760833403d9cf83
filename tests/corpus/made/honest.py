"""Honest desktops: nothing is to be told."""
from desk import *
from registry import trace

GCC = ("cc1plus", "/usr/libexec/gcc/x86_64-linux-gnu/14/cc1plus -quiet src/{}.cpp")


@trace(cores=4, mem=8, interval=10, minutes=40)
def honest_idle_laptop(w):
    """A laptop at rest with a browser, mail and a document."""
    desktop(w, "firefox mail extras", 1)


@trace(cores=8, mem=16, interval=10, minutes=60, desk="kde")
def honest_office_day(w):
    """Pages load with two cores for some seconds, Slack and a spreadsheet work now and then."""
    desktop(w, "chrome slack mail extras spotify", 2)
    w.go(bursts(w, w.apps["chrome"][6], (0.8, 1.9), (5, 28), (25, 120)))
    w.go(bursts(w, w.apps["extras"][2], (0.9, 1.0), (10, 45), (60, 300)))


@trace(cores=8, mem=16, interval=2, minutes=12)
def honest_build_make_terminal(w):
    """make -j8 in a terminal, files of 1 to 9 s."""
    desktop(w, "firefox code", 2)
    def go():
        yield 20
        make = job(w, w.shells[0], "make", "make -j8", anon=4)
        w.go(build(w, make, 8, seconds=600))
    w.go(go())


@trace(cores=8, mem=16, interval=2, minutes=8)
def honest_build_ninja_ide(w):
    """CLion runs ninja without a terminal: eight compilers at a time, 2 to 20 s each."""
    desktop(w, "firefox idea", 1)
    def go():
        yield 20
        ninja = w.spawn("ninja", "/opt/clion/bin/ninja/linux/x64/ninja -C cmake-build-debug all", w.apps["idea"][0], anon=9, threads=1)
        yield from build(w, ninja, 8, seconds=330, files=(2, 20))
        ld = w.spawn("ld", "/usr/bin/ld -o app", w.spawn("collect2", "/usr/libexec/gcc/collect2 -o app", ninja), anon=20)
        w.grow(ld, 40 * 1024, cap=700 * 1024)
        yield from work(w, ld, 22)
        w.end_tree(ninja)
    w.go(go())


@trace(cores=16, mem=32, interval=2, minutes=7)
def honest_cargo_check_editor(w):
    """rust-analyzer has cargo check 400 crates after an update, without a terminal."""
    desktop(w, "firefox code slack", 1)
    def go():
        yield 15
        cargo = w.spawn("cargo", "/home/ada/.cargo/bin/cargo check --workspace --message-format=json --all-targets", w.apps["code"][-1], anon=60, threads=4)
        yield from build(w, cargo, 14, seconds=240, files=(0.6, 14), memory=(120, 900), compiler=("rustc", "/home/ada/.rustup/toolchains/stable/bin/rustc --crate-name {} --edition=2021"),
                         drivers=False)
        w.end_tree(cargo)
        yield from hold(w, w.apps["code"][-1], 3.5, 25)
    w.go(go())


@trace(cores=12, mem=32, interval=2, minutes=9)
def honest_docker_build(w):
    """docker build runs make -j10 in a container of root, files of 1 to 9 s, looks of 2 s."""
    desktop(w, "chrome code", 2)
    dockerd = w.spawn("dockerd", "/usr/bin/dockerd -H fd://", w.init, anon=90, threads=25, age=5000, base=0.004, cgroup="/system.slice/docker.service")
    containerd = w.spawn("containerd", "/usr/bin/containerd", w.init, anon=40, threads=20, age=5000, base=0.003, cgroup="/system.slice/containerd.service")
    def go():
        yield 20
        client = job(w, w.shells[0], "docker", "docker build -t app .", anon=30, threads=12)
        w.load(client, 0.02)
        runc = w.spawn("runc", "runc --log /run/log.json run buildkit", dockerd, anon=15, threads=8, cgroup=f"/system.slice/docker-{hexes(w, 64)}.scope")
        sh = w.spawn("sh", "/bin/sh -c make -j10 && make install", runc, anon=0.3, file=1)
        make = w.spawn("make", "make -j10", sh, anon=3)
        yield from build(w, make, 10, seconds=430)
        w.end_tree(runc)
        done(w, w.shells[0], client)
    w.go(go())


@trace(cores=8, mem=16, interval=10, minutes=14)
def honest_docker_build_slow_looks(w):
    """docker buildx with files of 1 to 9 s, at looks of 10 s: no compiler is seen twice."""
    desktop(w, "firefox", 1)
    dockerd = w.spawn("dockerd", "/usr/bin/dockerd -H fd://", w.init, anon=90, threads=25, age=5000, base=0.004, cgroup="/system.slice/docker.service")
    def go():
        yield 60
        sh = w.spawn("sh", "/bin/sh -c ./configure && make -j8", dockerd, anon=0.3, cgroup=f"/system.slice/docker-{hexes(w, 64)}.scope")
        make = w.spawn("make", "make -j8", sh, anon=3)
        yield from build(w, make, 8, seconds=540)
        w.end_tree(sh)
    w.go(go())


@trace(cores=8, mem=16, interval=2, minutes=10)
def honest_webpack_watch(w):
    """node watches files: each save costs 2 cores for 8 to 20 s; the shell runs it in the background."""
    desktop(w, "chrome code slack", 2)
    node = w.spawn("node", "node /home/ada/shop/node_modules/.bin/webpack --watch --mode development", w.shells[0], anon=700, threads=22, fg=False, vm=12000, vm_fixed=True)
    w.go(bursts(w, node, (1.2, 2.3), (8, 20), (12, 50)))
    def heap():
        while True:
            w.grow(node, w.rng.uniform(2, 9) * 1024)
            yield w.rng.uniform(12, 30)
            node.anon = int(w.rng.uniform(650, 740) * 1024)
    w.go(heap())


@trace(cores=16, mem=64, interval=5, minutes=20)
def honest_ci_runner(w):
    """A CI runner as a service builds and tests: compilers and tests come and go at 12 cores, 15 min."""
    desktop(w, "firefox", 1)
    cg = "/system.slice/actions.runner.shop.ada.service"
    runner = w.spawn("Runner.Listener", "/opt/runner/bin/Runner.Listener run --startuptype service", w.init, uid=998, anon=80, threads=20, base=0.002, age=90000, cgroup=cg)
    def go():
        yield 60
        worker = w.spawn("Runner.Worker", "/opt/runner/bin/Runner.Worker spawnclient 142 145", runner, anon=90, threads=24, base=0.01)
        bash = w.spawn("bash", "/usr/bin/bash -e /opt/runner/_work/_temp/step.sh", worker, anon=2)
        for step in range(3):
            ninja = w.spawn("ninja", "ninja -j12", bash, anon=5)
            yield from build(w, ninja, 12, count=260, files=(1, 16))
            w.end_tree(ninja)
            ctest = w.spawn("ctest", "ctest -j12", bash, anon=6)
            yield from build(w, ctest, 12, count=90, files=(0.3, 9), compiler=("unit_test", "./tests/unit_{}"), drivers=False, memory=(10, 90))
            w.end_tree(ctest)
        w.end_tree(worker)
    w.go(go())


@trace(cores=4, mem=8, interval=2, minutes=6)
def honest_configure_no_terminal(w):
    """The software centre builds a package: configure runs thousands of small programs one after the other, then make -j4 with short files."""
    desktop(w, "firefox", 0)
    pamac = launch(w, "org.manjaro.pamac.manager", "pamac-manager", "/usr/bin/pamac-manager", anon=120, file=120, threads=12)
    def go():
        yield 25
        makepkg = w.spawn("makepkg", "/usr/bin/bash /usr/bin/makepkg -cf", pamac, anon=4)
        configure = w.spawn("configure", "/bin/sh ./configure --prefix=/usr", makepkg, anon=3)
        end = w.now + 75
        while w.now < end:
            name = w.rng.choice(("cc1", "conftest", "sed", "ld", "grep", "gcc", "as"))
            p = w.spawn(name, f"/usr/bin/{name} conftest.c", configure, anon=6)
            yield from work(w, p, w.rng.uniform(0.01, 0.12))
            w.exit(p)
            w.next_pid += 3
            configure.cpu += 0.01
            yield 0.012
        w.exit(configure)
        make = w.spawn("make", "make -j4", makepkg, anon=2)
        yield from build(w, make, 4, seconds=160, files=(0.4, 5))
        w.end_tree(makepkg)
    w.go(go())


@trace(cores=8, mem=32, interval=5, minutes=15)
def honest_build_big_files_ide(w):
    """A game engine is built from its IDE: generated C++ files of 15 to 50 s each come and go."""
    desktop(w, "firefox discord", 1)
    ide = launch(w, "UnrealEditor", "UnrealEditor", "/opt/unreal/Engine/Binaries/Linux/UnrealEditor Shooter.uproject", anon=3500, file=600, threads=90, base=0.04)
    def go():
        yield 40
        ubt = w.spawn("dotnet", "dotnet UnrealBuildTool.dll ShooterEditor Linux Development", ide, anon=300, threads=30)
        yield from build(w, ubt, 7, seconds=640, files=(15, 50), memory=(500, 1800), compiler=("clang++", "/opt/unreal/clang++ -c {}.gen.cpp"), drivers=False)
        w.end_tree(ubt)
    w.go(go())


@trace(cores=8, mem=16, interval=10, minutes=240)
def honest_solver_wanders(w):
    """A solver in a terminal at 180 %, more or less, for four hours."""
    desktop(w, "firefox", 2, kernel=40)
    p = job(w, w.shells[0], "glpsol", "glpsol --lp plan.lp --cuts", anon=900, threads=4)
    w.go(wander(w, p, 1.3, 2.3, step=(4, 15)))


@trace(cores=4, mem=8, interval=5, minutes=30, desk="kde")
def honest_render_nice(w):
    """Blender renders at nice 15 on all cores, started from a menu."""
    desktop(w, "firefox spotify", 1)
    b = launch(w, "blender", "blender", "blender -b scene.blend -a", anon=1800, file=200, threads=8, nice=15)
    w.go(wander(w, b, 3.6, 4.0))


@trace(cores=8, mem=16, interval=5, minutes=25)
def honest_encode_batch(w):
    """An encoder under chrt --batch 0 and another one under chrt --idle, without a terminal."""
    desktop(w, "firefox", 1)
    a = w.spawn("ffmpeg", "ffmpeg -i holiday.mov -c:v libx265 out.mkv", w.manager, anon=900, threads=26, policy=3, cgroup=USER + "/app.slice/run-u41.service")
    b = w.spawn("svt-av1", "SvtAv1EncApp -i in.y4m --preset 3", w.manager, anon=2600, threads=30, policy=5, cgroup=USER + "/app.slice/run-u42.service")
    w.go(wander(w, a, 3.0, 5.5))
    w.go(wander(w, b, 4.0, 8.0))


@trace(cores=16, mem=32, interval=2, minutes=12)
def honest_ffmpeg_terminal_while_call(w):
    """ffmpeg works in a terminal, a video call at about 70 % runs beside in the browser."""
    desktop(w, "chrome slack", 2)
    p = job(w, w.shells[0], "ffmpeg", "ffmpeg -i talk.mkv -c:v libx264 talk.mp4", anon=700, threads=40)
    w.go(wander(w, p, 9, 14))
    main, gpu, audio, page = (w.apps["chrome"][i] for i in (0, 2, 4, 5))
    for q, lo, hi in ((main, .05, .1), (gpu, .15, .22), (audio, .04, .07), (page, .28, .42)):
        w.go(wander(w, q, lo, hi))


@trace(cores=8, mem=16, interval=2, minutes=25)
def honest_video_call_wanders(w):
    """A video call of four processes at 45 to 85 % together, never over 90 % for long."""
    desktop(w, "chrome mail", 1)
    main, gpu, audio, page = (w.apps["chrome"][i] for i in (0, 2, 4, 5))
    for q, lo, hi in ((main, .05, .1), (gpu, .15, .25), (audio, .03, .06), (page, .22, .4)):
        w.go(wander(w, q, lo, hi))
    w.go(bursts(w, w.apps["chrome"][7], (0.5, 0.9), (3, 15), (60, 200)))


@trace(cores=8, mem=16, interval=10, minutes=60, desk="kde")
def honest_indexer_background(w):
    """Baloo indexes new photos for 40 min in background.slice, at 100 to 140 %."""
    desktop(w, "firefox mail", 1)
    e = w.spawn("baloo_file_extractor", "/usr/libexec/kf6/baloo_file_extractor", w.manager, anon=60, threads=3, cgroup=USER + "/background.slice/kde-baloo.service")
    def go():
        yield 120
        w.go(wander(w, e, 1.0, 1.4, seconds=2400))
        w.grow(e, 60, cap=240 * 1024)
    w.go(go())


@trace(cores=4, mem=8, interval=10, minutes=50)
def honest_backup_nightly(w):
    """restic backs up at nice 19: state D in most looks, but it runs in between."""
    desktop(w, "firefox", 1)
    w.io_level = 30
    p = w.spawn("restic", "/usr/bin/restic backup /home --exclude-caches", w.init, uid=0, anon=200, threads=14, nice=19, cgroup="/system.slice/restic-backup.service")
    slices = [1000]
    def go():
        yield 60
        while True:
            w.load(p, w.rng.uniform(0.3, 1.6))
            yield w.rng.uniform(1, 5)
            slices[0] += w.rng.randrange(20, 400)
            stuck = w.rng.random() < 0.7
            w.change(p, state="D" if stuck else "S", wait={"thread": p.pid, "function": "folio_wait_bit_common", "timeslices": slices[0]} if stuck else None)
            yield w.rng.uniform(0.5, 3)
            w.change(p, state="S", wait=None)
    w.go(go())


@trace(cores=4, mem=16, interval=2, minutes=12, uptime=40)
def honest_login_updates(w):
    """The machine has just started: the session begins, updates are looked for, package lists are read, mail is fetched."""
    boot(w)
    w.session_age = 2.0
    def go():
        yield 3
        session(w)
        w.go(hold(w, w.shell, 1.4, 14))
        w.apps = {}
        for name in ("firefox", "mail", "slack", "spotify", "extras"):
            yield w.rng.uniform(2, 9)
            w.session_age = 3.0
            w.apps[name] = APPS[name](w) if name != "firefox" else firefox(w, age=1.0)
            for p in w.apps[name]:
                w.go(hold(w, p, w.rng.uniform(0.1, 0.8), w.rng.uniform(3, 16)))
                w.grow(p, p.anon / 18, cap=int(p.anon * 1.7))
        w.go(people(w))
    w.go(go())
    w.go(bursts(w, w.packagekitd, (0.95, 1.0), (30, 42), (25, 60), 3))
    def dpkg():
        yield 45
        apt = w.spawn("apt.systemd.dai", "/bin/sh /usr/lib/apt/apt.systemd.daily install", w.init, uid=0, anon=1, cgroup="/system.slice/apt-daily-upgrade.service")
        up = w.spawn("unattended-upgr", "/usr/bin/python3 /usr/bin/unattended-upgrade", apt, anon=90)
        yield from hold(w, up, 0.98, 35)
        for name, seconds in [("dpkg", 3), ("dpkg-deb", 6), ("mandb", 14), ("ldconfig", 3), ("dpkg", 4), ("update-mime-dat", 5), ("mkinitramfs", 9), ("zstd", 18), ("dkms", 2),
                              ("cc1", 4), ("cc1", 5), ("ld", 3), ("depmod", 7), ("update-grub", 12), ("dpkg", 6)]:
            p = w.spawn(name, f"/usr/bin/{name}", up, anon=20)
            yield from work(w, p, seconds, 1.0 if name != "zstd" else 3.0)
            w.exit(p)
        yield from hold(w, up, 0.9, 15)
        w.end_tree(apt)
    w.go(dpkg())


@trace(cores=16, mem=64, interval=10, minutes=45)
def honest_vm_in_machine_slice(w):
    """A virtual machine in machine.slice starts, takes 8 GiB in its first minute, and uses four cores."""
    desktop(w, "firefox code", 1)
    def go():
        yield 60
        vm = w.spawn("qemu-system-x86", "/usr/bin/qemu-system-x86_64 -name guest=win11 -m 16384 -smp 6", w.init, uid=64055, anon=300, file=60, threads=20, vm=19000,
                     vm_fixed=True, cgroup="/machine.slice/machine-qemu\\x2d1\\x2dwin11.scope/libvirt/emulator")
        w.go(wander(w, vm, 3.2, 5.8))
        w.grow(vm, 130 * 1024, cap=8 * 1024 * 1024)
    w.go(go())


@trace(cores=8, mem=16, interval=10, minutes=60)
def honest_java_warm_up(w):
    """An IDE starts: its heap grows fast, then ever slower, then goes up and down with the collector."""
    desktop(w, "firefox", 1)
    def go():
        yield 30
        w.session_age = max(w.session_age, 100)
        ide = java_ide(w, age=0.5)[0]
        ide.anon = 250 * 1024
        yield from hold(w, ide, 5.0, 40)
        top, low = 250.0, 250.0
        for n in range(200):
            low += max(0.0, 1500 - low) * 0.03
            top = low + w.rng.uniform(150, 420)
            seconds = w.rng.uniform(10, 25)
            ide.anon = int(low * 1024)
            w.grow(ide, (top - low) * 1024 / seconds)
            w.load(ide, w.rng.uniform(0.05, 0.7))
            yield seconds
    w.go(go())


@trace(cores=8, mem=32, interval=5, minutes=40)
def honest_page_cache_fills(w):
    """PostgreSQL and a backup read hundreds of gigabytes: resident file pages grow, anonymous memory does not."""
    desktop(w, "firefox", 2)
    pg = w.spawn("postgres", "/usr/lib/postgresql/17/bin/postgres -D /var/lib/postgresql/17/main", w.init, uid=110, anon=12, file=150, base=0.001, age=9000,
                 cgroup="/system.slice/system-postgresql.slice/postgresql@17-main.service")
    worker = w.spawn("postgres", "postgres: 17/main: ada shop [local] SELECT", pg, anon=30, file=100)
    tar = job(w, w.shells[0], "tar", "tar cf /media/disk/home.tar /home", anon=2)
    w.io_level = 20
    def go():
        w.load(worker, 0.7)
        w.load(tar, 0.4)
        for _ in range(500):
            worker.file = min(worker.file + 25 * 1024, 8 * 1024 * 1024)
            yield 4
    w.go(go())


@trace(cores=8, mem=16, interval=5, minutes=40)
def honest_cache_slows(w):
    """A service fills its cache: 1.8 GiB in all, ever slower, as more and more hits."""
    desktop(w, "firefox slack", 1)
    p = w.spawn("varnishd", "/usr/sbin/varnishd -j unix -s malloc,2G", w.init, uid=115, anon=100, threads=200, age=4, vm=2900, vm_fixed=True,
                cgroup="/system.slice/varnish.service", base=0.02)
    def go():
        yield 60
        while True:
            left = 1900 * 1024 - p.anon
            w.grow(p, left / 260)
            yield 5
    w.go(go())


@trace(cores=16, mem=64, interval=2, minutes=15)
def honest_big_file_load(w):
    """A photo montage of 9 GiB is opened in 50 s on a machine of 64 GiB, then work goes on at that level."""
    desktop(w, "firefox", 1)
    def go():
        yield 60
        g = launch(w, "gimp", "gimp", "/usr/bin/gimp montage.xcf", anon=200, file=180, threads=20, age=0.0)
        w.load(g, 0.95)
        w.grow(g, 180 * 1024, cap=9 * 1024 * 1024)
        yield 50
        w.load(g, 0)
        w.go(bursts(w, g, (1, 8), (3, 12), (15, 60)))
    w.go(go())


@trace(cores=8, mem=16, interval=2, minutes=20)
def honest_table_load(w):
    """A notebook loads a table of 3.5 GiB in 25 s, works on it in bursts and frees a copy now and then."""
    desktop(w, "firefox", 1)
    server = job(w, w.shells[0], "jupyter-lab", "/usr/bin/python3 /usr/bin/jupyter-lab", anon=110, threads=6)
    k = w.spawn("python3", "/usr/bin/python3 -m ipykernel_launcher -f /home/ada/.local/share/jupyter/runtime/kernel-4.json", server, anon=120, threads=14, tty=0)
    def go():
        yield 40
        w.load(k, 1.0)
        w.grow(k, 140 * 1024, cap=3600 * 1024)
        yield 27
        w.load(k, 0)
        for _ in range(14):
            yield w.rng.uniform(20, 60)
            w.load(k, w.rng.uniform(0.9, 4))
            w.grow(k, 220 * 1024, cap=4700 * 1024)
            yield w.rng.uniform(5, 20)
            w.load(k, 0)
            k.anon = 3600 * 1024 + w.rng.randrange(0, 60 * 1024)
            w.grow(k, 0)
    w.go(go())


@trace(cores=4, mem=8, interval=10, minutes=90, swap=8)
def honest_level_browser_little_memory(w):
    """8 GiB, of which a browser's level heaps leave 500 MiB: heaps go up and down by 100 MiB, nothing rises."""
    desktop(w, "chrome slack mail code", 1)
    tabs = [p for p in w.apps["chrome"] if "renderer" in p.cmdline]
    need = w.available() - 520 * 1024
    for p in tabs[:8]:
        p.anon += int(need / 8)
        p.no_swap = True
    def heap(p, level):
        while True:
            up = w.rng.uniform(20, 100) * 1024
            seconds = w.rng.uniform(20, 90)
            w.grow(p, up / seconds)
            yield seconds
            p.anon = int(level + w.rng.uniform(-8, 8) * 1024)
    for p in tabs[:4]:
        w.go(heap(p, p.anon))


@trace(cores=8, mem=32, interval=5, minutes=50)
def honest_video_editor(w):
    """A video editor: each preview takes 0.5 to 2 GiB and gives it back; bursts of several cores."""
    desktop(w, "firefox", 1)
    k = launch(w, "org.kde.kdenlive", "kdenlive", "/usr/bin/kdenlive film.kdenlive", anon=1400, file=300, threads=60, base=0.05, age=900)
    def go():
        while True:
            yield w.rng.uniform(15, 70)
            w.load(k, w.rng.uniform(1, 4))
            more, seconds = w.rng.uniform(500, 2000) * 1024, w.rng.uniform(8, 35)
            w.grow(k, more / seconds)
            yield seconds
            w.grow(k, 0)
            w.load(k, 0.3)
            yield w.rng.uniform(5, 12)
            w.load(k, 0)
            k.anon = int(w.rng.uniform(1380, 1500) * 1024)
    w.go(go())


@trace(cores=16, mem=64, interval=10, minutes=120)
def honest_training_terminal(w):
    """A model is trained in a terminal: 900 %, memory rises in each epoch of 4 min by 3 GiB and falls back."""
    desktop(w, "firefox code", 2, kernel=60)
    p = job(w, w.shells[0], "python3", "python3 train.py --epochs 30", anon=6000, file=900, threads=60, vm=90000, vm_fixed=True)
    loaders = [w.spawn("python3", "python3 train.py --epochs 30", p, anon=500, file=100, threads=3, base=0.0) for _ in range(6)]
    for q in loaders:
        w.go(wander(w, q, 0.5, 0.9))
    w.go(wander(w, p, 7, 9))
    def epochs():
        while True:
            w.grow(p, 3000 * 1024 / 235)
            yield 238
            p.anon = int(w.rng.uniform(5900, 6100) * 1024)
            yield 4
    w.go(epochs())


@trace(cores=8, mem=16, interval=2, minutes=12)
def honest_emacs_daemon(w):
    """emacs --daemon, whose starter has ended long ago, compiles and searches in bursts of 5 to 16 s."""
    desktop(w, "firefox", 2)
    e = w.spawn("emacs", "emacs --daemon", w.manager, anon=340, threads=5, age=8000, base=0.002, cgroup=f"{USER}/app.slice/emacs.service")
    w.go(bursts(w, e, (0.95, 1.0), (5, 16), (20, 70)))


@trace(cores=4, mem=8, interval=2, minutes=15)
def honest_logout_login(w):
    """A user logs out, what he leaves behind rests as orphans; he logs in again."""
    desktop(w, "firefox mail slack", 2)
    agent = w.spawn("ssh-agent", "ssh-agent -s", w.shells[0], anon=1, tty=0)
    w.spawn("gpg-agent", "gpg-agent --homedir /home/ada/.gnupg --daemon", w.shells[0], anon=1, tty=0)
    def go():
        yield 200
        for group in list(w.apps.values()):
            for p in reversed(group):
                w.exit(p)
            yield 0.3
        w.apps = {}
        for s in w.shells:
            w.exit(s)
        for p in [p for p in w.procs.values() if "session.slice" in (p.cgroup or "")]:
            w.exit(p)
        yield 30
        w.session_age = 1.0
        del w.terminal_server
        session(w)
        w.go(hold(w, w.shell, 1.5, 11))
        yield 5
        w.apps["firefox"] = firefox(w, age=0.5)
        for p in w.apps["firefox"]:
            w.go(hold(w, p, w.rng.uniform(0.2, 0.9), w.rng.uniform(3, 15)))
    w.go(go())


@trace(cores=4, mem=8, interval=10, minutes=40, battery=True)
def honest_suspend_mid_burst(w):
    """A burst of 30 s is cut by a night's sleep, and goes on for 20 s after; on battery a look of 38 s is not reached."""
    desktop(w, "firefox mail", 1)
    p = w.apps["firefox"][6]
    def go():
        yield 300
        w.load(p, 1.0)
        yield 18
        w.sleep(8 * 3600)
        yield 15
        w.load(p, 0)
        yield 500
        for q in w.apps["firefox"][:3]:
            w.load(q, 0.9)
        w.sleep(1800)
        yield 22
        for q in w.apps["firefox"][:3]:
            w.load(q, 0)
    w.go(go())


@trace(cores=8, mem=16, interval=2, minutes=15)
def honest_short_d_over_sleep(w):
    """A process waits for the disk 3 s before the machine sleeps for two hours, and 5 s after."""
    desktop(w, "firefox", 1)
    p = w.apps["firefox"][0]
    def go():
        yield 200
        w.io_level = 20
        w.change(p, state="D", wait={"thread": p.pid, "function": "folio_wait_bit_common", "timeslices": 88000})
        yield 3.5
        w.sleep(7200)
        yield 5
        w.change(p, state="S", wait=None)
        w.io_level = 0.2
    w.go(go())


@trace(cores=8, mem=16, interval=2, minutes=15, battery=True)
def honest_battery_bursts(w):
    """On battery, bursts of one core for 20 to 34 s, which is below 40 s."""
    desktop(w, "firefox code", 1)
    w.go(bursts(w, w.apps["code"][-1], (1.0, 3.0), (20, 34), (30, 70)))


@trace(cores=8, mem=16, interval=2, minutes=25, desk="kde")
def honest_game_below(w):
    """A game at 60 to 84 %, levels load with 2 cores for 15 to 35 s."""
    desktop(w, "discord spotify", 1)
    steam = launch(w, "steam", "steam", "/home/ada/.steam/ubuntu12_32/steam", anon=260, file=150, threads=40, base=0.01)
    g = w.spawn("HollowKnight", "/home/ada/.steam/steamapps/common/Hollow Knight/hollow_knight.x86_64", steam, anon=1300, file=500, threads=50)
    w.go(wander(w, g, 0.6, 0.84))
    loader = w.spawn("HollowKnight", "loader", g, anon=80)
    w.go(bursts(w, loader, (1.5, 2.2), (15, 35), (120, 240)))


@trace(cores=8, mem=16, interval=2, minutes=15)
def honest_clock_steps(w):
    """The wall clock steps back by a day and forward by two; bursts of 40 s beside."""
    desktop(w, "chrome", 1)
    w.go(bursts(w, w.apps["chrome"][6], (0.95, 1.6), (25, 45), (30, 60)))
    def go():
        yield 200
        w.wall_off -= 86400
        yield 180
        w.wall_off += 2 * 86400
        yield 60
        w.wall_off -= 3600 * 5
    w.go(go())


@trace(cores=4, mem=8, interval=2, minutes=14, pid_max=2400)
def honest_pids_reused(w):
    """Few pids: short programs of half a core use them again and again, under changing names."""
    desktop(w, "firefox", 1)
    script = w.spawn("sync.sh", "/bin/bash /home/ada/bin/sync.sh", w.manager, anon=2, cgroup=USER + "/app.slice/sync.service")
    def go():
        while True:
            name = w.rng.choice(("rsync", "find", "sha256sum", "gzip", "awk"))
            p = w.spawn(name, f"/usr/bin/{name} -a", script, anon=12)
            yield from work(w, p, w.rng.uniform(0.5, 6), 0.95)
            w.exit(p)
            w.next_pid += w.rng.randrange(5, 160)
            yield w.rng.uniform(2, 7)
    w.go(go())


@trace(cores=8, mem=16, interval=2, minutes=12)
def honest_renames(w):
    """A job runner renames itself with each job, at 55 % together; its threads too."""
    desktop(w, "firefox", 1)
    p = w.spawn("celery", "[celeryd: celery@ada:MainProcess] -active-", w.manager, anon=120, cgroup=USER + "/app.slice/celery.service")
    kids = [w.spawn("celery", "[celeryd: celery@ada:ForkPoolWorker-%d]" % n, p, anon=90) for n in range(4)]
    def go():
        while True:
            for n, q in enumerate(kids):
                w.rename(q, f"celery", f"[celeryd: celery@ada:ForkPoolWorker-{n}] task {w.rng.randrange(1, 9999)}")
                w.load(q, w.rng.uniform(0.05, 0.2))
            w.rename(p, w.rng.choice(("celery", "celery: beat", "celery: main")))
            yield w.rng.uniform(1, 4)
    w.go(go())


@trace(cores=4, mem=4, interval=5, minutes=20, swap=4)
def honest_kernel_threads_busy(w):
    """Memory is short: kswapd0 keeps a core busy for 10 min, kworkers encrypt at 120 % together."""
    desktop(w, "firefox", 1)
    w.go(wander(w, w.kthreads["kswapd0"], 0.93, 1.0, seconds=700))
    ks = [w.spawn(f"kworker/u8:{n + 9}-kcryptd/253:0", kernel=True, uid=0, state="I", age=500) for n in range(2)]
    for k in ks:
        w.go(wander(w, k, 0.5, 0.95))


@trace(cores=8, mem=16, interval=2, minutes=25)
def honest_debugger(w):
    """gdb holds a program that had used three cores, for 20 min; another one is stopped by Ctrl+Z."""
    desktop(w, "firefox code", 2)
    gdb = job(w, w.shells[0], "gdb", "gdb ./server", anon=120)
    s = w.spawn("server", "/home/ada/server/server", gdb, anon=400, threads=8)
    other = job(w, w.shells[1], "simulate", "./simulate --big", anon=900, threads=4)
    def go():
        w.load(s, 3)
        w.load(other, 3.9)
        yield 40
        w.change(s, state="t")
        yield 25
        w.change(other, state="T", fg=False)
        w.change(w.shells[1], fg=True)
        yield 1200
        w.change(s, state="S")
        yield 30
        w.change(s, state="t")
    w.go(go())


@trace(cores=8, mem=16, interval=10, minutes=30)
def honest_vacuum(w):
    """PostgreSQL vacuums at 70 to 80 %, its other processes use some more: 75 to 88 % together."""
    desktop(w, "firefox", 1)
    cg = "/system.slice/system-postgresql.slice/postgresql@17-main.service"
    pg = w.spawn("postgres", "/usr/lib/postgresql/17/bin/postgres -D /var/lib/postgresql/17/main", w.init, uid=110, anon=12, file=150, age=9000, cgroup=cg, base=0.001)
    for kind, base in (("checkpointer", 0.01), ("walwriter", 0.015), ("autovacuum launcher", 0.001), ("background writer", 0.008)):
        w.spawn("postgres", "postgres: 17/main: " + kind, pg, anon=5, file=60, age=8999, base=base)
    v = w.spawn("postgres", "postgres: 17/main: autovacuum worker shop", pg, anon=70, file=120)
    w.go(wander(w, v, 0.66, 0.78, seconds=1500))


@trace(cores=12, mem=32, interval=10, minutes=120, uptime=60000)
def honest_game_server_all_life(w):
    """A game server has used 130 to 200 % all its ten hours; eleven of twelve cores are free."""
    desktop(w, "firefox discord", 1, kernel=60)
    p = w.spawn("java", "java -Xms4G -Xmx4G -jar server.jar nogui", w.manager, anon=4400, file=60, threads=80, age=36000, cpu=36000 * 1.65, vm=7000, vm_fixed=True,
                cgroup=USER + "/app.slice/minecraft.service")
    w.go(wander(w, p, 1.3, 2.0, step=(2, 9)))


@trace(cores=4, mem=8, interval=10, minutes=120)
def honest_fifty_on_fifteen_off(w):
    """A photo frame program works a core for 40 s and rests for 20 s, for two hours."""
    desktop(w, "firefox", 1, kernel=30)
    p = launch(w, "frame", "frame", "/usr/bin/frame --slideshow", anon=200, threads=3, age=100)
    w.go(bursts(w, p, (0.97, 1.0), (36, 42), (18, 24)))


@trace(cores=8, mem=16, interval=10, minutes=60)
def honest_steady_80(w):
    """An emulator at 74 to 84 % of one core for an hour: below the threshold."""
    desktop(w, "firefox", 1)
    p = launch(w, "mgba", "mgba-qt", "/usr/bin/mgba-qt game.gba", anon=150, file=100, threads=8, age=30)
    w.go(wander(w, p, 0.74, 0.84))


@trace(cores=8, mem=16, interval=2, minutes=20)
def honest_spikes_over_80(w):
    """A trading page at 60 to 85 %, with spikes of 150 % for 10 to 25 s."""
    desktop(w, "chrome", 1)
    p = w.apps["chrome"][5]
    def go():
        while True:
            yield from wander(w, p, 0.6, 0.85, seconds=w.rng.uniform(40, 100))
            w.load(p, 1.5)
            yield w.rng.uniform(10, 25)
    w.go(go())


@trace(cores=4, mem=8, interval=5, minutes=25, desk="flat")
def honest_flat_session(w):
    """A window manager without units: all applications are in one scope, 30 to 40 % each, 170 % together."""
    desktop(w, "firefox chrome mail discord spotify", 2)
    for name, n in (("firefox", 0), ("chrome", 5), ("mail", 0), ("discord", 4), ("spotify", 3)):
        w.go(wander(w, w.apps[name][n], 0.28, 0.42))


@trace(cores=8, mem=32, interval=2, minutes=15)
def honest_tests_terminal(w):
    """pytest -n 8 in a terminal keeps eight cores busy, after it cargo test."""
    desktop(w, "firefox code", 2)
    p = job(w, w.shells[0], "pytest", "/usr/bin/python3 -m pytest -n 8", anon=80)
    for _ in range(8):
        q = w.spawn("python3", "/usr/bin/python3 -c from xdist", p, anon=150)
        w.go(wander(w, q, 0.9, 1.0))


@trace(cores=8, mem=16, interval=5, minutes=25)
def honest_tmux_job(w):
    """A simulation runs in tmux, whose server is a daemon; the terminal it was started from is closed."""
    desktop(w, "firefox", 1)
    t = w.spawn("tmux: server", "tmux new -s sim", w.manager, anon=8, age=7000, base=0.001, cgroup=f"{USER}/app.slice/app-org.gnome.Terminal.slice/vte-spawn-{uuid(w)}.scope")
    sh = w.spawn("bash", "-bash", t, anon=3, tty=34830, fg=False, age=6000)
    p = w.spawn("sim", "./sim --steps 900000", sh, anon=500, threads=4, fg=True)
    w.go(wander(w, p, 3.0, 4.0))


@trace(cores=4, mem=8, interval=2, minutes=10)
def honest_ssh_job(w):
    """A colleague works over SSH: make -j4 and then python in his terminal."""
    desktop(w, "firefox", 1)
    s = w.spawn("sshd-session", "sshd-session: bob [priv]", w.sshd, anon=2, cgroup="/user.slice/user-1001.slice/session-9.scope")
    s2 = w.spawn("sshd-session", "sshd-session: bob@pts/7", s, uid=1001, anon=1)
    sh = w.spawn("bash", "-bash", s2, uid=1001, anon=3, tty=34823, fg=False)
    make = w.spawn("make", "make -j4", sh, fg=True, anon=2)
    def go():
        yield from build(w, make, 4, seconds=200)
        w.end_tree(make)
        p = w.spawn("python3", "python3 analyse.py", sh, fg=True, anon=300)
        yield from hold(w, p, 1.0, 300)
    w.go(go())


@trace(cores=8, mem=16, interval=2, minutes=12)
def honest_sync_client_start(w):
    """A sync client reads 200,000 files: 110 % for 50 s, 400 MiB up, then 300 MiB down; again after ten minutes."""
    desktop(w, "firefox", 1)
    p = launch(w, "nextcloud", "nextcloud", "/usr/bin/nextcloud --background", anon=120, file=140, threads=14, age=20)
    def go():
        for _ in range(3):
            yield 60
            w.load(p, 1.1)
            w.grow(p, 8 * 1024)
            yield 50
            w.load(p, 0.1)
            w.grow(p, 0)
            yield 20
            p.anon = 190 * 1024
    w.go(go())


@trace(cores=12, mem=16, interval=2, minutes=12, desk="kde")
def honest_shaders_nice(w):
    """Steam compiles shaders with ten workers at nice 19 for ten minutes."""
    desktop(w, "discord", 1)
    steam = launch(w, "steam", "steam", "/home/ada/.steam/ubuntu12_32/steam", anon=260, file=150, threads=40, base=0.01)
    f = w.spawn("fossilize_repla", "fossilize_replay --num-threads 10 --device-index 0", steam, anon=60, nice=19)
    for n in range(10):
        q = w.spawn("fossilize_repla", f"fossilize_replay --slave-process {n}", f, anon=120)
        w.go(wander(w, q, 0.9, 1.0))


@trace(cores=4, mem=8, interval=10, minutes=30)
def honest_zombies(w):
    """A launcher does not reap: 300 zombies that once used CPU."""
    desktop(w, "firefox", 1)
    p = launch(w, "launcher", "launcher", "/usr/bin/launcher", anon=60)
    def go():
        for n in range(300):
            q = w.spawn("helper", "/usr/bin/helper", p, anon=0, file=0, cpu=w.rng.uniform(0.1, 3), base=0)
            q.cpu = w.rng.uniform(0.01, 0.4)
            w.change(q, state="Z", cmdline="", exe=None)
            yield 5
    w.go(go())


@trace(cores=4, mem=8, interval=2, minutes=15, desk="flat")
def honest_status_scripts(w):
    """A status bar's scripts start twelve small programs a second, 35 % in all."""
    desktop(w, "firefox", 1)
    bar = w.spawn("polybar", "polybar main", w.shell, anon=20, threads=4, base=0.01)
    script = w.spawn("sh", "/bin/sh /home/ada/.config/polybar/cpu.sh", bar, anon=0.5)
    def go():
        while True:
            yield 0.5
            script.ccpu += 0.15 + w.rng.uniform(0, 0.04)
            script.cpu += 0.01
            w.next_pid += 6
    w.go(go())


@trace(cores=8, mem=16, interval=10, minutes=60)
def honest_watch_in_terminal(w):
    """watch runs a slow command in a terminal again and again: 97 % of a core for an hour."""
    desktop(w, "firefox", 2)
    p = job(w, w.shells[0], "watch", "watch -n 0.1 kubectl get pods -A", anon=2)
    def go():
        while True:
            q = w.spawn("kubectl", "kubectl get pods -A", p, anon=40, threads=9)
            yield from work(w, q, w.rng.uniform(0.8, 1.4))
            w.exit(q)
            yield 0.05
    w.go(go())


@trace(cores=8, mem=16, interval=10, minutes=90)
def honest_go_saw_tooth(w):
    """A Go service: 250 to 950 MiB and back every 4 min, the floor is level."""
    desktop(w, "firefox", 1)
    p = w.spawn("gitea", "/usr/bin/gitea web", w.init, uid=120, anon=250, threads=20, age=9000, base=0.02, vm=2600, vm_fixed=True, cgroup="/system.slice/gitea.service")
    def go():
        while True:
            w.grow(p, 700 * 1024 / 235)
            yield w.rng.uniform(215, 255)
            p.anon = int(w.rng.uniform(240, 262) * 1024)
    w.go(go())


@trace(cores=8, mem=32, interval=10, minutes=100)
def honest_java_slow_teeth(w):
    """A Java server fills its mapped heap in teeth of 13 min, up to 3.5 GiB, collected each time."""
    desktop(w, "firefox", 1)
    p = w.spawn("java", "java -Xms6g -Xmx6g -jar shop.jar", w.init, uid=121, anon=900, threads=70, age=7000, base=0.04, vm=9500, vm_fixed=True, cgroup="/system.slice/shop.service")
    def go():
        yield 200
        while True:
            w.grow(p, 2600 * 1024 / 780)
            yield w.rng.uniform(700, 800)
            p.anon = int(w.rng.uniform(890, 930) * 1024)
    w.go(go())


@trace(cores=8, mem=32, interval=10, minutes=60)
def honest_notebook_steps(w):
    """Somebody loads five tables into a notebook, 250 to 400 MiB each, with minutes of thought between."""
    desktop(w, "firefox", 1)
    server = job(w, w.shells[0], "jupyter-lab", "/usr/bin/python3 /usr/bin/jupyter-lab", anon=110, threads=6)
    k = w.spawn("python3", "/usr/bin/python3 -m ipykernel_launcher -f kernel-7.json", server, anon=120, threads=14, tty=0)
    def go():
        level = 120
        for _ in range(5):
            yield w.rng.uniform(240, 600)
            level += w.rng.uniform(250, 400)
            w.load(k, 1.0)
            w.grow(k, 60 * 1024, cap=int(level * 1024))
            yield 8
            w.load(k, 0)
    w.go(go())


@trace(cores=8, mem=16, interval=10, minutes=45)
def honest_tabs_opened(w):
    """Somebody opens 16 pages in 20 min: each is a new process of 90 to 260 MiB that then stays level."""
    desktop(w, "chrome mail", 1)
    zygote = w.apps["chrome"][1]
    def go():
        for n in range(16):
            yield w.rng.uniform(40, 110)
            size = w.rng.uniform(90, 260)
            p = w.spawn("chrome", f"/opt/google/chrome/chrome --type=renderer --renderer-client-id={n + 40}", zygote, anon=20, file=110, threads=15, vm=1170000,
                        exe="/opt/google/chrome/chrome", base=0.001)
            w.grow(p, size * 1024 / 6, cap=int(size * 1024))
            w.go(hold(w, p, 0.9, w.rng.uniform(3, 9)))
            w.apps["chrome"].append(p)
    w.go(go())


@trace(cores=4, mem=8, interval=10, minutes=270)
def honest_slow_growth_below(w):
    """A chat client grows by 70 MiB an hour, which in four hours is below the threshold."""
    desktop(w, "firefox slack", 0, kernel=20)
    w.grow(w.apps["slack"][4], 70 * 1024 / 3600)


@trace(cores=4, mem=8, interval=5, minutes=30, swap=8)
def honest_swap_in(w):
    """After lunch the browser comes back from swap: 2.4 GiB become resident, but it holds no more than before."""
    desktop(w, "chrome mail slack", 1)
    tabs = [p for p in w.apps["chrome"] if p.anon > 20 * 1024]
    for p in tabs:
        p.anon += 120 * 1024
        p.swap, p.anon = int(p.anon * 0.9), int(p.anon * 0.1)
    def go():
        yield 300
        for _ in range(60):
            for p in tabs:
                back = min(p.swap, 9 * 1024)
                p.swap, p.anon = p.swap - back, p.anon + back
            yield 2
    w.go(go())


@trace(cores=4, mem=8, interval=5, minutes=30, swap=8, style="foreign")
def honest_swap_in_told_apart(w):
    """As before, where the recorder tells resident and swapped memory apart."""
    honest_swap_in.play(w)


@trace(cores=4, mem=4, interval=2, minutes=15, swap=6)
def honest_thrashing_recovers(w):
    """Little memory: the browser's processes wait for swap in state D for 3 to 18 s at a time."""
    desktop(w, "firefox mail", 1)
    w.io_level = 45
    def stall(p):
        n = 5000
        while True:
            yield w.rng.uniform(5, 40)
            n += w.rng.randrange(50, 900)
            w.change(p, state="D", wait={"thread": p.pid, "function": "folio_wait_bit_common", "timeslices": n})
            yield w.rng.uniform(3, 18)
            w.change(p, state="S", wait=None)
            p.cpu += 0.05
    for p in w.apps["firefox"][:6]:
        w.go(stall(p))


@trace(cores=8, mem=16, interval=10, minutes=20)
def honest_disk_spins_up(w):
    """An external disk spins up: the file manager waits 24 s in state D, twice."""
    desktop(w, "firefox extras", 1)
    p = w.apps["extras"][0]
    def go():
        for n in range(2):
            yield 250
            w.io_level = 15
            w.change(p, state="D", wait={"thread": p.pid, "function": "blk_mq_freeze_queue_wait", "timeslices": 4100 + n * 50, "file": "/media/ada/disk", "mount": "/media/ada/disk", "device": "/dev/sdb1"})
            yield 24
            w.change(p, state="S", wait=None)
            w.io_level = 0.2
    w.go(go())


@trace(cores=8, mem=16, interval=2, minutes=15)
def honest_rsync_slow_stick(w):
    """rsync writes to a slow stick: D at almost every look, but it runs a little in between."""
    desktop(w, "firefox", 2)
    p = w.spawn("rsync", "rsync -a /home/ada/photos /media/ada/stick", w.shells[0], anon=30, fg=True)
    w.change(w.shells[0], fg=False)
    w.io_level = 60
    def go():
        n = 900
        while True:
            n += w.rng.randrange(1, 12)
            p.cpu += 0.003
            w.change(p, state="D", wait={"thread": p.pid, "function": "balance_dirty_pages", "timeslices": n, "file": "/media/ada/stick/photos", "mount": "/media/ada/stick", "device": "/dev/sdc1"})
            yield w.rng.uniform(2, 9)
    w.go(go())


@trace(cores=4, mem=8, interval=10, minutes=30)
def honest_kernel_threads_rest_in_d(w):
    """Threads of a driver rest in state D since the machine started, as some drivers' do."""
    desktop(w, "firefox", 1)
    for n, name in enumerate(("vchiq-slot/0", "vchiq-recy/0", "vchiq-sync/0", "rtw89_ser", "nvidia-modeset/")):
        k = w.spawn(name, kernel=True, uid=0, age=w.at - 3, state="D")
        k.wait = {"thread": k.pid, "function": "rt_mutex_schedule", "timeslices": 3 + n}


@trace(cores=8, mem=16, interval=2, minutes=12)
def honest_many_helpers(w):
    """Sixty renderers at about 1 % each: 60 % together."""
    desktop(w, "mail", 1)
    out = chrome(w, tabs=60, tab_anon=(15, 60))
    w.apps["chrome"] = out[:4]
    for p in out[5:]:
        w.load(p, w.rng.uniform(0.005, 0.014))


@trace(cores=32, mem=64, interval=5, minutes=25)
def honest_workstation_busy(w):
    """32 cores: a link in a terminal at 2800 %, a batch encoder, compilers of an IDE, a virtual machine, databases."""
    desktop(w, "chrome code idea slack spotify", 4)
    link = job(w, w.shells[0], "lld", "ld.lld -O3 --threads=16 -o chrome", anon=9000, threads=18)
    w.go(wander(w, link, 12, 16))
    enc = w.spawn("x265", "x265 --preset slow in.y4m", w.manager, anon=1500, threads=20, nice=19, cgroup=USER + "/app.slice/run-r7.scope")
    w.go(wander(w, enc, 6, 9))
    vm = w.spawn("qemu-system-x86", "/usr/bin/qemu-system-x86_64 -name guest=ci", w.init, uid=64055, anon=8000, threads=12, vm=12000, vm_fixed=True,
                 cgroup="/machine.slice/machine-qemu\\x2d3\\x2dci.scope/libvirt/emulator")
    w.go(wander(w, vm, 2, 4))
    ninja = w.spawn("ninja", "ninja -C out all", w.apps["idea"][0], anon=9)
    w.go(build(w, ninja, 6, seconds=1200, files=(2, 25)))


@trace(cores=2, mem=4, interval=5, minutes=20)
def honest_two_cores_contended(w):
    """Two cores: make -j4 in a terminal starves a browser, whose page wants 60 % and waits long."""
    desktop(w, "firefox", 2)
    make = job(w, w.shells[0], "make", "make -j4", anon=3)
    w.go(build(w, make, 4, seconds=1000, memory=(40, 200)))
    w.go(bursts(w, w.apps["firefox"][6], (0.4, 0.6), (20, 50), (20, 40)))


@trace(cores=4, mem=8, interval=5, minutes=15, battery=None, wait=False, style="foreign")
def honest_foreign_recorder(w):
    """A recorder that tells neither waits nor the battery: a build in a terminal, a saw-tooth heap."""
    desktop(w, "firefox slack", 2)
    make = job(w, w.shells[0], "make", "make -j4", anon=3)
    w.go(build(w, make, 4, seconds=700))
    p = w.apps["slack"][-1]
    def go():
        while True:
            w.grow(p, 3 * 1024)
            yield 100
            p.anon = 200 * 1024
    w.go(go())


@trace(cores=8, mem=16, interval=10, minutes=25)
def honest_containers_start(w):
    """docker compose starts eight services: each warms up for 20 to 45 s and takes up to 900 MiB."""
    desktop(w, "firefox code", 2)
    containerd = w.spawn("containerd", "/usr/bin/containerd", w.init, anon=40, threads=20, age=5000, base=0.003, cgroup="/system.slice/containerd.service")
    def go():
        yield 100
        for name, size, cores in (("postgres", 200, .9), ("redis-server", 30, .2), ("java", 900, 3), ("node", 200, 1.2), ("java", 700, 2.5), ("nginx", 10, .1), ("python3", 150, 1), ("celery", 150, 1)):
            shim = w.spawn("containerd-shim", f"/usr/bin/containerd-shim-runc-v2 -namespace moby -id {hexes(w, 64)}", w.init, uid=0, anon=8, threads=11, cgroup="/system.slice/containerd.service")
            p = w.spawn(name, f"{name} --serve", shim, uid=999, anon=10, threads=20, cgroup=f"/system.slice/docker-{hexes(w, 64)}.scope", base=0.004)
            seconds = w.rng.uniform(20, 42)
            w.go(hold(w, p, cores, seconds))
            w.grow(p, size * 1024 / seconds, cap=size * 1024)
            yield w.rng.uniform(1, 6)
    w.go(go())


@trace(cores=8, mem=16, interval=10, minutes=40)
def honest_crash_loop_slow(w):
    """A service crashes and is started again each 30 s; each life costs 0.3 s of CPU, 1 % of a core."""
    desktop(w, "firefox", 1)
    def go():
        while True:
            p = w.spawn("mediawatch", "/usr/bin/python3 /usr/lib/mediawatch/daemon.py", w.init, uid=0, anon=30, cgroup="/system.slice/mediawatch.service")
            yield from work(w, p, 0.3)
            w.exit(p)
            yield 30
    w.go(go())


@trace(cores=8, mem=16, interval=2, minutes=20)
def honest_heap_under_render(w):
    """A render in a terminal takes 2.5 GiB in two minutes at an ever slower pace, then stays level at 780 %."""
    desktop(w, "firefox", 2)
    p = job(w, w.shells[0], "blender", "blender -b film.blend -f 1", anon=300, file=250, threads=12)
    w.go(wander(w, p, 7.2, 7.8))
    def go():
        yield 10
        while True:
            w.grow(p, max(0, 2800 * 1024 - p.anon) / 40)
            yield 2
    w.go(go())


@trace(cores=8, mem=32, interval=10, minutes=60)
def honest_vm_guest_touches(w):
    """A guest touches its memory ever slower: 6 of 8 GiB in an hour; all of it was mapped at the start."""
    desktop(w, "firefox", 1)
    vm = w.spawn("qemu-system-x86", "/usr/bin/qemu-system-x86_64 -name guest=debian -m 8192", w.init, uid=64055, anon=900, threads=9, age=5, vm=11000, vm_fixed=True,
                 cgroup="/machine.slice/machine-qemu\\x2d1\\x2ddebian.scope/libvirt/emulator", base=0.2)
    def go():
        while True:
            w.grow(vm, (6400 * 1024 - vm.anon) / 620)
            yield 10
    w.go(go())


@trace(cores=8, mem=16, interval=2, minutes=10)
def honest_session_restore(w):
    """A browser restores forty tabs: 4 GiB in 45 s in new processes, six cores busy meanwhile."""
    desktop(w, "mail", 1)
    def go():
        yield 60
        out = chrome(w, tabs=0, age=0.5)
        w.apps["chrome"] = out
        for q in out:
            w.go(hold(w, q, 0.7, 45))
        for n in range(40):
            p = w.spawn("chrome", f"/opt/google/chrome/chrome --type=renderer --renderer-client-id={n + 7}", out[1], anon=15, file=110, threads=15, vm=1170000,
                        exe="/opt/google/chrome/chrome", base=0.0005)
            size, seconds = w.rng.uniform(50, 160) * 1024, w.rng.uniform(4, 14)
            w.grow(p, size / seconds, cap=int(size))
            w.go(hold(w, p, 1.0, seconds))
            yield 0.8
    w.go(go())


@trace(cores=8, mem=32, interval=10, minutes=40)
def honest_java_first_collection(w):
    """A Java server has just started with its heap mapped; it fills 5 GiB at 6 MiB/s until its first collection after 14 min, and again."""
    desktop(w, "firefox", 1)
    p = w.spawn("java", "java -Xms10g -Xmx10g -jar search.jar", w.init, uid=121, anon=400, threads=70, age=3, vm=13000, vm_fixed=True, base=0.1, cgroup="/system.slice/search.service")
    def go():
        while True:
            w.grow(p, 6 * 1024)
            yield w.rng.uniform(800, 860)
            w.load(p, 3)
            w.grow(p, 0)
            yield 2
            w.load(p, 0)
            p.anon = int(w.rng.uniform(450, 500) * 1024)
    w.go(go())


@trace(cores=8, mem=16, interval=2, minutes=9)
def honest_editor_terminal_test(w):
    """cargo test in the terminal of VS Code: one test keeps 1.6 cores busy for six minutes; its cgroup is the editor's."""
    desktop(w, "firefox code", 1)
    host = w.spawn("code", "/usr/share/code/code --type=utility --utility-sub-type=node.mojom.NodeService --pty-host", w.apps["code"][0], anon=70, threads=12, age=900)
    sh = w.spawn("bash", "/bin/bash --init-file shellIntegration-bash.sh", host, anon=4, tty=34840, fg=False, age=800)
    def go():
        yield 30
        cargo = w.spawn("cargo", "cargo test --release", sh, anon=40, fg=True)
        yield from build(w, cargo, 6, seconds=50, files=(2, 20), compiler=("rustc", "rustc --crate-name {}"), drivers=False)
        t = w.spawn("shop-2b1c", "/home/ada/shop/target/release/deps/shop-2b1c", cargo, anon=300, threads=3)
        w.go(wander(w, t, 1.5, 1.7))
    w.go(go())


@trace(cores=4, mem=8, interval=2, minutes=10, swap=4)
def honest_cargo_little_memory(w):
    """cargo build on a laptop of 8 GiB: each rustc takes 300 to 700 MiB in some seconds and ends; 2 GiB are available."""
    desktop(w, "chrome slack", 2)
    fill = max(0, w.available() - 3300 * 1024)
    for p in w.apps["chrome"][5:11]:
        p.anon += int(fill / 6)
    cargo = job(w, w.shells[0], "cargo", "cargo build", anon=40)
    w.go(build(w, cargo, 4, seconds=500, files=(3, 14), memory=(200, 700), compiler=("rustc", "/home/ada/.rustup/bin/rustc --crate-name {}"), drivers=False))


@trace(cores=8, mem=16, interval=2, minutes=9)
def honest_build_orphaned(w):
    """setsid make -j6 goes on after its terminal was closed: its compilers come and go, 2 to 9 s each."""
    desktop(w, "firefox mail", 1)
    make = w.spawn("make", "make -j6", w.manager, anon=4, age=2, cgroup=f"{USER}/app.slice/app-org.gnome.Terminal.slice/vte-spawn-{uuid(w)}.scope")
    w.go(build(w, make, 6, seconds=450, files=(2, 9)))


@trace(cores=8, mem=16, interval=5, minutes=12)
def honest_distcc(w):
    """This machine compiles for a colleague: distccd's workers start compilers of 1 to 8 s, four at a time."""
    desktop(w, "firefox", 1)
    d = w.spawn("distccd", "/usr/bin/distccd --daemon --allow 10.0.0.0/8", w.init, uid=124, anon=2, age=9000, cgroup="/system.slice/distcc.service")
    for n in range(4):
        k = w.spawn("distccd", "/usr/bin/distccd --daemon --allow 10.0.0.0/8", d, anon=1, age=8000)
        w.go(build(w, k, 1, seconds=600, files=(1, 8)), 40)


@trace(cores=8, mem=16, interval=10, minutes=200)
def honest_browsing_grows(w):
    """Three hours of browsing: the browser's main process grows from 420 to some 1100 MiB in use, pauses, collections; ever slower."""
    desktop(w, "firefox mail", 1, kernel=40)
    p = w.apps["firefox"][0]
    def go():
        low = 420.0
        while True:
            for _ in range(w.rng.randrange(5, 25)):
                low += max(0.0, 1100 - low) * w.rng.uniform(0.0, 0.02)
                p.anon = int((low + w.rng.uniform(0, 60)) * 1024)
                yield w.rng.uniform(10, 40)
            low -= w.rng.uniform(10, 50)
            yield w.rng.uniform(60, 500)
    w.go(go())


@trace(cores=4, mem=8, interval=10, minutes=60)
def honest_53_seconds(w):
    """A feed reader is busy for 50 to 53 s every few minutes, at looks of 10 s: never for 60."""
    desktop(w, "firefox", 1)
    p = launch(w, "liferea", "liferea", "/usr/bin/liferea", anon=150, threads=12)
    w.go(bursts(w, p, (1.0, 1.0), (50, 53), (120, 170)))


@trace(cores=16, mem=32, interval=5, minutes=12)
def honest_pipeline_terminal(w):
    """tar | zstd -T0 -19 | ssh works in a terminal, 1200 % in all; sudo runs another one on a tty of its own."""
    desktop(w, "firefox", 2)
    tar = job(w, w.shells[0], "tar", "tar c /home", anon=2)
    z = job(w, w.shells[0], "zstd", "zstd -T0 -19", anon=900, threads=14)
    s = job(w, w.shells[0], "ssh", "ssh nas cat > home.tar.zst", anon=6)
    w.go(wander(w, tar, 0.1, 0.3))
    w.go(wander(w, z, 9, 12))
    w.go(wander(w, s, 0.2, 0.5))
    sudo = job(w, w.shells[1], "sudo", "sudo dd if=/dev/urandom of=/dev/sdb", anon=3, uid=0)
    mon = w.spawn("sudo", "sudo dd if=/dev/urandom of=/dev/sdb", sudo, anon=1, tty=34850)
    dd = w.spawn("dd", "dd if=/dev/urandom of=/dev/sdb", mon, anon=0.5, fg=True)
    w.load(dd, 0.98)
