//! What every allocator can do, and what every caller may rely on.
#![allow(unsafe_code)] // memory that comes and goes without the compiler's knowledge

use std::alloc::Layout;
use std::fmt::Debug;
use std::ptr::NonNull;

/// Memory is not to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum AllocationError {
    /// There is none left, or not for this alignment
    #[error("out of memory: {size} bytes at a multiple of {alignment} are not to be had")]
    #[diagnostic(help("end other programs, or raise the limit that this one runs under"))]
    OutOfMemory {
        /// In bytes
        size: usize,
        /// In bytes
        alignment: usize,
    },
    /// No object can be that large: rounded up to its alignment, it has more than `isize::MAX` bytes
    #[error("{size} bytes at a multiple of {alignment} are more than any object can have")]
    TooLarge {
        /// In bytes
        size: usize,
        /// In bytes
        alignment: usize,
    },
    /// An alignment must be a power of two
    #[error("{alignment} is no alignment: it must be a power of two")]
    NoAlignment {
        /// What was asked for
        alignment: usize,
    },
}

impl AllocationError {
    pub(super) fn out_of(layout: Layout) -> Self {
        Self::OutOfMemory { size: layout.size(), alignment: layout.align() }
    }
}

/// The layout for `size` bytes at a multiple of `alignment`.
///
/// # Errors
/// The alignment is no power of two, or the size too large for any object.
pub fn layout(size: usize, alignment: usize) -> Result<Layout, AllocationError> {
    if !alignment.is_power_of_two() {
        return Err(AllocationError::NoAlignment { alignment });
    }
    Layout::from_size_align(size, alignment).map_err(|_| AllocationError::TooLarge { size, alignment })
}

/// Gives memory and takes it back.
///
/// The first four functions are for callers, the others for who implements an allocator: those never see a size of zero.
/// The specification's names are kept. Its types are not, where a caller could cause undefined behaviour through a safe
/// function: size and alignment are a [`Layout`] (see [`layout`]), memory is never null, what takes memory back is
/// `unsafe`, and where there is no memory the result says so.
///
/// Defined for all: a size of zero gives an aligned pointer that is no memory and needs none. An alignment may be any power
/// of two; what the system cannot do is [`AllocationError::OutOfMemory`]. A size that overflows with its alignment is
/// [`AllocationError::TooLarge`]. A failed call leaves the memory as it was. Any thread may free what another got.
///
/// # Safety
/// An implementation's memory must be valid for reads and writes of the layout's size, be aligned, overlap no other that is
/// live, and stay so until it is released or resized, or, for an arena, until that is reset or dropped. It must not unwind.
pub unsafe trait Allocator: Debug + Send + Sync {
    /// Gets memory. Its bytes are not initialised.
    ///
    /// # Errors
    /// There is none.
    fn allocate(&self, layout: Layout) -> Result<NonNull<u8>, AllocationError> {
        if layout.size() == 0 {
            return Ok(dangling(layout));
        }
        // SAFETY: the size is not zero.
        unsafe { self.obtain(layout) }.ok_or(AllocationError::out_of(layout))
    }

    /// Gives memory back.
    ///
    /// # Safety
    /// `memory` is from this allocator, was got or last resized with this layout, and is used by nobody after this.
    unsafe fn deallocate(&self, memory: NonNull<u8>, layout: Layout) {
        if layout.size() != 0 {
            // SAFETY: the caller's promise, and the size is not zero.
            unsafe { self.release(memory, layout) };
        }
    }

    /// Makes memory larger or smaller; it may move. Bytes beyond the smaller of the two sizes are not initialised. From zero
    /// it allocates, to zero it frees.
    ///
    /// # Errors
    /// There is none; the old memory is as it was.
    ///
    /// # Safety
    /// As for [`Self::deallocate`], unless the result is an error.
    unsafe fn reallocate(
        &self,
        memory: NonNull<u8>,
        old: Layout,
        new_size: usize,
    ) -> Result<NonNull<u8>, AllocationError> {
        let new = layout(new_size, old.align())?;
        if old.size() == 0 {
            return self.allocate(new);
        }
        if new_size == 0 {
            // SAFETY: the caller's promise.
            unsafe { self.release(memory, old) };
            return Ok(dangling(new));
        }
        // SAFETY: the caller's promise, and neither size is zero.
        unsafe { self.resize(memory, old, new) }.ok_or(AllocationError::out_of(new))
    }

    /// Makes memory larger or smaller where that needs no copying: at its place. None where it does; the memory is as it was
    /// then.
    ///
    /// # Safety
    /// As for [`Self::deallocate`]: after success the memory has the new size.
    unsafe fn remap(&self, memory: NonNull<u8>, old: Layout, new_size: usize) -> Option<NonNull<u8>> {
        let new = layout(new_size, old.align()).ok()?;
        if old.size() == new_size {
            return Some(memory);
        }
        if old.size() == 0 || new_size == 0 {
            return None;
        }
        // SAFETY: the caller's promise, and neither size is zero.
        unsafe { self.resize_in_place(memory, old, new) }.then_some(memory)
    }

    /// As [`Self::allocate`], with none for an error.
    ///
    /// # Safety
    /// The size is not zero.
    unsafe fn obtain(&self, layout: Layout) -> Option<NonNull<u8>>;

    /// As [`Self::obtain`], with every byte zero.
    ///
    /// # Safety
    /// The size is not zero.
    unsafe fn obtain_zeroed(&self, layout: Layout) -> Option<NonNull<u8>> {
        // SAFETY: the caller's promise.
        let memory = unsafe { self.obtain(layout) }?;
        // SAFETY: it is memory of that size, and ours.
        unsafe { memory.write_bytes(0, layout.size()) };
        Some(memory)
    }

    /// As [`Self::deallocate`].
    ///
    /// # Safety
    /// As there, and the size is not zero.
    unsafe fn release(&self, memory: NonNull<u8>, layout: Layout);

    /// As [`Self::reallocate`], with none for an error.
    ///
    /// # Safety
    /// As there; neither size is zero, and the alignments are the same.
    unsafe fn resize(&self, memory: NonNull<u8>, old: Layout, new: Layout) -> Option<NonNull<u8>> {
        // SAFETY: the size is not zero.
        let moved = unsafe { self.obtain(new) }?;
        // SAFETY: both are memory of at least that size, and two live pieces of memory do not overlap.
        unsafe { moved.copy_from_nonoverlapping(memory, old.size().min(new.size())) };
        // SAFETY: the caller's promise.
        unsafe { self.release(memory, old) };
        Some(moved)
    }

    /// As [`Self::remap`]: whether it was done.
    ///
    /// # Safety
    /// As there; the sizes differ, neither is zero, and the alignments are the same.
    unsafe fn resize_in_place(&self, _memory: NonNull<u8>, _old: Layout, _new: Layout) -> bool {
        false
    }
}

/// What stands for memory of no size.
fn dangling(layout: Layout) -> NonNull<u8> {
    NonNull::without_provenance(std::num::NonZero::new(layout.align()).unwrap_or(std::num::NonZero::<usize>::MIN))
}
