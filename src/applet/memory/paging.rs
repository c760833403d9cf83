//! Has the kernel map pages of the program one by one.
//!
//! Where a page of a file is touched, the kernel maps the fifteen around it as well, as far as they are in its cache. Of a
//! large program that does little most of those are never used, and count for it all the same. It leaves them alone where
//! writes to the pages are to be told (nobody writes to these).
//!
//! Source: the kernel's `mm/memory.c`, `should_fault_around`, and `Documentation/admin-guide/mm/userfaultfd.rst`.

use rustix::ioctl::{Updater, ioctl, opcode};
use rustix::mm::{UserfaultfdFlags, userfaultfd};
use std::ops::Range;
use std::os::fd::OwnedFd;

/// The version of the interface, and the group of its calls.
const VERSION: u64 = 0xAA;

/// Faults of the kernel itself are not told, so that no privilege is needed: `UFFD_USER_MODE_ONLY`.
const USER_MODE_ONLY: u32 = 1;

/// Whatever is written is let through at once: `UFFD_FEATURE_WP_ASYNC`, of Linux 6.7 and later. Older ones refuse.
const LETS_WRITE: u64 = 1 << 15;

/// `UFFDIO_REGISTER_MODE_WP`.
const WRITES: u64 = 1 << 1;

/// `struct uffdio_api`.
#[repr(C)]
struct Api {
    version: u64,
    features: u64,
    calls: u64,
}

/// `struct uffdio_register`.
#[repr(C)]
struct Register {
    start: u64,
    length: u64,
    mode: u64,
    calls: u64,
}

/// Keeps the pages of these mappings apart for as long as it lives.
#[derive(Debug)]
#[must_use]
pub(in crate::applet) struct OneByOne {
    _watch: OwnedFd,
}

impl OneByOne {
    /// Begins. An error says that this kernel cannot: all goes on as ever, in more memory.
    pub(super) fn begin(mappings: impl IntoIterator<Item = Range<usize>>) -> rustix::io::Result<Self> {
        let watch = open()?;
        mappings.into_iter().try_for_each(|mapping| register(&watch, mapping))?;
        Ok(Self { _watch: watch })
    }
}

#[expect(unsafe_code, reason = "rustix leaves what rules page faults unsafe; this one lets every fault through")]
fn open() -> rustix::io::Result<OwnedFd> {
    let flags = UserfaultfdFlags::CLOEXEC | UserfaultfdFlags::NONBLOCK;
    let mut api = Api { version: VERSION, features: LETS_WRITE, calls: 0 };
    // SAFETY: nothing is registered with it yet; the type is the one of the call's documentation.
    unsafe {
        let watch = userfaultfd(flags | UserfaultfdFlags::from_bits_retain(USER_MODE_ONLY))?;
        ioctl(&watch, Updater::<{ opcode::read_write::<Api>(VERSION as u8, 0x3F) }, Api>::new(&mut api))?;
        Ok(watch)
    }
}

#[expect(unsafe_code, reason = "rustix has no safe call for it; no page is protected, moved or filled by it")]
fn register(watch: &OwnedFd, mapping: Range<usize>) -> rustix::io::Result<()> {
    let mut register = Register { start: mapping.start as u64, length: mapping.len() as u64, mode: WRITES, calls: 0 };
    // SAFETY: it marks a mapping of this process, whose pages stay as they are; the type is the one of the call's
    // documentation.
    unsafe {
        ioctl(watch, Updater::<{ opcode::read_write::<Register>(VERSION as u8, 0) }, Register>::new(&mut register))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap, munmap};

    const PAGE: usize = 4096;

    /// How much of the mapping at this address is mapped, in pages.
    fn mapped(address: usize) -> usize {
        let smaps = std::fs::read_to_string("/proc/self/smaps").unwrap();
        let of_this = smaps.lines().skip_while(|line| !line.starts_with(&format!("{address:x}-")));
        let line = of_this.take(8).find_map(|line| line.strip_prefix("Rss:")).unwrap();
        line.trim_end_matches("kB").trim().parse::<usize>().unwrap() * 1024 / PAGE
    }

    #[test]
    #[expect(unsafe_code, reason = "a mapping of a file of its own")]
    fn of_a_file_only_what_is_touched_is_mapped() {
        const LENGTH: usize = 64 * PAGE;
        let file = tempfile::tempfile().unwrap();
        std::os::unix::fs::FileExt::write_all_at(&file, &vec![7; LENGTH], 0).unwrap();
        // SAFETY: it is mapped nowhere else, and unmapped after its last use.
        unsafe {
            let address = mmap(std::ptr::null_mut(), LENGTH, ProtFlags::READ, MapFlags::PRIVATE, &file, 0).unwrap();
            let start = address.expose_provenance();
            let begun = OneByOne::begin(std::iter::once(start..start + LENGTH));
            madvise(address, LENGTH, Advice::LinuxDontNeed).unwrap();
            let touch = |page: usize| std::ptr::read_volatile(address.cast::<u8>().add(page * PAGE));
            assert_eq!((touch(20), touch(40)), (7, 7), "{begun:?}");
            match begun {
                Ok(_lasting) => assert_eq!(mapped(start), 2),
                Err(error) => assert_eq!(error, rustix::io::Errno::INVAL, "a kernel before 6.7"),
            }
            munmap(address, LENGTH).unwrap();
        }
    }
}
