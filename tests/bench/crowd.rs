//! Many processes that do nothing.

use std::io::PipeWriter;
use std::process::{Child, Command, Stdio};

/// Children of this bench that wait; they end with it, however it ends.
pub(crate) struct Crowd {
    children: Vec<Child>,
    gate: Option<PipeWriter>,
}

impl Crowd {
    /// Starts so many.
    pub(crate) fn start(count: usize) -> Self {
        let (wait, gate) = std::io::pipe().expect("a pipe");
        let child = || {
            let stdin = Stdio::from(wait.try_clone().expect("the pipe again"));
            Command::new("cat").stdin(stdin).spawn().expect("a child")
        };
        Self { children: (0..count).map(|_| child()).collect(), gate: Some(gate) }
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        drop(self.gate.take());
        for child in &mut self.children {
            let _ = child.wait();
        }
    }
}
