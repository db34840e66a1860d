//! Debian's packages (deb(5), deb-control(5), Debian Policy): written from a [`Payload`] and read back.

mod ar;
mod control;
pub mod documents;
mod names;
mod paragraph;
mod read;
mod sign;
mod write;

pub use self::control::{Control, ControlError};
pub use self::names::{UnknownArchitecture, debian_architecture, debian_version};
pub use self::paragraph::{Paragraph, ParagraphError};
pub use self::read::{Deb, DebReadError, read_deb};
pub use self::sign::{append_deb_signature, deb_signed_part};
pub use self::write::{DebError, write_deb};

use crate::compress::Codec;

/// Programs that dpkg runs, as texts that begin with `#!`. `None` for none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scripts {
    /// Before the files are unpacked.
    pub preinst: Option<Vec<u8>>,
    /// After they have been.
    pub postinst: Option<Vec<u8>>,
    /// Before they are removed.
    pub prerm: Option<Vec<u8>>,
    /// After they have been.
    pub postrm: Option<Vec<u8>>,
}

/// How to write a package. All of it but `threads` is in the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebOptions {
    /// The compression of both tars. Every dpkg reads gzip and xz; zstd is for Debian 12 and Ubuntu 18.04 on.
    pub codec: Codec,
    /// Its level; `None` is [`Codec::default_level`].
    pub level: Option<u32>,
    /// The time of every entry: seconds since 1970, UTC.
    pub mtime: u64,
    /// How many threads may compress at once.
    pub threads: usize,
}

impl Default for DebOptions {
    /// xz at its usual level, as Debian's own packages.
    fn default() -> Self {
        Self { codec: Codec::Xz, level: None, mtime: 0, threads: 1 }
    }
}

impl Scripts {
    /// The scripts that there are, with their names, in the order of the names.
    fn named(&self) -> impl Iterator<Item = (&'static str, &[u8])> {
        let all = [
            ("postinst", &self.postinst),
            ("postrm", &self.postrm),
            ("preinst", &self.preinst),
            ("prerm", &self.prerm),
        ];
        all.into_iter().filter_map(|(name, script)| Some((name, script.as_deref()?)))
    }
}
