//! Windows Installer packages (.msi), written and read without Windows: a compound file of version 3 (which
//! Authenticode can sign) that holds a relational database and, as one of its streams, a cabinet with the files.
//!
//! The database is what the Windows Installer SDK's "Database Reference" describes; the compound file is \[MS-CFB\], the
//! cabinet \[MS-CAB\], the compression within it \[MS-MCI\], the summary information \[MS-OLEPS\].
//!
//! One package serves both scopes. [`MsiScope`] says which one a double click takes; the other is chosen on the command
//! line: `ALLUSERS=1` installs for the machine, `MSIINSTALLPERUSER=1 ALLUSERS=2` for the user alone.

mod cabinet;
mod compound;
mod database;
mod identity;
mod licence;
mod names;
mod package;
mod read;
mod summary;
mod write;

pub use self::identity::{product_version, upgrade_code};
pub use self::read::{MsiInfo, read_msi};
pub use self::write::write_msi;

use crate::compress::Codec;
use crate::source::SourceError;
use std::io;

/// What a package says about its product, and how it is installed. All of it but `threads` is in the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Msi {
    /// The product's name as people see it in the list of installed programs. Not empty.
    pub name: String,
    /// The version, as Cargo writes it: see [`product_version`] for what Windows Installer is told of it.
    pub version: String,
    /// Who makes it: a name. Not empty.
    pub manufacturer: String,
    /// What is the same for all versions of the product: a GUID, with or without braces. None derives it from
    /// manufacturer and name: see [`upgrade_code`].
    pub upgrade_code: Option<String>,
    /// For which processors.
    pub architecture: MsiArchitecture,
    /// For whom it is installed when nothing else is said.
    pub scope: MsiScope,
    /// The folder below Program Files into which the payload goes (for one user: below `Programs` in the local
    /// application data): a name, usually the product's.
    pub install_folder: String,
    /// The folder of the payload that is put at the beginning of PATH, such as `bin`; empty for the install folder
    /// itself; none leaves PATH alone. Removal takes exactly this entry out again.
    pub path: Option<String>,
    /// What the Start menu gets.
    pub shortcuts: Vec<Shortcut>,
    /// The folder of the Start menu for the shortcuts; none puts them at its top.
    pub start_menu_folder: Option<String>,
    /// The icon in the list of installed programs: the bytes of an .ico file.
    pub icon: Option<Vec<u8>>,
    /// One line about the product.
    pub summary: String,
    /// Whom to write to.
    pub contact: Option<String>,
    /// The product's page on the web.
    pub homepage: Option<String>,
    /// Where to get help: a link.
    pub help: Option<String>,
    /// The licence as plain text. If given, who installs it by hand is asked to accept it, with dialogs; without dialogs
    /// (`/qb`, `/qn`) it installs without asking.
    pub licence: Option<String>,
    /// The time of everything: seconds since 1970, UTC. Files know 1980 to 2107, in steps of 2 s.
    pub time: u64,
    /// The level of compression, 1 to 9; none is [`Msi::DEFAULT_LEVEL`].
    pub level: Option<u32>,
    /// How many threads may compress at once.
    pub threads: usize,
}

impl Msi {
    /// The level of compression when none is asked for.
    pub const DEFAULT_LEVEL: u32 = Codec::Gzip.default_level();
}

/// The processors that a package is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MsiArchitecture {
    /// x86-64.
    X64,
    /// 64-bit ARM.
    Arm64,
}

impl MsiArchitecture {
    /// Every architecture.
    pub const ALL: [Self; 2] = [Self::X64, Self::Arm64];

    /// The word for it in the summary information's Template property.
    pub const fn name(self) -> &'static str {
        match self {
            Self::X64 => "x64",
            Self::Arm64 => "Arm64",
        }
    }
}

/// For whom a package installs when it is not told otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MsiScope {
    /// Everyone on the machine: needs an administrator.
    #[default]
    Machine,
    /// The user who installs it.
    User,
}

/// An entry of the Start menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortcut {
    /// Its name. Becomes the name of a file, so some characters are not possible.
    pub name: String,
    /// The file of the payload that it opens.
    pub target: String,
    /// The arguments that the program gets, as one command line; often empty.
    pub arguments: String,
    /// What is shown when the mouse rests on it; may be empty.
    pub description: String,
}

/// Why a package cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum MsiError {
    /// Not a version, or numbers that Windows Installer cannot hold.
    #[error("the version {version:?} does not fit an msi: {reason}")]
    Version {
        /// The version.
        version: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A value of the description that cannot be.
    #[error("the {what} {value:?} does not fit an msi: {reason}")]
    Value {
        /// Which value.
        what: &'static str,
        /// The value.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A node that Windows or its installer does not know.
    #[error("{path:?} cannot be installed by an msi: {reason}")]
    Node {
        /// Its path in the payload.
        path: String,
        /// Why not.
        reason: &'static str,
    },
    /// Two names that are one on Windows.
    #[error("{0:?} and {1:?} are one name on Windows, where case makes no difference")]
    SameName(String, String),
    /// There is nothing to install.
    #[error("an msi needs at least one file, and there is none")]
    Empty,
    /// More than the format holds.
    #[error("the payload does not fit one msi: {0}")]
    TooLarge(&'static str),
    /// A source that cannot be taken in.
    #[error(transparent)]
    Source(SourceError),
    /// The package itself cannot be written.
    #[error("cannot write the msi: {0}")]
    Write(#[from] io::Error),
}

impl From<SourceError> for MsiError {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::Write(error) => Self::Write(error),
            source => Self::Source(source),
        }
    }
}
