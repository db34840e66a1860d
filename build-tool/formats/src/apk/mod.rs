//! Alpine's packages, version 2 of the format (apk-tools, `apk-package(5)` and `apk_package(5)`; the wiki's "Apk
//! spec"): three gzip members that together are one tar: the signature over the second, what the package says of
//! itself, and its files. Written from a [`crate::payload::Payload`] and read back.

mod info;
mod key;
mod names;
mod read;
mod write;

pub use self::info::{ApkInfo, InfoError};
pub use self::key::{KeyError, SigningKey, VerifyingKey};
pub use self::names::{UnknownApkArchitecture, UnknownApkVersion, apk_architecture, apk_version};
pub use self::read::{Apk, ApkReadError, read_apk};
pub use self::write::{ApkError, write_apk};

/// Programs that apk runs, as texts that begin with `#!`. `None` for none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApkScripts {
    /// Before the files are there for the first time.
    pub pre_install: Option<Vec<u8>>,
    /// After they are there for the first time.
    pub post_install: Option<Vec<u8>>,
    /// Before an upgrade.
    pub pre_upgrade: Option<Vec<u8>>,
    /// After an upgrade.
    pub post_upgrade: Option<Vec<u8>>,
    /// Before they are removed.
    pub pre_deinstall: Option<Vec<u8>>,
    /// After they have been.
    pub post_deinstall: Option<Vec<u8>>,
}

/// How to write a package. All of it but `threads` is in the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApkOptions {
    /// gzip's level; `None` is 9.
    pub level: Option<u32>,
    /// The time of every entry, and of the build: seconds since 1970, UTC.
    pub mtime: u64,
    /// How many threads may compress at once.
    pub threads: usize,
}

impl ApkScripts {
    /// Every script with the name of its member.
    fn named(&self) -> [(&'static str, &Option<Vec<u8>>); 6] {
        [
            (".post-deinstall", &self.post_deinstall),
            (".post-install", &self.post_install),
            (".post-upgrade", &self.post_upgrade),
            (".pre-deinstall", &self.pre_deinstall),
            (".pre-install", &self.pre_install),
            (".pre-upgrade", &self.pre_upgrade),
        ]
    }

    /// The place of the script with this name.
    fn place(&mut self, name: &str) -> Option<&mut Option<Vec<u8>>> {
        Some(match name {
            ".post-deinstall" => &mut self.post_deinstall,
            ".post-install" => &mut self.post_install,
            ".post-upgrade" => &mut self.post_upgrade,
            ".pre-deinstall" => &mut self.pre_deinstall,
            ".pre-install" => &mut self.pre_install,
            ".pre-upgrade" => &mut self.pre_upgrade,
            _ => return None,
        })
    }
}
