//! The libc's functions, with the names that its headers give them for the linker, and the numbers that differ
//! between these systems. Layouts are those of 64-bit machines.
#![allow(unsafe_code, reason = "functions of the libc")]
use core::ffi::{c_char, c_int, c_void};

use crate::io;

#[cfg_attr(target_vendor = "apple", path = "apple.rs")]
#[cfg_attr(target_os = "freebsd", path = "freebsd.rs")]
#[cfg_attr(target_os = "netbsd", path = "netbsd.rs")]
#[cfg_attr(target_os = "openbsd", path = "openbsd.rs")]
#[cfg_attr(target_os = "dragonfly", path = "dragonfly.rs")]
mod platform;
#[cfg(not(target_vendor = "apple"))]
mod sysctl;
#[cfg(test)]
mod tests;

pub(super) use platform::*;
#[cfg(not(target_vendor = "apple"))]
pub(super) use sysctl::environment;

#[cfg(not(target_pointer_width = "64"))]
compile_error!("rusticated knows the layouts of 64-bit machines only");

// What is the same on all of them. <fcntl.h>
pub(super) const O_WRONLY: c_int = 1;
pub(super) const O_RDWR: c_int = 2;
pub(super) const O_ACCMODE: c_int = 3;
pub(super) const O_NONBLOCK: c_int = 4;
pub(super) const O_APPEND: c_int = 8;
pub(super) const O_NOFOLLOW: c_int = 0x100;
pub(super) const O_CREAT: c_int = 0x200;
pub(super) const O_TRUNC: c_int = 0x400;
pub(super) const O_EXCL: c_int = 0x800;
pub(super) const F_SETFD: c_int = 2;
pub(super) const F_GETFL: c_int = 3;
pub(super) const F_SETFL: c_int = 4;
pub(super) const FD_CLOEXEC: c_int = 1;
// <sys/socket.h>, <netinet/in.h>, <netinet/tcp.h>
pub(super) const AF_INET: u8 = 2;
pub(super) const SOCK_STREAM: c_int = 1;
pub(super) const SOCK_DGRAM: c_int = 2;
pub(super) const SOL_SOCKET: c_int = 0xffff;
pub(super) const SO_REUSEADDR: c_int = 4;
pub(super) const SO_BROADCAST: c_int = 0x20;
pub(super) const SO_ERROR: c_int = 0x1007;
pub(super) const MSG_PEEK: c_int = 2;
pub(super) const IPPROTO_IP: c_int = 0;
pub(super) const IPPROTO_TCP: c_int = 6;
pub(super) const IPPROTO_IPV6: c_int = 41;
pub(super) const IP_TTL: c_int = 4;
pub(super) const IP_ADD_MEMBERSHIP: c_int = 12;
pub(super) const IP_DROP_MEMBERSHIP: c_int = 13;
pub(super) const IPV6_JOIN_GROUP: c_int = 12;
pub(super) const IPV6_LEAVE_GROUP: c_int = 13;
pub(super) const TCP_NODELAY: c_int = 1;
// <sys/event.h>
pub(super) const EV_ADD: u16 = 1;
pub(super) const EV_DELETE: u16 = 2;
pub(super) const EV_ONESHOT: u16 = 0x10;
pub(super) const EV_ERROR: KeventFlags = 0x4000;
pub(super) const NOTE_EXIT: u32 = 0x8000_0000;
// <sys/signal.h>, <sys/wait.h>, <sys/ttycom.h>, <poll.h>
pub(super) const SA_RESTART: c_int = 2;
pub(super) const SIG_SETMASK: c_int = 3;
pub(super) const SIGKILL: c_int = 9;
pub(super) const SIGPIPE: u32 = 13;
pub(super) const WNOHANG: c_int = 1;
pub(super) const TIOCGWINSZ: u64 = 0x4008_7468;
pub(super) const POLLIN: i16 = 1;
pub(super) const POLLOUT: i16 = 4;

/// Numbers of errors that something here looks for. <sys/errno.h>
pub(super) mod errno {
    pub(crate) const ENOENT: i32 = 2;
    pub(crate) const EINTR: i32 = 4;
    pub(crate) const ENOTDIR: i32 = 20;
    pub(crate) const EMLINK: i32 = 31;
    pub(crate) const EAGAIN: i32 = 35;
    pub(crate) const EINPROGRESS: i32 = 36;
    pub(crate) const ECONNABORTED: i32 = 53;
    pub(crate) const ELOOP: i32 = 62;
}

/// <sys/_types/_timespec.h>, <sys/timespec.h>
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub(crate) struct Timespec {
    pub(crate) seconds: i64,
    pub(crate) nanoseconds: i64,
}

/// <poll.h>
#[repr(C)]
pub(super) struct PollFd {
    pub(super) descriptor: c_int,
    pub(super) events: i16,
    pub(super) returned: i16,
}

/// `socklen_t`. <sys/socket.h>
pub(super) type Length = u32;

unsafe extern "C" {
    pub(super) fn close(descriptor: c_int) -> c_int;
    pub(super) fn read(descriptor: c_int, place: *mut c_void, length: usize) -> isize;
    pub(super) fn write(descriptor: c_int, place: *const c_void, length: usize) -> isize;
    pub(super) fn pread(descriptor: c_int, place: *mut c_void, length: usize, offset: i64) -> isize;
    pub(super) fn pwrite(descriptor: c_int, place: *const c_void, length: usize, offset: i64) -> isize;
    pub(super) fn lseek(descriptor: c_int, offset: i64, whence: c_int) -> i64;
    pub(super) fn fcntl(descriptor: c_int, command: c_int, ...) -> c_int;
    pub(super) fn ioctl(descriptor: c_int, request: u64, ...) -> c_int;
    pub(super) fn openat(folder: c_int, path: *const c_char, flags: c_int, ...) -> c_int;
    pub(super) fn fsync(descriptor: c_int) -> c_int;
    pub(super) fn ftruncate(descriptor: c_int, length: i64) -> c_int;
    pub(super) fn fchmod(descriptor: c_int, mode: Mode) -> c_int;
    pub(super) fn fchmodat(folder: c_int, path: *const c_char, mode: Mode, flags: c_int) -> c_int;
    pub(super) fn futimens(descriptor: c_int, times: *const [Timespec; 2]) -> c_int;
    pub(super) fn mkdirat(folder: c_int, path: *const c_char, mode: Mode) -> c_int;
    pub(super) fn unlinkat(folder: c_int, path: *const c_char, flags: c_int) -> c_int;
    pub(super) fn renameat(from_folder: c_int, from: *const c_char, to_folder: c_int, to: *const c_char) -> c_int;
    pub(super) fn linkat(
        from_folder: c_int,
        from: *const c_char,
        to_folder: c_int,
        to: *const c_char,
        flags: c_int,
    ) -> c_int;
    pub(super) fn symlinkat(original: *const c_char, folder: c_int, link: *const c_char) -> c_int;
    pub(super) fn readlinkat(folder: c_int, path: *const c_char, place: *mut c_char, length: usize) -> isize;
    pub(super) fn closedir(folder: *mut c_void) -> c_int;

    pub(super) fn bind(socket: c_int, address: *const c_void, length: Length) -> c_int;
    pub(super) fn listen(socket: c_int, backlog: c_int) -> c_int;
    #[cfg(target_vendor = "apple")]
    pub(super) fn accept(socket: c_int, address: *mut c_void, length: *mut Length) -> c_int;
    #[cfg(not(target_vendor = "apple"))]
    pub(super) fn accept4(socket: c_int, address: *mut c_void, length: *mut Length, flags: c_int) -> c_int;
    pub(super) fn connect(socket: c_int, address: *const c_void, length: Length) -> c_int;
    pub(super) fn shutdown(socket: c_int, how: c_int) -> c_int;
    pub(super) fn getsockname(socket: c_int, address: *mut c_void, length: *mut Length) -> c_int;
    pub(super) fn getpeername(socket: c_int, address: *mut c_void, length: *mut Length) -> c_int;
    pub(super) fn getsockopt(
        socket: c_int,
        level: c_int,
        name: c_int,
        value: *mut c_void,
        length: *mut Length,
    ) -> c_int;
    pub(super) fn setsockopt(socket: c_int, level: c_int, name: c_int, value: *const c_void, length: Length) -> c_int;
    pub(super) fn recvfrom(
        socket: c_int,
        place: *mut c_void,
        length: usize,
        flags: c_int,
        address: *mut c_void,
        address_length: *mut Length,
    ) -> isize;
    pub(super) fn sendto(
        socket: c_int,
        place: *const c_void,
        length: usize,
        flags: c_int,
        address: *const c_void,
        address_length: Length,
    ) -> isize;
    #[cfg(target_vendor = "apple")]
    pub(super) fn pipe(ends: *mut [c_int; 2]) -> c_int;
    #[cfg(not(target_vendor = "apple"))]
    pub(super) fn pipe2(ends: *mut [c_int; 2], flags: c_int) -> c_int;
    pub(super) fn poll(descriptors: *mut PollFd, count: PollCount, milliseconds: c_int) -> c_int;
    pub(super) fn kqueue() -> c_int;

    pub(super) fn getpid() -> c_int;
    pub(super) fn fork() -> c_int;
    pub(super) fn execvp(program: *const c_char, arguments: *const *const c_char) -> c_int;
    pub(super) fn dup2(from: c_int, to: c_int) -> c_int;
    pub(super) fn chdir(path: *const c_char) -> c_int;
    pub(super) fn waitpid(child: c_int, status: *mut c_int, options: c_int) -> c_int;
    pub(super) fn kill(process: c_int, signal: c_int) -> c_int;
    pub(super) fn _exit(code: c_int) -> !;
    pub(super) fn exit(code: c_int) -> !;
    pub(super) fn abort() -> !;

    pub(super) fn getcwd(place: *mut c_char, length: usize) -> *mut c_char;
    pub(super) fn realpath(path: *const c_char, place: *mut c_char) -> *mut c_char;
    pub(super) fn getenv(name: *const c_char) -> *const c_char;
    pub(super) fn setenv(name: *const c_char, value: *const c_char, overwrite: c_int) -> c_int;
    pub(super) fn isatty(descriptor: c_int) -> c_int;
    pub(super) fn tcgetattr(descriptor: c_int, mode: *mut Termios) -> c_int;
    pub(super) fn tcsetattr(descriptor: c_int, action: c_int, mode: *const Termios) -> c_int;
    pub(super) fn strerror_r(number: c_int, place: *mut c_char, length: usize) -> c_int;
    pub(super) fn malloc(size: usize) -> *mut c_void;
    pub(super) fn free(place: *mut c_void);

    pub(super) fn pthread_key_create(key: *mut Key, end: unsafe extern "C" fn(*mut c_void)) -> c_int;
    pub(super) fn pthread_key_delete(key: Key) -> c_int;
    pub(super) fn pthread_getspecific(key: Key) -> *mut c_void;
    pub(super) fn pthread_setspecific(key: Key, value: *const c_void) -> c_int;
    pub(super) fn pthread_create(
        thread: *mut *mut c_void,
        attributes: *const c_void,
        function: unsafe extern "C" fn(*mut c_void) -> *mut c_void,
        argument: *mut c_void,
    ) -> c_int;
    pub(super) fn pthread_detach(thread: *mut c_void) -> c_int;
    pub(super) fn pthread_sigmask(how: c_int, set: *const SignalSet, before: *mut SignalSet) -> c_int;
    pub(super) fn pthread_mutex_lock(mutex: *mut Mutex) -> c_int;
    pub(super) fn pthread_mutex_unlock(mutex: *mut Mutex) -> c_int;
    pub(super) fn pthread_cond_wait(condition: *mut Condition, mutex: *mut Mutex) -> c_int;
    pub(super) fn pthread_cond_signal(condition: *mut Condition) -> c_int;
    pub(super) fn pthread_cond_broadcast(condition: *mut Condition) -> c_int;
}

// Names that the headers change for the linker: `$INODE64` on x86-64 macOS, numbers of versions on NetBSD.
unsafe extern "C" {
    #[cfg_attr(all(target_vendor = "apple", target_arch = "x86_64"), link_name = "fstat$INODE64")]
    #[cfg_attr(target_os = "netbsd", link_name = "__fstat50")]
    pub(super) fn fstat(descriptor: c_int, stat: *mut Stat) -> c_int;
    #[cfg_attr(all(target_vendor = "apple", target_arch = "x86_64"), link_name = "fstatat$INODE64")]
    pub(super) fn fstatat(folder: c_int, path: *const c_char, stat: *mut Stat, flags: c_int) -> c_int;
    #[cfg_attr(all(target_vendor = "apple", target_arch = "x86_64"), link_name = "fdopendir$INODE64")]
    pub(super) fn fdopendir(descriptor: c_int) -> *mut c_void;
    #[cfg_attr(all(target_vendor = "apple", target_arch = "x86_64"), link_name = "readdir$INODE64")]
    #[cfg_attr(target_os = "netbsd", link_name = "__readdir30")]
    pub(super) fn readdir(folder: *mut c_void) -> *const Dirent;
    #[cfg_attr(target_os = "netbsd", link_name = "__kevent50")]
    pub(super) fn kevent(
        queue: c_int,
        changes: *const Kevent,
        change_count: KeventCount,
        events: *mut Kevent,
        event_count: KeventCount,
        timeout: *const Timespec,
    ) -> c_int;
    #[cfg_attr(target_os = "netbsd", link_name = "__socket30")]
    pub(super) fn socket(family: c_int, kind: c_int, protocol: c_int) -> c_int;
    #[cfg_attr(target_os = "netbsd", link_name = "__clock_gettime50")]
    pub(super) fn clock_gettime(clock: ClockId, time: *mut Timespec) -> c_int;
    #[cfg_attr(target_os = "netbsd", link_name = "__sigaction14")]
    pub(super) fn sigaction(signal: c_int, action: *const SigAction, before: *mut SigAction) -> c_int;
    #[cfg_attr(target_os = "netbsd", link_name = "__unsetenv13")]
    pub(super) fn unsetenv(name: *const c_char) -> c_int;

    #[cfg_attr(any(target_vendor = "apple", target_os = "freebsd"), link_name = "__error")]
    #[cfg_attr(any(target_os = "netbsd", target_os = "openbsd"), link_name = "__errno")]
    #[cfg_attr(target_os = "dragonfly", link_name = "__errno_location")]
    fn errno_place() -> *mut c_int;
}

/// The kind of file and its permissions.
#[allow(clippy::useless_conversion, reason = "some have 16 bits, some 32")]
pub(super) fn mode(stat: &Stat) -> u32 {
    stat.mode.into()
}

/// The number of the thread's last error.
pub(super) fn last_error() -> i32 {
    // SAFETY: the libc gives a place of this thread's.
    unsafe { *errno_place() }
}

/// The thread's number of the last error is this from now on: some functions tell errors by it alone.
pub(super) fn set_last_error(number: i32) {
    // SAFETY: as above.
    unsafe { *errno_place() = number }
}

/// What a function answered, or the last error where that was negative.
pub(super) fn check<T: Copy + Into<i64>>(answer: T) -> io::Result<T> {
    if answer.into() < 0 { Err(io::Error::from_raw_os_error(last_error())) } else { Ok(answer) }
}

/// As [`check`], again where a signal interrupts the call.
pub(super) fn again<T: Copy + Into<i64>>(mut call: impl FnMut() -> T) -> io::Result<T> {
    loop {
        match check(call()) {
            Err(error) if error.raw_os_error() == Some(errno::EINTR) => {}
            result => return result,
        }
    }
}
