//! The platforms. One backend is compiled: the modules and functions below have the same names and signatures in each
//! (there is no trait and no table of functions), and the modules above call them through `crate::backend`.
//!
//! A backend's futures are made from [`crate::rt::operation::Operation`], which keeps buffers alive under
//! cancellation. Descriptors are closed when dropped, never inherited by a child that was not given them, and a call
//! that a signal interrupts is made again. `Vec<u8>` buffers: a read appends into the spare capacity and answers
//! `Ok(0)` without asking the kernel when there is none; a write begins at the vector's start; both give the vector
//! back in any case. `Buffered` stands for `(io::Result<usize>, Vec<u8>)`.
//!
//! ```text
//! driver::Driver      new() -> io::Result<Self>; name(&self) -> &'static str
//!                     wait(&self, Option<Duration>) -> io::Result<()>   hands over what was begun, sleeps until an
//!                         operation ends or the time is over (None: no limit; zero: only looks), and completes all
//!                         that have ended; may return early
//!                     is_idle(&self) -> bool      nothing in flight: a look would find nothing
//!                     cancel(&self, NonNull<Header>)      asks the kernel to stop an abandoned operation
//!                     close(&self)                cancels all, waits until the kernel has let go
//! thread              slot() -> *mut c_void; set_slot(*mut c_void, unsafe extern "C" fn(*mut c_void))   one pointer a
//!                     thread; the function is called with it when the thread ends
//! clock               monotonic() -> u64 nanoseconds; realtime() -> (seconds since 1970: i64, nanoseconds: u32)
//! error               kind(i32) -> ErrorKind; describe(i32, &mut fmt::Formatter<'_>) -> fmt::Result   std's texts
//! handle              RawHandle (Copy); INVALID: RawHandle; Handle: from_raw (unsafe), raw(&self) -> RawHandle, duplicate(&self) -> io::Result<Self>
//!                     async read(&self, Vec<u8>), write(&self, Vec<u8>) -> Buffered   for pipes, terminals, whatever a
//!                     standard stream is
//!                     standard(Standard) -> io::Result<ManuallyDrop<Handle>>   the process's own stream, never closed
//! pipe                pipe() -> io::Result<(Handle, Handle)>   reader, writer
//! fs                  File: raw(&self) -> RawHandle (sockets, too); into_handle(self) -> Handle; async open(&Path, &OpenOptions) -> io::Result<Self>; read, write, read_at(buf, u64),
//!                         write_at(buf, u64) -> Buffered; seek(SeekFrom) -> io::Result<u64>; sync_all, sync_data,
//!                         set_len(u64), metadata, set_permissions(&Permissions), set_times(&FileTimes); all async, &self
//!                     Metadata (Clone): len, file_type, permissions; modified, accessed, created -> io::Result<SystemTime>
//!                     FileType (Copy, Eq): is_file, is_dir, is_symlink    Permissions (Clone, Eq): readonly, set_readonly
//!                     Folder: async open(&Path) -> io::Result<Self>; async next(&mut self) -> io::Result<Option<Entry>>
//!                     Entry: file_name() -> OsString; file_type() -> Option<FileType> if the listing told it
//!                     async metadata, symlink_metadata(&Path) -> io::Result<Metadata>; set_permissions(&Path, &Permissions)
//!                     async create_dir(&Path, mode: u32), remove_dir, remove_file(&Path), remove_dir_all(&Path),
//!                     rename, hard_link(&Path, &Path), symlink(&Path original, &Path link, SymlinkKind),
//!                     read_link, canonicalize(&Path) -> io::Result<PathBuf>
//!                     DirReader entries never contain `.` and `..`; remove_dir_all never follows a link
//! net                 TcpStream: async connect(&SocketAddr); read, write, peek(buf) -> Buffered;
//!                         peer_addr, local_addr, shutdown(Shutdown), set_nodelay, nodelay, set_ttl, ttl, take_error (sync)
//!                     TcpListener: bind(&SocketAddr) (sync); async accept(&self) -> io::Result<(TcpStream, SocketAddr)>; local_addr, set_ttl, ttl
//!                     UdpSocket: bind, connect(&SocketAddr) (sync); async send(buf), send_to(buf, &SocketAddr), recv(buf), peek(buf) -> Buffered;
//!                         recv_from(buf), peek_from(buf) -> (io::Result<(usize, SocketAddr)>, Vec<u8>); local_addr, peer_addr, broadcast, multicast, ttl as std's
//! process             async spawn(&Command) -> io::Result<Child> with Child: id() -> u32; async wait(&mut self) -> io::Result<ExitStatus>;
//!                         try_wait(&mut self) -> io::Result<Option<ExitStatus>>; kill(&mut self) -> io::Result<()>;
//!                         stdin, stdout, stderr: Option<Handle>    ExitStatus (Copy): success, code() -> Option<i32>, signal() -> Option<i32>
//!                     exit(i32) -> !; abort() -> !; id() -> u32
//! signal              async wait(Signals) -> io::Result<Signal>
//! tty                 is_terminal(RawHandle) -> bool; size(RawHandle) -> io::Result<Size>; Mode (Clone);
//!                     mode(RawHandle) -> io::Result<Mode>; set_mode(RawHandle, &Mode) -> io::Result<()>; Mode::raw(&self) -> Mode;
//!                     open() -> io::Result<(Handle, Handle)>   the controlling terminal: reader, writer
//! env                 args() -> Vec<OsString>; var(&OsStr) -> Option<OsString>; vars() -> Vec<(OsString, OsString)>;
//!                     set_var(&OsStr, &OsStr), remove_var(&OsStr) -> io::Result<()>; current_dir, current_exe -> io::Result<PathBuf>;
//!                     set_current_dir(&Path) -> io::Result<()>; temp_dir() -> PathBuf; home_dir() -> Option<PathBuf>
//! ```
#[cfg(unix)]
mod job;
#[cfg(unix)]
mod pool;
#[cfg(unix)]
mod readiness;

#[cfg(unix)]
mod mode;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub(crate) use linux::*;

#[cfg(any(
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_os = "dragonfly"
))]
mod kqueue;
#[cfg(any(
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_os = "dragonfly"
))]
pub(crate) use kqueue::*;

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub(crate) use windows::*;

#[cfg(target_family = "wasm")]
mod wasm;
#[cfg(target_family = "wasm")]
pub(crate) use wasm::*;
