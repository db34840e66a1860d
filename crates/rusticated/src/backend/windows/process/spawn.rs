//! Starting a program. It inherits the handles of its streams and no others.
#![allow(unsafe_code, reason = "calls the system")]
use alloc::vec;
use alloc::vec::Vec;
use core::ffi::c_void;
use core::mem::MaybeUninit;

use super::child::Child;
use super::{command_line, environment, search};
use crate::backend::windows::api::{
    self, Bool, FILE_SHARE_ALL, GENERIC_READ, GENERIC_WRITE, Handle as Raw, OPEN_EXISTING, Owned,
};
use crate::backend::windows::handle::{self, Handle};
use crate::backend::windows::lock::Lock;
use crate::backend::windows::offload::offload;
use crate::backend::windows::{env, pipe, wide};
use crate::io::{self, Standard};
use crate::process::{Command, Stdio, StdioForm};

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    fn CreateProcessW(
        program: *const u16,
        command_line: *mut u16,
        process_security: *const c_void,
        thread_security: *const c_void,
        inherit: Bool,
        flags: u32,
        environment: *const u16,
        folder: *const u16,
        start: *const StartupInfo,
        started: *mut ProcessInformation,
    ) -> Bool;
    fn InitializeProcThreadAttributeList(list: *mut u64, count: u32, flags: u32, size: *mut usize) -> Bool;
    fn UpdateProcThreadAttribute(
        list: *mut u64,
        flags: u32,
        attribute: usize,
        value: *const Raw,
        size: usize,
        previous: *mut c_void,
        previous_size: *mut usize,
    ) -> Bool;
    fn DeleteProcThreadAttributeList(list: *mut u64);
}

/// One thread at a time creates a process: where several do, Wine 8 fails now and then (`ERROR_INTERNAL_ERROR`).
static CREATING: Lock<()> = Lock::new(());

/// `STARTUPINFOEXW`.
#[repr(C)]
struct StartupInfo {
    size: u32,
    names: [*const u16; 3],
    place: [u32; 7],
    flags: u32,
    show: u16,
    reserved_size: u16,
    reserved: *const u8,
    streams: [Raw; 3],
    attributes: *mut u64,
}

#[repr(C)]
struct ProcessInformation {
    process: Raw,
    thread: Raw,
    process_id: u32,
    thread_id: u32,
}

pub(crate) async fn spawn(command: &Command) -> io::Result<Child> {
    let variables = environment::block(command)?;
    let child_path = environment::path(command);
    let folder = command.folder.as_ref().map(|folder| wide::units(folder.as_os_str())).transpose()?;
    let folder = folder.map(wide::without_prefix);
    let (program, arguments) = (command.program.clone(), command.args.clone());
    wide::units(&program)?;
    let (input, stdin) = stream(command.stdin.as_ref(), Standard::Input)?;
    let (output, stdout) = stream(command.stdout.as_ref(), Standard::Output)?;
    let (error, stderr) = stream(command.stderr.as_ref(), Standard::Error)?;
    let started = offload(move |_| {
        let path = search::find(&program, child_path)?;
        // It is the file in the end that counts: names may end with points and spaces.
        let is_batch = command_line::is_batch(&path) || command_line::is_batch(&wide::full(&path)?);
        let (path, line) = if is_batch {
            (env::command_prompt()?, command_line::batch(&path, &arguments)?)
        } else {
            let line = command_line::ordinary(&program, &arguments)?;
            (path, line)
        };
        create(&path, line, variables.as_deref(), folder.as_deref(), [&input, &output, &error])
    });
    let (process, id) = started.await?;
    Ok(Child { process, id, stdin: ours(stdin), stdout: ours(stdout), stderr: ours(stderr) })
}

fn ours(end: Option<Owned>) -> Option<Handle> {
    end.map(Handle::new)
}

/// The child's handle, to be inherited, and our end of a pipe.
fn stream(stdio: Option<&Stdio>, which: Standard) -> io::Result<(Option<Owned>, Option<Owned>)> {
    let reads = which == Standard::Input;
    let duplicate = |raw| api::duplicate(raw, true).map(|theirs| (Some(theirs), None));
    match stdio.map_or(&StdioForm::Inherit, |stdio| &stdio.0) {
        StdioForm::Inherit => match handle::raw_standard(which) {
            // A program without a console has none, and nor has its child.
            0 | handle::INVALID => Ok((None, None)),
            raw => duplicate(raw),
        },
        StdioForm::Null => {
            let access = if reads { GENERIC_READ } else { GENERIC_WRITE };
            let name: Vec<u16> = "\\\\.\\NUL\0".encode_utf16().collect();
            duplicate(api::open(&name, access, FILE_SHARE_ALL, OPEN_EXISTING, 0)?.raw())
        }
        StdioForm::Piped => {
            let (ours, theirs) = pipe::ends(!reads, false)?;
            Ok((Some(api::duplicate(theirs.raw(), true)?), Some(ours)))
        }
        StdioForm::Handle(handle) => duplicate(handle.raw()),
    }
}

fn create(
    path: &[u16],
    mut line: Vec<u16>,
    variables: Option<&[u16]>,
    folder: Option<&[u16]>,
    streams: [&Option<Owned>; 3],
) -> io::Result<(Owned, u32)> {
    const CREATE_UNICODE_ENVIRONMENT: u32 = 0x400;
    const EXTENDED_STARTUPINFO_PRESENT: u32 = 0x8_0000;
    const STARTF_USESTDHANDLES: u32 = 0x100;
    let streams = streams.map(|stream| stream.as_ref().map_or(0, Owned::raw));
    let inherited: Vec<Raw> = streams.into_iter().filter(|&stream| stream != 0).collect();
    let mut attributes = if inherited.is_empty() { None } else { Some(Attributes::new(&inherited)?) };
    let start = StartupInfo {
        size: size_of::<StartupInfo>() as u32,
        names: [core::ptr::null(); 3],
        place: [0; 7],
        flags: if inherited.is_empty() { 0 } else { STARTF_USESTDHANDLES },
        show: 0,
        reserved_size: 0,
        reserved: core::ptr::null(),
        streams,
        attributes: attributes.as_mut().map_or(core::ptr::null_mut(), |list| list.0.as_mut_ptr()),
    };
    let place = |units: Option<&[u16]>| units.map_or(core::ptr::null(), <[u16]>::as_ptr);
    let mut started = MaybeUninit::<ProcessInformation>::uninit();
    CREATING.with(|()| {
        // SAFETY: all strings end with a zero, the block of variables with two; the line may be written to; the list of
        // handles lives until the call has ended.
        api::check(unsafe {
            let (none, inherit) = (core::ptr::null(), Bool::from(!inherited.is_empty()));
            let flags = CREATE_UNICODE_ENVIRONMENT | EXTENDED_STARTUPINFO_PRESENT;
            let (line, variables, folder) = (line.as_mut_ptr(), place(variables), place(folder));
            CreateProcessW(path.as_ptr(), line, none, none, inherit, flags, variables, folder, &raw const start, {
                started.as_mut_ptr()
            })
        })
    })?;
    // SAFETY: it has succeeded, and both handles are ours.
    unsafe {
        let started = started.assume_init();
        drop(Owned::new(started.thread));
        Ok((Owned::new(started.process), started.process_id))
    }
}

/// A list of attributes that holds the handles to inherit.
struct Attributes(Vec<u64>);

impl Attributes {
    fn new(inherited: &[Raw]) -> io::Result<Self> {
        const PROC_THREAD_ATTRIBUTE_HANDLE_LIST: usize = 0x2_0002;
        let mut size = 0;
        // SAFETY: without a list the call tells how large it is.
        unsafe { InitializeProcThreadAttributeList(core::ptr::null_mut(), 1, 0, &raw mut size) };
        let mut list = vec![0; size.div_ceil(8)];
        // SAFETY: the list is of that size.
        api::check(unsafe { InitializeProcThreadAttributeList(list.as_mut_ptr(), 1, 0, &raw mut size) })?;
        let mut list = Self(list);
        // SAFETY: the list is ready, and the handles outlive it: see `create`.
        api::check(unsafe {
            let attribute = PROC_THREAD_ATTRIBUTE_HANDLE_LIST;
            let (none, no_size) = (core::ptr::null_mut(), core::ptr::null_mut());
            let size = size_of_val(inherited);
            UpdateProcThreadAttribute(list.0.as_mut_ptr(), 0, attribute, inherited.as_ptr(), size, none, no_size)
        })?;
        Ok(list)
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: it was made ready in `new`.
        unsafe { DeleteProcThreadAttributeList(self.0.as_mut_ptr()) };
    }
}
