//! Manifests: the user's words. Parses and validates them, and nothing else:
//! what is not said stays unsaid, and `release.rs` fills it in. Every value
//! keeps its place, and every error is shown there, all of them at once.
mod declare;
mod error;
mod expand;
mod field;
mod folders;
mod inherit;
mod kind;
mod load;
pub mod package;
pub mod profile;
mod reader;
mod schema;
pub mod target;
mod template;
mod text;
mod values;

pub use error::{ManifestError, ManifestErrors};
pub use folders::Folders;
pub use kind::ErrorKind;
pub use load::{Loaded, Manifests, Profiles, load_all, load_profiles};
pub use package::PackageManifest;
pub use profile::ProfileManifest;
pub use reader::{Lookup, SCHEMA};
pub use schema::schema;
pub use target::TargetManifest;
pub use template::{PackageTemplate, ProfileTemplate, TargetTemplate, render_package, render_profile, render_target};
pub use text::{
    AccountName, ArchivePath, Destination, Expanded, FileName, FolderPath, Guid, InstallPath, Line, Name, PackageName,
    Paragraphs, SourceGlob, VariableName,
};
pub use values::{CodegenUnits, DebugLevel, Lto, OptLevel, SchemaNumber, SystemVersion, Tier};

#[cfg(test)]
mod tests;
