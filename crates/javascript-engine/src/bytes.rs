//! The bytes of typed arrays.
#![allow(unsafe_code)] // Their memory is shared with scripts.

use rquickjs::TypedArray;

/// A copy of an array's bytes. None of an array whose memory was given away.
pub(crate) fn copy(array: &TypedArray<'_, u8>) -> Vec<u8> {
    // SAFETY: no script runs while the bytes are copied, so they neither change nor move.
    unsafe { array.as_bytes() }.unwrap_or_default().to_vec()
}
