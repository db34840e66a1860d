//! The functions that a host offers, as the module `rusticated`. Those that end with an [`Overlapped`] begin an
//! operation and give [`super::PENDING`] or its outcome; the others answer at once. [`super`] has the conventions.
#![allow(unsafe_code, reason = "functions of another side")]
use super::{Address, Metadata, Overlapped, Spawn};

#[cfg_attr(target_family = "wasm", link(wasm_import_module = "rusticated"))]
unsafe extern "C" {
    /// Blocks until the host has called `rusticated_complete` or so many nanoseconds are over (-1: no limit; 0: only
    /// looks). 0, or an error.
    pub fn wait(timeout: i64) -> i32;
    /// Nobody waits for the operation any more. Its end is told all the same, as soon as the host is done with it.
    pub fn cancel(overlapped: *const Overlapped);
    /// Nanoseconds of a clock that only goes forward.
    pub safe fn monotonic() -> i64;
    /// Nanoseconds since 1970.
    pub safe fn realtime() -> i64;

    /// Closes a handle of any kind. Operations in flight on it end.
    pub safe fn close(handle: i32);
    /// Reads once, at an offset or at [`super::CURRENT`]. Outcome: bytes; 0 is the end.
    pub fn read(handle: i32, buffer: *mut u8, capacity: usize, offset: i64, overlapped: *const Overlapped) -> i64;
    /// Writes once. Outcome: bytes.
    pub fn write(handle: i32, buffer: *const u8, length: usize, offset: i64, overlapped: *const Overlapped) -> i64;
    /// Makes a pipe: the handles of its reader and its writer. 0, or an error.
    pub fn pipe(ends: *mut [i32; 2]) -> i32;

    /// Opens a file. `how` is a sum: 1 read, 2 write, 4 append, 8 truncate, 16 create, 32 create and it must not be
    /// there; `flags` are what the program asked for with `custom_flags`. Outcome: a handle.
    pub fn open(path: *const u8, length: usize, how: u32, mode: u32, flags: u32, overlapped: *const Overlapped) -> i64;
    /// Moves the position: from the beginning (0), from where it is (1), from the end (2). Outcome: where it is then.
    pub fn seek(handle: i32, offset: i64, whence: u32, overlapped: *const Overlapped) -> i64;
    /// Waits until the data (1: the data alone) is on the disk.
    pub fn sync(handle: i32, data_only: u32, overlapped: *const Overlapped) -> i64;
    /// Cuts a file off, or extends it.
    pub fn set_length(handle: i32, length: u64, overlapped: *const Overlapped) -> i64;
    /// Writes what is known of an open file.
    pub fn metadata(handle: i32, metadata: *mut Metadata, overlapped: *const Overlapped) -> i64;
    /// Sets the permission bits of an open file.
    pub fn set_mode(handle: i32, mode: u32, overlapped: *const Overlapped) -> i64;
    /// Sets the times of an open file; [`super::UNKNOWN`] leaves one as it is.
    pub fn set_times(handle: i32, accessed: i64, modified: i64, overlapped: *const Overlapped) -> i64;
    /// Writes what is known of what is at a path; a link is followed if `follow` is 1.
    pub fn path_metadata(
        path: *const u8,
        length: usize,
        follow: u32,
        metadata: *mut Metadata,
        overlapped: *const Overlapped,
    ) -> i64;
    /// Sets permission bits; a link is followed.
    pub fn path_set_mode(path: *const u8, length: usize, mode: u32, overlapped: *const Overlapped) -> i64;
    /// Makes a folder.
    pub fn create_folder(path: *const u8, length: usize, mode: u32, overlapped: *const Overlapped) -> i64;
    /// Opens a folder to be listed. Outcome: a handle.
    pub fn open_folder(path: *const u8, length: usize, overlapped: *const Overlapped) -> i64;
    /// Writes as many entries as fit, `.` and `..` left out: a byte for the kind (as [`Metadata::kind`], 255 if that
    /// is not known), the name, a NUL byte. Outcome: bytes; 0 is the end.
    pub fn read_folder(handle: i32, buffer: *mut u8, capacity: usize, overlapped: *const Overlapped) -> i64;
    /// Removes a file or link (0), an empty folder (1), or a folder with all it holds, following no link (2).
    pub fn remove(path: *const u8, length: usize, what: u32, overlapped: *const Overlapped) -> i64;
    /// Gives another name.
    pub fn rename(
        from: *const u8,
        from_length: usize,
        to: *const u8,
        to_length: usize,
        overlapped: *const Overlapped,
    ) -> i64;
    /// Makes a hard link (0), or a symbolic one (1: to a file, 2: to a folder).
    pub fn link(
        original: *const u8,
        original_length: usize,
        link: *const u8,
        link_length: usize,
        kind: u32,
        overlapped: *const Overlapped,
    ) -> i64;
    /// Writes where a link leads (0), or the absolute path without links (1). Outcome: its length; if that is more
    /// than the capacity, nothing was written.
    pub fn resolve(
        path: *const u8,
        length: usize,
        what: u32,
        buffer: *mut u8,
        capacity: usize,
        overlapped: *const Overlapped,
    ) -> i64;

    /// Connects. Outcome: a handle.
    pub fn tcp_connect(address: *const Address, overlapped: *const Overlapped) -> i64;
    /// Listens. A handle, or an error.
    pub fn tcp_listen(address: *const Address) -> i32;
    /// Waits for a connection and writes its address. Outcome: a handle.
    pub fn tcp_accept(handle: i32, address: *mut Address, overlapped: *const Overlapped) -> i64;
    /// Ends a direction: reading (0), writing (1), both (2).
    pub safe fn tcp_shutdown(handle: i32, how: u32) -> i32;
    /// Makes a UDP socket. A handle, or an error.
    pub fn udp_bind(address: *const Address) -> i32;
    /// Sets the address that the socket sends to and receives from.
    pub fn udp_connect(handle: i32, address: *const Address) -> i32;
    /// Receives from a socket; with `peek` 1 it stays to be received again. For UDP the address is written unless it
    /// is null, and what does not fit is lost. Outcome: bytes.
    pub fn receive(
        handle: i32,
        buffer: *mut u8,
        capacity: usize,
        peek: u32,
        address: *mut Address,
        overlapped: *const Overlapped,
    ) -> i64;
    /// Sends one datagram; null is the address that it is connected to. Outcome: bytes.
    pub fn send(
        handle: i32,
        buffer: *const u8,
        length: usize,
        address: *const Address,
        overlapped: *const Overlapped,
    ) -> i64;
    /// Writes the address of a socket (0), or of its other side (1).
    pub fn socket_address(handle: i32, which: u32, address: *mut Address) -> i32;
    /// A socket's option: 1 no delay, 2 hops, 3 broadcast, 4 the error that lies on it (taken).
    pub safe fn socket_option(handle: i32, option: u32) -> i32;
    /// Sets one of the first three.
    pub safe fn set_socket_option(handle: i32, option: u32, value: i32) -> i32;
    /// Joins (1) or leaves (0) a group, at the interface of an address (IPv4) or of its scope's number (IPv6).
    pub fn multicast(handle: i32, join: u32, group: *const Address, interface: *const Address) -> i32;

    /// Starts a program, and writes the answers.
    pub fn spawn(request: *mut Spawn, overlapped: *const Overlapped) -> i64;
    /// Waits for a child. Outcome: its exit code, or the signal that ended it and [`super::SIGNALED`].
    pub fn wait_child(child: i32, overlapped: *const Overlapped) -> i64;
    /// As `wait_child`; [`super::PENDING`] if it has not ended.
    pub safe fn try_wait_child(child: i32) -> i64;
    /// Ends a child by force. One that has ended is no error.
    pub safe fn kill_child(child: i32) -> i32;
    /// Ends the program.
    pub safe fn exit(code: i32) -> !;
    /// The number of this process.
    pub safe fn process_id() -> u32;

    /// Waits for one of the signals of a mask, bit by bit in the order of [`crate::signal::Signal`]. Outcome: which.
    pub fn signal_wait(mask: u32, overlapped: *const Overlapped) -> i64;

    /// 1 if it is a terminal.
    pub safe fn is_terminal(handle: i32) -> i32;
    /// Columns · 65536 + rows, or an error.
    pub safe fn terminal_size(handle: i32) -> i32;
    /// 0 for whole lines, 1 for each key as it comes, or an error.
    pub safe fn terminal_mode(handle: i32) -> i32;
    /// Sets it.
    pub safe fn set_terminal_mode(handle: i32, mode: i32) -> i32;
    /// Opens the terminal that the program was started from: a reader and a writer.
    pub fn open_terminal(ends: *mut [i32; 2]) -> i32;

    /// Writes a list: arguments (0; the first is the program's name) or variables (1, `NAME=value`); or a path: the
    /// current folder (2), the program's file (3). The length; if that is more than the capacity, nothing was written.
    pub fn environment(what: u32, buffer: *mut u8, capacity: usize) -> i32;
    /// Sets the folder that relative paths begin at.
    pub fn set_current_folder(path: *const u8, length: usize) -> i32;
}
