//! Descriptors.
use rusticated::os::AsRawHandle;

use crate::fs::File;

/// A descriptor's number.
pub type RawFd = i32;

/// What has a descriptor.
pub trait AsRawFd {
    /// Its number. It is closed when its owner is dropped.
    fn as_raw_fd(&self) -> RawFd;
}

impl AsRawFd for File {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_handle()
    }
}
