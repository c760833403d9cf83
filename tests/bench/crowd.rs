//! Many processes, of which some do a little between two scans.

use std::io::{PipeReader, PipeWriter, Read as _, Write as _};
use std::process::{Child, Command, Stdio};

/// Children of this bench that wait; they end with it, however it ends.
pub(crate) struct Crowd {
    children: Vec<Child>,
    gate: Option<PipeWriter>,
    movers: Vec<PipeWriter>,
    echo: PipeReader,
}

impl Crowd {
    /// Starts so many, of which the first `movers` can be made to move.
    pub(crate) fn start(count: usize, movers: usize) -> Self {
        allow_descriptors();
        let (wait, gate) = std::io::pipe().expect("a pipe");
        let (echo, answer) = std::io::pipe().expect("a pipe");
        let child = |stdin: PipeReader| {
            let stdout = answer.try_clone().expect("the pipe again");
            Command::new("cat").stdin(stdin).stdout(stdout).stderr(Stdio::null()).spawn().expect("a child")
        };
        let mut crowd = Self { children: Vec::new(), gate: Some(gate), movers: Vec::new(), echo };
        for _ in 0..movers {
            let (stdin, mover) = std::io::pipe().expect("a pipe");
            crowd.children.push(child(stdin));
            crowd.movers.push(mover);
        }
        for _ in movers..count {
            crowd.children.push(child(wait.try_clone().expect("the pipe again")));
        }
        crowd
    }

    /// Gives their pids.
    pub(crate) fn pids(&self) -> Vec<u32> {
        self.children.iter().map(Child::id).collect()
    }

    /// Has so many of the movers run once, as a process does that a timer or a message wakes.
    pub(crate) fn stir(&mut self, movers: usize) {
        const AT_ONCE: usize = 1000;
        for some in self.movers[..movers].chunks_mut(AT_ONCE) {
            for mover in some.iter_mut() {
                mover.write_all(b".").expect("a mover");
            }
            self.echo.read_exact(&mut vec![0; some.len()]).expect("their answers");
        }
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        drop(self.gate.take());
        self.movers.clear();
        for child in &mut self.children {
            let _ = child.wait();
        }
    }
}

/// The argument, before a count, with which this bench is a process of so many threads.
pub(crate) const THREADS: &str = "--threads";

/// A child of this bench with threads that wait; it ends with it, however it ends.
pub(crate) struct Threads(Child);

/// Starts one of so many threads, the main one among them.
pub(crate) fn start_threads(count: usize) -> Threads {
    let bench = std::env::current_exe().expect("this bench");
    let mut command = Command::new(bench);
    command.args([THREADS, &count.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("a child");
    child.stdout.as_mut().expect("its pipe").read_exact(&mut [0]).expect("its threads");
    Threads(child)
}

/// Is such a process, until its input ends.
pub(crate) fn be_threads(count: &str) {
    for _ in 1..count.parse::<usize>().expect("a count") {
        std::thread::Builder::new().stack_size(16 * 1024).spawn(std::thread::park).expect("a thread");
    }
    std::io::stdout().write_all(b".").and_then(|()| std::io::stdout().flush()).expect("whoever waits");
    let _ = std::io::stdin().read(&mut [0]);
}

impl Threads {
    /// Gives its pid.
    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// Each mover takes a descriptor.
fn allow_descriptors() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).expect("its own limit");
}
