//! Children on Windows: each in a job object of its own, which ends with us and can be ended as a whole.
#![allow(unsafe_code)] // Windows' own calls

use std::io;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::os::windows::process::CommandExt;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus};

use windows_sys::Win32::Foundation::{HANDLE, INVALID_HANDLE_VALUE, WAIT_OBJECT_0};
use windows_sys::Win32::System::Console::{
    CONSOLE_MODE, GetConsoleMode, GetStdHandle, STD_INPUT_HANDLE, SetConsoleMode,
};
use windows_sys::Win32::System::Diagnostics::ToolHelp::{
    CreateToolhelp32Snapshot, TH32CS_SNAPTHREAD, THREADENTRY32, Thread32First, Thread32Next,
};
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT, JOB_OBJECT_LIMIT_BREAKAWAY_OK,
    JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectExtendedLimitInformation,
    SetInformationJobObject, TerminateJobObject,
};
use windows_sys::Win32::System::Threading::{
    CREATE_SUSPENDED, GetExitCodeProcess, INFINITE, OpenThread, ResumeThread, THREAD_SUSPEND_RESUME,
    WaitForSingleObject,
};

use crate::exit::Ending;
use crate::signals::Listener;

/// How a child ended: Windows has exit codes only, of 32 bits.
pub(super) fn ending(status: ExitStatus) -> Ending {
    Ending::Code(status.code().unwrap_or(crate::exit::FAILURE))
}

/// A child, and all that it starts.
#[derive(Debug)]
pub(super) struct Group {
    job: OwnedHandle,
    leader: OwnedHandle,
}

impl Group {
    /// Starts it, and puts it into its job before it runs its first instruction: nothing that it starts is outside.
    pub(super) fn spawn(command: &mut Command) -> io::Result<(Child, Self)> {
        let job = new_job()?;
        let mut child = command.creation_flags(CREATE_SUSPENDED).spawn()?;
        match adopt(&child, &job) {
            Ok(leader) => Ok((child, Self { job, leader })),
            Err(error) => {
                let _ended = child.kill().and_then(|()| child.wait());
                Err(error)
            }
        }
    }

    /// To be handed to the thread that waits for it.
    pub(super) fn waiter(&self) -> Waiter {
        Waiter(self.leader.try_clone())
    }

    /// What asks a child for its end elsewhere does it here: a program without a window cannot be asked. Ctrl-C and its
    /// kin have reached it already, and are no signals that anybody hands to us.
    pub(super) fn signal(&self, _signal: i32) {
        self.kill();
    }

    /// Ends all in it.
    pub(super) fn kill(&self) {
        // SAFETY: the handle is a job's, and open as long as `self` lives.
        let _ended_already = unsafe { TerminateJobObject(raw(&self.job), 1) };
    }
}

/// Waits for the leader of a [`Group`].
#[derive(Debug)]
pub(super) struct Waiter(io::Result<OwnedHandle>);

impl Waiter {
    /// Gives its end.
    pub(super) fn wait(self) -> io::Result<Ending> {
        let process = self.0?;
        let mut code = 0;
        // SAFETY: the handle is a process's, open, and `code` may be written.
        let known = unsafe {
            WaitForSingleObject(raw(&process), INFINITE) == WAIT_OBJECT_0
                && GetExitCodeProcess(raw(&process), &raw mut code) != 0
        };
        // All 32 bits, as the standard library gives them.
        if known { Ok(Ending::Code(code.cast_signed())) } else { Err(io::Error::last_os_error()) }
    }
}

/// A child that has our console.
#[derive(Debug)]
pub(super) struct Foreground(Child, Group);

impl Foreground {
    pub(super) fn spawn(command: &mut Command) -> io::Result<Self> {
        Group::spawn(command).map(|(child, group)| Self(child, group))
    }

    /// What is piped of its standard output and error.
    pub(super) fn streams(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (self.0.stdout.take(), self.0.stderr.take())
    }

    /// Waits for it; the console itself tells it of Ctrl-C. What it leaves running goes on, as elsewhere.
    pub(super) fn attend(mut self, _listener: &mut Listener) -> io::Result<Ending> {
        let ending = self.0.wait().map(ending)?;
        limit(&self.1.job, JOB_OBJECT_LIMIT_BREAKAWAY_OK)?;
        Ok(ending)
    }
}

fn new_job() -> io::Result<OwnedHandle> {
    // SAFETY: no name and no security attributes are allowed for; the result is checked, and ours alone.
    let job = unsafe {
        let job = CreateJobObjectW(std::ptr::null(), std::ptr::null());
        if job.is_null() {
            return Err(io::Error::last_os_error());
        }
        OwnedHandle::from_raw_handle(job)
    };
    // Breakaway only for who asks for it, as a daemon does.
    limit(&job, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_BREAKAWAY_OK)?;
    Ok(job)
}

fn limit(job: &OwnedHandle, flags: JOB_OBJECT_LIMIT) -> io::Result<()> {
    let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
    limits.BasicLimitInformation.LimitFlags = flags;
    let size = u32::try_from(size_of_val(&limits)).unwrap_or(u32::MAX);
    // SAFETY: the pointer and the size are those of a structure of the class that is named.
    let set = unsafe {
        SetInformationJobObject(raw(job), JobObjectExtendedLimitInformation, (&raw const limits).cast(), size)
    };
    if set == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

fn adopt(child: &Child, job: &OwnedHandle) -> io::Result<OwnedHandle> {
    // SAFETY: the child's handle is open as long as the child lives, and is only duplicated from here.
    let leader = unsafe { BorrowedHandle::borrow_raw(child.as_raw_handle()) }.try_clone_to_owned()?;
    // SAFETY: both handles are open.
    if unsafe { AssignProcessToJobObject(raw(job), raw(&leader)) } == 0 {
        return Err(io::Error::last_os_error());
    }
    resume(child.id())?;
    Ok(leader)
}

/// Lets a process run that was started suspended. The standard library keeps no handle of its first thread, so that is
/// looked for: it is the only one that it has.
fn resume(process: u32) -> io::Result<()> {
    // SAFETY: the call takes no pointers; its result is checked.
    let snapshot = unsafe { CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0) };
    if snapshot == INVALID_HANDLE_VALUE {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle is open and ours alone.
    let snapshot = unsafe { OwnedHandle::from_raw_handle(snapshot) };
    let size = u32::try_from(size_of::<THREADENTRY32>()).unwrap_or(u32::MAX);
    let mut entry = THREADENTRY32 { dwSize: size, ..THREADENTRY32::default() };
    // SAFETY: the snapshot is open, and the entry says its size.
    let mut more = unsafe { Thread32First(raw(&snapshot), &raw mut entry) } != 0;
    while more {
        if entry.th32OwnerProcessID == process {
            return resume_thread(entry.th32ThreadID);
        }
        // SAFETY: as above.
        more = unsafe { Thread32Next(raw(&snapshot), &raw mut entry) } != 0;
    }
    Err(io::ErrorKind::NotFound.into())
}

fn resume_thread(id: u32) -> io::Result<()> {
    // SAFETY: the call takes no pointers; its result is checked, and ours alone.
    let thread = unsafe {
        let thread = OpenThread(THREAD_SUSPEND_RESUME, 0, id);
        if thread.is_null() {
            return Err(io::Error::last_os_error());
        }
        OwnedHandle::from_raw_handle(thread)
    };
    // SAFETY: the handle is open and may resume.
    if unsafe { ResumeThread(raw(&thread)) } == u32::MAX { Err(io::Error::last_os_error()) } else { Ok(()) }
}

fn raw(handle: &OwnedHandle) -> HANDLE {
    handle.as_raw_handle()
}

/// The console's input mode before a child had it.
#[derive(Debug)]
pub(super) struct Terminal(Option<CONSOLE_MODE>);

impl Terminal {
    /// Of standard input, if that is a console.
    pub(super) fn save() -> Self {
        let mut mode = 0;
        // SAFETY: the handle is the process's own, or none; `mode` may be written.
        let is_console = unsafe { GetConsoleMode(GetStdHandle(STD_INPUT_HANDLE), &raw mut mode) } != 0;
        Self(is_console.then_some(mode))
    }

    /// Puts it back, unless the child succeeded: then what it set was meant to stay.
    pub(super) fn restore_after(self, ending: Ending) {
        if let Some(mode) = self.0.filter(|_| !ending.is_success()) {
            // SAFETY: as in `save`.
            let _gone_meanwhile = unsafe { SetConsoleMode(GetStdHandle(STD_INPUT_HANDLE), mode) };
        }
    }
}
