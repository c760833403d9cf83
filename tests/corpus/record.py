#!/usr/bin/env python3
"""Records the traces of tests/corpus/recorded: starts real programs, has the real binary record them, labels what runs away.

usage: tests/corpus/record.py BINARY [NAME...]

Needs gcc, make, node, stress-ng, ffmpeg, xz, zstd, git, java, chromium,
sbcl and apt-get (as root). Each trace holds what was started here and its children, and of
the rest of the machine the first processes alone. Paths of this machine become /home/ada/work.
"""
import json, os, pty, random, signal, subprocess, sys, tempfile, threading, time

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "recorded")
HOME = os.path.expanduser("~")
SPIN = "while :; do :; done"
LEAK = "import time\nkept = []\nwhile True:\n    kept.append(bytearray(b'x' * (1 << 20)))\n    time.sleep(0.25)\n"
SERVICE = ("import json, random, time\nwhile True:\n    table = [{'id': i, 'text': str(random.random()) * 9} for i in range(20000)]\n"
           "    json.dumps(table)\n    time.sleep(0.5)\n")
NODE_LEAK = "const kept = []; setInterval(() => kept.push(Buffer.alloc(1 << 20, 1)), 300)"
NODE_SERVICE = ("setInterval(() => { let s = 0; for (const x of Array.from({length: 2e5}, (_, i) => ({i}))) s += x.i }, 100)")
CRASH = "end=$(($(date +%s%N) + 300000000)); while [ $(date +%s%N) -lt $end ]; do :; done; exit 1"
ORPHAN = ("import os, time\nif os.fork() == 0:\n    time.sleep(45)\n    while True: pass\ntime.sleep(40)\n")
STUCK = "#include <unistd.h>\nint main(void) { if (vfork() == 0) { sleep(150); _exit(0); } return 0; }\n"
PYTHON_BORROWS = ("import time\nkept = []\nend = time.monotonic() + 430\nwhile time.monotonic() < end:\n"
                  "    kept.append(bytearray(b'x' * (1 << 20)))\n    time.sleep(0.25)\nkept.clear()\ntime.sleep(900)\n")
NODE_BORROWS = ("let kept = []; const more = setInterval(() => kept.push(Buffer.alloc(1 << 20, 1)), 300);"
                "setTimeout(() => { clearInterval(more); kept = []; gc() }, 430000); setInterval(() => 0, 1000)")
NODE_CACHE = ("const kept = new Map(); let n = 0; setInterval(() => { kept.set(n++, Buffer.alloc(1 << 20, 1));"
              "if (kept.size > 600) kept.delete(n - 601) }, 250)")
STUCK_THREAD = """#include <pthread.h>
#include <time.h>
#include <unistd.h>
static void *stuck(void *none) { if (vfork() == 0) { sleep(150); _exit(0); } return none; }
static void *works(void *none) { for (;;) { for (clock_t end = clock() + 10000; clock() < end;); usleep(90000); } return none; }
int main(void) { pthread_t thread; pthread_create(&thread, 0, THREAD, 0); MAIN(0); return 0; }
"""
BROWSER = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
           "--disable-component-update", "--disable-sync", "--disable-breakpad", "--disable-popup-blocking")
PAGE = """<canvas id=c width=300 height=200></canvas><script>
const pen = c.getContext('2d');
(function draw(at) { pen.fillStyle = `hsl(${at / 20},80%,60%)`; pen.fillRect(at / 9 % 300, at / 13 % 200, 20, 20); setTimeout(() => draw(performance.now()), 50) })(0);
function work(ms) { for (const end = performance.now() + ms; performance.now() < end;); }
SCRIPT</script>"""
WORKS = "setInterval(() => work(6000), 20000)"
LOOPS = "setTimeout(() => { while (true); }, 15000)"
WORKER_LOOPS = "setTimeout(() => new Worker(URL.createObjectURL(new Blob(['while (true);']))), 15000)"
REAPER = ("import ctypes, subprocess, sys, time\nctypes.CDLL(None).prctl(36, 1, 0, 0, 0)\nsubprocess.run(sys.argv[1:])\n"
          "time.sleep(900)\n")
PACKAGES = ("chromium", "chromium-common", "libllvm15", "valgrind", "vim-runtime",
            "adwaita-icon-theme", "libgtk-3-common")
JAVA = """import java.util.*;
class Service {
    public static void main(String[] args) throws Exception {
        Map<Integer, byte[]> cache = new HashMap<>();
        for (int request = 0; ; request++) {
            StringBuilder answer = new StringBuilder();
            for (int i = 0; i < 20000; i++) answer.append(request).append(i);
            cache.put(request % 100, answer.toString().getBytes());
            Thread.sleep(100);
        }
    }
}
"""

JAVA_HEAP = """import java.util.*;
class Heap {
    public static void main(String[] rates) throws Exception {
        double garbage = 0, leak = 0;
        List<byte[]> kept = new ArrayList<>();
        while (true) {
            for (garbage += Double.parseDouble(rates[0]) * 1.6; garbage > 1; garbage--) Arrays.fill(new byte[65536], (byte) 1);
            for (leak += Double.parseDouble(rates[1]) * 1.6; leak > 1; leak--) kept.add(new byte[65536]);
            Thread.sleep(100);
        }
    }
}
"""
LISP_GARBAGE = ("(progn (setf (sb-ext:bytes-consed-between-gcs) (* 2000 1024 1024)) (loop (dotimes (i 7) "
                "(make-array 65536 :element-type '(unsigned-byte 8) :initial-element 1)) (sleep 0.1)))")


class Stage:
    """Where programs are started; remembers the first pids."""

    def __init__(self, folder):
        self.folder, self.roots, self.children = folder, [], []

    def start(self, *command, nice=None):
        """Starts a program in a session of its own, without a terminal."""
        set_nice = (lambda: os.nice(nice)) if nice else None
        child = subprocess.Popen(command, cwd=self.folder, start_new_session=True, preexec_fn=set_nice,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return self.keep(child)

    def start_in_terminal(self, *command):
        """Starts a program as the job that a terminal of its own shows at work."""
        pid, end = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            os.execvp(command[0], command)
        threading.Thread(target=drain, args=(end,), daemon=True).start()
        self.roots.append(pid)
        return pid

    def keep(self, child):
        self.children.append(child)
        self.roots.append(child.pid)
        return child.pid

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w") as file:
            file.write(text)

    def end(self):
        for pid in self.roots:
            for send in (lambda: os.killpg(pid, signal.SIGKILL), lambda: os.kill(pid, signal.SIGKILL)):
                try:
                    send()
                except OSError:
                    pass


def drain(end):
    try:
        while os.read(end, 65536):
            pass
    except OSError:
        pass


def spin(stage):
    return [one("the loop", stage.start("sh", "-c", SPIN))]


def three_spins(stage):
    return [one("a loop", stage.start("sh", "-c", SPIN + f" # {number}")) for number in range(3)]


def fork_storm(stage):
    return [tree("the storm", stage.start("sh", "-c", "while :; do /bin/true; done"))]


def crash_loop(stage):
    stage.write("worker.sh", CRASH)
    return [tree("the worker", stage.start("sh", "-c", "while :; do sh worker.sh; done"))]


def orphan(stage):
    stage.write("parent.py", ORPHAN)
    return [dict(tree("the helper", stage.start("python3", "parent.py")), delay=45)]


def python_leak(stage):
    stage.write("leak.py", LEAK)
    return [one("the leak", stage.start("python3", "leak.py"), "memory_leak")]


def node_leak(stage):
    return [one("the leak", stage.start("node", "-e", NODE_LEAK), "memory_leak")]


def hang(stage):
    stage.write("stuck.c", STUCK)
    subprocess.run(["gcc", "-o", "stuck", "stuck.c"], cwd=stage.folder, check=True)
    return [one("the parent of a vfork", stage.start("./stuck"), "hang")]


def stress(stage):
    return [dict(tree("a worker", stage.start("stress-ng", "--cpu", "2", "--timeout", "300")), each=True)]


def project(stage, files=400):
    for number in range(files):
        body = "".join(f"int f{number}_{i}(int x) {{ int s = 0; for (int k = 0; k < x; k++) s += k * {i}; return s; }}\n"
                       for i in range(700))
        stage.write(f"part{number}.c", body)
    objects = " ".join(f"part{number}.o" for number in range(files))
    stage.write("Makefile", f"all: {objects}\n%.o: %.c\n\tgcc -O2 -c -o $@ $<\n")


def build_in_terminal(stage):
    project(stage)
    stage.start_in_terminal("make", "-j2")
    return []


def build_without_terminal(stage):
    project(stage)
    stage.start("make", "-j2")
    return []


def build_at_low_priority(stage):
    project(stage)
    stage.start("make", "-j3", nice=10)
    return []


def compress_in_terminal(stage):
    stage.start_in_terminal("sh", "-c", "head -c 3000000000 /dev/urandom | xz -9 -T2 > /dev/null")
    return []


def compress_at_low_priority(stage):
    stage.start("sh", "-c", "head -c 60000000000 /dev/zero | zstd -19 > /dev/null", nice=15)
    return []


def compress_when_idle(stage):
    stage.start("chrt", "--idle", "0", "sh", "-c", "head -c 60000000000 /dev/zero | zstd -19 > /dev/null")
    return []


def encode_as_batch(stage):
    stage.start("chrt", "--batch", "0", "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=60",
                "-t", "900", "-c:v", "mpeg4", "-f", "null", "-")
    return []


def encode_in_terminal(stage):
    stage.start_in_terminal("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=60", "-t", "900",
                            "-c:v", "mpeg4", "-f", "null", "-")
    return []


def find_again_and_again(stage):
    stage.start("sh", "-c", "for i in $(seq 1 4000); do find /usr -name \"*$i.h\"; done")
    return []


def copy(stage):
    stage.start("dd", "if=/dev/zero", "of=copy.img", "bs=64k", "oflag=direct", "count=200000")
    return []


def stopped(stage):
    pid = stage.start("sh", "-c", SPIN)
    threading.Timer(30, os.kill, (pid, signal.SIGSTOP)).start()
    return []


def services(stage):
    stage.write("service.py", SERVICE)
    stage.start("python3", "service.py")
    stage.start("node", "-e", NODE_SERVICE)
    return []


def database_in_terminal(stage):
    fill = ("create table t(a, b); create index i on t(a); with recursive n(x) as (select 1 union all select x + 1 from n "
            "limit 60000000) insert into t select x * 7919 % 1000003, 'text ' || x from n;")
    stage.start_in_terminal("sqlite3", "table.db", fill)
    return []


def python_borrows(stage):
    stage.write("borrow.py", PYTHON_BORROWS)
    return [dict(one("what it keeps, and hands back", stage.start("python3", "borrow.py"), "memory_leak"), until=430)]


def node_borrows(stage):
    pid = stage.start("node", "--expose-gc", "-e", NODE_BORROWS)
    return [dict(one("what it keeps, and hands back", pid, "memory_leak"), until=430)]


def node_cache(stage):
    stage.start("node", "-e", NODE_CACHE)
    return []


def java_service(stage):
    stage.write("Service.java", JAVA)
    stage.start("java", "Service.java")
    return []


def java_with_a_large_heap(stage):
    stage.write("Service.java", JAVA)
    stage.start("java", "-XX:+UseSerialGC", "-Xms1900m", "-Xmn1600m", "Service.java")
    return []


def java_heap(stage, garbage, leak, *options):
    """Makes so much garbage, and keeps so much for good, in MiB a second."""
    stage.write("Heap.java", JAVA_HEAP)
    return stage.start("java", *options, "Heap.java", str(garbage), str(leak))


def java_fills_its_heap(stage):
    java_heap(stage, 4.5, 0, "-Xms4g", "-Xmx4g")
    return []


def java_leak(stage):
    return [one("the leak", java_heap(stage, 2, 3), "memory_leak")]


def lisp_saw_tooth(stage):
    stage.start("sbcl", "--dynamic-space-size", "4096", "--eval", LISP_GARBAGE)
    return []


def stuck(stage, thread, main):
    text = STUCK_THREAD.replace("THREAD", thread).replace("MAIN", main)
    stage.write("stuck.c", text)
    subprocess.run(["gcc", "-pthread", "-o", "stuck", "stuck.c"], cwd=stage.folder, check=True)
    return stage.start("./stuck")


def hang_of_a_thread(stage):
    return [one("a thread of it", stuck(stage, "stuck", "works"), "hang")]


def hang_of_the_leader(stage):
    return [one("its first thread", stuck(stage, "works", "stuck"), "hang")]


def browse(stage, script):
    stage.write("reading.html", PAGE.replace("SCRIPT", ""))
    stage.write("page.html", PAGE.replace("SCRIPT", "open('reading.html', '_blank', 'noopener');" + script))
    return stage.start("chromium", *BROWSER, f"--user-data-dir={stage.folder}/profile", f"file://{stage.folder}/page.html")


def browser_at_work(stage):
    browse(stage, WORKS)
    return []


def browser_page_in_a_loop(stage):
    return [dict(tree("the page", browse(stage, LOOPS)), delay=15)]


def browser_worker_in_a_loop(stage):
    return [dict(tree("the worker", browse(stage, WORKER_LOOPS)), delay=15)]


def repository(stage, name, revisions, loose, files=100, seed=7):
    """Fills a repository with revisions of text files, each object by itself or all in one pack."""
    random.seed(seed)
    words = [f"word{random.randrange(5000)}" for _ in range(12000)]
    folder = os.path.join(stage.folder, name)
    subprocess.run(["git", "init", "-q", folder], check=True)
    command = ["git", "-c", f"fastimport.unpackLimit={1000000 if loose else 1}", "fast-import", "--quiet", "--force"]
    with subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE) as child:
        for revision in range(revisions):
            child.stdin.write(f"commit refs/heads/main\ncommitter Ada <ada@example.org> {revision} +0000\ndata 1\nx\n".encode())
            for file in range(files):
                words[random.randrange(len(words))] = f"other{revision}"
                text = " ".join(words[file:]).replace(" word7", "\nword7").encode()
                child.stdin.write(f"M 100644 inline f{file}\ndata {len(text)}\n".encode() + text + b"\n")
    return folder


def git_gc_in_terminal(stage):
    stage.start_in_terminal("git", "-C", repository(stage, "big", 110, loose=False), "gc", "--aggressive")
    return []


def git_gc_in_the_background(stage):
    folder = repository(stage, "small", 40, loose=True)
    stage.start("python3", "-c", REAPER, "git", "-C", folder, "-c", "gc.auto=100", "gc", "--auto")
    return []


def packages_are_installed(stage):
    stage.start("apt-get", "install", "-y", "--reinstall", "--download-only", *PACKAGES)
    stage.children[-1].wait()
    stage.start("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "--reinstall", *PACKAGES)
    return []


def one(what, pid, reason="cpu_high"):
    return {"what": what, "pid": pid, "reason": reason}


def tree(what, pid, reason="cpu_high"):
    return {"what": what, "pid": pid, "reason": reason, "tree": True}


TRACES = {  # seconds, interval
    spin: (110, 2), three_spins: (120, 2), fork_storm: (110, 2), crash_loop: (110, 2), orphan: (110, 2),
    python_leak: (450, 5), node_leak: (450, 5), hang: (80, 2), stress: (110, 2), build_in_terminal: (110, 2),
    build_without_terminal: (150, 2), build_at_low_priority: (110, 2), compress_in_terminal: (110, 2),
    compress_at_low_priority: (110, 2), encode_in_terminal: (110, 2), compress_when_idle: (110, 2),
    encode_as_batch: (110, 2), find_again_and_again: (110, 2), copy: (100, 2),
    python_borrows: (520, 5), node_borrows: (520, 5), node_cache: (500, 5), java_service: (500, 5), java_with_a_large_heap: (900, 10),
    java_fills_its_heap: (1000, 10), java_leak: (1000, 10), lisp_saw_tooth: (1300, 10), hang_of_a_thread: (100, 2),
    hang_of_the_leader: (100, 2), browser_at_work: (150, 2), browser_page_in_a_loop: (110, 2),
    browser_worker_in_a_loop: (110, 2), git_gc_in_terminal: (110, 2), git_gc_in_the_background: (100, 2),
    packages_are_installed: (150, 2), stopped: (150, 2), services: (450, 5), database_in_terminal: (110, 2),
}
RULE_SECONDS = {"cpu_high": 60, "hang": 30, "memory_leak": 300}


def record(binary, script):
    seconds, interval = TRACES[script]
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(folder)
        trace = os.path.join(folder, "trace.jsonl")
        begun = time.clock_gettime(time.CLOCK_BOOTTIME) + 5
        recorder = subprocess.Popen([binary, "record", trace, "--seconds", str(seconds), "--interval", str(interval)],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(5)
        runaways = script(stage)
        recorder.wait()
        stage.end()
        with open(trace) as file:
            lines = [json.loads(line) for line in file]
        save(script.__name__, script.__doc__, folder, stage.roots, runaways, begun, lines)
    print(script.__name__, "recorded", flush=True)


def save(name, what, folder, roots, runaways, begun, lines):
    members = {root: set() for root in roots}
    owner = {root: root for root in roots}
    for line in lines:
        known = []
        for process in sorted(line["processes"], key=lambda process: process["start_time"]):
            root = owner.get(process["pid"]) or owner.get(process.get("ppid"))
            if root is not None:
                owner[process["pid"]] = root
                members[root].add((process["pid"], process["start_time"]))
            if root is not None or process["pid"] <= 2 or process.get("ppid") == 2:
                known.append(process)
        for process in known:
            for key in ("cmdline", "exe", "cgroup"):
                if key in process:
                    process[key] = process[key].replace(folder, "/home/ada/work").replace(HOME, "/home/ada")
            if process["pid"] == 1:
                process["cmdline"], process["name"] = "/sbin/init", "init"
                process.pop("exe", None)
        line["processes"] = sorted(known, key=lambda process: process["pid"])
    labels = []
    for runaway in runaways:
        ids = sorted(members[runaway["pid"]])
        ids = ids if runaway.get("tree") else [id for id in ids if id[0] == runaway["pid"]]
        told = {"what": runaway["what"], "reasons": [runaway["reason"]], "from": round(begun + runaway.get("delay", 0), 2),
                "rule_seconds": RULE_SECONDS[runaway["reason"]]}
        if "until" in runaway:
            told["until"] = round(begun + runaway["until"], 2)
        each = [[id] for id in ids[1:]] if runaway.get("each") else [ids]
        labels += [dict(told, members=members) for members in each]
    words = name.replace("_", " ")
    label = {"what": f"Recorded: {words}.", "how": f"tests/corpus/record.py BINARY {name}", "runaways": labels}
    with open(os.path.join(FOLDER, name + ".json"), "w") as file:
        file.write(json.dumps(label) + "\n")
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    subprocess.run(["zstd", "-19", "-q", "-f", "-o", os.path.join(FOLDER, name + ".jsonl.zst")],
                   input=text.encode(), check=True)


def main():
    binary, names = os.path.abspath(sys.argv[1]), sys.argv[2:]
    for script in TRACES:
        if not names or script.__name__ in names:
            record(binary, script)


main()
