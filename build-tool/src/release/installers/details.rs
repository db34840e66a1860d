//! What only one format of installer knows.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::Serialize;

use super::{all_path_bytes, some_path_bytes};
use crate::manifest::package::{Compression, Priority, Scope};
use crate::release::Authenticode;

/// What only one format knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Details {
    /// Of deb.
    Deb(DebDetails),
    /// Of rpm.
    Rpm(RpmDetails),
    /// Of apk.
    Apk(ApkDetails),
    /// Of msi.
    Msi(MsiDetails),
    /// Of pkg.
    Pkg(PkgDetails),
    /// Of dmg.
    Dmg(DmgDetails),
}

/// What only deb knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DebDetails {
    /// The version with its Debian revision.
    pub version: String,
    /// Debian's name of the architecture.
    pub architecture: String,
    /// How much a system needs it.
    pub priority: Priority,
    /// How its files are compressed.
    pub compression: Compression,
    /// The libraries whose packages are not looked up; none where nothing is.
    pub known_libraries: Option<BTreeSet<String>>,
    /// The systemd units in it, and whether each starts with the system.
    pub units: Vec<(String, bool)>,
    /// The key of gpg that signs it.
    pub gpg_key: Option<String>,
}

/// What only rpm knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RpmDetails {
    /// The version, as rpm orders it.
    pub version: String,
    /// The package's number among those of one version.
    pub release: String,
    /// rpm's name of the architecture.
    pub architecture: String,
    /// The group, which older systems show.
    pub group: Option<String>,
    /// How its files are compressed.
    pub compression: Compression,
    /// Whether the libraries that its programs need are required.
    pub auto_depends: bool,
    /// The systemd units in it.
    pub units: Vec<String>,
    /// The key of gpg that signs it.
    pub gpg_key: Option<String>,
}

/// What only apk knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApkDetails {
    /// The version with its release.
    pub version: String,
    /// Alpine's name of the architecture.
    pub architecture: String,
    /// Whether the libraries that its programs need are depended on.
    pub auto_depends: bool,
    /// The private key that signs it, and the name of the public one.
    #[serde(serialize_with = "key_bytes")]
    pub key: Option<(PathBuf, String)>,
}

/// What only msi knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MsiDetails {
    /// The product's name.
    pub product: String,
    /// Who makes it.
    pub manufacturer: String,
    /// What all its versions have in common, where the manifest says so.
    pub upgrade_code: Option<String>,
    /// For whom it is installed.
    pub scope: Scope,
    /// The folder below Program Files.
    pub folder: String,
    /// The folder that joins PATH.
    pub path: Option<String>,
    /// What the start menu gets.
    pub shortcuts: Vec<Shortcut>,
    /// The icon.
    #[serde(serialize_with = "some_path_bytes")]
    pub icon: Option<PathBuf>,
    /// The texts that the user has to accept; none shows no dialog.
    #[serde(serialize_with = "all_path_bytes")]
    pub licence: Vec<PathBuf>,
    /// How it is signed.
    pub signing: Option<Authenticode>,
}

/// An entry of the start menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shortcut {
    /// Its name.
    pub name: String,
    /// The path of the program that it starts.
    pub target: String,
    /// The program's arguments.
    pub arguments: String,
    /// What is said of it.
    pub description: String,
}

/// What only pkg knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PkgDetails {
    /// What the installer's window is called.
    pub title: String,
    /// The oldest macOS.
    pub minimum_os: Option<String>,
    /// The processors, in Apple's words.
    pub architectures: Vec<&'static str>,
    /// The texts that the user has to accept; none asks nothing.
    #[serde(serialize_with = "all_path_bytes")]
    pub licence: Vec<PathBuf>,
    /// Who signs it.
    pub signer: Option<PkgSigner>,
}

/// Who signs installer packages for macOS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PkgSigner {
    /// An identity of the keychain, through `productsign`.
    Keychain {
        /// Its name.
        identity: String,
        /// The timestamp server.
        timestamp: Option<String>,
    },
    /// A certificate and key in a file, through `rcodesign`.
    Certificate {
        /// The PKCS#12 file, relative to the workspace's root.
        file: String,
        /// The variable that holds its password.
        password_env: Option<String>,
        /// The timestamp server.
        timestamp: Option<String>,
    },
}

/// What only dmg knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DmgDetails {
    /// What the volume is called.
    pub volume: String,
}

fn key_bytes<S: serde::Serializer>(key: &Option<(PathBuf, String)>, serializer: S) -> Result<S::Ok, S::Error> {
    let text = |(path, name): &(PathBuf, String)| {
        (path.as_os_str().as_encoded_bytes().escape_ascii().to_string(), name.clone())
    };
    key.as_ref().map(text).serialize(serializer)
}
