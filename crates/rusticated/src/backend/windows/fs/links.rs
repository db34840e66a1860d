//! Symbolic links, and what paths lead to through them.
#![allow(unsafe_code, reason = "calls the system")]
use alloc::vec;
use alloc::vec::Vec;

use crate::backend::windows::api::{
    self, Bool, ERROR_INVALID_PARAMETER, FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT, FILE_SHARE_ALL,
    Handle, OPEN_EXISTING, Overlapped,
};
use crate::backend::windows::offload::offload;
use crate::backend::windows::wide;
use crate::ffi::OsString;
use crate::fs::SymlinkKind;
use crate::io;
use crate::path::{Path, PathBuf};

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    fn CreateSymbolicLinkW(link: *const u16, original: *const u16, flags: u32) -> u8;
    fn GetFinalPathNameByHandleW(file: Handle, path: *mut u16, length: u32, flags: u32) -> u32;
    fn DeviceIoControl(
        device: Handle,
        code: u32,
        input: *const u8,
        input_length: u32,
        output: *mut u16,
        output_length: u32,
        written: *mut u32,
        overlapped: *mut Overlapped,
    ) -> Bool;
}

pub(crate) async fn symlink(original: &Path, link: &Path, kind: SymlinkKind) -> io::Result<()> {
    const SYMBOLIC_LINK_FLAG_DIRECTORY: u32 = 1;
    /// In developer mode anybody may make links; systems before that know no such flag.
    const SYMBOLIC_LINK_FLAG_ALLOW_UNPRIVILEGED_CREATE: u32 = 2;
    // The original is not looked for now: it may be relative to the link.
    let (original, link) = (wide::units(original.as_os_str())?, wide::path(link)?);
    let flags = if kind == SymlinkKind::Dir { SYMBOLIC_LINK_FLAG_DIRECTORY } else { 0 };
    offload(move |_| {
        // SAFETY: the paths end with a zero.
        let make = |flags| api::check(unsafe { CreateSymbolicLinkW(link.as_ptr(), original.as_ptr(), flags) }.into());
        match make(flags | SYMBOLIC_LINK_FLAG_ALLOW_UNPRIVILEGED_CREATE) {
            Err(error) if error.raw_os_error() == Some(ERROR_INVALID_PARAMETER as i32) => make(flags),
            made => made,
        }
    })
    .await
}

pub(crate) async fn read_link(path: &Path) -> io::Result<PathBuf> {
    const FSCTL_GET_REPARSE_POINT: u32 = 0x9_00A8;
    /// The system's limit, in units of two bytes.
    const MOST: usize = 8 * 1024;
    let path = wide::path(path)?;
    offload(move |_| {
        let flags = FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT;
        let link = api::open(&path, 0, FILE_SHARE_ALL, OPEN_EXISTING, flags)?;
        let mut data = vec![0; MOST];
        let mut written = 0;
        // SAFETY: the buffer has the length that is told, in bytes.
        api::check(unsafe {
            let (none, buffer, length) = (core::ptr::null(), data.as_mut_ptr(), (MOST * 2) as u32);
            let code = FSCTL_GET_REPARSE_POINT;
            DeviceIoControl(link.raw(), code, none, 0, buffer, length, &raw mut written, core::ptr::null_mut())
        })?;
        let target = target(&data[..written as usize / 2]);
        target.ok_or_else(|| io::Error::message(io::ErrorKind::Uncategorized, "unsupported reparse point type"))
    })
    .await
}

/// Where a `REPARSE_DATA_BUFFER` leads, if it is that of a link or a junction.
fn target(data: &[u16]) -> Option<PathBuf> {
    const SYMLINK: u32 = 0xA000_000C;
    const MOUNT_POINT: u32 = 0xA000_0003;
    let tag = u32::from(*data.first()?) | u32::from(*data.get(1)?) << 16;
    let (offset, length) = (usize::from(*data.get(4)?) / 2, usize::from(*data.get(5)?) / 2);
    // Behind the offsets and lengths of two names, a link has flags of four bytes.
    let (names, relative) = match tag {
        SYMLINK => (10, data.get(8)? & 1 != 0),
        MOUNT_POINT => (8, false),
        _ => return None,
    };
    let mut name = data.get(names + offset..names + offset + length)?.to_vec();
    let nt: Vec<u16> = r"\??\".encode_utf16().collect();
    if !relative && name.starts_with(&nt) {
        // The kernel's own prefix, in the form that programs know.
        name[1] = u16::from(b'\\');
        name.push(0);
        name = wide::without_prefix(name);
        name.pop();
    }
    Some(PathBuf::from(OsString::from_wide(&name)))
}

pub(crate) async fn canonicalize(path: &Path) -> io::Result<PathBuf> {
    const VOLUME_NAME_DOS: u32 = 0;
    let path = wide::path(path)?;
    offload(move |_| {
        let file = api::open(&path, 0, FILE_SHARE_ALL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS)?;
        // SAFETY: the buffer has the length that is told.
        let path = wide::fill(&mut |buffer, length| unsafe {
            GetFinalPathNameByHandleW(file.raw(), buffer, length, VOLUME_NAME_DOS)
        })?;
        Ok(PathBuf::from(OsString::from_wide(&path)))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reparse(tag: u32, fields: &[u16], names: &str) -> Vec<u16> {
        let tag = [tag as u16, (tag >> 16) as u16];
        [&tag, &[0, 0], fields, &names.encode_utf16().collect::<Vec<_>>()].concat()
    }

    #[test]
    fn a_relative_link_leads_where_it_says() {
        let data = reparse(0xA000_000C, &[2, 6, 0, 0, 1, 0], r"x..\y");
        assert_eq!(target(&data).unwrap(), PathBuf::from(r"..\"));
    }

    #[test]
    fn absolute_links_and_junctions_lead_to_paths_that_programs_know() {
        let link = reparse(0xA000_000C, &[0, 16, 0, 0, 0, 0], r"\??\C:\a");
        assert_eq!(target(&link).unwrap(), PathBuf::from(r"C:\a"));
        let junction = reparse(0xA000_0003, &[0, 16, 0, 0], r"\??\C:\a");
        assert_eq!(target(&junction).unwrap(), PathBuf::from(r"C:\a"));
    }

    #[test]
    fn what_is_cut_off_or_no_link_leads_nowhere() {
        assert_eq!(target(&reparse(0xA000_000C, &[0, 16, 0, 0, 0, 0], r"\??\")), None);
        assert_eq!(target(&reparse(0x8000_0017, &[0, 0, 0, 0, 0, 0], "")), None);
        assert_eq!(target(&[]), None);
    }
}
