//! Children, and this process itself.
#![allow(unsafe_code, reason = "system calls")]
use alloc::boxed::Box;
use core::ptr::NonNull;

mod command;
mod start;

use super::call::Call;
use super::driver::Way;
use super::handle::Handle;
use super::operate::{perform, ready};
use super::signal;
use super::syscall::{self, syscall};
use crate::backend::job::Direction;
use crate::io;
use crate::process::Command;
use crate::rt::operation::{Payload, result};

const P_PID: usize = 1;
const WNOHANG: usize = 1;
const WEXITED: usize = 4;
/// The child stays to be asked again.
const WNOWAIT: usize = 0x0100_0000;
const CLD_EXITED: i32 = 1;
const SIGABRT: u32 = 6;
const SIGKILL: u32 = 9;

#[derive(Debug)]
pub(crate) struct Child {
    pid: u32,
    /// What tells its end; None where the kernel has no pidfds (before 5.3).
    pidfd: Option<Handle>,
    status: Option<ExitStatus>,
    pub(crate) stdin: Option<Handle>,
    pub(crate) stdout: Option<Handle>,
    pub(crate) stderr: Option<Handle>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ExitStatus {
    exited: bool,
    /// The exit code, or the signal.
    status: i32,
}

/// The kernel's `siginfo_t` as `waitid` fills it.
#[derive(Clone, Copy, Default)]
#[repr(C)]
struct SigInfo {
    signal: i32,
    error: i32,
    code: i32,
    padding: i32,
    pid: u32,
    user: u32,
    status: i32,
    rest: [i32; 25],
}

/// Where a worker's `waitid` writes.
struct Answer(Box<SigInfo>);

impl Payload for Answer {}

/// Starts the program. The thread stands still until the kernel has loaded it, or refused to.
pub(crate) async fn spawn(command: &Command) -> io::Result<Child> {
    command::spawn(command)
}

impl Child {
    pub(crate) fn id(&self) -> u32 {
        self.pid
    }

    pub(crate) async fn wait(&mut self) -> io::Result<ExitStatus> {
        loop {
            if let Some(status) = self.try_wait()? {
                return Ok(status);
            }
            match &self.pidfd {
                Some(pidfd) => ready(pidfd, Direction::Read).await?,
                None => {
                    let pid = self.pid as usize;
                    let outcome = perform(Way::Name, Answer(Box::default()), |answer: NonNull<Answer>| {
                        // SAFETY: the payload is alive, and nobody touches it before the call.
                        let answer = unsafe { &raw mut *(*answer.as_ptr()).0 } as usize;
                        Call::new(syscall::WAITID, [P_PID, pid, answer, WEXITED | WNOWAIT, 0, 0])
                    });
                    result(outcome.await.0)?;
                }
            }
        }
    }

    pub(crate) fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        if self.status.is_none() {
            let mut info = SigInfo::default();
            // SAFETY: the kernel writes the information only.
            syscall::again(|| unsafe {
                syscall!(syscall::WAITID, P_PID, self.pid, &raw mut info, WEXITED | WNOHANG, 0)
            })?;
            if info.pid != 0 {
                self.status = Some(ExitStatus { exited: info.code == CLD_EXITED, status: info.status });
            }
        }
        Ok(self.status)
    }

    pub(crate) fn kill(&mut self) -> io::Result<()> {
        if self.status.is_some() {
            return Ok(()); // the number may be another's by now
        }
        // SAFETY: touches no memory.
        syscall::check(unsafe { syscall!(syscall::KILL, self.pid, SIGKILL) }).map(drop)
    }
}

impl ExitStatus {
    pub(crate) fn success(&self) -> bool {
        self.code() == Some(0)
    }

    pub(crate) fn code(&self) -> Option<i32> {
        self.exited.then_some(self.status)
    }

    pub(crate) fn signal(&self) -> Option<i32> {
        (!self.exited).then_some(self.status)
    }
}

pub(crate) fn exit(code: i32) -> ! {
    #[cfg(not(own_std))]
    {
        unsafe extern "C" {
            fn exit(code: i32) -> !;
        }
        // SAFETY: runs what the process asked libc to run at its end.
        unsafe { exit(code) }
    }
    #[cfg(own_std)]
    loop {
        // SAFETY: touches no memory.
        unsafe { syscall!(syscall::EXIT_GROUP, code) };
    }
}

/// Ends the process by `SIGABRT`, whatever was to happen then.
pub(crate) fn abort() -> ! {
    signal::block_all();
    signal::set_action(SIGABRT, Some(&signal::Action::DEFAULT));
    // SAFETY: touch no memory.
    unsafe { syscall!(syscall::TGKILL, syscall!(syscall::GETPID), syscall!(syscall::GETTID), SIGABRT) };
    signal::set_mask(!(1 << (SIGABRT - 1)));
    loop {
        // SAFETY: touches no memory. Only reached where a debugger swallows the signal.
        unsafe { syscall!(syscall::EXIT_GROUP, 127) };
    }
}

pub(crate) fn id() -> u32 {
    // SAFETY: touches no memory.
    unsafe { syscall!(syscall::GETPID) as u32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_information_on_a_child_has_the_size_of_the_kernels() {
        assert_eq!(size_of::<SigInfo>(), 128);
    }
}
