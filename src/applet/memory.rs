//! Keeps the applet small: gives back memory that the start and rare work left behind, and takes no more of the program than
//! it uses.

mod paging;

pub(super) use paging::OneByOne;

use procfs::process::{MMPermissions, MMapPath, MemoryMap, MemoryMaps, Process};
use std::ffi::CStr;
use std::ops::Range;

/// Has all threads share one heap: none of them takes and gives memory often.
pub(super) fn use_one_heap() {
    const HEAPS: libc::c_int = 1;
    limit_heaps(HEAPS);
}

/// The libraries that the window's crates open in each process before `main`, and keep.
const OF_THE_WINDOW: [&CStr; 2] = [c"libX11-xcb.so.1", c"libX11.so.6"];

/// Unloads what only the window needs: it is a process of its own, and loads them for itself.
pub(super) fn unload_window_libraries() {
    OF_THE_WINDOW.into_iter().for_each(unload);
}

/// Has pages of the program mapped one by one from now on, as they are used; None where this kernel cannot.
pub(super) fn map_one_by_one() -> Option<OneByOne> {
    let maps = Process::myself().and_then(|own| own.maps()).ok()?;
    let begun = OneByOne::begin(clean_parts(&maps));
    begun.inspect_err(|error| tracing::debug!("pages of the program are mapped as the kernel likes: {error}")).ok()
}

/// Gives back what the heap does not use, and the pages of the program that were needed once: the kernel keeps them in its
/// cache, and maps those again that are needed again. Where the main thread calls it, what its stack took beyond this call
/// goes too.
pub(super) fn give_back() {
    trim_heap();
    if let Ok(maps) = Process::myself().and_then(|own| own.maps()) {
        clean_parts(&maps).into_iter().chain(stack_beyond(&maps, here())).for_each(unmap);
    }
}

/// So much of the stack beyond a call is left to those that it makes.
const NEAR: usize = 16 * 1024;

/// An address within the frame of this call.
#[inline(never)]
fn here() -> usize {
    std::ptr::from_ref(&std::hint::black_box(0_u8)).expose_provenance()
}

/// Finds what the main thread's stack took beyond the frame at this address, by whole pages: nothing that lives is there.
/// None where another thread asks.
fn stack_beyond(maps: &MemoryMaps, frame: usize) -> Option<Range<usize>> {
    let stack = maps.iter().find(|map| map.pathname == MMapPath::Stack)?;
    let all = stack.address.0 as usize..stack.address.1 as usize;
    let end = frame.checked_sub(NEAR)? & !(procfs::page_size() as usize - 1);
    (all.contains(&frame) && all.start < end).then_some(all.start..end)
}

/// Finds where the code of this program is mapped, and the constants before it. Those behind it hold addresses that were
/// written at the start.
///
/// Source: proc(5), `/proc/pid/maps`.
fn clean_parts(maps: &MemoryMaps) -> Vec<Range<usize>> {
    let files = maps.iter().filter(|map| matches!(map.pathname, MMapPath::Path(_)));
    let Some(program) = files.clone().next().map(|map| &map.pathname) else { return Vec::new() };
    let own: Vec<&MemoryMap> = files.take_while(|map| map.pathname == *program).collect();
    let Some(code) = own.iter().position(|map| map.perms.contains(MMPermissions::EXECUTE)) else { return Vec::new() };
    let clean = own[..=code].iter().filter(|map| !map.perms.contains(MMPermissions::WRITE));
    clean.map(|map| map.address.0 as usize..map.address.1 as usize).collect()
}

#[expect(unsafe_code, reason = "neither nix nor rustix unloads; nothing of these libraries is called without a window")]
fn unload(library: &CStr) {
    // SAFETY: the one who opened it (tiny-xlib, before `main`) has neither a thread nor an exit handler in it, and calls it
    // for a display alone, which the applet never opens. A library that was not loaded gives no handle.
    unsafe {
        let handle = libc::dlopen(library.as_ptr(), libc::RTLD_LAZY | libc::RTLD_NOLOAD);
        if !handle.is_null() {
            libc::dlclose(handle);
            libc::dlclose(handle);
        }
    }
}

#[expect(unsafe_code, reason = "neither nix nor rustix has mallopt; it takes numbers and changes no memory in use")]
fn limit_heaps(count: libc::c_int) {
    // SAFETY: it may be called at any time, by any thread.
    unsafe { libc::mallopt(libc::M_ARENA_MAX, count) };
}

#[expect(
    unsafe_code,
    reason = "neither nix nor rustix has malloc_trim; it takes a number and changes no memory in use"
)]
fn trim_heap() {
    // SAFETY: it may be called at any time, by any thread.
    unsafe { libc::malloc_trim(0) };
}

#[expect(unsafe_code, reason = "nix and rustix leave madvise unsafe; pages that nobody writes come back as they were")]
fn unmap(range: Range<usize>) {
    let address = std::ptr::with_exposed_provenance_mut(range.start);
    // SAFETY: the range is a private mapping of a file that nobody writes through, which the kernel reads again on demand, or
    // the stack beyond the frames that live.
    let _ = unsafe { rustix::mm::madvise(address, range.len(), rustix::mm::Advice::LinuxDontNeed) };
}

#[cfg(test)]
mod tests {
    use super::*;
    use procfs::FromBufRead as _;

    const MAPS: &str = "\
        5000-6000 r--p 00000000 fe:00 7 /usr/bin/runaway-guard\n\
        6000-9000 r-xp 00001000 fe:00 7 /usr/bin/runaway-guard\n\
        9000-a000 r--p 00004000 fe:00 7 /usr/bin/runaway-guard\n\
        a000-b000 rw-p 00005000 fe:00 7 /usr/bin/runaway-guard\n\
        c000-d000 rw-p 00000000 00:00 0 [heap]\n\
        e000-f000 r-xp 00000000 fe:00 8 /usr/lib/libc.so.6\n\
        f000-f100 rw-p 00000000 00:00 0 \n";

    #[test]
    fn what_was_written_at_the_start_is_no_clean_part() {
        let parts = |maps: &str| clean_parts(&MemoryMaps::from_buf_read(maps.as_bytes()).unwrap());
        assert_eq!(parts(MAPS), [0x5000..0x6000, 0x6000..0x9000]);
        assert!(parts("c000-d000 rw-p 00000000 00:00 0 [heap]\n").is_empty());
        assert!(parts("").is_empty());
    }

    #[test]
    fn only_what_lies_beyond_the_frame_on_the_main_stack_goes() {
        let maps = "7ff00000-7ff20000 rw-p 00000000 00:00 0 [stack]\n";
        let beyond = |frame| stack_beyond(&MemoryMaps::from_buf_read(maps.as_bytes()).unwrap(), frame);
        assert_eq!(beyond(0x7ff1_fff0), Some(0x7ff0_0000..0x7ff1_b000));
        assert_eq!(beyond(0x7ff0_5000), Some(0x7ff0_0000..0x7ff0_1000));
        assert_eq!(
            [0x7ff0_4fff, 0x7ff0_0100, 0x7fe0_0000, 0x7ff2_0000, 0x100].map(beyond),
            [None, None, None, None, None]
        );
    }

    #[test]
    fn this_program_goes_on_after_it_gave_its_memory_back() {
        let maps = Process::myself().unwrap().maps().unwrap();
        let code = clean_parts(&maps).pop().unwrap();
        assert!(code.contains(&(give_back as *const () as usize)));
        for _ in 0..3 {
            give_back();
        }
    }
}
