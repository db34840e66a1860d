//! An open library, with what has to be tidied up after it.

#![allow(unsafe_code)] // Opens libraries, which runs their initialisers.

use std::error::Error as _;
#[cfg(target_os = "linux")]
use std::ffi::{CStr, OsStr, c_void};
use std::path::Path;
#[cfg(target_os = "linux")]
use std::path::PathBuf;

use libloading::Library;
use polyplug::loader::LoadedBundle;

use crate::open_files::OpenFile;
use crate::private_copy::PrivateCopy;

/// An open library. Fields drop in order: the library is closed first.
#[derive(Debug)]
pub(crate) struct NativeBundle {
    library: Library,
    /// What the system was asked for.
    #[cfg(target_os = "linux")]
    path: PathBuf,
    /// That it was opened where the bundle has it; none for a copy.
    _open_file: Option<OpenFile>,
    /// A copy that has to stay as long as the library is open.
    _copy: Option<PrivateCopy>,
}

impl LoadedBundle for NativeBundle {}

impl NativeBundle {
    /// Opens a library: a private copy if `copy` says so, or if this very file is open already.
    ///
    /// # Safety
    ///
    /// Its initialisers may be run, and later its destructors.
    pub(crate) unsafe fn open(file: &Path, copy: bool) -> Result<Self, String> {
        let words_of_files = |error: std::io::Error| error.to_string();
        let open_file = if copy { None } else { OpenFile::first(file).map_err(words_of_files)? };
        let copy = match open_file {
            Some(_) => None,
            None => Some(PrivateCopy::of(file).map_err(words_of_files)?),
        };
        let path = copy.as_ref().map_or(file, PrivateCopy::file);
        #[cfg(target_os = "linux")]
        crate::whole_file::check(path).map_err(words_of_files)?;
        // SAFETY: the caller's promise.
        let library = unsafe { open_library(path) }.map_err(|error| words(&error))?;
        Ok(Self {
            library,
            #[cfg(target_os = "linux")]
            path: path.to_owned(),
            _open_file: open_file,
            // Windows keeps the file of an open library from being removed. Elsewhere it is needed no longer.
            _copy: copy.filter(|_| cfg!(windows)),
        })
    }

    /// A function that the library exports.
    ///
    /// # Safety
    ///
    /// `T` is the type of a function pointer, and the one that the library's function of this name has. It may not be
    /// called once the bundle is dropped.
    pub(crate) unsafe fn symbol<T: Copy>(&self, name: &str) -> Option<T> {
        // SAFETY: the caller's promise.
        let symbol = unsafe { self.library.get::<T>(name) }.ok()?;
        #[cfg(target_os = "linux")]
        // SAFETY: `T` is a pointer.
        if defined_in(unsafe { std::mem::transmute_copy::<T, *const c_void>(&*symbol) })? != self.path {
            return None;
        }
        Some(*symbol)
    }
}

/// The library that an address lies in: the system looks through those that a library needs, too.
#[cfg(target_os = "linux")]
fn defined_in(address: *const c_void) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt as _;
    let mut found = std::mem::MaybeUninit::<libc::Dl_info>::zeroed();
    // SAFETY: any address may be asked for; a name that is found stays while its library is open, which it is.
    unsafe {
        if libc::dladdr(address, found.as_mut_ptr()) == 0 {
            return None;
        }
        let name = found.assume_init().dli_fname;
        (!name.is_null()).then(|| OsStr::from_bytes(CStr::from_ptr(name).to_bytes()).into())
    }
}

/// The system's words for an error, which libloading has as its source.
fn words(error: &libloading::Error) -> String {
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}

/// Opens it with everything resolved at once, and nothing of it visible to other libraries.
#[cfg(unix)]
unsafe fn open_library(file: &Path) -> Result<Library, libloading::Error> {
    use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
    // SAFETY: the caller's promise.
    unsafe { Library::open(Some(file), RTLD_NOW | RTLD_LOCAL) }.map(Into::into)
}

/// Opens it. What it needs is looked for beside it and where the system has its own, not in the working directory.
#[cfg(windows)]
unsafe fn open_library(file: &Path) -> Result<Library, libloading::Error> {
    use libloading::os::windows::{LOAD_LIBRARY_SEARCH_DEFAULT_DIRS, LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR, Library};
    // The loader does not look beside a file whose path begins with \\?\.
    let text = file.to_string_lossy();
    let plain = text.strip_prefix(r"\\?\").filter(|rest| rest.as_bytes().get(1) == Some(&b':') && rest.len() < 260);
    let file = plain.map_or(file, Path::new);
    // SAFETY: the caller's promise.
    unsafe { Library::load_with_flags(file, LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_DEFAULT_DIRS) }
        .map(Into::into)
}
