//! What a thread in state D waits for: the file of its system call, and the file system that is on.
//!
//! Only /proc is asked, never the file: whoever asks a server that does not answer waits as well.

use super::super::root::{Folder, Root};
use super::super::text;
use crate::sample::{Object, Wait};
use std::io::Read as _;

/// The system calls whose first argument is the descriptor of the file that they wait for.
const OF_A_FILE: [libc::c_long; 20] = [
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_pread64,
    libc::SYS_pwrite64,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_preadv,
    libc::SYS_pwritev,
    libc::SYS_fsync,
    libc::SYS_fdatasync,
    libc::SYS_sync_file_range,
    libc::SYS_ftruncate,
    libc::SYS_fallocate,
    libc::SYS_getdents64,
    libc::SYS_fstat,
    libc::SYS_fchmod,
    libc::SYS_ioctl,
    libc::SYS_flock,
    libc::SYS_syncfs,
    libc::SYS_lseek,
];

/// The types of file systems behind which there is a server, with what begins the names of the functions in which their users
/// wait. The helper of FUSE may be behind any type that begins with its name and a point.
const SERVED: [(&str, &[&str]); 9] = [
    ("nfs", &["nfs", "rpc"]),
    ("nfs4", &["nfs", "rpc"]),
    ("cifs", &["cifs", "smb"]),
    ("smb3", &["cifs", "smb"]),
    ("fuse", &["fuse", "request_wait_answer"]),
    ("fuseblk", &["fuse", "request_wait_answer"]),
    ("fuse.", &["fuse", "request_wait_answer"]),
    ("9p", &["p9", "v9fs"]),
    ("ceph", &["ceph"]),
];

/// What a wait is for, to be asked.
#[derive(Debug)]
pub(super) struct Question {
    root: Root,
    wait: Wait,
}

/// A file system of a process.
#[derive(Debug, PartialEq)]
struct Mount {
    point: Vec<u8>,
    kind: Vec<u8>,
    /// What is mounted.
    device: Vec<u8>,
}

impl Question {
    /// None where the system has no descriptor to give.
    pub(super) fn new(root: &Root, wait: Wait) -> Option<Self> {
        Some(Self { root: root.try_clone().ok()?, wait })
    }

    /// Asks the kernel, for as long as that takes.
    pub(super) fn answer(self) -> (Wait, Object) {
        let object = find(&self.root, &Folder::new(self.wait.thread), self.wait.function.as_deref());
        (self.wait, object)
    }
}

/// Finds what a thread of this folder waits for, as far as the kernel tells.
fn find(root: &Root, thread: &Folder, function: Option<&str>) -> Object {
    let file = descriptor(root, thread).and_then(|descriptor| path(root, thread, descriptor));
    let mounts = mounts(root, thread);
    let mount = match &file {
        Some(path) => holding(&mounts, path),
        None => function.and_then(|function| only_one_served(&mounts, function)),
    };
    let shown = |path: &[u8]| text::clean(path).into();
    Object {
        mount: mount.map(|mount| shown(&mount.point)),
        device: mount.map(|mount| shown(&mount.device)),
        file: file.as_deref().map(shown),
    }
}

/// Tells the descriptor of the file that the thread's system call is about.
///
/// Source: proc(5), `/proc/pid/syscall`: the number of the call and its arguments; where the kernel lets others be traced.
fn descriptor(root: &Root, thread: &Folder) -> Option<u32> {
    let mut buffer = [0; 256];
    let line = root.read(thread, "syscall", &mut buffer).ok()?;
    let mut words = str::from_utf8(line).ok()?.split_ascii_whitespace();
    let call: libc::c_long = words.next()?.parse().ok()?;
    let first = words.next()?.strip_prefix("0x")?;
    OF_A_FILE.contains(&call).then(|| u32::from_str_radix(first, 16).ok())?
}

/// Tells the path of a descriptor; None for what is no file, as a pipe is.
fn path(root: &Root, thread: &Folder, descriptor: u32) -> Option<Vec<u8>> {
    root.link(thread, &format!("fd/{descriptor}")).filter(|path| path.starts_with(b"/"))
}

/// Reads the file systems of a process; a line that is none is passed over.
fn mounts(root: &Root, thread: &Folder) -> Vec<Mount> {
    let opened = root.open_file(thread, "mountinfo").ok().map(std::fs::File::from);
    let mut text = Vec::new();
    // What was read before an error counts.
    let _ = opened.map(|mut file| file.read_to_end(&mut text));
    text.split(|byte| *byte == b'\n').filter_map(Mount::parse).collect()
}

impl Mount {
    /// Source: proc(5), `/proc/pid/mountinfo`: fields 5, then behind the hyphen 9 and 10.
    fn parse(line: &[u8]) -> Option<Self> {
        let mut words = line.split(|byte| *byte == b' ');
        let point = unescaped(words.nth(4)?);
        let mut others = words.skip_while(|word| *word != b"-").skip(1);
        Some(Self { point, kind: others.next()?.to_vec(), device: unescaped(others.next()?) })
    }

    /// How deep it is above a path; 0 where it is not.
    fn depth_above(&self, path: &[u8]) -> usize {
        let below = path.strip_prefix(self.point.as_slice());
        let is_below = below.is_some_and(|rest| self.point == b"/" || rest.is_empty() || rest.starts_with(b"/"));
        if is_below { self.point.len() } else { 0 }
    }

    fn is_served(&self, function: &str) -> bool {
        SERVED.iter().any(|(kind, functions)| {
            let is_of_kind =
                self.kind == kind.as_bytes() || (kind.ends_with('.') && self.kind.starts_with(kind.as_bytes()));
            is_of_kind && functions.iter().any(|begin| function.starts_with(begin))
        })
    }
}

/// Finds the file system that holds a file. What was mounted last at a place covers what was before.
fn holding<'m>(mounts: &'m [Mount], path: &[u8]) -> Option<&'m Mount> {
    let above = mounts.iter().filter(|mount| mount.depth_above(path) > 0);
    // Device files are there without a disk.
    above.max_by_key(|mount| mount.depth_above(path)).filter(|mount| mount.kind != b"devtmpfs")
}

/// Finds the one file system with a server in whose code this function is; None where there are several.
fn only_one_served<'m>(mounts: &'m [Mount], function: &str) -> Option<&'m Mount> {
    let mut found = mounts.iter().filter(|mount| mount.is_served(function));
    found.next().filter(|_| found.next().is_none())
}

/// Puts the bytes in the place of their octal numbers.
///
/// Source: proc(5), `/proc/pid/mounts`: space, tab, newline and backslash are written `\040`, `\011`, `\012`, `\134`.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, others @ ..] = rest {
        let octal = others.get(..3).filter(|_| *first == b'\\').and_then(|digits| str::from_utf8(digits).ok());
        let byte = octal.and_then(|digits| u8::from_str_radix(digits, 8).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &others[3..] } else { others };
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    const MOUNTS: &[u8] = b"\
        22 1 8:2 / / rw,relatime shared:1 - ext4 /dev/sda2 rw\n\
        23 22 0:5 / /dev rw - devtmpfs udev rw\n\
        24 22 0:6 / /sys/fs/fuse/connections rw - fusectl fusectl rw\n\
        25 22 0:7 / /media/\xff rw\n\
        40 22 0:50 / /mnt/my\\040nas rw,relatime - nfs4 nas:/export rw,vers=4.2\n\
        41 22 0:51 / /mnt/my\\040nas/inner rw - ext4 /dev/sdb1 rw\n";

    struct Fixture(tempfile::TempDir);

    impl Fixture {
        /// A thread 7 in this system call, whose descriptor 3 leads there.
        fn new(syscall: &str, file: &str, mounts: &[u8]) -> Self {
            let folder = tempfile::tempdir().unwrap();
            std::fs::create_dir_all(folder.path().join("7/fd")).unwrap();
            std::fs::write(folder.path().join("7/syscall"), syscall).unwrap();
            std::fs::write(folder.path().join("7/mountinfo"), mounts).unwrap();
            symlink(file, folder.path().join("7/fd/3")).unwrap();
            Self(folder)
        }

        fn find(&self, function: Option<&str>) -> [Option<String>; 3] {
            let root = Root::open(self.0.path()).unwrap();
            let Object { file, mount, device } = find(&root, &Folder::new(7), function);
            [file, mount, device].map(|text| text.map(String::from))
        }
    }

    fn read() -> String {
        format!("{} 0x3 0x7ffe 0x1000 0x0 0x0 0x0 0x7ffd 0x7f00\n", libc::SYS_read)
    }

    fn some<const N: usize>(texts: [&str; N]) -> [Option<String>; N] {
        texts.map(|text| Some(text.to_owned()))
    }

    #[test]
    fn the_file_of_a_call_is_told_with_the_innermost_file_system() {
        let on = |file| Fixture::new(&read(), file, MOUNTS).find(None);
        assert_eq!(on("/mnt/my nas/a"), some(["/mnt/my nas/a", "/mnt/my nas", "nas:/export"]));
        assert_eq!(on("/mnt/my nas/inner/a"), some(["/mnt/my nas/inner/a", "/mnt/my nas/inner", "/dev/sdb1"]));
        assert_eq!(on("/mnt/my nasty"), some(["/mnt/my nasty", "/", "/dev/sda2"]));
        assert_eq!(on("/dev/sdc"), [Some("/dev/sdc".to_owned()), None, None]);
    }

    #[test]
    fn what_is_no_file_is_not_told() {
        assert_eq!(Fixture::new(&read(), "pipe:[42]", MOUNTS).find(None), [None, None, None]);
        for syscall in ["running\n", "-1 0x7ffe 0x7f00\n", "", "0\n", "0 3\n", "57 0x3 0x0\n"] {
            assert_eq!(Fixture::new(syscall, "/a", MOUNTS).find(Some("io_schedule")), [None, None, None], "{syscall}");
        }
    }

    #[test]
    fn without_a_file_the_function_tells_of_the_only_server() {
        let found = |function, mounts: &[u8]| Fixture::new("running\n", "/a", mounts).find(Some(function));
        let nas = [None, Some("/mnt/my nas".to_owned()), Some("nas:/export".to_owned())];
        assert_eq!(
            [found("nfs_wait_bit_killable", MOUNTS), found("rpc_wait_bit_killable", MOUNTS)],
            [nas.clone(), nas]
        );
        assert_eq!(found("request_wait_answer", MOUNTS), [None, None, None]);
        let and = |line: &[u8]| [MOUNTS, line].concat();
        let two = and(b"42 22 0:52 / /srv rw - nfs other:/ rw\n");
        assert_eq!(found("nfs_wait_bit_killable", &two), [None, None, None], "it may be either");
        assert_eq!(found("nfs_wait_bit_killable", b"no mounts\n"), [None, None, None]);
        let fuse = and(b"42 22 0:52 / /home/ada/far rw shared:3 - fuse.sshfs ada@far: rw\n");
        let far = [None, Some("/home/ada/far".to_owned()), Some("ada@far:".to_owned())];
        assert_eq!(found("request_wait_answer", &fuse), far);
    }

    #[test]
    fn octal_numbers_are_bytes() {
        assert_eq!(unescaped(br"a\040b\134\9x\04"), br"a b\\9x\04");
    }
}
