//! What a child is started with, in the kernel's form: all of it is made before the child exists.
#![allow(unsafe_code, reason = "system calls")]
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ffi::c_char;
use core::ptr::null;

use super::Child;
use super::start::{Start, start};
use crate::backend::env;
use crate::backend::fs::terminate;
use crate::backend::handle::Handle;
use crate::backend::linux::call::AT_FDCWD;
use crate::backend::pipe::pipe;
use crate::backend::syscall::{self, errno, syscall};
use crate::ffi::OsStr;
use crate::io;
use crate::process::{Command, Stdio, StdioForm};

/// What is searched where there is no `PATH`, as the GNU C library has it.
const DEFAULT_PATH: &[u8] = b"/bin:/usr/bin";

/// Strings as `execve` takes them.
struct Strings {
    strings: Vec<Vec<u8>>,
    pointers: Vec<*const c_char>,
}

impl Strings {
    fn new(strings: Vec<Vec<u8>>) -> Self {
        let pointers = strings.iter().map(|string| string.as_ptr().cast()).chain([null()]).collect();
        Self { strings, pointers }
    }
}

/// One of a child's streams.
struct Stream {
    /// What it is for the child; None for ours.
    theirs: Option<Descriptor>,
    /// Our end of its pipe.
    ours: Option<Handle>,
}

enum Descriptor {
    Own(Handle),
    Lent(i32),
}

impl Descriptor {
    fn raw(&self) -> i32 {
        match self {
            Self::Own(handle) => handle.raw(),
            Self::Lent(descriptor) => *descriptor,
        }
    }
}

pub(super) fn spawn(command: &Command) -> io::Result<Child> {
    let variables = variables(command);
    let programs = Strings::new(programs(command.program.as_encoded_bytes(), &variables)?);
    let mut arguments = Vec::with_capacity(command.args.len() + 1);
    for argument in core::iter::once(&command.program).chain(&command.args) {
        arguments.push(string(argument)?);
    }
    let arguments = Strings::new(arguments);
    let mut block = Vec::with_capacity(variables.len());
    for (name, value) in &variables {
        let mut variable = Vec::with_capacity(name.len() + value.len() + 1);
        for part in [name.as_slice(), b"=", value] {
            variable.extend_from_slice(part);
        }
        block.push(string_of(&variable)?);
    }
    let variables = Strings::new(block);
    let folder = command.folder.as_ref().map(|folder| string(folder.as_os_str())).transpose()?;
    let stdin = stream(command.stdin.as_ref(), true)?;
    let stdout = stream(command.stdout.as_ref(), false)?;
    let stderr = stream(command.stderr.as_ref(), false)?;
    let streams = [&stdin, &stdout, &stderr].map(|stream| stream.theirs.as_ref().map_or(-1, Descriptor::raw));
    let (pid, pidfd) = start(&Start {
        programs: &programs.pointers,
        arguments: arguments.pointers.as_ptr(),
        variables: variables.pointers.as_ptr(),
        folder: folder.as_ref().map_or(null(), |folder| folder.as_ptr().cast()),
        streams,
    })?;
    drop((programs.strings, arguments.strings, variables.strings));
    Ok(Child { pid, pidfd, status: None, stdin: stdin.ours, stdout: stdout.ours, stderr: stderr.ours })
}

fn string(string: &OsStr) -> io::Result<Vec<u8>> {
    terminate(string.as_encoded_bytes())
        .map_err(|_| io::Error::message(io::ErrorKind::InvalidInput, "nul byte found in provided data"))
}

/// The child's variables.
fn variables(command: &Command) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let bytes = |string: &OsStr| string.as_encoded_bytes().to_vec();
    let mut all = BTreeMap::new();
    if !command.clear_variables {
        all.extend(env::vars().iter().map(|(name, value)| (bytes(name), bytes(value))));
    }
    for (name, value) in &command.variables {
        match value {
            Some(value) => all.insert(bytes(name), bytes(value)),
            None => all.remove(name.as_encoded_bytes()),
        };
    }
    all
}

/// The paths that are tried: the program's own, or one in each folder of `PATH`.
fn programs(program: &[u8], variables: &BTreeMap<Vec<u8>, Vec<u8>>) -> io::Result<Vec<Vec<u8>>> {
    if program.is_empty() {
        return Err(io::Error::from_raw_os_error(errno::ENOENT));
    }
    let path = match variables.get(b"PATH".as_slice()) {
        _ if program.contains(&b'/') => return Ok([string_of(program)?].into()),
        Some(path) => path,
        None => DEFAULT_PATH,
    };
    let join = |folder: &[u8]| {
        let mut path = folder.to_vec();
        if !folder.is_empty() {
            path.push(b'/');
        }
        path.extend_from_slice(program);
        string_of(&path)
    };
    path.split(|&byte| byte == b':').map(join).collect()
}

fn string_of(bytes: &[u8]) -> io::Result<Vec<u8>> {
    // SAFETY: any bytes are a string of this system.
    string(unsafe { OsStr::from_encoded_bytes_unchecked(bytes) })
}

fn stream(stdio: Option<&Stdio>, is_input: bool) -> io::Result<Stream> {
    match stdio.map(|stdio| &stdio.0) {
        None | Some(StdioForm::Inherit) => Ok(Stream { theirs: None, ours: None }),
        Some(StdioForm::Null) => {
            const CLOEXEC: usize = 0o2_000_000;
            let flags = CLOEXEC | usize::from(!is_input);
            // SAFETY: reads the path only.
            let result =
                syscall::again(|| unsafe { syscall!(syscall::OPENAT, AT_FDCWD, c"/dev/null".as_ptr(), flags, 0) });
            // SAFETY: just opened.
            Ok(Stream { theirs: Some(Descriptor::Own(unsafe { Handle::from_raw(result? as i32) })), ours: None })
        }
        Some(StdioForm::Piped) => {
            let (reader, writer) = pipe()?;
            let (theirs, ours) = if is_input { (reader, writer) } else { (writer, reader) };
            Ok(Stream { theirs: Some(Descriptor::Own(theirs)), ours: Some(ours) })
        }
        Some(StdioForm::Handle(handle)) => {
            handle.make_waiting();
            Ok(Stream { theirs: Some(Descriptor::Lent(handle.raw())), ours: None })
        }
    }
}
