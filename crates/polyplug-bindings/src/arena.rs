//! The caller's arena of one call, and how either side puts something into it.

use std::alloc::{Layout, alloc, dealloc};
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use polyplug_abi::types::{ArrayView, StringView};
use polyplug_abi::{AbiErrorCode, CallArena};

use crate::CallError;

/// Room on the stack: most calls need no more, and so do not allocate.
const ROOM: usize = 512;
const FIRST_BLOCK: usize = 4 << 10;
const LARGEST_STEP: usize = 1 << 20;

/// An arena that is known to be good: made by this crate, or checked when it came over the boundary.
#[derive(Debug)]
pub struct Arena<'a> {
    raw: &'a mut CallArena,
    /// Whether what is encoded may be pointed at instead of copied: it outlives the call.
    borrows: bool,
}

impl<'a> Arena<'a> {
    /// For arguments: they outlive the call.
    pub(crate) fn for_arguments(raw: &'a mut CallArena) -> Self {
        Self { raw, borrows: true }
    }

    /// For results: what they are encoded from is gone when the caller reads them.
    ///
    /// # Safety
    ///
    /// `raw` keeps to what [`CallArena::alloc`] asks for.
    pub(crate) unsafe fn for_results(raw: &'a mut CallArena) -> Self {
        Self { raw, borrows: false }
    }

    /// Room for `count` values, aligned; they are not initialised.
    pub(crate) fn room<T: Copy>(&mut self, count: usize) -> Result<*mut T, CallError> {
        let full = || CallError::abi(AbiErrorCode::OutOfMemory, "there is no room in the arena");
        let size = size_of::<T>().checked_mul(count).filter(|size| isize::try_from(*size).is_ok()).ok_or_else(full)?;
        if size == 0 {
            return Ok(NonNull::dangling().as_ptr());
        }
        // SAFETY: an `Arena` is only made of an arena that keeps the promise.
        let start = unsafe { self.raw.alloc(size, align_of::<T>()) }.cast::<T>();
        if start.is_null() { Err(full()) } else { Ok(start) }
    }

    /// A view of values whose bits are what crosses the boundary.
    pub(crate) fn plain<T: Copy>(&mut self, values: &[T]) -> Result<ArrayView, CallError> {
        if self.borrows {
            return Ok(ArrayView { items: values.as_ptr().cast(), len: values.len() });
        }
        let room = self.room::<T>(values.len())?;
        // SAFETY: fresh memory for as many.
        unsafe { room.copy_from_nonoverlapping(values.as_ptr(), values.len()) };
        Ok(ArrayView { items: room.cast_const().cast(), len: values.len() })
    }

    /// A view of text.
    pub(crate) fn text(&mut self, text: &str) -> Result<StringView, CallError> {
        let view = self.plain(text.as_bytes())?;
        Ok(StringView { ptr: view.items.cast(), len: view.len })
    }
}

/// What the arena of a call got when the stack's room was full.
struct Blocks(Vec<(NonNull<u8>, Layout)>);

impl Drop for Blocks {
    fn drop(&mut self) {
        for (start, layout) in &self.0 {
            // SAFETY: allocated with this very layout, and given back once.
            unsafe { dealloc(start.as_ptr(), *layout) };
        }
    }
}

/// Calls `work` with an empty arena that lives that long.
pub(crate) fn with_arena<R>(work: impl FnOnce(&mut CallArena) -> R) -> R {
    let mut room = [MaybeUninit::<u128>::uninit(); ROOM / size_of::<u128>()];
    let mut blocks = Blocks(Vec::new());
    let start = room.as_mut_ptr().cast::<u8>();
    let mut arena = CallArena {
        position: start,
        // SAFETY: one past its end.
        end: unsafe { start.add(ROOM) },
        grow: Some(grow),
        owner: (&raw mut blocks).cast(),
        message: StringView::EMPTY,
    };
    work(&mut arena)
}

/// Another block for an arena of [`with_arena`].
unsafe extern "C" fn grow(arena: *mut CallArena, size: usize, align: usize) -> *mut u8 {
    // SAFETY: whoever calls has the arena, whose owner `with_arena` has set and keeps.
    let (arena, blocks) = unsafe { (&mut *arena, &mut *(*arena).owner.cast::<Blocks>()) };
    let step = blocks.0.last().map_or(FIRST_BLOCK, |(_, layout)| (2 * layout.size()).min(LARGEST_STEP));
    let layout = Layout::from_size_align(size.max(step), align.max(align_of::<u128>()));
    let (Ok(layout), Ok(()), 1..) = (layout, blocks.0.try_reserve(1), size) else { return std::ptr::null_mut() };
    // SAFETY: its size is not zero.
    let Some(start) = NonNull::new(unsafe { alloc(layout) }) else { return std::ptr::null_mut() };
    blocks.0.push((start, layout));
    // SAFETY: both lie in the block or one past it.
    unsafe {
        arena.position = start.as_ptr().add(size);
        arena.end = start.as_ptr().add(layout.size());
    }
    start.as_ptr()
}
