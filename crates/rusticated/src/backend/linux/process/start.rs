//! The moment in which a child is made: it borrows this process's memory on a stack of its own until it has become
//! another program, so that nothing is copied, and touches nothing but what was prepared for it.
#![allow(unsafe_code, reason = "the child runs in this process's memory")]
use core::ffi::{c_char, c_void};
use core::mem::MaybeUninit;

use crate::backend::handle::{Handle, duplicate};
use crate::backend::linux::clone::clone;
use crate::backend::pipe::pipe;
use crate::backend::signal::{self, Action};
use crate::backend::syscall::{self, errno, syscall};
use crate::io;

/// All that the child needs.
pub(super) struct Start<'a> {
    /// Paths that are tried in turn, and null.
    pub(super) programs: &'a [*const c_char],
    pub(super) arguments: *const *const c_char,
    pub(super) variables: *const *const c_char,
    /// Null for this process's own.
    pub(super) folder: *const c_char,
    /// What its three streams are to be; -1 for what ours are.
    pub(super) streams: [i32; 3],
}

/// What the child is told beside.
struct Birth<'a> {
    start: &'a Start<'a>,
    streams: [i32; 3],
    /// Where it writes the error that keeps it from becoming the program.
    report: i32,
    /// Whether it still has this process's signal handlers.
    has_handlers: bool,
}

const CLONE_VM: u64 = 0x100;
const CLONE_PIDFD: u64 = 0x1000;
const CLONE_VFORK: u64 = 0x4000;
const CLONE_CLEAR_SIGHAND: u64 = 1 << 32;
const SIGCHLD: u64 = 17;
const SIGPIPE: u32 = 13;
const SIGNALS: u32 = 64;
const P_PID: usize = 1;
const WEXITED: usize = 4;
const STACK: usize = 16 * 1024;

/// The kernel's `struct clone_args`, as of 5.3.
#[repr(C)]
struct CloneArgs {
    flags: u64,
    pidfd: u64,
    child_tid: u64,
    parent_tid: u64,
    exit_signal: u64,
    stack: u64,
    stack_size: u64,
    tls: u64,
}

/// Makes the child, and gives its number and what tells its end.
pub(super) fn start(start: &Start<'_>) -> io::Result<(u32, Option<Handle>)> {
    // A descriptor that lies where another stream is to be would be overwritten before its turn.
    let mut moved = [const { None }; 3];
    let mut streams = start.streams;
    for (index, stream) in streams.iter_mut().enumerate() {
        if (0..3).contains(stream) && *stream != index as i32 {
            let descriptor = duplicate(*stream, 3)?;
            // SAFETY: just made.
            moved[index] = Some(unsafe { Handle::from_raw(descriptor) });
            *stream = descriptor;
        }
    }
    // The child's error comes through a pipe: emulators of processes give it memory of its own.
    let (reader, writer) = pipe()?;
    let writer = above_streams(writer)?;
    let mut birth = Birth { start, streams, report: writer.raw(), has_handlers: false };
    let mask = signal::block_all();
    // SAFETY: the birth stays until the child has ended or become the program.
    let born = unsafe { bear(&mut birth) };
    signal::set_mask(mask);
    let (pid, pidfd) = born?;
    drop(writer);
    let mut code = 0i32;
    // SAFETY: the kernel writes the code only.
    let read = syscall::again(|| unsafe { syscall!(syscall::READ, reader.raw(), &raw mut code, 4) });
    if read.is_ok_and(|count| count == 4) {
        // SAFETY: touches no memory: nothing is asked to be written.
        let _ = syscall::again(|| unsafe { syscall!(syscall::WAITID, P_PID, pid, 0, WEXITED, 0) });
        return Err(io::Error::from_raw_os_error(code));
    }
    Ok((pid, pidfd))
}

/// A descriptor that is none of the first three.
fn above_streams(handle: Handle) -> io::Result<Handle> {
    if handle.raw() > 2 {
        return Ok(handle);
    }
    // SAFETY: just made.
    duplicate(handle.raw(), 3).map(|descriptor| unsafe { Handle::from_raw(descriptor) })
}

/// Makes a process that calls [`live`]: with `clone3`, which clears the handlers of signals; before 5.5 and where that
/// is not allowed, with `clone`.
///
/// # Safety
/// All signals are blocked. The birth stays until the child has ended or become the program.
unsafe fn bear(birth: &mut Birth<'_>) -> io::Result<(u32, Option<Handle>)> {
    let mut stack = MaybeUninit::<[u128; STACK / 16]>::uninit();
    let mut pidfd = -1i32;
    let lowest = stack.as_mut_ptr() as usize;
    let top = (lowest + STACK - 32) as *mut usize;
    let place = core::ptr::from_mut(birth);
    // SAFETY: the topmost words of the stack.
    unsafe {
        top.write(live as unsafe extern "C" fn(*mut c_void) as usize);
        top.add(1).write(place as usize);
    }
    let arguments = CloneArgs {
        flags: CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_CLEAR_SIGHAND,
        pidfd: &raw mut pidfd as u64,
        child_tid: 0,
        parent_tid: 0,
        exit_signal: SIGCHLD,
        stack: lowest as u64,
        stack_size: (STACK - 32) as u64,
        tls: 0,
    };
    // SAFETY: this thread stands still while the child uses the stack, and the child never returns.
    let mut result = unsafe { clone(syscall::CLONE3, &raw const arguments as usize, size_of::<CloneArgs>(), 0) };
    if matches!(-result as i32, errno::ENOSYS | errno::EPERM | errno::EINVAL) {
        // SAFETY: nobody else has it; `place` is where it is.
        unsafe { (*place).has_handlers = true };
        let flags = (CLONE_VM | CLONE_VFORK | SIGCHLD) as usize;
        // SAFETY: as above.
        result = unsafe { clone(syscall::CLONE, flags | CLONE_PIDFD as usize, top as usize, &raw mut pidfd as usize) };
        if -result as i32 == errno::EINVAL {
            // SAFETY: as above.
            result = unsafe { clone(syscall::CLONE, flags, top as usize, 0) };
        }
    }
    let pid = syscall::check(result)?;
    if pidfd < 0 {
        // SAFETY: makes a descriptor.
        pidfd = unsafe { syscall!(syscall::PIDFD_OPEN, pid, 0) } as i32;
    }
    // SAFETY: just made.
    Ok((pid as u32, (pidfd >= 0).then(|| unsafe { Handle::from_raw(pidfd) })))
}

/// What the child does: it becomes the program, or says why it cannot and ends.
///
/// # Safety
/// `birth` is a [`Birth`]; this is the child.
unsafe extern "C" fn live(birth: *mut c_void) {
    // SAFETY: as asked above.
    let birth = unsafe { &*birth.cast::<Birth<'_>>() };
    // SAFETY: as asked above.
    let code = unsafe { become_program(birth) };
    // SAFETY: the code is read only.
    unsafe {
        syscall!(syscall::WRITE, birth.report, &raw const code, 4);
        loop {
            syscall!(syscall::EXIT_GROUP, 127);
        }
    }
}

/// Sets up the streams, the folder and the signals, and tries the programs in turn. Gives the error.
///
/// # Safety
/// This is the child.
unsafe fn become_program(birth: &Birth<'_>) -> i32 {
    const F_SETFD: usize = 2;
    for (index, &stream) in birth.streams.iter().enumerate() {
        // SAFETY: the child has descriptors of its own.
        let result = unsafe {
            match stream {
                -1 => 0,
                stream if stream as usize == index => syscall!(syscall::FCNTL, stream, F_SETFD, 0),
                stream => syscall!(syscall::DUP3, stream, index, 0),
            }
        };
        if result < 0 {
            return -result as i32;
        }
    }
    if !birth.start.folder.is_null() {
        // SAFETY: reads the path only.
        let result = unsafe { syscall!(syscall::CHDIR, birth.start.folder) };
        if result < 0 {
            return -result as i32;
        }
    }
    // A handler would run in the memory of the parent.
    for signal in 1..=SIGNALS {
        if birth.has_handlers && signal::set_action(signal, None).calls() {
            signal::set_action(signal, Some(&Action::DEFAULT));
        }
    }
    // Programs expect to end when nobody reads, even where this process ignores that.
    signal::set_action(SIGPIPE, Some(&Action::DEFAULT));
    signal::set_mask(0);
    let mut error = errno::ENOENT;
    for &program in birth.start.programs.iter().take_while(|program| !program.is_null()) {
        // SAFETY: reads strings and lists that end with null.
        let result = unsafe { syscall!(syscall::EXECVE, program, birth.start.arguments, birth.start.variables) };
        match -result as i32 {
            errno::ENOENT | errno::ENOTDIR => {}
            errno::EACCES => error = errno::EACCES,
            other => return other,
        }
    }
    error
}
