//! What a thread in state D waits for: the file of its system call, and the file system that is on.
//!
//! Only /proc is asked, never the file: whoever asks a server that does not answer waits as well.

use super::super::root::{Folder, Root};
use super::super::text;
use crate::sample::Object;
use procfs::FromBufRead as _;
use procfs::process::{MountInfo, MountInfos};
use std::io::BufReader;
use std::os::unix::ffi::OsStrExt as _;

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

/// The file systems behind which there is a server, by what begins the names of their types, and of the functions in which
/// their users wait.
const SERVED: [(&str, &[&str]); 6] = [
    ("nfs", &["nfs", "rpc"]),
    ("cifs", &["cifs", "smb"]),
    ("smb3", &["cifs", "smb"]),
    ("fuse", &["fuse", "request_wait_answer"]),
    ("9p", &["p9", "v9fs"]),
    ("ceph", &["ceph"]),
];

/// Finds what a thread of this folder waits for, as far as the kernel tells.
pub(super) fn find(root: &Root, thread: &Folder, function: Option<&str>) -> Object {
    let file = descriptor(root, thread).and_then(|descriptor| path(root, thread, descriptor));
    let mounts = mounts(root, thread);
    let mount = match &file {
        Some(path) => holding(&mounts, path),
        None => function.and_then(|function| only_one_served(&mounts, function)),
    };
    let shown = |path: Vec<u8>| text::clean(&path).into();
    let device = mount.and_then(|mount| mount.mount_source.as_ref());
    Object {
        mount: mount.map(|mount| shown(unescaped(mount.mount_point.as_os_str().as_bytes()))),
        device: device.map(|source| shown(unescaped(source.as_bytes()))),
        file: file.map(shown),
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

/// Source: proc(5), `/proc/pid/mountinfo`.
fn mounts(root: &Root, thread: &Folder) -> Vec<MountInfo> {
    let opened = root.open_file(thread, "mountinfo").ok().map(std::fs::File::from);
    let read = opened.and_then(|file| MountInfos::from_buf_read(BufReader::new(file)).ok());
    read.map(|mounts| mounts.0).unwrap_or_default()
}

/// Finds the file system that holds a file. What was mounted last at a place covers what was before.
fn holding<'m>(mounts: &'m [MountInfo], path: &[u8]) -> Option<&'m MountInfo> {
    let depth = |mount: &&MountInfo| {
        let point = unescaped(mount.mount_point.as_os_str().as_bytes());
        let below = path.strip_prefix(point.as_slice());
        let is_below = below.is_some_and(|rest| point == b"/" || rest.is_empty() || rest.starts_with(b"/"));
        if is_below { point.len() } else { 0 }
    };
    let found = mounts.iter().filter(|mount| depth(mount) > 0).max_by_key(depth);
    // Device files are there without a disk.
    found.filter(|mount| mount.fs_type != "devtmpfs")
}

/// Finds the one file system with a server in whose code this function is; None where there are several.
fn only_one_served<'m>(mounts: &'m [MountInfo], function: &str) -> Option<&'m MountInfo> {
    let is_of = |mount: &&MountInfo| {
        SERVED.iter().any(|(kind, functions)| {
            mount.fs_type.starts_with(kind) && functions.iter().any(|begin| function.starts_with(begin))
        })
    };
    let mut found = mounts.iter().filter(is_of);
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

    const MOUNTS: &str = "\
        22 1 8:2 / / rw,relatime shared:1 - ext4 /dev/sda2 rw\n\
        23 22 0:5 / /dev rw - devtmpfs udev rw\n\
        40 22 0:50 / /mnt/my\\040nas rw,relatime - nfs4 nas:/export rw,vers=4.2\n\
        41 22 0:51 / /mnt/my\\040nas/inner rw - ext4 /dev/sdb1 rw\n";

    struct Fixture(tempfile::TempDir);

    impl Fixture {
        /// A thread 7 in this system call, whose descriptor 3 leads there.
        fn new(syscall: &str, file: &str, mounts: &str) -> Self {
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
        let found = |function, mounts: &str| Fixture::new("running\n", "/a", mounts).find(Some(function));
        let nas = [None, Some("/mnt/my nas".to_owned()), Some("nas:/export".to_owned())];
        assert_eq!(
            [found("nfs_wait_bit_killable", MOUNTS), found("rpc_wait_bit_killable", MOUNTS)],
            [nas.clone(), nas]
        );
        assert_eq!(found("request_wait_answer", MOUNTS), [None, None, None]);
        let two = format!("{MOUNTS}42 22 0:52 / /srv rw - nfs other:/ rw\n");
        assert_eq!(found("nfs_wait_bit_killable", &two), [None, None, None], "it may be either");
        assert_eq!(found("nfs_wait_bit_killable", "no mounts\n"), [None, None, None]);
    }

    #[test]
    fn octal_numbers_are_bytes() {
        assert_eq!(unescaped(br"a\040b\134\9x\04"), br"a b\\9x\04");
    }
}
