//! Package manifests, `packaging/*.toml`: what is released of a Cargo package,
//! what its archives and installers hold, and what installers say of it. A
//! package that has one is an app.
use located::{Located, Place};

use super::declare::table;
use super::kind::ErrorKind;
use super::reader::{Check, Reader};
use super::target::{ArchiveFormat, Installer};
use super::text::{Expanded, Line, Name, Paragraphs};
use super::values::SchemaNumber;

mod contents;
mod formats;
mod signing;
mod values;

pub use contents::{BundleEntry, FOLDER, FileEntry, FileKind, GeneratedEntry};
pub use formats::{
    ApkTable, Compression, DebTable, DmgTable, InstallerSigning, MsiTable, PkgScripts, PkgTable, Priority, RpmTable,
    Scope, Scripts, Shortcut,
};
pub use signing::{MacosSigning, WindowsSigning};
pub use values::{Comparison, Mode, Relation, Revision};

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
        /// The installers to make, in place of the targets'; each is made for the targets that it is for.
        installers: Option<Vec<Located<Installer>>> = "[\"deb\", \"rpm\", \"apk\", \"msi\", \"pkg\", \"dmg\"]",
        /// The binaries to release, in place of all that the package has.
        binaries: Option<Vec<Located<String>>> = "[]",
        /// Whether the package's cdylib is released, too.
        cdylib: Option<Located<bool>> = "false",
        /// Whether the package's staticlib is released, too.
        staticlib: Option<Located<bool>> = "false",
        /// What installers say of the app in one line; if it is absent, Cargo's description up to its first full stop.
        summary: Option<Located<Line>> = "\"Finds files\"",
        /// What installers say of the app at length; blank lines part paragraphs. If it is absent, Cargo's description.
        description: Option<Located<Paragraphs>> = "\"Finds files by name.\\n\\nIt is quick.\"",
        /// Who looks after the installers; if it is absent, the first of Cargo's authors.
        maintainer: Option<Located<Line>> = "\"Ada Example <ada@example.org>\"",
        /// The licence as an SPDX expression; if it is absent, Cargo's.
        licence: Option<Located<Line>> = "\"MIT OR Apache-2.0\"",
        /// Who holds the copyright, with the years; if it is absent, Cargo's authors.
        copyright: Option<Located<Line>> = "\"2026 Ada Example\"",
        /// The website; if it is absent, Cargo's homepage or else its repository.
        homepage: Option<Located<Line>> = "\"https://example.org/my-app\"",
        /// Whose product it is; if it is absent, installers that need a vendor name the first of Cargo's authors.
        vendor: Option<Located<Line>> = "\"Example Ltd\"",
        /// The section or category, in Debian's words; if it is absent, what Cargo's categories come to, or else "utils".
        section: Option<Located<Line>> = "\"utils\"",
        /// The name that systems know the package by; if it is absent, it follows from the homepage.
        identifier: Option<Located<Name>> = "\"org.example.my-app\"",
        /// The changelog, relative to the workspace's root; if it is absent, the CHANGELOG of the package or workspace.
        changelog: Option<Located<Expanded>> = "\"CHANGELOG.md\"",
        /// Packages that have to be there, such as "git" or "git >= 2.30", besides those that the programs themselves are found to need.
        depends: Option<Vec<Located<Relation>>> = "[\"git >= 2.30\"]",
        /// Packages that are wanted along with it.
        recommends: Option<Vec<Located<Relation>>> = "[]",
        /// Packages that go well with it.
        suggests: Option<Vec<Located<Relation>>> = "[]",
        /// Packages that cannot be there at the same time.
        conflicts: Option<Vec<Located<Relation>>> = "[]",
        /// Names that others may depend on, besides its own.
        provides: Option<Vec<Located<Relation>>> = "[]",
        /// Packages that it takes the place of.
        replaces: Option<Vec<Located<Relation>>> = "[]",
        /// Files to add to the archives and, where they have a kind, to the installers.
        files: Option<Vec<Located<FileEntry>>> = "[[files]]",
        /// Files to add to the installers that the app itself prints, such as completions and man pages: a finished program is run for them.
        generated: Option<Vec<Located<GeneratedEntry>>> = "[[generated]]",
        /// Bundles of plugins to ship with the app: each is compiled along with it for each of its targets.
        bundles: Option<Vec<Located<BundleEntry>>> = "[[bundles]]",
        /// Scripts that the package managers of Linux run, as files relative to the workspace's root.
        scripts: Option<Located<Scripts>> = "[scripts]",
        /// Only for deb, Debian and its kin: relations join those above, everything else takes the place of it.
        deb: Option<Located<DebTable>> = "[deb]",
        /// Only for rpm, Fedora, openSUSE and their kin.
        rpm: Option<Located<RpmTable>> = "[rpm]",
        /// Only for apk, Alpine.
        apk: Option<Located<ApkTable>> = "[apk]",
        /// Only for msi, Windows Installer.
        msi: Option<Located<MsiTable>> = "[msi]",
        /// Only for pkg, macOS installer packages.
        pkg: Option<Located<PkgTable>> = "[pkg]",
        /// Only for dmg, macOS disk images.
        dmg: Option<Located<DmgTable>> = "[dmg]",
        /// How its programs for macOS are signed; if it is absent, ad hoc: proof that they are whole, which Apple silicon asks for.
        macos: Option<Located<MacosSigning>> = "[macos]",
        /// How its programs for Windows, and its msi, are signed; if it is absent, not at all.
        windows: Option<Located<WindowsSigning>> = "[windows]",
    }
}

impl Check for PackageManifest {}

fn place<T>(value: &Option<Located<T>>) -> Option<&Place> {
    value.as_ref().map(Located::place)
}

/// Whether it is broken, where, the key, what is wrong with it, and what to do.
type Rule<'a> = (bool, Option<&'a Place>, &'a str, &'a str, &'a str);

fn check_rules<const N: usize>(rules: [Rule<'_>; N], reader: &mut Reader<'_>) {
    for (broken, place, key, problem, advice) in rules {
        if let (true, Some(place)) = (broken, place) {
            let (key, problem, advice) = (key.to_owned(), problem.to_owned(), advice.to_owned());
            reader.error_at(ErrorKind::Invalid { key, problem, advice }, place);
        }
    }
}

impl PackageManifest {
    /// The Cargo package that `stem.toml` is about.
    pub fn package_name<'a>(&'a self, stem: &'a str) -> &'a str {
        self.package.as_ref().map_or(stem, |package| package.as_str())
    }
}
