//! Gives back memory that the start and rare work left behind.

use std::fs;
use std::ops::Range;

/// Gives back what the heap does not use, and the pages of the program that were needed once: the kernel keeps them in its
/// cache, and maps those again that are run again.
pub(super) fn give_back() {
    trim_heap();
    let maps = fs::read_to_string("/proc/self/maps").unwrap_or_default();
    for range in program_code(&maps) {
        unmap(range);
    }
}

/// Finds where the code of this program is mapped.
///
/// Source: proc(5), `/proc/pid/maps`: `address perms offset dev inode pathname`.
fn program_code(maps: &str) -> impl Iterator<Item = Range<usize>> {
    let program = maps.lines().find_map(|line| line.split_ascii_whitespace().nth(5)).unwrap_or_default();
    maps.lines().filter_map(move |line| {
        let mut words = line.split_ascii_whitespace();
        let (addresses, permissions, path) = (words.next()?, words.next()?, words.nth(3)?);
        let (begin, end) = addresses.split_once('-')?;
        let address = |text| usize::from_str_radix(text, 16).ok();
        (permissions == "r-xp" && path == program).then_some(address(begin)?..address(end)?)
    })
}

#[expect(
    unsafe_code,
    reason = "neither nix nor rustix has malloc_trim; it takes a number and changes no memory in use"
)]
fn trim_heap() {
    // SAFETY: it may be called at any time, by any thread.
    unsafe { libc::malloc_trim(0) };
}

#[expect(unsafe_code, reason = "pages of code are read-only: those that are dropped come back as they were")]
fn unmap(range: Range<usize>) {
    let address = std::ptr::with_exposed_provenance_mut(range.start);
    // SAFETY: the range is a private mapping of a file that nobody writes through; the kernel reads it again on demand.
    let _ = unsafe { rustix::mm::madvise(address, range.len(), rustix::mm::Advice::LinuxDontNeed) };
}
