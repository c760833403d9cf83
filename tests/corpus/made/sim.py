"""A desktop in fluid time: processes that want CPU and hold memory, looked at every few seconds.

Between two events (an actor's step, a look) demands are constant; cores are shared by weight, so what a process is given,
what it waits for, and what the machine has available always add up.
"""
import heapq, json, math, os, random, subprocess

MIB = 1024          # KiB
GIB = 1024 * 1024   # KiB
WEIGHTS = {0: 1024, 5: 335, 10: 110, 15: 36, 19: 15, -11: 11916, -20: 88761, -5: 3121, -1: 1277, 1: 820, 9: 137, 4: 423}


class Proc:
    __slots__ = ("pid", "start", "ppid", "uid", "name", "cmdline", "exe", "state", "cpu", "waited", "ccpu", "anon", "swap", "file", "vm",
                 "vm_fixed", "threads", "cgroup", "tty", "nice", "policy", "fg", "wait", "demand", "base", "kernel", "rate", "grow", "cap",
                 "alive", "head", "tail", "born", "no_swap", "app", "spike")

    def __init__(self, **k):
        for slot in self.__slots__:
            setattr(self, slot, k.get(slot))

    @property
    def id(self):
        return [self.pid, self.start]


class Label(dict):
    """A runaway of the label; members may be added while it lasts."""

    def add(self, *procs):
        for p in procs:
            if p.id not in self["members"]:
                self["members"].append(p.id)
        return self


class World:
    def __init__(self, name, cores=8, mem=16, interval=10, swap=4, uptime=None, style="record", battery=False, wait=True, pid_max=4194304,
                 desk="gnome", seed=1):
        self.name, self.rng = name, random.Random(f"{seed}/{name}")
        r = self.rng
        self.cores, self.total, self.interval, self.style = cores, int(mem * GIB * 0.972), interval, style
        self.battery, self.has_wait, self.pid_max, self.desk = battery, wait, pid_max, desk
        self.slept = r.uniform(0, 90000) if uptime is None else 0.0
        self.now = r.uniform(9000, 160000) if uptime is None else float(uptime)
        self.begin = self.now
        self.wall = 1800000000.0 + r.randrange(0, 9000000)
        self.wall_off = self.wall - self.at
        self.swap_total, self.fixed = int(swap * GIB), int(300 * MIB + mem * GIB * 0.045)
        self.procs, self.heap, self.seq, self.active, self.growers = {}, [], 0, {}, {}
        self.dirty, self.next_pid, self.labels = True, 2000, []
        self.some, self.io, self.io_level, self.used_recent = 0.0, 0.1, 0.1, 0.0
        self.noise, self.bg, self.lines, self.dead_pids = 1.0, 0.1, [], 0
        self.file_out, self.checks, self.last_cpu = None, [], None
        self.subreaper, self.init, self.bus = None, None, None
        self.oom_kills, self.watch = [], False

    # --- time -----------------------------------------------------------------------------------------------------
    @property
    def at(self):
        return self.now + self.slept

    def go(self, actor, after=0.0):
        """Runs a generator; what it yields is how many awake seconds it rests."""
        self.seq += 1
        heapq.heappush(self.heap, (self.now + after, self.seq, actor))

    def call(self, after, function):
        def once():
            function()
            return
            yield
        self.go(once(), after)

    def sleep(self, seconds):
        """The machine sleeps."""
        self.slept += seconds

    # --- processes ------------------------------------------------------------------------------------------------
    def pid(self):
        while True:
            self.next_pid += self.rng.choice((1, 1, 1, 2, 2, 3, 5))
            if self.next_pid >= self.pid_max:
                self.next_pid = 320
            if self.next_pid not in self.procs:
                return self.next_pid

    def spawn(self, name, cmdline=None, parent=None, exe=None, uid=None, anon=8, file=12, threads=1, cgroup=None, tty=None, nice=None,
              policy=None, fg=None, age=0.0, base=0.0, vm=None, vm_fixed=False, cpu=None, pid=None, kernel=False, state="S", app=None):
        """Starts a process: memory in MiB, base the cores that it uses on average when it rests, age in seconds."""
        parent_pid = parent.pid if parent else (2 if kernel else 1)
        inherit = lambda key, default: getattr(parent, key) if parent is not None and not kernel else default
        pid = pid if pid is not None else self.pid()
        born = max(0.3, self.at - max(0.0, age))
        if parent is not None and born * 100 < parent.start:
            born = parent.start / 100 + 0.02
        real_age = max(0.0, self.at - born)
        awake_age = min(real_age, self.now)
        p = Proc(pid=pid, start=int(born * 100), ppid=parent_pid, uid=uid if uid is not None else inherit("uid", 0), name=name[:63],
                 cmdline=cmdline if cmdline is not None else ("" if kernel else name),
                 exe=exe if exe is not None else (None if kernel else "/usr/bin/" + name.split("/")[0]), state=state,
                 cpu=cpu if cpu is not None else base * awake_age * self.rng.uniform(0.6, 1.3) + (0 if kernel else self.rng.uniform(0.002, 0.2)
                                                                                                   if age else 0.0),
                 waited=0.0, ccpu=0.0, anon=0 if kernel else int(anon * MIB), swap=0, file=0 if kernel else int(file * MIB),
                 threads=threads, cgroup=cgroup if cgroup is not None else inherit("cgroup", None), tty=tty if tty is not None else inherit("tty", 0),
                 nice=nice if nice is not None else inherit("nice", 0), policy=policy if policy is not None else inherit("policy", None),
                 fg=fg if fg is not None else inherit("fg", None), demand=0.0, base=base, kernel=kernel, rate=0.0, grow=0.0, cap=None, alive=True,
                 born=self.now - awake_age, vm_fixed=vm_fixed, app=app if app is not None else inherit("app", None), spike=0.0)
        p.vm = int((vm if vm is not None else anon * 1.6 + file + 60 + threads * 8) * MIB)
        p.waited = p.cpu * self.rng.uniform(0.01, 0.08)
        self.procs[pid] = p
        if base:
            self.bg += base
        return p

    def exit(self, p, reap=True):
        if not p.alive:
            return
        p.alive = False
        self.load(p, 0)
        self.growers.pop(p.pid, None)
        if p.base:
            self.bg -= p.base
        if self.procs.get(p.pid) is p:
            del self.procs[p.pid]
        parent = self.procs.get(p.ppid)
        if parent is not None and reap:
            parent.ccpu += p.cpu + p.ccpu
        heir = self.subreaper if p.uid == 1000 and self.subreaper and self.subreaper.alive and self.subreaper is not p else self.init
        for child in self.procs.values():
            if child.ppid == p.pid and not child.kernel:
                child.ppid, child.head = heir.pid, None

    def tree(self, root):
        """A process and all below it."""
        found, more = [], [root]
        while more:
            p = more.pop()
            found.append(p)
            more.extend(c for c in self.procs.values() if c.ppid == p.pid and c is not p)
        return found

    def end_tree(self, root):
        for p in reversed(self.tree(root)):
            self.exit(p)

    def rename(self, p, name, cmdline=None):
        p.name, p.head = name, None
        if cmdline is not None:
            p.cmdline = cmdline

    def change(self, p, **what):
        if what.get("state") == "D" and p.state != "D":
            p.cpu += self.rng.uniform(0.0002, 0.004)  # Who begins to wait has run right before.
        for key, value in what.items():
            setattr(p, key, value)
        p.head = None
        self.dirty = True

    # --- CPU ------------------------------------------------------------------------------------------------------
    def load(self, p, cores):
        """Sets how many cores a process wants from now on."""
        if not p.alive and cores:
            return
        p.demand = cores
        self.dirty = True
        if cores > 0:
            self.active[p.pid] = p
        else:
            p.rate = 0.0
            if self.active.get(p.pid) is p:
                del self.active[p.pid]

    def weight(self, p):
        if p.policy == 5:
            return 3 * max(1.0, p.demand)
        nice = p.nice if p.nice in WEIGHTS else min(WEIGHTS, key=lambda n: abs(n - p.nice))
        return WEIGHTS[nice] * max(1.0, p.demand)

    def share(self):
        free = max(0.3, self.cores - self.bg * 1.2)
        runners = sorted(((p.demand / self.weight(p), self.weight(p), p) for p in self.active.values() if p.state not in "TtDZ"),
                         key=lambda x: (x[0], x[2].pid))
        weights = sum(w for _, w, _ in runners)
        for _, weight, p in runners:
            given = min(p.demand, free * weight / weights) if weights > 0 else 0.0
            p.rate = given
            free, weights = max(0.0, free - given), weights - weight
        for p in self.active.values():
            if p.state in "TtDZ":
                p.rate = 0.0
        self.dirty = False

    def advance(self, to):
        dt = to - self.now
        if dt <= 0:
            return
        if self.dirty:
            self.share()
        given = lack = 0.0
        for p in self.active.values():
            p.cpu += p.rate * dt
            if p.state not in "TtDZ":
                short = p.demand - p.rate
                p.waited += short * dt
                given, lack = given + p.rate, lack + short
        busy = min(1.0, (given + self.bg) / self.cores)
        for p in self.active.values():
            p.waited += p.rate * dt * 0.04 * busy * busy
        some = 0.3 + 2 * busy + 25 * max(0.0, busy - 0.75) ** 2 + (min(98.0, 55 + 40 * lack / self.cores) if lack > 0.05 else 0)
        fade = 1 - math.exp(-dt / 10)
        self.some += (min(99.0, some) - self.some) * fade
        self.io += (self.io_level - self.io) * fade
        for p in list(self.growers.values()):
            p.anon += p.grow * dt
            if p.cap and p.anon + p.swap >= p.cap:
                p.anon = p.cap - p.swap
                self.grow(p, 0)
        self.now = to

    # --- memory ---------------------------------------------------------------------------------------------------
    def grow(self, p, kib_per_second, cap=None):
        p.grow, p.cap = kib_per_second, cap
        if kib_per_second and p.alive:
            self.growers[p.pid] = p
        else:
            self.growers.pop(p.pid, None)

    def available(self):
        return self.total - self.fixed - sum(p.anon for p in self.procs.values())

    def balance(self):
        """Swaps out, and kills where nothing is left."""
        available = self.available()
        low = int(self.total * 0.045)
        swapped = sum(p.swap for p in self.procs.values())
        if available < low and swapped < self.swap_total:
            need = min(low - available, self.swap_total - swapped)
            resting = [p for p in self.procs.values() if p.anon > 4 * MIB and p.pid not in self.growers and not p.no_swap]
            pool = sum(int(p.anon * 0.85) for p in resting if p.demand < 0.2)
            part = min(1.0, need / pool) if pool else 0.0
            for p in resting:
                if p.demand < 0.2:
                    out = int(p.anon * 0.85 * part)
                    p.anon, p.swap, need = p.anon - out, p.swap + out, need - out
            for p in sorted(self.growers.values(), key=lambda p: -p.anon):
                out = max(0, min(need, int(p.anon * 0.7)))
                p.anon, p.swap, need = p.anon - out, p.swap + out, need - out
        if available < int(self.total * 0.006) and swapped >= self.swap_total * 0.98:
            worst = max((p for p in self.procs.values() if not p.kernel), key=lambda p: p.anon + p.swap)
            self.oom_kills.append((self.at, worst))
            for label in self.labels:
                if worst.id in label["members"] and "memory_leak" in label["reasons"] and not label.get("until"):
                    label["until"] = round(self.at + self.interval, 2)
            self.exit(worst)

    def memory_watch(self):
        while True:
            self.balance()
            yield 0.5

    # --- labels ---------------------------------------------------------------------------------------------------
    def runaway(self, what, members, reasons="cpu_high", rule=60, frm=None, until=None, app=None):
        label = Label(what=what, members=[p.id for p in members], reasons=reasons.split(), rule_seconds=rule,
                      **{"from": round(self.at if frm is None else frm, 2)})
        if app:
            label["app"] = app
        if until is not None:
            label["until"] = round(until, 2)
        self.labels.append(label)
        return label

    def over(self, label):
        """The runaway ends now; a look later it may still be told."""
        label["until"] = round(self.at + self.interval + 0.1, 2)

    # --- looks ----------------------------------------------------------------------------------------------------
    def rest(self, dt):
        """What resting processes use, as lumps at the look."""
        r = self.rng
        for p in self.procs.values():
            if p.base > 0 and p.state not in "TtDZ":
                mean = p.base * dt
                if mean < 0.004:
                    if r.random() < mean / 0.004:
                        p.cpu += 0.004 * r.uniform(0.3, 1.7)
                else:
                    used = mean * min(2.2, r.lognormvariate(-0.06, 0.35)) * self.noise
                    p.cpu += used
                    p.waited += used * r.uniform(0.01, 0.06)

    def line(self):
        r = self.rng
        swapped = sum(p.swap for p in self.procs.values())
        available = max(20 * MIB, self.available() + int(r.gauss(0, 0.0006) * self.total))
        full = available < self.total * 0.06
        pressure = {"cpu_some": round(max(0.0, min(99.5, self.some * r.uniform(0.9, 1.1))), 2),
                    "mem_some": round(r.uniform(4, 35) if full and swapped else r.uniform(0, 0.4) if full else 0.0, 2),
                    "mem_full": round(r.uniform(2, 20) if full and swapped else 0.0, 2), "io_full": round(max(0.0, self.io * r.uniform(0.7, 1.3)), 2)}
        head = {"v": 1, "at": round(self.at, 6), "awake": round(self.now, 6), "wall": int(self.at + self.wall_off), "cores": self.cores,
                "mem_total_kb": self.total, "mem_available_kb": int(available), "pressure": pressure}
        if self.battery is not None:
            head["on_battery"] = self.battery
        parts = [self.text(p) for p in sorted(self.procs.values(), key=lambda p: p.pid)]
        return json.dumps(head, separators=(",", ":"))[:-1] + ',"processes":[' + ",".join(parts) + "]}\n"

    def text(self, p):
        if p.head is None:
            head = {"pid": p.pid, "start_time": p.start, "ppid": p.ppid, "uid": p.uid, "name": p.name, "cmdline": p.cmdline}
            if p.exe and (p.uid == 1000 or self.style == "foreign"):
                head["exe"] = p.exe
            p.head = json.dumps(head, separators=(",", ":"))[:-1]
            tail = {"threads": p.threads}
            if p.cgroup and not p.kernel:
                tail["cgroup"] = p.cgroup
            tail["tty"] = p.tty
            if p.tty and p.fg is not None:
                tail["foreground"] = p.fg
            tail["nice"] = p.nice
            if p.policy is not None:
                tail["policy"] = p.policy
            if p.wait:
                tail["wait"] = p.wait
            p.tail = json.dumps(tail, separators=(",", ":"))[1:]
        state = p.state
        if state == "S" and p.demand > 0 and (p.threads == 1 or p.demand >= 1) and self.rng.random() < min(1.0, p.demand):
            state = "R"
        anon, swap, file = int(p.anon) >> 2 << 2, int(p.swap) >> 2 << 2, int(p.file) >> 2 << 2
        text = f'{p.head},"state":"{state}","cpu_ns":{int(p.cpu * 1e9)}'
        if self.has_wait:
            text += f',"wait_ns":{int(p.waited * 1e9)}'
        text += f',"child_cpu_ns":{int(p.ccpu * 100) * 10000000},"rss_kb":{anon + file}'
        if self.style == "record":
            text += f',"anon_kb":{anon + swap}'
            if not p.kernel:
                vm = p.vm if p.vm_fixed else max(p.vm, int((p.anon + p.swap) * 1.1) + p.file + 60 * MIB)
                text += f',"vm_kb":{vm >> 10 << 10}'
        else:
            text += f',"anon_kb":{anon},"swap_kb":{swap}'
        return text + "," + p.tail

    def run(self, seconds, path):
        """Plays so many awake seconds and writes a look each interval."""
        packer = subprocess.Popen(["zstd", "-q", "-9", "-f", "-o", path], stdin=subprocess.PIPE)
        end, look, last = self.now + seconds, self.now, self.now
        self.watch and self.go(self.memory_watch())
        looks, cpu_before = 0, None
        while look <= end:
            while self.heap and self.heap[0][0] <= look:
                when, _, actor = heapq.heappop(self.heap)
                self.advance(max(when, self.now))
                rest = next(actor, None)
                if rest is not None:
                    self.go(actor, max(1e-3, rest))
            self.advance(look)
            self.balance()
            self.rest(look - last)
            self.verify(look - last)
            packer.stdin.write(self.line().encode())
            looks, last = looks + 1, look
            look = self.begin + looks * self.interval + self.rng.uniform(0, 0.004) + (self.rng.uniform(0, 0.12) if self.some > 60 else 0)
        packer.stdin.close()
        if packer.wait():
            raise SystemExit("zstd failed")
        self.looks = looks

    def verify(self, dt):
        """The sum of what all used fits into the cores."""
        total = sum(p.cpu + p.ccpu for p in self.procs.values())
        if self.last_cpu is not None and dt > 0:
            used = (total - self.last_cpu) / dt
            if used > self.cores * 1.08 + 0.6:
                self.checks.append(f"{self.at:.1f}: {used:.2f} cores used of {self.cores}")
        self.last_cpu = total
