//! The loader `native`: bundles that are shared libraries, on Linux, macOS and Windows.
//!
//! A library exports [`polyplug_init`](polyplug_abi::ENTRY_SYMBOL), which registers its contracts, and may export
//! [`polyplug_abi_version`](polyplug_abi::ABI_VERSION_SYMBOL).
//!
//! # Copies
//!
//! Who opens one file twice gets one library with one set of variables, and on Windows a file that is open cannot be
//! replaced. So the loader opens a private copy where that matters: for every bundle of [`NativeLoader::for_reloading`],
//! since there the file is going to be replaced or written over, which changes, or kills, what is mapped from it; and
//! otherwise where the very file is open already, as in a second runtime of the process.
//!
//! The copy has the file's name, in a fresh folder that only its owner may enter, with links to what lies beside the
//! file, so that a library that is looked for beside it (`$ORIGIN`, `@loader_path`) is found: that one is not copied.
//! On Unix the folder is removed as soon as the library is open, on Windows when it is closed. Debuggers that are there
//! at the time read the copy's symbols; those that come later, and `/proc/self/maps`, know it as a deleted file.
//!
//! # What closing does not undo
//!
//! The system unmaps a library when the last handle is closed, and runs its destructors and `atexit` functions then. Not
//! on Linux with glibc while a thread has yet to run destructors of variables of its own that the library registered
//! (`thread_local` with a destructor, in C++ and in Rust): then it stays mapped until after the end of those threads.
//! On macOS a library with thread-local variables or Objective-C classes is never unmapped. Every such reload costs the
//! library's memory; a plugin that is reloaded often better keeps what it needs in its instances.

mod bundle;
mod loader;
mod open_files;
mod private_copy;
#[cfg(target_os = "linux")]
mod whole_file;

pub use loader::NativeLoader;
