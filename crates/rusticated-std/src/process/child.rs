//! A program that was started.
use rusticated::process as system;
use rusticated::rt::wait;

use super::{ExitStatus, Output};
use crate::io::{Read, Write};
use crate::io::{Result, read_from, write_to};

/// A program that was started. Dropped, it goes on.
#[derive(Debug)]
pub struct Child {
    child: system::Child,
    /// Its standard input, if that was piped.
    pub stdin: Option<ChildStdin>,
    /// Its standard output, if that was piped.
    pub stdout: Option<ChildStdout>,
    /// Its standard error, if that was piped.
    pub stderr: Option<ChildStderr>,
}

impl Child {
    pub(super) fn new(mut child: system::Child) -> Self {
        let stdin = child.stdin.take().map(ChildStdin);
        let stdout = child.stdout.take().map(ChildStdout);
        let stderr = child.stderr.take().map(ChildStderr);
        Self { child, stdin, stdout, stderr }
    }

    /// The number that the system knows it by.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Closes its input, and waits for its end.
    pub fn wait(&mut self) -> Result<ExitStatus> {
        drop(self.stdin.take());
        wait(self.child.wait())
    }

    /// How it ended, if it has.
    pub fn try_wait(&mut self) -> Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Ends it by force.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()
    }

    /// Closes its input, and waits for its end and all that it writes to its piped streams.
    pub fn wait_with_output(mut self) -> Result<Output> {
        drop(self.stdin.take());
        self.child.stdout = self.stdout.take().map(|stream| stream.0);
        self.child.stderr = self.stderr.take().map(|stream| stream.0);
        wait(self.child.wait_with_output())
    }
}

/// What a child reads from.
#[derive(Debug)]
pub struct ChildStdin(pub(crate) system::ChildStdin);

/// What a child writes to.
#[derive(Debug)]
pub struct ChildStdout(pub(crate) system::ChildStdout);

/// What a child tells errors to.
#[derive(Debug)]
pub struct ChildStderr(pub(crate) system::ChildStderr);

impl Write for ChildStdin {
    fn write(&mut self, buffer: &[u8]) -> Result<usize> {
        write_to(&mut self.0, buffer)
    }
    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

macro_rules! read {
    ($($type:ty),*) => {$(
        impl Read for $type {
            fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
                read_from(&mut self.0, buffer)
            }
        }
    )*};
}
read!(ChildStdout, ChildStderr);
