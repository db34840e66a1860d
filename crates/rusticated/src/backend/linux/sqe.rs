//! What io_uring is told: a submission queue entry for each system call that it has an operation for.
use super::call::Call;
use super::syscall as number;

/// The kernel's `struct io_uring_sqe` (`linux/io_uring.h`).
#[derive(Clone, Copy, Default)]
#[repr(C)]
pub(super) struct Sqe {
    pub(super) opcode: u8,
    flags: u8,
    priority: u16,
    descriptor: i32,
    /// An offset, or a second address.
    offset: u64,
    address: u64,
    length: u32,
    operation_flags: u32,
    pub(super) user_data: u64,
    rest: [u64; 3],
}

/// Operations, by their numbers in `enum io_uring_op`.
pub(super) mod opcode {
    pub(crate) const NOP: u8 = 0;
    pub(crate) const FSYNC: u8 = 3;
    pub(crate) const POLL_ADD: u8 = 6;
    pub(crate) const SENDMSG: u8 = 9;
    pub(crate) const RECVMSG: u8 = 10;
    pub(crate) const ACCEPT: u8 = 13;
    pub(crate) const ASYNC_CANCEL: u8 = 14;
    pub(crate) const CONNECT: u8 = 16;
    pub(crate) const OPENAT: u8 = 18;
    pub(crate) const STATX: u8 = 21;
    pub(crate) const READ: u8 = 22;
    pub(crate) const WRITE: u8 = 23;
    pub(crate) const SEND: u8 = 26;
    pub(crate) const RECV: u8 = 27;
    pub(crate) const RENAMEAT: u8 = 35;
    pub(crate) const UNLINKAT: u8 = 36;
    pub(crate) const MKDIRAT: u8 = 37;
    pub(crate) const SYMLINKAT: u8 = 38;
    pub(crate) const LINKAT: u8 = 39;
    pub(crate) const FTRUNCATE: u8 = 55;
    /// Without these, io_uring is not used at all: what waits for somebody else cannot be done by a worker.
    pub(crate) const NEEDED: [u8; 11] =
        [POLL_ADD, SENDMSG, RECVMSG, ACCEPT, ASYNC_CANCEL, CONNECT, READ, WRITE, SEND, RECV, NOP];
}

const FSYNC_DATASYNC: u32 = 1;

impl Sqe {
    /// The entry that does what the call does, if there is an operation for it.
    pub(super) fn of(call: &Call) -> Option<Self> {
        let [a, b, c, d, e, _] = call.arguments;
        let entry = |opcode, descriptor: usize, offset: usize, address: usize, length: usize, flags: usize| Self {
            opcode,
            descriptor: descriptor as i32,
            offset: offset as u64,
            address: address as u64,
            length: length as u32,
            operation_flags: flags as u32,
            ..Self::default()
        };
        const POSITION: usize = usize::MAX;
        if call.waits_only() {
            return Some(entry(opcode::POLL_ADD, a, 0, 0, 0, b));
        }
        Some(match call.number {
            number::READ => entry(opcode::READ, a, POSITION, b, c, 0),
            number::PREAD64 => entry(opcode::READ, a, d, b, c, 0),
            number::WRITE => entry(opcode::WRITE, a, POSITION, b, c, 0),
            number::PWRITE64 => entry(opcode::WRITE, a, d, b, c, 0),
            number::SENDTO => entry(opcode::SEND, a, 0, b, c, d),
            number::RECVFROM => entry(opcode::RECV, a, 0, b, c, d),
            number::SENDMSG => entry(opcode::SENDMSG, a, 0, b, 1, c),
            number::RECVMSG => entry(opcode::RECVMSG, a, 0, b, 1, c),
            number::ACCEPT4 => entry(opcode::ACCEPT, a, c, b, 0, d),
            number::CONNECT => entry(opcode::CONNECT, a, c, b, 0, 0),
            number::OPENAT => entry(opcode::OPENAT, a, 0, b, d, c),
            number::STATX => entry(opcode::STATX, a, e, b, d, c),
            number::FSYNC => entry(opcode::FSYNC, a, 0, 0, 0, 0),
            number::FDATASYNC => entry(opcode::FSYNC, a, 0, 0, 0, FSYNC_DATASYNC as usize),
            number::FTRUNCATE => entry(opcode::FTRUNCATE, a, b, 0, 0, 0),
            number::RENAMEAT2 => entry(opcode::RENAMEAT, a, d, b, c, e),
            number::UNLINKAT => entry(opcode::UNLINKAT, a, 0, b, 0, c),
            number::MKDIRAT => entry(opcode::MKDIRAT, a, 0, b, c, 0),
            number::SYMLINKAT => entry(opcode::SYMLINKAT, b, c, a, 0, 0),
            number::LINKAT => entry(opcode::LINKAT, a, d, b, c, e),
            _ => return None,
        })
    }

    /// The entry, with what its end is told by.
    pub(super) fn named(mut self, user_data: u64) -> Self {
        self.user_data = user_data;
        self
    }

    /// The entry that stops another.
    pub(super) fn cancel(user_data: u64) -> Self {
        Self { opcode: opcode::ASYNC_CANCEL, descriptor: -1, address: user_data, ..Self::default() }
    }

    /// The entry that ends when a descriptor can be read from.
    pub(super) fn readable(descriptor: i32, user_data: u64) -> Self {
        Self { opcode: opcode::POLL_ADD, descriptor, operation_flags: 1, user_data, ..Self::default() }
    }

    /// The entry that does nothing.
    pub(super) fn nothing() -> Self {
        Self { opcode: opcode::NOP, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_has_the_size_and_the_fields_of_the_kernels() {
        assert_eq!(size_of::<Sqe>(), 64);
        assert_eq!(core::mem::offset_of!(Sqe, descriptor), 4);
        assert_eq!(core::mem::offset_of!(Sqe, offset), 8);
        assert_eq!(core::mem::offset_of!(Sqe, operation_flags), 28);
        assert_eq!(core::mem::offset_of!(Sqe, user_data), 32);
    }
}
