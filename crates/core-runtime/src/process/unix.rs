//! Children on Unix: waited for without losing their process id, ended as a group, the terminal as it was before.

use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus};

use rustix::io::Errno;
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, WaitIdStatus, getpgrp, kill_process, kill_process_group, waitid,
};
use rustix::termios::{self, OptionalActions, Termios};

use crate::exit::Ending;
use crate::signals::{Listener, Received};

/// How a child ended, as a run passes it on.
pub(super) fn ending(status: ExitStatus) -> Ending {
    match (status.code(), status.signal()) {
        (Some(code), _) => Ending::Code(code),
        (None, Some(signal)) => Ending::Signal(signal),
        // Neither is only for a child that was stopped, which no wait here asks for.
        (None, None) => Ending::Code(crate::exit::FAILURE),
    }
}

/// A child in our own process group.
#[derive(Debug)]
pub(super) struct Foreground(Child);

impl Foreground {
    pub(super) fn spawn(command: &mut Command) -> io::Result<Self> {
        command.spawn().map(Self)
    }

    /// What is piped of its standard output and error.
    pub(super) fn streams(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (self.0.stdout.take(), self.0.stderr.take())
    }

    /// Waits for it, and hands on to it what reaches us.
    pub(super) fn attend(mut self, listener: &mut Listener) -> io::Result<Ending> {
        let pid = pid_of(&self.0)?;
        // What is there before this turn came before or while the child started: it may not have been there to hear it.
        let mut missed = listener.pending();
        while !has_ended(pid)? {
            let received = match missed.pop() {
                Some(received) => Received { by_terminal: false, ..received },
                None => listener.next().ok_or(io::ErrorKind::UnexpectedEof)?,
            };
            if received.signal != libc::SIGCHLD && !received.by_terminal {
                send(pid, received.signal, kill_process);
            }
        }
        self.0.wait().map(ending)
    }
}

/// Whether the child has ended. It is not reaped by this, so its id stays its own until we have stopped using it.
fn has_ended(pid: Pid) -> io::Result<bool> {
    Ok(look(pid, WaitIdOptions::NOHANG)?.is_some())
}

fn look(pid: Pid, how: WaitIdOptions) -> io::Result<Option<WaitIdStatus>> {
    loop {
        match waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | how) {
            Err(Errno::INTR) => {}
            other => return Ok(other?),
        }
    }
}

/// A child that leads a process group of its own.
#[derive(Debug)]
pub(super) struct Group(Pid);

impl Group {
    pub(super) fn spawn(command: &mut Command) -> io::Result<(Child, Self)> {
        let child = command.process_group(0).spawn()?;
        let pid = pid_of(&child)?;
        Ok((child, Self(pid)))
    }

    /// To be handed to the thread that waits for its leader.
    pub(super) fn waiter(&self) -> Waiter {
        Waiter(self.0)
    }

    /// Sends a signal to everybody in it.
    pub(super) fn signal(&self, signal: i32) {
        send(self.0, signal, kill_process_group);
    }

    /// Ends everybody in it who has not ended by itself.
    pub(super) fn kill(&self) {
        self.signal(libc::SIGKILL);
    }
}

/// Waits for the leader of a [`Group`].
#[derive(Debug)]
pub(super) struct Waiter(Pid);

impl Waiter {
    /// Gives its end, and leaves it as it is, so that the group's id stays its own.
    pub(super) fn wait(&self) -> io::Result<Ending> {
        let status = look(self.0, WaitIdOptions::empty())?.ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok(match (status.exit_status(), status.terminating_signal()) {
            (Some(code), _) => Ending::Code(code),
            (None, Some(signal)) => Ending::Signal(signal),
            (None, None) => Ending::Code(crate::exit::FAILURE),
        })
    }
}

fn send(pid: Pid, signal: i32, how: fn(Pid, Signal) -> rustix::io::Result<()>) {
    if let Some(signal) = Signal::from_named_raw(signal) {
        let _already_gone = how(pid, signal);
    }
}

fn pid_of(child: &Child) -> io::Result<Pid> {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    pid.ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// The terminal's settings before a child had it.
pub(super) struct Terminal(Option<Termios>);

impl Terminal {
    /// Of standard input, if that is a terminal.
    pub(super) fn save() -> Self {
        Self(termios::tcgetattr(io::stdin()).ok())
    }

    /// Puts them back, unless the child succeeded: then what it set was meant to stay (`stty -echo`). So do shells.
    pub(super) fn restore_after(self, ending: Ending) {
        let Some(before) = self.0.filter(|_| !ending.is_success()) else { return };
        // Whoever is in the background is stopped when he tries.
        if termios::tcgetpgrp(io::stdin()).ok() == Some(getpgrp()) {
            let _gone_meanwhile = termios::tcsetattr(io::stdin(), OptionalActions::Drain, &before);
        }
    }
}
