//! What goes into the tables of a package: which rows make Windows Installer do what a description asks for.

mod dialogs;
mod files;
mod product;
mod sequences;

pub(super) use self::files::{Files, plan_files};
pub(super) use self::sequences::add_sequences;

use super::database::DatabaseWriter;
use super::identity::Identity;
use super::{Msi, MsiError};

/// The one feature, of which all components are a part.
const FEATURE: &str = "Main";
/// The property with the folder that everything goes into.
pub(super) const INSTALL_FOLDER: &str = "INSTALLDIR";
/// The folder above it.
pub(super) const PROGRAM_FILES: &str = "ProgramFiles64Folder";
/// The name of the cabinet's stream.
pub(super) const CABINET: &str = "files.cab";
/// The property with the version as it was given, of which ProductVersion holds the numbers only.
pub(super) const FULL_VERSION: &str = "FullVersion";

/// Components are for 64-bit systems: msidbComponentAttributes64bit.
const IS_64_BIT: i32 = 256;
/// The KeyPath is an entry of the registry: msidbComponentAttributesRegistryKeyPath.
const KEY_IN_REGISTRY: i32 = 4;

/// Holds while a package is installed for the whole machine; what a value of ALLUSERS means is in the SDK's "Single
/// Package Authoring".
const FOR_MACHINE: &str = "ALLUSERS=1 OR (ALLUSERS=2 AND MSIINSTALLPERUSER<>1)";
/// Holds while it is installed for one user.
const FOR_USER: &str = "NOT (ALLUSERS=1 OR (ALLUSERS=2 AND MSIINSTALLPERUSER<>1))";

/// Fills all tables.
pub(super) fn fill(
    database: &mut DatabaseWriter,
    msi: &Msi,
    identity: &Identity,
    version: &str,
    files: &Files<'_>,
) -> Result<(), MsiError> {
    files.add_rows(database, msi, identity)?;
    product::add_rows(database, msi, identity, version, files)?;
    add_sequences(database, msi);
    if let Some(licence) = &msi.licence {
        dialogs::add_rows(database, licence);
    }
    Ok(())
}
