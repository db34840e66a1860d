//! Programs that the host starts.
#![allow(unsafe_code, reason = "the host is lent memory")]
use alloc::vec::Vec;

use super::call::{call, call_or_undo};
use super::env;
use super::error::check;
use super::handle::{Handle, INVALID};
use crate::abi::{PENDING, SIGNALED, Spawn, imports};
use crate::ffi::{OsStr, OsString};
use crate::io::{self, ErrorKind};
use crate::process::{Command, Stdio, StdioForm};
use crate::rt::operation::result;

#[derive(Debug)]
pub(crate) struct Child {
    handle: Handle,
    id: u32,
    ended: Option<ExitStatus>,
    pub(crate) stdin: Option<Handle>,
    pub(crate) stdout: Option<Handle>,
    pub(crate) stderr: Option<Handle>,
}

/// As the host tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ExitStatus(i64);

impl ExitStatus {
    pub(crate) fn success(&self) -> bool {
        self.0 == 0
    }

    pub(crate) fn code(&self) -> Option<i32> {
        (self.0 & SIGNALED == 0).then_some(self.0 as i32)
    }

    pub(crate) fn signal(&self) -> Option<i32> {
        (self.0 & SIGNALED != 0).then_some(self.0 as i32)
    }
}

/// What a request points to.
struct Texts {
    program: Vec<u8>,
    arguments: Vec<u8>,
    variables: Vec<u8>,
    folder: Option<Vec<u8>>,
}

impl Texts {
    fn of(command: &Command) -> io::Result<Self> {
        let mut arguments = Vec::new();
        for argument in &command.args {
            push(&mut arguments, argument)?;
        }
        let mut variables = Vec::new();
        let mut own = if command.clear_variables { Vec::new() } else { env::vars() };
        own.retain(|(name, _)| !command.variables.contains_key(name));
        let set = command.variables.iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        for (name, value) in own.iter().map(|(name, value)| (name, value)).chain(set) {
            let mut pair = name.clone();
            pair.push("=");
            pair.push(value);
            push(&mut variables, &pair)?;
        }
        let folder = command.folder.as_ref().map(|folder| checked(folder.as_os_str())).transpose()?;
        let program = checked(&command.program)?.to_vec();
        Ok(Self { program, arguments, variables, folder: folder.map(<[u8]>::to_vec) })
    }
}

/// The bytes of a text that goes into a list.
fn checked(text: &OsStr) -> io::Result<&[u8]> {
    let bytes = text.as_bytes();
    if bytes.contains(&0) {
        return Err(io::Error::message(ErrorKind::InvalidInput, "nul byte found in provided data"));
    }
    Ok(bytes)
}

fn push(list: &mut Vec<u8>, text: &OsString) -> io::Result<()> {
    list.extend_from_slice(checked(text)?);
    list.push(0);
    Ok(())
}

fn stream(stdio: Option<&Stdio>) -> i32 {
    match stdio.map(|stdio| &stdio.0) {
        None | Some(StdioForm::Inherit) => Spawn::INHERIT,
        Some(StdioForm::Null) => Spawn::NULL,
        Some(StdioForm::Piped) => Spawn::PIPED,
        Some(StdioForm::Handle(handle)) => handle.raw(),
    }
}

pub(crate) async fn spawn(command: &Command) -> io::Result<Child> {
    let texts = Texts::of(command)?;
    let request = Spawn {
        program: texts.program.as_ptr(),
        program_length: texts.program.len(),
        arguments: texts.arguments.as_ptr(),
        arguments_length: texts.arguments.len(),
        variables: texts.variables.as_ptr(),
        variables_length: texts.variables.len(),
        folder: texts.folder.as_ref().map_or(core::ptr::null(), |folder| folder.as_ptr()),
        folder_length: texts.folder.as_ref().map_or(0, Vec::len),
        streams: [&command.stdin, &command.stdout, &command.stderr].map(|stdio| stream(stdio.as_ref())),
        child: INVALID,
        id: 0,
        pipes: [INVALID; 3],
    };
    // Nobody who abandons a child wants it to be ended: its handles are closed, as those of a dropped one are.
    let forget = |_, (request, _): &(Spawn, Texts)| drop(answer(request));
    let (outcome, (request, _)) = call_or_undo((request, texts), forget, |(request, _), overlapped| {
        // SAFETY: `call_or_undo` keeps the request, its texts and the Overlapped.
        unsafe { imports::spawn(request, overlapped) }
    })
    .await;
    result(outcome)?;
    Ok(answer(&request))
}

/// What the host answered.
fn answer(request: &Spawn) -> Child {
    // SAFETY: the host has just given us the handles.
    let [stdin, stdout, stderr] = request.pipes.map(|pipe| (pipe >= 0).then(|| unsafe { Handle::from_raw(pipe) }));
    // SAFETY: as above.
    let handle = unsafe { Handle::from_raw(request.child) };
    Child { handle, id: request.id, ended: None, stdin, stdout, stderr }
}

impl Child {
    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    pub(crate) async fn wait(&mut self) -> io::Result<ExitStatus> {
        if let Some(ended) = self.ended {
            return Ok(ended);
        }
        let child = self.handle.raw();
        // SAFETY: `call` keeps the Overlapped.
        let (outcome, ()) = call((), |(), overlapped| unsafe { imports::wait_child(child, overlapped) }).await;
        let ended = ExitStatus(result(outcome)? as i64);
        self.ended = Some(ended);
        Ok(ended)
    }

    pub(crate) fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        if self.ended.is_none() {
            let outcome = imports::try_wait_child(self.handle.raw());
            if outcome != PENDING {
                self.ended = Some(ExitStatus(result(outcome)? as i64));
            }
        }
        Ok(self.ended)
    }

    pub(crate) fn kill(&mut self) -> io::Result<()> {
        check(imports::kill_child(self.handle.raw())).map(drop)
    }
}

pub(crate) fn exit(code: i32) -> ! {
    imports::exit(code)
}

/// A trap, which the host sees.
pub(crate) fn abort() -> ! {
    core::arch::wasm32::unreachable()
}

pub(crate) fn id() -> u32 {
    imports::process_id()
}
