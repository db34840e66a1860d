//! Files and folders of the host.
mod file;
mod folder;
mod metadata;
mod paths;

pub(crate) use file::File;
pub(crate) use folder::{Entry, Folder};
pub(crate) use metadata::{FileType, Metadata, Permissions};
pub(crate) use paths::{
    canonicalize, create_dir, hard_link, metadata, read_link, remove_dir, remove_dir_all, remove_file, rename,
    set_permissions, symlink, symlink_metadata,
};
