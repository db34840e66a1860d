//! Mach-O files of Apple's systems: reads what signing needs, signs ad hoc, gives a UUID by
//! content, fuses slices into a universal file, and proves a signature. All of it streams: what
//! is kept of a file is its load commands and 32 bytes for each page.
//!
//! Facts are from Apple's `mach-o/loader.h`, `mach-o/fat.h`, `kern/cs_blobs.h` and the Security
//! framework's `codedirectory.h`; where those leave a choice, LLVM's and Apple's tools are followed.

mod blobs;
mod entitlements;
mod fuse;
mod pages;
mod read;
mod sign;
mod universal;
mod uuid;
mod verify;

pub use entitlements::{Entitlements, EntitlementsError};
pub use fuse::{FuseError, fuse};
pub use read::{BuildVersion, MachO, MachOError, Section, Segment, Signature};
pub use sign::{SignError, SignOptions, Signed, Uuid, sign};
pub(crate) use universal::{MAX_SLICES, universal_slices};
pub use universal::{Slice, slices};
pub use uuid::set_uuid;
pub use verify::{Difference, SignatureReport, VerifyError, check_signature};

/// `CPU_TYPE_X86_64`.
pub const CPU_X86_64: u32 = 0x0100_0007;
/// `CPU_TYPE_ARM64`.
pub const CPU_ARM64: u32 = 0x0100_000C;
/// `MH_OBJECT`: a relocatable object.
pub const FILE_OBJECT: u32 = 1;
/// `MH_EXECUTE`: a program.
pub const FILE_EXECUTE: u32 = 2;
/// `MH_DYLIB`: a shared library.
pub const FILE_DYLIB: u32 = 6;
/// `MH_BUNDLE`: a plugin.
pub const FILE_BUNDLE: u32 = 8;
/// `MH_DSYM`: debug information apart from its program.
pub const FILE_DSYM: u32 = 10;

/// A name for an architecture that people know; a number for those that are not met here.
pub fn architecture_name(cpu_type: u32, cpu_subtype: u32) -> String {
    // The upper byte holds capabilities (`CPU_SUBTYPE_MASK`), not the architecture.
    match (cpu_type, cpu_subtype & 0x00FF_FFFF) {
        (CPU_X86_64, 8) => "x86_64h".to_owned(),
        (CPU_X86_64, _) => "x86_64".to_owned(),
        (CPU_ARM64, 2) => "arm64e".to_owned(),
        (CPU_ARM64, _) => "arm64".to_owned(),
        (0x0200_000C, _) => "arm64_32".to_owned(),
        (7, _) => "i386".to_owned(),
        (12, _) => "arm".to_owned(),
        (cpu, subtype) => format!("cpu {cpu:#x}, subtype {subtype}"),
    }
}
