//! What is shared with the kernel, as `linux/io_uring.h` has it.
/// The kernel's `struct io_uring_params`.
#[derive(Default)]
#[repr(C)]
pub(super) struct Parameters {
    pub(super) sq_entries: u32,
    pub(super) cq_entries: u32,
    pub(super) flags: u32,
    pub(super) sq_thread: [u32; 2],
    pub(super) features: u32,
    pub(super) wq_fd: u32,
    pub(super) reserved: [u32; 3],
    pub(super) sq: Offsets,
    pub(super) cq: Offsets,
}

/// Where the parts of a ring lie; the last three are `flags, dropped, array` of the submission queue, and `overflow,
/// cqes, flags` of the completion queue.
#[derive(Default)]
#[repr(C)]
pub(super) struct Offsets {
    pub(super) head: u32,
    pub(super) tail: u32,
    pub(super) ring_mask: u32,
    pub(super) ring_entries: u32,
    pub(super) last: [u32; 3],
    pub(super) reserved: [u32; 3],
}

/// The kernel's `struct io_uring_cqe`.
#[derive(Clone, Copy)]
#[repr(C)]
pub(in crate::backend::linux) struct Cqe {
    pub(in crate::backend::linux) user_data: u64,
    pub(in crate::backend::linux) result: i32,
    pub(super) flags: u32,
}

/// The kernel's `struct io_uring_getevents_arg`.
#[repr(C)]
pub(super) struct GeteventsArg {
    pub(super) signals: u64,
    pub(super) signals_size: u32,
    pub(super) reserved: u32,
    pub(super) timeout: u64,
}

/// The kernel's `struct io_uring_probe` with room for 64 operations.
#[repr(C)]
pub(super) struct Probe {
    pub(super) last_operation: u8,
    pub(super) length: u8,
    pub(super) reserved: [u16; 7],
    pub(super) operations: [ProbedOperation; 64],
}

#[derive(Clone, Copy, Default)]
#[repr(C)]
pub(super) struct ProbedOperation {
    pub(super) opcode: u8,
    pub(super) reserved: u8,
    pub(super) flags: u16,
    pub(super) more: u32,
}

const _: () = assert!(size_of::<Parameters>() == 120 && size_of::<Cqe>() == 16 && size_of::<GeteventsArg>() == 24);
