//! macOS's flat packages (`.pkg`): a product archive with one component. The outer format is xar; in it
//! `Distribution` says to the installer what is shown and where it may run, and the component's folder holds
//! `PackageInfo`, the `Payload` (cpio in gzip), the `Bom`, and perhaps `Scripts` (cpio in gzip).
//! The two documents: Apple's "Distribution XML Reference" and what `pkgbuild` and `productbuild` write.

mod description;
mod documents;
mod read;
mod write;

pub use self::description::{DescriptionError, HostArchitecture, Package};
pub use self::read::{PkgContents, read_pkg};
pub use self::write::{PkgError, PkgOptions, write_pkg};

/// The names within the archive.
const DISTRIBUTION: &str = "Distribution";
const RESOURCES: &str = "Resources";
const LICENCE: &str = "LICENSE.txt";
const README: &str = "README.txt";
const PACKAGE_INFO: &str = "PackageInfo";
const PAYLOAD: &str = "Payload";
const BOM: &str = "Bom";
const SCRIPTS: &str = "Scripts";
const PREINSTALL: &str = "preinstall";
const POSTINSTALL: &str = "postinstall";
