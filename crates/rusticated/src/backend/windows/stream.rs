//! Streams that have no overlapped operations: consoles, what a parent has handed down. A thread of the pool makes the
//! blocking call.
//!
//! A read leaves its bytes with the stream, and who waits takes them from there: what came in for a read that was
//! dropped is the next one's.
#![allow(unsafe_code, reason = "calls the system with buffers")]
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ffi::c_void;
use core::mem::ManuallyDrop;

use super::api::{
    self, Bool, ERROR_BROKEN_PIPE, ERROR_HANDLE_EOF, ERROR_IO_PENDING, ERROR_OPERATION_ABORTED, Handle, Overlapped,
    Owned,
};
use super::console;
use super::lock::Lock;
use super::offload::{Token, offload};
use super::overlapped::{MOST, ReadFile, WriteFile};
use crate::io;

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    fn CreateEventW(security: *const c_void, manual: Bool, initial: Bool, name: *const u16) -> Handle;
    fn GetOverlappedResult(file: Handle, overlapped: *mut Overlapped, count: *mut u32, wait: Bool) -> Bool;
}

#[link(name = "ntdll", kind = "raw-dylib")]
unsafe extern "system" {
    fn NtQueryInformationFile(
        file: Handle,
        status: *mut [usize; 2],
        information: *mut u32,
        length: u32,
        class: u32,
    ) -> i32;
}

/// What is read and written by calls that block.
pub(super) struct Stream {
    handle: ManuallyDrop<Owned>,
    /// Whether the handle is closed with it: the process's own streams are not.
    close: bool,
    console: bool,
    /// Held by the thread that reads or writes: one at a time. For a console's output, the beginning of a character
    /// whose end has not been written yet; for its input, the first unit of a pair.
    turn: Lock<Half>,
    /// What was read and not taken yet.
    held: Lock<Vec<u8>>,
}

#[derive(Default)]
struct Half {
    bytes: Vec<u8>,
    unit: Option<u16>,
}

impl core::fmt::Debug for Stream {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Stream").field(&self.raw()).finish()
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if self.close {
            // SAFETY: it is not used again.
            unsafe { ManuallyDrop::drop(&mut self.handle) };
        }
    }
}

impl Stream {
    /// Takes a handle over, to be closed at the end or not.
    pub(super) fn new(handle: Owned, close: bool) -> Arc<Self> {
        let console = console::is_console(handle.raw());
        let handle = ManuallyDrop::new(handle);
        let (turn, held) = (Lock::new(Half::default()), Lock::new(Vec::new()));
        Arc::new(Self { handle, close, console, turn, held })
    }

    pub(super) fn raw(&self) -> Handle {
        self.handle.raw()
    }

    pub(super) async fn read(self: &Arc<Self>, mut buf: Vec<u8>) -> (io::Result<usize>, Vec<u8>) {
        let room = buf.capacity() - buf.len();
        if room == 0 {
            return (Ok(0), buf);
        }
        loop {
            let taken = self.held.with(|held| {
                let count = held.len().min(room);
                buf.extend(held.drain(..count));
                count
            });
            if taken > 0 {
                return (Ok(taken), buf);
            }
            let stream = self.clone();
            match offload(move |token| stream.fill(token, room)).await {
                // Somebody else may have taken what was read.
                Ok(true) => {}
                Ok(false) => return (Ok(0), buf),
                Err(error) => return (Err(error), buf),
            }
        }
    }

    /// Reads, if nothing is there yet, and says whether something is now: not at the end of the input.
    fn fill(&self, token: &Token, room: usize) -> io::Result<bool> {
        self.turn.with(|half| {
            if self.held.with(|held| !held.is_empty()) {
                return Ok(true);
            }
            let bytes = if self.console {
                console::read(self.raw(), token, room, &mut half.unit)?
            } else {
                self.read_bytes(token, room, None)?
            };
            self.held.with(|held| held.extend_from_slice(&bytes));
            Ok(!bytes.is_empty())
        })
    }

    fn read_bytes(&self, token: &Token, room: usize, offset: Option<u64>) -> io::Result<Vec<u8>> {
        if token.is_cancelled() {
            return Err(api::os_error(ERROR_OPERATION_ABORTED));
        }
        let mut bytes = Vec::with_capacity(room.min(64 * 1024));
        let mut call = |count: &mut u32, overlapped| {
            // SAFETY: the vector has room for so many, and the call has ended when `blocking` returns.
            unsafe { ReadFile(self.raw(), bytes.as_mut_ptr(), bytes.capacity() as u32, count, overlapped) }
        };
        match self.blocking(token, offset, &mut call) {
            Ok(count) => {
                // SAFETY: so many were read.
                unsafe { bytes.set_len(count) };
                Ok(bytes)
            }
            Err(ERROR_HANDLE_EOF | ERROR_BROKEN_PIPE) => Ok(Vec::new()),
            Err(code) => Err(api::os_error(code)),
        }
    }

    /// Reads at an offset, for files that are not overlapped.
    pub(super) async fn read_at(self: &Arc<Self>, mut buf: Vec<u8>, offset: u64) -> (io::Result<usize>, Vec<u8>) {
        let room = buf.capacity() - buf.len();
        if room == 0 {
            return (Ok(0), buf);
        }
        let stream = self.clone();
        let read = offload(move |token| stream.read_bytes(token, room, Some(offset))).await;
        let count = read.map(|bytes| {
            buf.extend_from_slice(&bytes);
            bytes.len()
        });
        (count, buf)
    }

    /// Writes; at an offset for files that are not overlapped.
    pub(super) async fn write(self: &Arc<Self>, buf: Vec<u8>, offset: Option<u64>) -> (io::Result<usize>, Vec<u8>) {
        if buf.is_empty() {
            return (Ok(0), buf);
        }
        let stream = self.clone();
        // Kept here as well: it goes back to the caller also if the pool refuses the work.
        let kept = Arc::new(buf);
        let buf = kept.clone();
        let written = offload(move |token| {
            stream.turn.with(|half| {
                if token.is_cancelled() {
                    return Err(api::os_error(ERROR_OPERATION_ABORTED));
                }
                if stream.console {
                    return console::write(stream.raw(), &buf, &mut half.bytes);
                }
                let length = buf.len().min(MOST) as u32;
                // SAFETY: the buffer is there until the call has ended.
                let mut call = |count: &mut u32, overlapped| unsafe {
                    WriteFile(stream.raw(), buf.as_ptr(), length, count, overlapped)
                };
                stream.blocking(token, offset, &mut call).map_err(api::os_error)
            })
        });
        let written = written.await;
        (written, Arc::unwrap_or_clone(kept))
    }

    /// Makes a call that blocks, also on a handle that was opened for overlapped calls.
    fn blocking(
        &self,
        token: &Token,
        offset: Option<u64>,
        call: &mut dyn FnMut(&mut u32, *mut Overlapped) -> Bool,
    ) -> Result<usize, u32> {
        let mut count = 0;
        if offset.is_none() && !is_overlapped(self.raw()) {
            return match call(&mut count, core::ptr::null_mut()) {
                0 => Err(api::last_error()),
                _ => Ok(count as usize),
            };
        }
        // SAFETY: makes a new event.
        let event = unsafe { CreateEventW(core::ptr::null(), 1, 0, core::ptr::null()) };
        if event == 0 {
            return Err(api::last_error());
        }
        // SAFETY: it was just made.
        let event = unsafe { Owned::new(event) };
        let mut overlapped = Overlapped::at(offset.unwrap_or(0));
        // The lowest bit keeps the end away from a port that somebody may have associated with the handle.
        overlapped.event = event.raw() | 1;
        let answer = call(&mut count, &raw mut overlapped);
        if answer == 0 {
            match api::last_error() {
                ERROR_IO_PENDING => {}
                code => return Err(code),
            }
        }
        let place = &raw mut overlapped;
        // SAFETY: the operation has begun with these; nothing goes away before it has ended.
        match unsafe { token.wait_for(self.raw(), place, || GetOverlappedResult(self.raw(), place, &raw mut count, 1)) }
        {
            0 => Err(api::last_error()),
            _ => Ok(count as usize),
        }
    }
}

/// Whether calls on a handle must be overlapped ones.
fn is_overlapped(handle: Handle) -> bool {
    const FILE_MODE_INFORMATION: u32 = 16;
    const FILE_SYNCHRONOUS_IO: u32 = 0x30;
    let (mut status, mut mode) = ([0; 2], 0);
    // SAFETY: the mode is four bytes long.
    let answer = unsafe { NtQueryInformationFile(handle, &raw mut status, &raw mut mode, 4, FILE_MODE_INFORMATION) };
    // What does not tell is taken for an ordinary stream.
    answer == 0 && mode & FILE_SYNCHRONOUS_IO == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::windows::handle::Handle as Ours;
    use crate::backend::windows::pipe;
    use crate::rt::block_on;
    use crate::time::{Duration, timeout};

    /// A stream that blocks, over a handle that does or does not need overlapped calls, and a writer to it.
    fn pair(overlapped: bool) -> (Arc<Stream>, Ours) {
        let (writer, reader) = pipe::ends(false, overlapped).unwrap();
        (Stream::new(reader, true), Ours::new(writer))
    }

    #[test]
    fn what_comes_for_a_read_that_was_dropped_is_the_next_ones() {
        for overlapped in [false, true] {
            let (stream, writer) = pair(overlapped);
            block_on(async {
                for round in 0..20 {
                    assert!(timeout(Duration::from_millis(1), stream.read(Vec::with_capacity(64))).await.is_err());
                    writer.write(alloc::vec![round; 3]).await.0.unwrap();
                    let (first, bytes) = stream.read(Vec::with_capacity(2)).await;
                    assert_eq!((first.unwrap(), &*bytes), (2, &[round; 2][..]));
                    let (second, bytes) = stream.read(Vec::with_capacity(2)).await;
                    assert_eq!((second.unwrap(), &*bytes), (1, &[round][..]));
                }
                drop(writer);
                assert_eq!(stream.read(Vec::with_capacity(2)).await.0.unwrap(), 0);
            });
        }
    }

    #[test]
    fn two_reads_of_one_stream_both_end() {
        let (stream, writer) = pair(false);
        block_on(async {
            let read = || stream.read(Vec::with_capacity(1));
            let writing = async {
                crate::rt::yield_now().await;
                writer.write(b"ab".to_vec()).await.0.unwrap();
            };
            let ((one, other), ()) = crate::rt::join(crate::rt::join(read(), read()), writing).await;
            let mut both = [one.1, other.1].concat();
            both.sort_unstable();
            assert_eq!(both, b"ab");
        });
    }

    #[test]
    fn a_thread_ends_though_a_read_of_it_blocks() {
        // Which has perhaps not begun, or has.
        for (overlapped, milliseconds) in [(false, 0), (true, 0), (false, 20), (true, 20)] {
            let thread = std::thread::spawn(move || {
                let (writer, reader) = pipe::ends(false, overlapped).unwrap();
                let stream = Stream::new(reader, true);
                block_on(async {
                    crate::rt::spawn(async move {
                        let _ = stream.read(Vec::with_capacity(1)).await;
                    });
                    crate::rt::yield_now().await;
                    crate::time::sleep(Duration::from_millis(milliseconds)).await;
                });
                writer
            });
            drop(thread.join().unwrap());
        }
    }

    #[test]
    fn a_read_that_was_dropped_is_called_back() {
        for overlapped in [false, true] {
            let (stream, _writer) = pair(overlapped);
            let read = timeout(Duration::from_millis(20), stream.read(Vec::with_capacity(1)));
            assert!(block_on(read).is_err());
            let driver = crate::rt::Runtime::with(|runtime| runtime.driver().clone());
            for _ in 0..60 {
                if driver.is_idle() {
                    break;
                }
                driver.wait(Some(Duration::from_secs(1))).unwrap();
            }
            assert!(driver.is_idle(), "the read goes on");
        }
    }

    #[test]
    fn a_write_of_nothing_is_not_the_end_for_the_reader() {
        let (reader, writer) = pipe::ends(true, false).unwrap();
        let reader = Ours::new(reader);
        block_on(async {
            for text in [&b""[..], b"", b"x"] {
                // SAFETY: a blocking call with a buffer of its length.
                let written = unsafe {
                    let mut count = 0;
                    WriteFile(writer.raw(), text.as_ptr(), text.len() as u32, &raw mut count, core::ptr::null_mut())
                };
                assert_ne!(written, 0);
            }
            assert_eq!(reader.read(Vec::with_capacity(2)).await.1, b"x");
            drop(writer);
            assert_eq!(reader.read(Vec::with_capacity(2)).await.0.unwrap(), 0);
        });
    }
}
