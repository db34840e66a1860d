//! DragonFly: <sys/event.h>, <sys/stat.h>, <sys/dirent.h>, <sys/termios.h>, <sys/signal.h>, <pthread.h>,
//! <sys/fcntl.h>, <sys/socket.h>, <sys/sysctl.h>.
use alloc::vec::Vec;
use core::ffi::{c_char, c_int, c_void};
use core::ptr::null_mut;

use super::{Timespec, sysctl};
use crate::io;

pub(crate) const O_CLOEXEC: c_int = 0x0002_0000;
pub(crate) const O_DIRECTORY: c_int = 0x0800_0000;
pub(crate) const O_NOCTTY: c_int = 0x8000;
pub(crate) const F_DUPFD_CLOEXEC: c_int = 17;
pub(crate) const AT_FDCWD: c_int = 0xFFFA_FDCD_u32 as c_int;
pub(crate) const AT_SYMLINK_NOFOLLOW: c_int = 1;
pub(crate) const AT_REMOVEDIR: c_int = 2;
pub(crate) const UTIME_OMIT: i64 = -2;
pub(crate) const AF_INET6: u8 = 28;
pub(crate) const SOCK_CLOEXEC: c_int = 0x1000_0000;
pub(crate) const SOCK_NONBLOCK: c_int = 0x2000_0000;
pub(crate) const SO_NOSIGPIPE: Option<c_int> = Some(0x800);
pub(crate) const MSG_NOSIGNAL: c_int = 0x400;
pub(crate) const CLOCK_REALTIME: ClockId = 0;
pub(crate) const CLOCK_MONOTONIC: ClockId = 4;
pub(crate) const EVFILT_READ: Filter = -1;
pub(crate) const EVFILT_WRITE: Filter = -2;
pub(crate) const EVFILT_PROC: Filter = -5;
pub(crate) const EVFILT_SIGNAL: Filter = -6;

pub(crate) type ClockId = u64;
pub(crate) type Filter = i16;
pub(crate) type KeventFlags = u16;
pub(crate) type KeventCount = c_int;
pub(crate) type Key = c_int;
pub(crate) type Mode = u16;
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
    pub(crate) data: isize,
    pub(crate) user: *mut c_void,
}

impl Kevent {
    pub(crate) const fn new(ident: usize, filter: Filter, flags: u16, filter_flags: u32) -> Self {
        Self { ident, filter, flags, filter_flags, data: 0, user: null_mut() }
    }
}

#[derive(Clone)]
#[repr(C)]
pub(crate) struct Stat {
    inode: u64,
    links: u32,
    device: u32,
    pub(crate) mode: u16,
    padding: u16,
    user: u32,
    group: u32,
    special_device: u32,
    pub(crate) accessed: Timespec,
    pub(crate) modified: Timespec,
    changed: Timespec,
    pub(crate) size: i64,
    blocks: i64,
    old_block_size: u32,
    flags: u32,
    generation: u32,
    spare: i32,
    block_size: i64,
    more_spare: i64,
}

#[repr(C)]
pub(crate) struct Dirent {
    inode: u64,
    pub(crate) name_length: u16,
    pub(crate) kind: u8,
    padding: u8,
    more_padding: u32,
    pub(crate) name: [c_char; 256],
}

#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct Termios {
    pub(crate) input: u32,
    pub(crate) output: u32,
    pub(crate) control: u32,
    pub(crate) local: u32,
    pub(crate) characters: [u8; 20],
    speeds: [u32; 2],
}

#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct SigAction {
    pub(crate) handler: usize,
    pub(crate) flags: c_int,
    pub(crate) mask: SignalSet,
}

/// `PTHREAD_MUTEX_INITIALIZER`: made when it is first used.
#[repr(C)]
pub(crate) struct Mutex(*mut c_void);

impl Mutex {
    pub(crate) const fn new() -> Self {
        Self(null_mut())
    }
}

/// `PTHREAD_COND_INITIALIZER`
#[repr(C)]
pub(crate) struct Condition(*mut c_void);

impl Condition {
    pub(crate) const fn new() -> Self {
        Self(null_mut())
    }
}

/// What the program was started with.
pub(crate) fn arguments() -> Vec<Vec<u8>> {
    const KERN_PROC_ARGS: c_int = 9;
    sysctl::strings(&[sysctl::CTL_KERN, sysctl::KERN_PROC, KERN_PROC_ARGS, -1])
}

/// The path of the program's file.
pub(crate) fn program_path() -> io::Result<Vec<u8>> {
    const KERN_PROC_PATHNAME: c_int = 11;
    sysctl::string(&[sysctl::CTL_KERN, sysctl::KERN_PROC, KERN_PROC_PATHNAME, -1])
}
