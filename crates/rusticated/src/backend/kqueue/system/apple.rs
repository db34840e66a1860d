//! macOS (and its kin): <sys/event.h>, <sys/stat.h>, <sys/dirent.h>, <sys/termios.h>, <sys/signal.h>,
//! <sys/_pthread/_pthread_types.h>, <sys/fcntl.h>, <sys/socket.h>.
use alloc::vec;
use alloc::vec::Vec;
use core::ffi::{CStr, c_char, c_int, c_void};

use super::Timespec;
use crate::io;

pub(crate) const O_CLOEXEC: c_int = 0x0100_0000;
pub(crate) const O_DIRECTORY: c_int = 0x0010_0000;
pub(crate) const O_NOCTTY: c_int = 0x0002_0000;
pub(crate) const F_DUPFD_CLOEXEC: c_int = 67;
/// Also lets the disk write out what it keeps: `fsync` does not here.
pub(crate) const F_FULLFSYNC: c_int = 51;
pub(crate) const AT_FDCWD: c_int = -2;
pub(crate) const AT_SYMLINK_NOFOLLOW: c_int = 0x20;
pub(crate) const AT_REMOVEDIR: c_int = 0x80;
pub(crate) const UTIME_OMIT: i64 = -2;
pub(crate) const AF_INET6: u8 = 30;
pub(crate) const SO_NOSIGPIPE: Option<c_int> = Some(0x1022);
/// The option above does it: older systems do not know this flag.
pub(crate) const MSG_NOSIGNAL: c_int = 0;
pub(crate) const CLOCK_REALTIME: ClockId = 0;
pub(crate) const CLOCK_MONOTONIC: ClockId = 6;
pub(crate) const EVFILT_READ: Filter = -1;
pub(crate) const EVFILT_WRITE: Filter = -2;
pub(crate) const EVFILT_PROC: Filter = -5;
pub(crate) const EVFILT_SIGNAL: Filter = -6;

pub(crate) type ClockId = u32;
pub(crate) type Filter = i16;
pub(crate) type KeventFlags = u16;
pub(crate) type KeventCount = c_int;
pub(crate) type Key = usize;
pub(crate) type Mode = u16;
pub(crate) type PollCount = u32;
pub(crate) type TermiosFlags = u64;
pub(crate) type SignalSet = u32;
pub(crate) const ALL_SIGNALS: SignalSet = u32::MAX;
pub(crate) const NO_SIGNALS: SignalSet = 0;

/// Packed, as the header has it.
#[derive(Clone, Copy)]
#[repr(C, packed(4))]
pub(crate) struct Kevent {
    pub(crate) ident: usize,
    pub(crate) filter: Filter,
    pub(crate) flags: KeventFlags,
    pub(crate) filter_flags: u32,
    pub(crate) data: isize,
    pub(crate) user: *mut c_void,
}

impl Kevent {
    pub(crate) const fn new(ident: usize, filter: Filter, flags: u16, filter_flags: u32) -> Self {
        Self { ident, filter, flags, filter_flags, data: 0, user: core::ptr::null_mut() }
    }
}

#[derive(Clone)]
#[repr(C)]
pub(crate) struct Stat {
    device: i32,
    pub(crate) mode: u16,
    links: u16,
    inode: u64,
    user: u32,
    group: u32,
    special_device: i32,
    pub(crate) accessed: Timespec,
    pub(crate) modified: Timespec,
    changed: Timespec,
    pub(crate) created: Timespec,
    pub(crate) size: i64,
    blocks: i64,
    block_size: i32,
    flags: u32,
    generation: u32,
    spare: i32,
    spares: [i64; 2],
}

#[repr(C)]
pub(crate) struct Dirent {
    inode: u64,
    seek: u64,
    record_length: u16,
    pub(crate) name_length: u16,
    pub(crate) kind: u8,
    pub(crate) name: [c_char; 1024],
}

#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct Termios {
    pub(crate) input: u64,
    pub(crate) output: u64,
    pub(crate) control: u64,
    pub(crate) local: u64,
    pub(crate) characters: [u8; 20],
    speeds: [u64; 2],
}

#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct SigAction {
    pub(crate) handler: usize,
    pub(crate) mask: SignalSet,
    pub(crate) flags: c_int,
}

/// `PTHREAD_MUTEX_INITIALIZER`
#[repr(C)]
pub(crate) struct Mutex(i64, [u64; 7]);

impl Mutex {
    pub(crate) const fn new() -> Self {
        Self(0x32AA_ABA7, [0; 7])
    }
}

/// `PTHREAD_COND_INITIALIZER`
#[repr(C)]
pub(crate) struct Condition(i64, [u64; 5]);

impl Condition {
    pub(crate) const fn new() -> Self {
        Self(0x3CB0_B1BB, [0; 5])
    }
}

unsafe extern "C" {
    fn _NSGetEnviron() -> *mut *const *const c_char;
    fn _NSGetArgc() -> *mut c_int;
    fn _NSGetArgv() -> *mut *const *const c_char;
    fn _NSGetExecutablePath(place: *mut c_char, length: *mut u32) -> c_int;
}

/// Where the list of variables begins is kept there.
pub(crate) fn environment() -> *mut *const *const c_char {
    // SAFETY: takes nothing.
    unsafe { _NSGetEnviron() }
}

/// What the program was started with.
pub(crate) fn arguments() -> Vec<Vec<u8>> {
    // SAFETY: the places are the libc's, and hold so many strings that each end with a NUL byte.
    let string = |nth| unsafe { CStr::from_ptr(*(*_NSGetArgv()).add(nth)) }.to_bytes().to_vec();
    // SAFETY: as above.
    (0..unsafe { *_NSGetArgc() }.max(0) as usize).map(string).collect()
}

/// The path of the program's file.
pub(crate) fn program_path() -> io::Result<Vec<u8>> {
    let mut length = 1024u32;
    loop {
        let mut path = vec![0u8; length as usize];
        // SAFETY: writes no more than that; tells the length that it needs if that is too little.
        if unsafe { _NSGetExecutablePath(path.as_mut_ptr().cast(), &raw mut length) } == 0 {
            path.truncate(path.iter().position(|&byte| byte == 0).unwrap_or(path.len()));
            return Ok(path);
        }
    }
}
