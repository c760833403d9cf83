//! The opened /proc: every path below it is relative to one descriptor.

use crate::process::Pid;
use rustix::fs::{Mode, OFlags, RawDir, SeekFrom};
use rustix::io::Errno;
use std::ffi::CStr;
use std::io::Write;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::Path;

/// The opened /proc.
#[derive(Debug)]
pub(super) struct Root(OwnedFd);

/// Why a file of a process could not be read, by what a scan does about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// The process ended.
    Gone,
    /// The process, or this file of it, is not for our eyes.
    Hidden,
    /// The machine or the guard is out of something: descriptors, memory.
    Failed(Errno),
}

impl From<Errno> for Unreadable {
    fn from(error: Errno) -> Self {
        match error {
            Errno::NOENT | Errno::SRCH => Self::Gone,
            Errno::PERM | Errno::ACCESS => Self::Hidden,
            other => Self::Failed(other),
        }
    }
}

impl Root {
    pub(super) fn open(path: &Path) -> Result<Self, Errno> {
        rustix::fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).map(Self)
    }

    /// Calls `each` for the folder of every process.
    pub(super) fn list<E: From<Errno>>(
        &self,
        buffer: &mut [MaybeUninit<u8>],
        mut each: impl FnMut(Folder) -> Result<(), E>,
    ) -> Result<(), E> {
        rustix::fs::seek(&self.0, SeekFrom::Start(0))?;
        let mut entries = RawDir::new(&self.0, buffer);
        while let Some(entry) = entries.next() {
            if let Some(folder) = Folder::from_name(entry?.file_name()) {
                each(folder)?;
            }
        }
        Ok(())
    }

    /// Gives it to another thread as well.
    pub(super) fn try_clone(&self) -> std::io::Result<Self> {
        self.0.try_clone().map(Self)
    }

    /// Opens the list of a process's threads: each is a folder below it, as processes are below the root.
    pub(super) fn threads(&self, folder: &Folder) -> Result<Self, Unreadable> {
        self.open_file(folder, "task").map(Self)
    }

    /// Reads a small file of a process into the buffer, with one read.
    pub(super) fn read<'b>(&self, folder: &Folder, file: &str, buffer: &'b mut [u8]) -> Result<&'b [u8], Unreadable> {
        self.read_at(folder.join(file).as_c_str(), buffer)
    }

    /// Reads a small file below the root into the buffer, with one read.
    pub(super) fn read_at<'b>(&self, path: &CStr, buffer: &'b mut [u8]) -> Result<&'b [u8], Unreadable> {
        let length = rustix::io::read(self.open_at(path)?, &mut *buffer)?;
        Ok(&buffer[..length])
    }

    /// Opens a small file of a process, to read it again and again.
    pub(super) fn open_file(&self, folder: &Folder, file: &str) -> Result<OwnedFd, Unreadable> {
        self.open_at(folder.join(file).as_c_str())
    }

    /// Opens a small file below the root.
    pub(super) fn open_at(&self, path: &CStr) -> Result<OwnedFd, Unreadable> {
        Ok(rustix::fs::openat(&self.0, path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?)
    }

    /// Tells whether the pids below it are those that system calls of this process take.
    pub(super) fn is_of_this_namespace(&self) -> bool {
        let is_procfs = rustix::fs::fstatfs(&self.0).is_ok_and(|found| found.f_type == rustix::fs::PROC_SUPER_MAGIC);
        is_procfs && self.link_at(c"self").is_some_and(|own| own == std::process::id().to_string().as_bytes())
    }

    /// Reads where a link of a process leads.
    pub(super) fn link(&self, folder: &Folder, file: &str) -> Option<Vec<u8>> {
        self.link_at(folder.join(file).as_c_str())
    }

    /// Reads where a link below the root leads.
    pub(super) fn link_at(&self, path: &CStr) -> Option<Vec<u8>> {
        rustix::fs::readlinkat(&self.0, path, Vec::new()).ok().map(std::ffi::CString::into_bytes)
    }
}

/// Reads an opened file from its beginning, with one read; the kernel makes its text anew.
pub(super) fn read_again<'b>(file: &OwnedFd, buffer: &'b mut [u8]) -> Result<&'b [u8], Unreadable> {
    let length = rustix::io::pread(file, &mut *buffer, 0)?;
    Ok(&buffer[..length])
}

/// A small file that is opened once, and read in every scan.
#[derive(Debug)]
pub(super) struct File {
    path: &'static CStr,
    opened: Option<OwnedFd>,
}

impl File {
    /// Names a file below the root, or by its whole path.
    pub(super) fn new(path: &'static CStr) -> Self {
        Self { path, opened: None }
    }

    /// Reads its text into the buffer, with one read; None where there is none.
    pub(super) fn text<'b>(&mut self, root: &Root, buffer: &'b mut [u8]) -> Option<&'b str> {
        if self.opened.is_none() {
            self.opened = root.open_at(self.path).ok();
        }
        str::from_utf8(read_again(self.opened.as_ref()?, buffer).ok()?).ok()
    }
}

/// The folder of one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Folder {
    pub(super) pid: Pid,
    name: [u8; 10],
    length: usize,
}

impl Folder {
    pub(super) fn new(pid: Pid) -> Self {
        let mut name = [0; 10];
        let mut free = name.as_mut_slice();
        // A u32 has ten digits at the most.
        let _ = write!(free, "{pid}");
        let length = 10 - free.len();
        Self { pid, name, length }
    }

    fn from_name(name: &CStr) -> Option<Self> {
        let digits = name.to_bytes();
        if digits.first().is_none_or(|first| !(b'1'..=b'9').contains(first)) {
            return None;
        }
        let mut pid: Pid = 0;
        for byte in digits {
            let digit = Pid::from(byte.wrapping_sub(b'0'));
            pid = pid.checked_mul(10)?.checked_add(Some(digit).filter(|digit| *digit < 10)?)?;
        }
        let mut name = [0; 10];
        name.get_mut(..digits.len())?.copy_from_slice(digits);
        Some(Self { pid, name, length: digits.len() })
    }

    fn join(&self, file: &str) -> FilePath {
        let mut path = [0; 32];
        let file = &file.as_bytes()[..file.len().min(20)];
        path[..self.length].copy_from_slice(&self.name[..self.length]);
        path[self.length] = b'/';
        path[self.length + 1..=self.length + file.len()].copy_from_slice(file);
        FilePath(path)
    }
}

/// `4711/stat`, ended by a NUL, without an allocation.
struct FilePath([u8; 32]);

impl FilePath {
    fn as_c_str(&self) -> &CStr {
        CStr::from_bytes_until_nul(&self.0).unwrap_or(c"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_named_by_its_pid() {
        for pid in [1, 42, 4_194_304, Pid::MAX] {
            let folder = Folder::new(pid);
            let name = std::ffi::CString::new(pid.to_string()).expect("digits");
            assert_eq!(Folder::from_name(&name), Some(folder));
            assert_eq!(folder.join("stat").as_c_str().to_bytes(), format!("{pid}/stat").as_bytes());
        }
    }

    #[test]
    fn what_is_no_process_is_passed_over() {
        for name in [c"self", c"", c".", c"0", c"012", c"12a", c"99999999999999999999", c"-1", c"4294967296"] {
            assert_eq!(Folder::from_name(name), None, "{name:?}");
        }
    }
}
