//! Standard input: waiting for it together with timers, and reading what is there.

use std::io;
#[cfg(windows)]
use std::io::Read;
use std::thread;
use std::time::Duration;

/// The most that is read at once.
const CHUNK: usize = 64 * 1024;

/// Waits until the time is over; when `reading`, no longer than until there is input or it has ended. Whether there is.
/// `None`: as long as it takes.
pub(crate) fn wait(reading: bool, time: Option<Duration>) -> bool {
    if reading {
        return wait_for_input(time);
    }
    if let Some(time) = time.filter(|time| !time.is_zero()) {
        thread::sleep(time);
    }
    false
}

#[cfg(unix)]
fn wait_for_input(time: Option<Duration>) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let input = io::stdin();
    let mut waiting = [PollFd::new(&input, PollFlags::IN)];
    let timeout = time.and_then(|time| Timespec::try_from(time).ok());
    // An interrupted wait is over early, and is begun anew by whoever still waits.
    poll(&mut waiting, timeout.as_ref()).is_ok_and(|ready| ready > 0)
}

/// Windows cannot wait for a pipe and a timer at once without another thread: reading waits, and timers wait for it.
#[cfg(windows)]
fn wait_for_input(_time: Option<Duration>) -> bool {
    true
}

/// What is there, without waiting for more. Empty: it has ended.
pub(crate) fn read() -> io::Result<Vec<u8>> {
    let mut chunk = vec![0; CHUNK];
    loop {
        match unbuffered(&mut chunk) {
            Ok(count) => {
                chunk.truncate(count);
                return Ok(chunk);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// All of it.
pub(crate) fn read_all() -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    loop {
        let chunk = read()?;
        if chunk.is_empty() {
            return Ok(all);
        }
        all.extend_from_slice(&chunk);
    }
}

/// Past the buffer of the standard library: what lay in that, nobody could wait for.
#[cfg(unix)]
fn unbuffered(chunk: &mut [u8]) -> io::Result<usize> {
    Ok(rustix::io::read(io::stdin(), chunk)?)
}

#[cfg(windows)]
fn unbuffered(chunk: &mut [u8]) -> io::Result<usize> {
    io::stdin().lock().read(chunk)
}
