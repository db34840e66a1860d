//! A program that was started.
use alloc::vec::Vec;
use core::fmt;

use crate::backend::handle::Handle;
use crate::backend::process;
use crate::io::{self, AsyncRead, AsyncWrite};
use crate::rt;

/// A program that was started. Dropped, it goes on; nobody learns then how it ends, and on Unix it stays in the
/// system's table until this process ends.
#[derive(Debug)]
pub struct Child {
    child: process::Child,
    /// Its standard input, if that was piped.
    pub stdin: Option<ChildStdin>,
    /// Its standard output, if that was piped.
    pub stdout: Option<ChildStdout>,
    /// Its standard error, if that was piped.
    pub stderr: Option<ChildStderr>,
}

impl Child {
    pub(super) fn new(mut child: process::Child) -> Self {
        let stdin = child.stdin.take().map(ChildStdin);
        let stdout = child.stdout.take().map(ChildStdout);
        let stderr = child.stderr.take().map(ChildStderr);
        Self { child, stdin, stdout, stderr }
    }

    /// The number that the system knows it by.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Closes its input, and waits for its end. Called again, it tells the same.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        drop(self.stdin.take());
        self.child.wait().await.map(ExitStatus)
    }

    /// How it ended, if it has.
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?.map(ExitStatus))
    }

    /// Ends it by force: `SIGKILL`, or `TerminateProcess`. One that has ended is no error.
    pub fn kill(&mut self) -> io::Result<()> {
        self.child.kill()
    }

    /// Waits for its end and all that it writes to its piped streams.
    pub async fn wait_with_output(mut self) -> io::Result<Output> {
        let (stdout, stderr) = (self.stdout.take(), self.stderr.take());
        let all = rt::join(rt::join(collect(stdout), collect(stderr)), self.wait());
        let ((stdout, stderr), status) = all.await;
        Ok(Output { status: status?, stdout: stdout?, stderr: stderr? })
    }
}

/// All that comes out of a stream.
async fn collect(stream: Option<impl AsyncRead>) -> io::Result<Vec<u8>> {
    const ROOM: usize = 4096;
    let Some(mut stream) = stream else { return Ok(Vec::new()) };
    let mut bytes = Vec::new();
    loop {
        if bytes.capacity() - bytes.len() < ROOM {
            bytes.try_reserve(ROOM).map_err(|_| io::ErrorKind::OutOfMemory)?;
        }
        let (count, back) = stream.read(bytes).await;
        bytes = back;
        if count? == 0 {
            return Ok(bytes);
        }
    }
}

/// How a program ended, and what it wrote.
#[derive(Clone, PartialEq, Eq)]
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote to its standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to its standard error.
    pub stderr: Vec<u8>,
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// As text, where it is that.
        struct Stream<'a>(&'a [u8]);
        impl fmt::Debug for Stream<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match core::str::from_utf8(self.0) {
                    Ok(text) => text.fmt(f),
                    Err(_) => self.0.fmt(f),
                }
            }
        }
        let mut shown = f.debug_struct("Output");
        shown.field("status", &self.status).field("stdout", &Stream(&self.stdout));
        shown.field("stderr", &Stream(&self.stderr)).finish()
    }
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExitStatus(process::ExitStatus);

impl ExitStatus {
    /// Whether it ended with the exit code 0.
    pub fn success(&self) -> bool {
        self.0.success()
    }

    /// Its exit code; None if a signal ended it.
    pub fn code(&self) -> Option<i32> {
        self.0.code()
    }

    /// The signal that ended it; always None on Windows.
    pub fn signal(&self) -> Option<i32> {
        self.0.signal()
    }
}

impl fmt::Display for ExitStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code(), self.signal()) {
            (Some(code), _) if cfg!(windows) && code < 0 => write!(f, "exit code: {code:#x}"),
            (Some(code), _) if cfg!(windows) => write!(f, "exit code: {code}"),
            (Some(code), _) => write!(f, "exit status: {code}"),
            (None, Some(signal)) => match signal_name(signal) {
                Some(name) => write!(f, "signal: {signal} ({name})"),
                None => write!(f, "signal: {signal}"),
            },
            (None, None) => f.write_str("unknown end"),
        }
    }
}

/// What a signal is called that ends processes. The numbers that differ between systems are Linux's.
fn signal_name(signal: i32) -> Option<&'static str> {
    const LINUX: bool = cfg!(target_os = "linux");
    Some(match signal {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        7 if LINUX => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        10 if LINUX => "SIGUSR1",
        11 => "SIGSEGV",
        12 if LINUX => "SIGUSR2",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        24 => "SIGXCPU",
        25 => "SIGXFSZ",
        31 if LINUX => "SIGSYS",
        _ => return None,
    })
}

/// What a child reads from.
#[derive(Debug)]
pub struct ChildStdin(pub(crate) Handle);

/// What a child writes to.
#[derive(Debug)]
pub struct ChildStdout(pub(crate) Handle);

/// What a child tells errors to.
#[derive(Debug)]
pub struct ChildStderr(pub(crate) Handle);

impl AsyncWrite for ChildStdin {
    async fn write(&mut self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        self.0.write(buf).await
    }
}

impl AsyncRead for ChildStdout {
    async fn read(&mut self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        self.0.read(buf).await
    }
}

impl AsyncRead for ChildStderr {
    async fn read(&mut self, buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        self.0.read(buf).await
    }
}
