//! Signals on Unix. Handlers are registered once and say «default» while no child runs; each run listens through a socket
//! pair of its own, into which the handler writes a byte a signal.
#![allow(unsafe_code)] // to ask for a signal's disposition, and to register what runs in a signal handler

use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};

use libc::{SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, c_int};
use signal_hook::SigId;
use signal_hook::low_level;

/// What a child gets from us.
const FORWARDED: [c_int; 6] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2];
/// What ends a child that is not wanted any more, and lets it clean up.
pub(crate) const STOP: c_int = SIGTERM;
/// The bit of the handler's byte that says the terminal sent it.
const BY_KERNEL: u8 = 0x80;

/// How many listen: while nobody does, signals do what they do by default.
static LISTENERS: AtomicUsize = AtomicUsize::new(0);
/// The last signal that asked for the end while a child ran.
static ENDING: AtomicI32 = AtomicI32::new(0);

/// The signal that asked for the end of this run while a child ran: nothing further should be started, and a run that
/// still had something to do ends by it. SIGHUP counts where the terminal hung up; sent by a program it means «reload».
#[must_use]
pub fn ending() -> Option<i32> {
    Some(ENDING.load(Ordering::SeqCst)).filter(|signal| *signal != 0)
}

/// Ends this process by `signal`, as its default handling would, without a core file: the one that matters is the child's.
pub fn end_by(signal: i32) -> ! {
    let none = rustix::process::Rlimit { current: Some(0), maximum: Some(0) };
    let _may_fail_harmlessly = rustix::process::setrlimit(rustix::process::Resource::Core, none);
    let _unknown = low_level::emulate_default_handler(signal);
    // Signals whose default is to go on, and numbers that are none: what a shell shows for such an end.
    std::process::exit(128 + signal)
}

/// One signal, as it came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Received {
    /// Its number
    pub(crate) signal: i32,
    /// The terminal sent it, to everybody in its foreground group
    pub(crate) by_terminal: bool,
}

/// Keeps signals from ending us while it lives, and hands them out. [`SIGCHLD`] is among them.
#[derive(Debug)]
pub(crate) struct Listener {
    reader: UnixStream,
    actions: Vec<SigId>,
}

/// Ends the waiting of a [`Listener`] that another thread has.
#[derive(Debug)]
pub(crate) struct Closer(UnixStream);

impl Closer {
    pub(crate) fn close(&self) {
        let _closed_already = self.0.shutdown(std::net::Shutdown::Both);
    }
}

impl Listener {
    pub(crate) fn new() -> io::Result<Self> {
        static DEFAULTS: OnceLock<Result<(), i32>> = OnceLock::new();
        let defaults = DEFAULTS.get_or_init(|| install_defaults().map_err(|error| error.raw_os_error().unwrap_or(0)));
        defaults.map_err(io::Error::from_raw_os_error)?;
        let (reader, writer) = UnixStream::pair()?;
        writer.set_nonblocking(true)?;
        LISTENERS.fetch_add(1, Ordering::SeqCst);
        let mut listener = Self { reader, actions: Vec::new() };
        for signal in FORWARDED.into_iter().chain([SIGCHLD]) {
            if signal != SIGCHLD && is_ignored(signal) {
                continue;
            }
            let writer = writer.try_clone()?;
            // SAFETY: the action calls nothing but `write` (through `send_byte`), which is async-signal-safe, and reads
            // plain memory that the closure owns. It neither locks nor allocates.
            let action = unsafe {
                signal_hook_registry::register_sigaction(signal, move |info| send_byte(&writer, encode(signal, info)))
            };
            listener.actions.push(action?);
        }
        Ok(listener)
    }

    pub(crate) fn closer(&self) -> io::Result<Closer> {
        Ok(Closer(self.reader.try_clone()?))
    }

    /// The next signal; none when it was closed.
    pub(crate) fn next(&mut self) -> Option<Received> {
        let mut byte = [0];
        self.reader.read_exact(&mut byte).ok()?;
        Some(decode(byte[0]))
    }

    /// What is there already, the last first.
    pub(crate) fn pending(&mut self) -> Vec<Received> {
        let mut all = Vec::new();
        let mut bytes = [0; 64];
        if self.reader.set_nonblocking(true).is_ok() {
            while let Ok(count @ 1..) = self.reader.read(&mut bytes) {
                all.splice(0..0, bytes[..count].iter().rev().map(|byte| decode(*byte)));
            }
            let _was_possible_before = self.reader.set_nonblocking(false);
        }
        all
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // First this: a signal that comes between the two must not be lost.
        LISTENERS.fetch_sub(1, Ordering::SeqCst);
        for action in self.actions.drain(..) {
            low_level::unregister(action);
        }
    }
}

/// What every signal does first: its default while nobody listens, and a note of it otherwise.
fn install_defaults() -> io::Result<()> {
    for signal in FORWARDED {
        if is_ignored(signal) {
            continue;
        }
        let action = move |info: &libc::siginfo_t| {
            if LISTENERS.load(Ordering::SeqCst) == 0 {
                let _known = low_level::emulate_default_handler(signal);
            } else if matches!(signal, SIGINT | SIGQUIT | SIGTERM) || signal == SIGHUP && is_kernels(info) {
                ENDING.store(signal, Ordering::SeqCst);
            }
        };
        // SAFETY: the action loads and stores atomics and calls `emulate_default_handler`, which is documented as
        // async-signal-safe. It neither locks nor allocates.
        unsafe { signal_hook_registry::register_sigaction(signal, action) }?;
    }
    Ok(())
}

/// Whether whoever started us had this signal ignored.
fn is_ignored(signal: c_int) -> bool {
    let mut now = std::mem::MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: with no new action given, the call only writes the present one to the place it is handed.
    let asked = unsafe { libc::sigaction(signal, std::ptr::null(), now.as_mut_ptr()) };
    // SAFETY: the call that succeeded has filled it.
    asked == 0 && unsafe { now.assume_init() }.sa_sigaction == libc::SIG_IGN
}

fn encode(signal: c_int, info: &libc::siginfo_t) -> u8 {
    let number = u8::try_from(signal).unwrap_or(0) & !BY_KERNEL;
    if is_kernels(info) { number | BY_KERNEL } else { number }
}

fn decode(byte: u8) -> Received {
    let signal = i32::from(byte & !BY_KERNEL);
    Received { signal, by_terminal: by_terminal(signal, byte & BY_KERNEL != 0) }
}

/// Whether the kernel itself sent it, where that can be told.
fn is_kernels(info: &libc::siginfo_t) -> bool {
    const SI_KERNEL: c_int = 0x80;
    cfg!(any(target_os = "linux", target_os = "android")) && info.si_code == SI_KERNEL
}

/// Elsewhere than on Linux the sender is not told reliably: what a terminal can send, while we are in its foreground, is
/// taken for the terminal's.
fn by_terminal(signal: c_int, by_kernel: bool) -> bool {
    if cfg!(any(target_os = "linux", target_os = "android")) {
        return by_kernel;
    }
    let foreground = rustix::termios::tcgetpgrp(io::stdin()).ok();
    matches!(signal, SIGINT | SIGQUIT) && foreground == Some(rustix::process::getpgrp())
}

fn send_byte(writer: &UnixStream, byte: u8) {
    // SAFETY: the descriptor is open as long as `writer` lives, and the byte is readable. A full or closed socket is an
    // error that nobody needs: then more than a hundred thousand signals are waiting, or nobody listens.
    unsafe { libc::write(writer.as_raw_fd(), (&raw const byte).cast(), 1) };
}
