//! What is done to files and folders by their paths.
#![allow(unsafe_code, reason = "calls the system")]
use super::remove::delete;
use crate::backend::windows::api::{
    self, Bool, DELETE, ERROR_ACCESS_DENIED, FILE_FLAG_OPEN_REPARSE_POINT, FILE_SHARE_ALL, OPEN_EXISTING,
    SecurityAttributes,
};
use crate::backend::windows::offload::offload;
use crate::backend::windows::wide;
use crate::io;
use crate::path::Path;

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    fn CreateDirectoryW(path: *const u16, security: *const SecurityAttributes) -> Bool;
    fn RemoveDirectoryW(path: *const u16) -> Bool;
    fn DeleteFileW(path: *const u16) -> Bool;
    fn MoveFileExW(from: *const u16, to: *const u16, flags: u32) -> Bool;
    fn CreateHardLinkW(link: *const u16, original: *const u16, security: *const SecurityAttributes) -> Bool;
}

/// Makes a folder; Windows knows no mode.
pub(crate) async fn create_dir(path: &Path, _mode: u32) -> io::Result<()> {
    let path = wide::path(path)?;
    // SAFETY: the path ends with a zero.
    offload(move |_| api::check(unsafe { CreateDirectoryW(path.as_ptr(), core::ptr::null()) })).await
}

pub(crate) async fn remove_dir(path: &Path) -> io::Result<()> {
    let path = wide::path(path)?;
    // SAFETY: the path ends with a zero.
    offload(move |_| api::check(unsafe { RemoveDirectoryW(path.as_ptr()) })).await
}

/// Removes a file, also one that is read-only, as std does.
pub(crate) async fn remove_file(path: &Path) -> io::Result<()> {
    let path = wide::path(path)?;
    offload(move |_| {
        // SAFETY: the path ends with a zero.
        if unsafe { DeleteFileW(path.as_ptr()) } != 0 {
            return Ok(());
        }
        let code = api::last_error();
        if code == ERROR_ACCESS_DENIED
            && let Ok(file) = api::open(&path, DELETE, FILE_SHARE_ALL, OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT)
            && delete(&file, false).is_ok()
        {
            return Ok(());
        }
        Err(api::os_error(code))
    })
    .await
}

pub(crate) async fn rename(from: &Path, to: &Path) -> io::Result<()> {
    const MOVEFILE_REPLACE_EXISTING: u32 = 1;
    let (from, to) = (wide::path(from)?, wide::path(to)?);
    // SAFETY: the paths end with a zero.
    offload(move |_| api::check(unsafe { MoveFileExW(from.as_ptr(), to.as_ptr(), MOVEFILE_REPLACE_EXISTING) })).await
}

pub(crate) async fn hard_link(original: &Path, link: &Path) -> io::Result<()> {
    let (original, link) = (wide::path(original)?, wide::path(link)?);
    // SAFETY: the paths end with a zero.
    offload(move |_| api::check(unsafe { CreateHardLinkW(link.as_ptr(), original.as_ptr(), core::ptr::null()) })).await
}
