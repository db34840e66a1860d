//! A function of the libc with its arguments as data: called at once, when its descriptor is ready, or on a worker's
//! thread.
#![allow(unsafe_code, reason = "functions of the libc")]
use core::ffi::{c_char, c_int, c_void};

use super::system::{self, POLLIN, POLLOUT, PollFd, errno};
use crate::backend::job::Direction;
use crate::rt::operation::Outcome;

pub(super) type Arguments = [usize; 6];
/// Gives what the function gave: negative if `errno` has more to say.
pub(super) type Function = unsafe fn(&Arguments) -> isize;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Ends by itself.
    Plain,
    /// Gives a descriptor, and may wait for somebody else: the opening of a pipe by its name does.
    Opens,
    /// May wait for somebody else: the reading of a terminal does.
    Waits,
    /// No function: the wait for a descriptor to be ready.
    Ready(Direction),
}

/// A function and its arguments; what these point at must stay until it has returned.
#[derive(Clone, Copy)]
pub(crate) struct Call {
    function: Function,
    pub(super) arguments: Arguments,
    kind: Kind,
}

const EAGAIN: Outcome = -(errno::EAGAIN as Outcome);
const POLLNVAL: i16 = 0x20;

impl Call {
    pub(super) fn new(function: Function, arguments: Arguments) -> Self {
        Self { function, arguments, kind: Kind::Plain }
    }

    /// A call that gives a descriptor.
    pub(super) fn opening(function: Function, arguments: Arguments) -> Self {
        Self { function, arguments, kind: Kind::Opens }
    }

    /// No call, but the wait until the descriptor is ready.
    pub(super) fn ready(descriptor: c_int, direction: Direction) -> Self {
        Self { function: nothing, arguments: [descriptor as usize, 0, 0, 0, 0, 0], kind: Kind::Ready(direction) }
    }

    /// The same call, said to wait for somebody else.
    pub(super) fn waiting(mut self) -> Self {
        if self.kind == Kind::Plain {
            self.kind = Kind::Waits;
        }
        self
    }

    /// Whether it may wait for somebody else without an end.
    pub(crate) fn waits_for_others(&self) -> bool {
        matches!(self.kind, Kind::Opens | Kind::Waits)
    }

    /// Whether what it gives is a descriptor.
    pub(super) fn gives_descriptor(&self) -> bool {
        self.kind == Kind::Opens
    }

    /// Makes the call, again where a signal interrupts it.
    ///
    /// # Safety
    /// As the function itself asks.
    pub(crate) unsafe fn run(&self) -> Outcome {
        loop {
            // SAFETY: as asked above.
            let answer = unsafe { (self.function)(&self.arguments) };
            if answer >= 0 {
                return answer as Outcome;
            }
            let number = system::last_error();
            if number != errno::EINTR {
                return -Outcome::from(number);
            }
        }
    }

    /// Makes the call if that can be done without waiting; None if not. A descriptor that others share may not be
    /// told to refuse waiting: it is asked first.
    ///
    /// # Safety
    /// As the function itself asks.
    pub(crate) unsafe fn attempt(&self, descriptor: c_int, direction: Direction, ask: bool) -> Option<Outcome> {
        if let Kind::Ready(direction) = self.kind {
            return is_ready(descriptor, direction).then_some(0);
        }
        if ask && !is_ready(descriptor, direction) {
            return None;
        }
        // SAFETY: as asked above.
        let outcome = unsafe { self.run() };
        (outcome != EAGAIN).then_some(outcome)
    }
}

fn asked(descriptor: c_int, direction: Direction) -> PollFd {
    let events = match direction {
        Direction::Read => POLLIN,
        Direction::Write => POLLOUT,
    };
    let mut asked = PollFd { descriptor, events, returned: 0 };
    // SAFETY: writes to `asked` only.
    let _ = system::again(|| unsafe { system::poll(&raw mut asked, 1, 0) });
    asked
}

/// Whether a call on the descriptor would not wait; also when it would fail.
fn is_ready(descriptor: c_int, direction: Direction) -> bool {
    asked(descriptor, direction).returned != 0
}

/// Whether the system can tell: macOS cannot for `/dev/tty`.
pub(super) fn can_be_asked(descriptor: c_int, direction: Direction) -> bool {
    asked(descriptor, direction).returned & POLLNVAL == 0
}

unsafe fn nothing(_: &Arguments) -> isize {
    0
}

macro_rules! calls {
    ($($name:ident($($argument:ident: $type:ty),*) = $call:expr;)*) => {
        $(
            /// # Safety
            /// As the libc's function asks.
            pub(super) unsafe fn $name(arguments: &Arguments) -> isize {
                let mut arguments = arguments.iter();
                $(let $argument = *arguments.next().unwrap_or(&0) as $type;)*
                // SAFETY: as asked above.
                unsafe { $call as isize }
            }
        )*
    };
}

calls! {
    read(descriptor: c_int, place: *mut c_void, length: usize) = system::read(descriptor, place, length);
    write(descriptor: c_int, place: *const c_void, length: usize) = system::write(descriptor, place, length);
    pread(descriptor: c_int, place: *mut c_void, length: usize, offset: i64) =
        system::pread(descriptor, place, length, offset);
    pwrite(descriptor: c_int, place: *const c_void, length: usize, offset: i64) =
        system::pwrite(descriptor, place, length, offset);
    ftruncate(descriptor: c_int, length: i64) = system::ftruncate(descriptor, length);
    fchmod(descriptor: c_int, mode: system::Mode) = system::fchmod(descriptor, mode);
    futimens(descriptor: c_int, times: *const [system::Timespec; 2]) = system::futimens(descriptor, times);
    fstat(descriptor: c_int, stat: *mut system::Stat) = system::fstat(descriptor, stat);
    fstatat(folder: c_int, path: *const c_char, stat: *mut system::Stat, flags: c_int) =
        system::fstatat(folder, path, stat, flags);
    openat(folder: c_int, path: *const c_char, flags: c_int, mode: c_int) =
        system::openat(folder, path, flags, mode);
    fchmodat(folder: c_int, path: *const c_char, mode: system::Mode) = system::fchmodat(folder, path, mode, 0);
    mkdirat(folder: c_int, path: *const c_char, mode: system::Mode) = system::mkdirat(folder, path, mode);
    unlinkat(folder: c_int, path: *const c_char, flags: c_int) = system::unlinkat(folder, path, flags);
    rename(from: *const c_char, to: *const c_char) =
        system::renameat(system::AT_FDCWD, from, system::AT_FDCWD, to);
    link(original: *const c_char, link: *const c_char) =
        system::linkat(system::AT_FDCWD, original, system::AT_FDCWD, link, 0);
    symlink(original: *const c_char, link: *const c_char) = system::symlinkat(original, system::AT_FDCWD, link);
    readlink(path: *const c_char, place: *mut c_char, length: usize) =
        system::readlinkat(system::AT_FDCWD, path, place, length);
    realpath(path: *const c_char, place: *mut c_char) =
        (if system::realpath(path, place).is_null() { -1 } else { 0 });
    receive(socket: c_int, place: *mut c_void, length: usize, flags: c_int, from: *mut c_void, room: *mut u32) =
        system::recvfrom(socket, place, length, flags, from, room);
    send(socket: c_int, place: *const c_void, length: usize, flags: c_int, to: *const c_void, size: u32) =
        system::sendto(socket, place, length, flags, to, size);
}

/// Waits until what was written is on the disk, as far as the system can tell.
///
/// # Safety
/// Touches no memory.
pub(super) unsafe fn sync(arguments: &Arguments) -> isize {
    let descriptor = arguments[0] as c_int;
    #[cfg(target_vendor = "apple")]
    // SAFETY: touches no memory.
    if unsafe { system::fcntl(descriptor, system::F_FULLFSYNC) } >= 0 {
        return 0;
    }
    // SAFETY: touches no memory.
    (unsafe { system::fsync(descriptor) }) as isize
}
