//! Package manifests, `packaging/*.toml`: what is released of a Cargo package,
//! and what its archives hold. A package that has one is an app.
use super::declare::table;
use super::reader::Check;
use super::source::Located;
use super::target::ArchiveFormat;
use super::text::{ArchivePath, Name, SourceGlob};
use super::values::SchemaNumber;

table! {
    /// What is released of a package.
    pub struct PackageManifest as "package manifest" {
        /// The version of this file's format.
        schema: Located<SchemaNumber> = "1",
        /// The Cargo package; if it is absent, this file's name.
        package: Option<Located<String>> = "\"my-package\"",
        /// The app's name, which its files carry; if it is absent, the package's.
        name: Option<Located<Name>> = "\"my-app\"",
        /// The profile it is compiled with, unless --profile says another.
        profile: Option<Located<String>> = "\"release\"",
        /// The targets it is released for, in place of all those asked for.
        targets: Option<Vec<Located<Name>>> = "[\"x86_64-unknown-linux-gnu\"]",
        /// The archive's format, in place of the target's.
        archive: Option<Located<ArchiveFormat>> = "\"tar.gz\"",
        /// The binaries to release, in place of all that the package has.
        binaries: Option<Vec<Located<String>>> = "[]",
        /// Whether the package's cdylib is released, too.
        cdylib: Option<Located<bool>> = "false",
        /// Whether the package's staticlib is released, too.
        staticlib: Option<Located<bool>> = "false",
        /// Files to add to the archives, such as completions and man pages.
        files: Option<Vec<Located<FileEntry>>> = "[[files]]",
    }
}

table! {
    /// Files that an archive holds besides the binaries.
    pub struct FileEntry as "files table of a package" {
        /// The files, as a glob relative to the workspace's root; ${NAME} takes an environment variable.
        source: Located<SourceGlob> = "\"completions/*\"",
        /// Where they go inside the archive: a folder ends with `/`; if it is absent, the archive's root.
        destination: Option<Located<ArchivePath>> = "\"completions/\"",
    }
}

impl Check for PackageManifest {}
impl Check for FileEntry {}

impl PackageManifest {
    /// The Cargo package that `stem.toml` is about.
    pub fn package_name<'a>(&'a self, stem: &'a str) -> &'a str {
        self.package.as_ref().map_or(stem, |package| package.as_str())
    }
}
