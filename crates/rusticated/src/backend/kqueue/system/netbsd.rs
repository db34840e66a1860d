//! NetBSD: <sys/event.h>, <sys/stat.h>, <sys/dirent.h>, <sys/termios.h>, <sys/signal.h>, <pthread_types.h>,
//! <sys/fcntl.h>, <sys/socket.h>, <sys/sysctl.h>.
use alloc::vec::Vec;
use core::ffi::{c_char, c_int, c_void};
use core::ptr::null_mut;

use super::{Timespec, sysctl};
use crate::io;

pub(crate) const O_CLOEXEC: c_int = 0x0040_0000;
pub(crate) const O_DIRECTORY: c_int = 0x0020_0000;
pub(crate) const O_NOCTTY: c_int = 0x8000;
pub(crate) const F_DUPFD_CLOEXEC: c_int = 12;
pub(crate) const AT_FDCWD: c_int = -100;
pub(crate) const AT_SYMLINK_NOFOLLOW: c_int = 0x200;
pub(crate) const AT_REMOVEDIR: c_int = 0x800;
pub(crate) const UTIME_OMIT: i64 = (1 << 30) - 2;
pub(crate) const AF_INET6: u8 = 24;
pub(crate) const SOCK_CLOEXEC: c_int = 0x1000_0000;
pub(crate) const SOCK_NONBLOCK: c_int = 0x2000_0000;
pub(crate) const SO_NOSIGPIPE: Option<c_int> = Some(0x800);
pub(crate) const MSG_NOSIGNAL: c_int = 0x400;
pub(crate) const CLOCK_REALTIME: ClockId = 0;
pub(crate) const CLOCK_MONOTONIC: ClockId = 3;
pub(crate) const EVFILT_READ: Filter = 0;
pub(crate) const EVFILT_WRITE: Filter = 1;
pub(crate) const EVFILT_PROC: Filter = 4;
pub(crate) const EVFILT_SIGNAL: Filter = 5;

pub(crate) type ClockId = c_int;
pub(crate) type Filter = u32;
pub(crate) type KeventFlags = u32;
pub(crate) type KeventCount = usize;
pub(crate) type Key = c_int;
pub(crate) type Mode = u32;
pub(crate) type PollCount = u32;
pub(crate) type TermiosFlags = u32;
pub(crate) type SignalSet = [u32; 4];
pub(crate) const ALL_SIGNALS: SignalSet = [u32::MAX; 4];
pub(crate) const NO_SIGNALS: SignalSet = [0; 4];

#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Kevent {
    pub(crate) ident: usize,
    pub(crate) filter: Filter,
    pub(crate) flags: KeventFlags,
    pub(crate) filter_flags: u32,
    pub(crate) data: i64,
    pub(crate) user: *mut c_void,
}

impl Kevent {
    pub(crate) const fn new(ident: usize, filter: Filter, flags: u16, filter_flags: u32) -> Self {
        Self { ident, filter, flags: flags as KeventFlags, filter_flags, data: 0, user: null_mut() }
    }
}

#[derive(Clone)]
#[repr(C)]
pub(crate) struct Stat {
    device: u64,
    pub(crate) mode: u32,
    inode: u64,
    links: u32,
    user: u32,
    group: u32,
    special_device: u64,
    pub(crate) accessed: Timespec,
    pub(crate) modified: Timespec,
    changed: Timespec,
    pub(crate) created: Timespec,
    pub(crate) size: i64,
    blocks: i64,
    block_size: i32,
    flags: u32,
    generation: u32,
    spares: [u32; 2],
}

#[repr(C)]
pub(crate) struct Dirent {
    inode: u64,
    record_length: u16,
    pub(crate) name_length: u16,
    pub(crate) kind: u8,
    pub(crate) name: [c_char; 512],
}

#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct Termios {
    pub(crate) input: u32,
    pub(crate) output: u32,
    pub(crate) control: u32,
    pub(crate) local: u32,
    pub(crate) characters: [u8; 20],
    speeds: [c_int; 2],
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
pub(crate) struct Mutex {
    magic: u32,
    locks: [u8; 8],
    owner: *mut c_void,
    waiters: *mut c_void,
    recursed: u32,
    spare: *mut c_void,
}

impl Mutex {
    pub(crate) const fn new() -> Self {
        let none = null_mut();
        Self { magic: 0x3333_0003, locks: [0; 8], owner: none, waiters: none, recursed: 0, spare: none }
    }
}

/// `PTHREAD_COND_INITIALIZER`
#[repr(C)]
pub(crate) struct Condition {
    magic: u32,
    lock: u8,
    pointers: [*mut c_void; 4],
}

impl Condition {
    pub(crate) const fn new() -> Self {
        Self { magic: 0x5555_0005, lock: 0, pointers: [null_mut(); 4] }
    }
}

const KERN_PROC_ARGS: c_int = 48;

/// What the program was started with.
pub(crate) fn arguments() -> Vec<Vec<u8>> {
    const KERN_PROC_ARGV: c_int = 1;
    // SAFETY: takes nothing.
    sysctl::strings(&[sysctl::CTL_KERN, KERN_PROC_ARGS, unsafe { super::getpid() }, KERN_PROC_ARGV])
}

/// The path of the program's file.
pub(crate) fn program_path() -> io::Result<Vec<u8>> {
    const KERN_PROC_PATHNAME: c_int = 5;
    sysctl::string(&[sysctl::CTL_KERN, KERN_PROC_ARGS, -1, KERN_PROC_PATHNAME])
}
