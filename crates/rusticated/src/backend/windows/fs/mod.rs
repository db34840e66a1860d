//! Files and folders. What takes a path has no overlapped form and may wait for a network, so it runs on the system's
//! thread pool; what asks about an open file is answered from memory, and is called in place.
mod file;
mod folder;
mod links;
mod metadata;
mod paths;
mod remove;

pub(crate) use file::File;
pub(crate) use folder::{Entry, Folder};
pub(crate) use links::{canonicalize, read_link, symlink};
pub(crate) use metadata::{FileType, Metadata, Permissions, metadata, set_permissions, symlink_metadata};
pub(crate) use paths::{create_dir, hard_link, remove_dir, remove_file, rename};
pub(crate) use remove::remove_dir_all;
