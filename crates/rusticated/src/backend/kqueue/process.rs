//! Programs: `fork` and `exec`, the only way that all of these systems share; kqueue tells when one ends.
//!
//! macOS has no call that makes a pipe or a socket which is not inherited: they are made and marked under the lock that
//! `fork` is called under. A child that somebody else starts at that very moment, past this crate, gets them there.
#![allow(unsafe_code, reason = "functions of the libc")]
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ffi::{c_char, c_int};
use core::ptr::null;

use super::driver::Way;
use super::handle::{Handle, INVALID, duplicate};
use super::operate::perform;
use super::system::{self, AT_FDCWD, O_CLOEXEC, O_RDWR, SIGKILL, WNOHANG, again, check};
use super::{Call, env, fs, make, signal};
use crate::backend::job::Direction;
use crate::ffi::OsStr;
use crate::io::{self, ErrorKind};
use crate::process::{Command, Stdio, StdioForm};
use crate::rt::operation::result;

#[derive(Debug)]
pub(crate) struct Child {
    pid: c_int,
    ended: Option<ExitStatus>,
    pub(crate) stdin: Option<Handle>,
    pub(crate) stdout: Option<Handle>,
    pub(crate) stderr: Option<Handle>,
}

/// As `waitpid` tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ExitStatus(c_int);

impl ExitStatus {
    pub(crate) fn success(&self) -> bool {
        self.0 == 0
    }

    pub(crate) fn code(&self) -> Option<i32> {
        (self.0 & 0x7f == 0).then_some(self.0 >> 8 & 0xff)
    }

    pub(crate) fn signal(&self) -> Option<i32> {
        (self.0 & 0x7f != 0).then_some(self.0 & 0x7f)
    }
}

impl Child {
    pub(crate) fn id(&self) -> u32 {
        self.pid as u32
    }

    pub(crate) async fn wait(&mut self) -> io::Result<ExitStatus> {
        loop {
            if let Some(ended) = self.try_wait()? {
                return Ok(ended);
            }
            let call = Call::ready(INVALID, Direction::Read);
            result(perform(Way::Child(self.pid), (), |_| call).await.0)?;
        }
    }

    pub(crate) fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        if self.ended.is_none() {
            let mut status = 0;
            // SAFETY: writes the status only.
            let which = again(|| unsafe { system::waitpid(self.pid, &raw mut status, WNOHANG) })?;
            self.ended = (which == self.pid).then_some(ExitStatus(status));
        }
        Ok(self.ended)
    }

    pub(crate) fn kill(&mut self) -> io::Result<()> {
        if self.try_wait()?.is_some() {
            return Ok(());
        }
        // SAFETY: touches no memory. The child was not waited for: the number is still its own.
        check(unsafe { system::kill(self.pid, SIGKILL) }).map(drop)
    }
}

/// Strings as `exec` takes them.
struct Strings {
    /// What the pointers lead to.
    _strings: Vec<Vec<u8>>,
    pointers: Vec<*const c_char>,
}

impl Strings {
    fn new(strings: Vec<Vec<u8>>) -> Self {
        let pointers = strings.iter().map(|string| string.as_ptr().cast()).chain([null()]).collect();
        Self { _strings: strings, pointers }
    }
}

fn string(bytes: &[u8]) -> io::Result<Vec<u8>> {
    fs::terminate(bytes).map_err(|_| io::Error::message(ErrorKind::InvalidInput, "nul byte found in provided data"))
}

/// The child's variables, if they differ from ours.
fn variables(command: &Command) -> io::Result<Option<Strings>> {
    if !command.clear_variables && command.variables.is_empty() {
        return Ok(None);
    }
    let mut all = BTreeMap::new();
    if !command.clear_variables {
        all.extend(env::vars());
    }
    for (name, value) in &command.variables {
        match value {
            Some(value) => all.insert(name.clone(), value.clone()),
            None => all.remove(name),
        };
    }
    let line = |(name, value): (_, _)| {
        let (name, value): (&OsStr, &OsStr) = (name, value);
        string(&[name.as_bytes(), b"=", value.as_bytes()].concat())
    };
    let lines = all.iter().map(|(name, value)| line((name, value))).collect::<io::Result<_>>()?;
    Ok(Some(Strings::new(lines)))
}

/// One of a child's streams.
#[derive(Default)]
struct Stream {
    /// What it is for the child, none of the first three descriptors; None for ours.
    theirs: Option<Handle>,
    /// Our end of its pipe.
    ours: Option<Handle>,
}

/// A descriptor that the child's own three cannot overwrite.
fn apart(descriptor: c_int) -> io::Result<Option<Handle>> {
    // SAFETY: just made.
    duplicate(descriptor, 3).map(|descriptor| Some(unsafe { Handle::from_raw(descriptor) }))
}

fn stream(stdio: Option<&Stdio>, is_input: bool) -> io::Result<Stream> {
    let theirs = match stdio.map(|stdio| &stdio.0) {
        None | Some(StdioForm::Inherit) => None,
        Some(StdioForm::Null) => {
            let flags = O_RDWR | O_CLOEXEC;
            // SAFETY: reads the path only; the handle closes what was opened.
            let null = unsafe { Handle::from_raw(again(|| system::openat(AT_FDCWD, c"/dev/null".as_ptr(), flags))?) };
            apart(null.raw())?
        }
        Some(StdioForm::Piped) => {
            let ends = make::pipe()?;
            let [reader, writer] = ends;
            let (theirs, ours) = if is_input { (reader, writer) } else { (writer, reader) };
            // SAFETY: just made.
            let (theirs, ours) = unsafe { (Handle::from_raw(theirs), Handle::new(ours)) };
            return Ok(Stream { theirs: apart(theirs.raw())?, ours: Some(ours) });
        }
        Some(StdioForm::Handle(handle)) => {
            handle.make_waiting();
            apart(handle.raw())?
        }
    };
    Ok(Stream { theirs, ours: None })
}

pub(crate) async fn spawn(command: &Command) -> io::Result<Child> {
    let mut arguments = Vec::with_capacity(command.args.len() + 1);
    for argument in core::iter::once(&command.program).chain(&command.args) {
        arguments.push(string(argument.as_bytes())?);
    }
    let (arguments, variables) = (Strings::new(arguments), variables(command)?);
    let folder = command.folder.as_ref().map(|folder| string(folder.as_os_str().as_bytes())).transpose()?;
    let streams = [
        stream(command.stdin.as_ref(), true)?,
        stream(command.stdout.as_ref(), false)?,
        stream(command.stderr.as_ref(), false)?,
    ];
    let start = Start {
        arguments: arguments.pointers.as_ptr(),
        variables: variables.as_ref().map_or(null(), |variables| variables.pointers.as_ptr()),
        folder: folder.as_ref().map_or(null(), |folder| folder.as_ptr().cast()),
        streams: [0, 1, 2].map(|nth: usize| streams[nth].theirs.as_ref().map_or(INVALID, Handle::raw)),
    };
    let pid = start.run()?;
    let [stdin, stdout, stderr] = streams.map(|stream| stream.ours);
    Ok(Child { pid, ended: None, stdin, stdout, stderr })
}

/// All that a child needs, made before it exists: between `fork` and `exec` it may not allocate.
struct Start {
    arguments: *const *const c_char,
    variables: *const *const c_char,
    folder: *const c_char,
    streams: [c_int; 3],
}

impl Start {
    /// The number of the child, once it has become the program.
    fn run(&self) -> io::Result<c_int> {
        let [heard, told] = make::pipe()?;
        // SAFETY: just made, both.
        let (heard, told) = unsafe { (Handle::from_raw(heard), Handle::from_raw(told)) };
        let failure = duplicate(told.raw(), 3)?;
        // SAFETY: the child calls nothing but what may be called there.
        let pid = env::locked(|| unsafe {
            let pid = check(system::fork());
            if matches!(pid, Ok(0)) {
                let number = self.become_program();
                system::write(failure, (&raw const number).cast(), size_of::<i32>());
                system::_exit(127);
            }
            pid
        });
        // SAFETY: ours to close: the pipe ends where the child has become the program.
        unsafe { system::close(failure) };
        drop(told);
        let (pid, mut number) = (pid?, 0i32);
        // SAFETY: writes the number only.
        let count = again(|| unsafe { system::read(heard.raw(), (&raw mut number).cast(), size_of::<i32>()) } as i64);
        if count.is_ok_and(|count| count == 0) {
            return Ok(pid);
        }
        // SAFETY: writes nothing.
        let _ = again(|| unsafe { system::waitpid(pid, core::ptr::null_mut(), 0) });
        Err(io::Error::from_raw_os_error(number))
    }

    /// Returns the number of the error if that fails.
    ///
    /// # Safety
    /// To be called in a child that was just made.
    unsafe fn become_program(&self) -> i32 {
        // SAFETY: these may be called there; what they read was made before.
        unsafe {
            for (place, &stream) in (0..).zip(&self.streams) {
                if stream >= 0 && system::dup2(stream, place) < 0 {
                    return system::last_error();
                }
            }
            if !self.folder.is_null() && system::chdir(self.folder) < 0 {
                return system::last_error();
            }
            if !self.variables.is_null() {
                *system::environment() = self.variables;
            }
            signal::reset();
            system::execvp(*self.arguments, self.arguments);
            system::last_error()
        }
    }
}

pub(crate) fn exit(code: i32) -> ! {
    // SAFETY: ends the process, once what was asked for that has been called, as in std.
    unsafe { system::exit(code) }
}

pub(crate) fn abort() -> ! {
    // SAFETY: ends the process.
    unsafe { system::abort() }
}

pub(crate) fn id() -> u32 {
    // SAFETY: touches no memory.
    (unsafe { system::getpid() }) as u32
}
