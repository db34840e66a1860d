//! Linux: io_uring where the kernel has it and allows it, else epoll with a few threads for files; system calls without
//! a libc.
mod call;
pub(crate) mod clock;
mod clone;
pub(crate) mod driver;
pub(crate) mod env;
mod epoll;
pub(crate) mod error;
pub(crate) mod fs;
pub(crate) mod handle;
pub(crate) mod net;
mod operate;
pub(crate) mod pipe;
pub(crate) mod process;
mod ring;
pub(crate) mod signal;
mod sqe;
pub(crate) mod syscall;
pub(crate) mod thread;
pub(crate) mod tty;
pub(crate) mod worker;

pub(crate) use call::Call;
