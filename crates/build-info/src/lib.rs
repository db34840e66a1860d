//! Version and git metadata of a program, stamped into the linked file.
//!
//! A binary calls [`build_info!`] once. That lays a *slot*, [`SLOT_SIZE`] bytes, into a link
//! section of its own, holding honest development values. A release tool overwrites the slot
//! in the finished file, so a new commit recompiles nothing. At run time the slot is read
//! through a pointer that the compiler cannot see through, never from a constant.
//!
//! ```
//! let info = build_info::build_info!();
//! assert_eq!(info.version, "0.1.0");
//! println!("{info}");
//! ```
//!
//! # The slot (this text is the definition; nothing else describes it)
//!
//! | offset | size | what |
//! |---|---|---|
//! | 0 | 16 | [`MAGIC`] |
//! | 16 | 2 | format version, little endian: [`FORMAT_VERSION`] |
//! | 18 | 2 | length of the payload in bytes, little endian |
//! | 20 | … | payload |
//! | … | to 1024 | zeros |
//!
//! The payload is one field after the other in the order of [`Field::ALL`]: a little-endian
//! `u16` length, then that many bytes of UTF-8. `git_dirty` is `true` or `false`. A field is
//! no longer than [`Field::limit`]; the limits add up to less than the slot has room for.
//!
//! The section is `.build_info` in ELF, `__TEXT,__build_info` in Mach-O (as an embedded
//! `Info.plist` is: read-only, no fixups, hashed by the code signature, so it must be stamped
//! before signing) and `.bldinfo` in PE, whose section names end at eight bytes. WebAssembly
//! has no slot: such a program keeps its development values.

#![no_std]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(test)]
extern crate std;

mod info;
mod slot;

pub use info::BuildInfo;
pub use slot::{
    ELF_SECTION, FORMAT_VERSION, Field, FieldTooLong, Fields, MACH_O_SECTION, MACH_O_SEGMENT, MAGIC, Malformed,
    PE_SECTION, SLOT_SIZE, Slot, decode, encode,
};

/// The triple this crate was compiled for: the development value of `build_target`.
pub const TARGET: &str = env!("BUILD_INFO_TARGET");
/// The compiler's own version line: the development value of `rust_version`.
pub const RUST_VERSION: &str = env!("BUILD_INFO_RUST_VERSION");

/// Lays the slot into the binary and gives its values, a [`BuildInfo`].
///
/// Use it once in a program: a release tool refuses a file with two slots. It must be used in
/// the binary's own crate, whose `CARGO_PKG_VERSION` becomes the development version. It is
/// the reading of the values that keeps the slot through `--gc-sections` and LTO: a program
/// that never reads them may lose it.
#[macro_export]
macro_rules! build_info {
    () => {{
        const DEVELOPMENT: $crate::BuildInfo = $crate::BuildInfo::development(
            ::core::env!("CARGO_PKG_VERSION"),
            if ::core::cfg!(debug_assertions) { "debug" } else { "release" },
        );
        #[used]
        #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__TEXT,__build_info"))]
        #[cfg_attr(any(windows, target_os = "uefi", target_os = "cygwin"), unsafe(link_section = ".bldinfo"))]
        #[cfg_attr(
            not(any(
                target_vendor = "apple",
                windows,
                target_os = "uefi",
                target_os = "cygwin",
                target_family = "wasm"
            )),
            unsafe(link_section = ".build_info")
        )]
        static SLOT: $crate::Slot = $crate::Slot::new(&DEVELOPMENT);
        SLOT.read().unwrap_or(DEVELOPMENT)
    }};
}
