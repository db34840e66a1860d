//! Listing folders.
#![allow(unsafe_code, reason = "the host is lent memory")]
use alloc::vec::Vec;

use super::metadata::FileType;
use crate::abi::imports;
use crate::backend::wasm::call;
use crate::backend::wasm::handle::Handle;
use crate::ffi::{OsStr, OsString};
use crate::io::{self, ErrorKind};
use crate::path::Path;

/// Room for what the host tells at once.
const ROOM: usize = 4096;
/// The kind of an entry that the host does not know.
const UNKNOWN_KIND: u8 = 255;

#[derive(Debug)]
pub(crate) struct Folder {
    handle: Handle,
    /// Records as the host wrote them, and how much of them was told.
    records: Vec<u8>,
    told: usize,
}

#[derive(Debug)]
pub(crate) struct Entry {
    kind: u8,
    name: OsString,
}

impl Folder {
    pub(crate) async fn open(path: &Path) -> io::Result<Self> {
        let opened = call::open(super::paths::bytes(path), |path, overlapped| {
            // SAFETY: `call` keeps the path and the Overlapped.
            unsafe { imports::open_folder(path.as_ptr(), path.len(), overlapped) }
        });
        let (handle, _) = opened.await?;
        Ok(Self { handle, records: Vec::new(), told: 0 })
    }

    pub(crate) async fn next(&mut self) -> io::Result<Option<Entry>> {
        if self.told == self.records.len() {
            self.told = 0;
            let mut records = core::mem::take(&mut self.records);
            records.clear();
            records.reserve(ROOM);
            let (count, records) = call::fill(records, |place, capacity, overlapped| {
                // SAFETY: `call` keeps the vector and the Overlapped.
                unsafe { imports::read_folder(self.handle.raw(), place, capacity, overlapped) }
            })
            .await;
            self.records = records;
            if count? == 0 {
                return Ok(None);
            }
        }
        let rest = &self.records[self.told..];
        let malformed = || io::Error::message(ErrorKind::InvalidData, "the host's list of a folder is malformed");
        let (&kind, rest) = rest.split_first().ok_or_else(malformed)?;
        let length = rest.iter().position(|&byte| byte == 0).ok_or_else(malformed)?;
        let name = OsStr::from_bytes(&rest[..length]).to_os_string();
        self.told += length + 2;
        Ok(Some(Entry { kind, name }))
    }
}

impl Entry {
    pub(crate) fn file_name(&self) -> OsString {
        self.name.clone()
    }

    pub(crate) fn file_type(&self) -> Option<FileType> {
        (self.kind != UNKNOWN_KIND).then_some(FileType(self.kind.into()))
    }
}
