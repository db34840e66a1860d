//! `[deb]`, `[rpm]`, `[apk]`, `[msi]`, `[pkg]` and `[dmg]` of a package
//! manifest: what only one format of installer is told.
use located::Located;

use super::{Revision, check_rules, place};
use crate::manifest::declare::{choices, table};
use crate::manifest::reader::{Check, Reader};
use crate::manifest::text::{Expanded, FileName, Guid, InstallPath, Line, Name, PackageName, VariableName};
use crate::manifest::values::SystemVersion;

table! {
    /// Scripts that the package managers of Linux run, as files relative to the workspace's root.
    pub struct Scripts as "scripts table of a package" {
        /// Runs before its files are there.
        pre_install: Option<Located<Expanded>> = "\"packaging/my-app/preinst\"",
        /// Runs once its files are there.
        post_install: Option<Located<Expanded>> = "\"packaging/my-app/postinst\"",
        /// Runs before its files go.
        pre_remove: Option<Located<Expanded>> = "\"packaging/my-app/prerm\"",
        /// Runs once its files are gone.
        post_remove: Option<Located<Expanded>> = "\"packaging/my-app/postrm\"",
    }
}

table! {
    /// Only for deb.
    pub struct DebTable as "deb table of a package" {
        /// The package's name, in lower case; if it is absent, it follows from the app's.
        name: Option<Located<PackageName>> = "\"my-app\"",
        /// The number of the package among those of one version.
        release: Option<Located<Revision>> = "1",
        /// The section.
        section: Option<Located<Line>> = "\"utils\"",
        /// How much a system needs it.
        priority: Option<Located<Priority>> = "\"optional\"",
        /// How its files are compressed; zstd is for Debian 12, Ubuntu 21.10 and later.
        compression: Option<Located<Compression>> = "\"xz\"",
        /// Whether the packages that the programs are found to need are depended on.
        auto_depends: Option<Located<bool>> = "true",
        /// Libraries of which no package is looked up, since `depends` names it.
        known_libraries: Option<Vec<Located<FileName>>> = "[\"libfuse3.so.3\"]",
        /// More packages that have to be there, in Debian's own words.
        depends: Option<Vec<Located<Line>>> = "[\"ca-certificates\", \"libfuse3-3 | libfuse3-4\"]",
        /// Packages that have to be there before it is unpacked.
        pre_depends: Option<Vec<Located<Line>>> = "[]",
        /// More packages that are wanted along with it.
        recommends: Option<Vec<Located<Line>>> = "[]",
        /// More packages that go well with it.
        suggests: Option<Vec<Located<Line>>> = "[]",
        /// Packages that it makes more useful.
        enhances: Option<Vec<Located<Line>>> = "[]",
        /// More packages that cannot be there at the same time.
        conflicts: Option<Vec<Located<Line>>> = "[]",
        /// Packages that do not work beside it.
        breaks: Option<Vec<Located<Line>>> = "[]",
        /// More names that others may depend on.
        provides: Option<Vec<Located<Line>>> = "[]",
        /// More packages that it takes the place of.
        replaces: Option<Vec<Located<Line>>> = "[]",
        /// Scripts, each in place of the common one.
        scripts: Option<Located<Scripts>> = "{ post-install = \"packaging/deb/postinst\" }",
        /// The key of gpg that signs it (`_gpgorigin`, which debsig-verify checks).
        gpg_key: Option<Located<Line>> = "\"0123456789ABCDEF0123456789ABCDEF01234567\"",
    }
}

table! {
    /// Only for rpm.
    pub struct RpmTable as "rpm table of a package" {
        /// The package's name; if it is absent, the app's.
        name: Option<Located<FileName>> = "\"my-app\"",
        /// The number of the package among those of one version.
        release: Option<Located<Revision>> = "1",
        /// The group, which older systems show.
        group: Option<Located<Line>> = "\"Applications/System\"",
        /// How its files are compressed.
        compression: Option<Located<Compression>> = "\"zstd\"",
        /// Whether the libraries that the programs are found to need are required.
        auto_depends: Option<Located<bool>> = "true",
        /// More packages that have to be there.
        depends: Option<Vec<Located<Line>>> = "[\"ca-certificates\"]",
        /// More packages that are wanted along with it.
        recommends: Option<Vec<Located<Line>>> = "[]",
        /// More packages that go well with it.
        suggests: Option<Vec<Located<Line>>> = "[]",
        /// More packages that cannot be there at the same time.
        conflicts: Option<Vec<Located<Line>>> = "[]",
        /// More names that others may depend on.
        provides: Option<Vec<Located<Line>>> = "[]",
        /// More packages that it takes the place of.
        replaces: Option<Vec<Located<Line>>> = "[]",
        /// Scripts, each in place of the common one.
        scripts: Option<Located<Scripts>> = "{ post-install = \"packaging/rpm/post\" }",
        /// The key of gpg that signs it.
        gpg_key: Option<Located<Line>> = "\"0123456789ABCDEF0123456789ABCDEF01234567\"",
    }
}

table! {
    /// Only for apk.
    pub struct ApkTable as "apk table of a package" {
        /// The package's name, in lower case; if it is absent, it follows from the app's.
        name: Option<Located<PackageName>> = "\"my-app\"",
        /// The number of the package among those of one version.
        release: Option<Located<Revision>> = "0",
        /// Whether the libraries that the programs are found to need are depended on.
        auto_depends: Option<Located<bool>> = "true",
        /// More packages that have to be there.
        depends: Option<Vec<Located<Line>>> = "[\"ca-certificates\"]",
        /// More packages that cannot be there at the same time.
        conflicts: Option<Vec<Located<Line>>> = "[]",
        /// More names that others may depend on.
        provides: Option<Vec<Located<Line>>> = "[]",
        /// More packages that it takes the place of.
        replaces: Option<Vec<Located<Line>>> = "[]",
        /// Scripts, each in place of the common one.
        scripts: Option<Located<Scripts>> = "{ post-install = \"packaging/apk/post-install\" }",
        /// The RSA key that signs it, in PEM; if it is absent, it is not signed.
        key: Option<Located<Expanded>> = "\"${KEYS}/ada@example.org-5f3e.rsa\"",
        /// The name of the public key in /etc/apk/keys; if it is absent, the key's own with `.pub`.
        key_name: Option<Located<FileName>> = "\"ada@example.org-5f3e.rsa.pub\"",
    }
}

table! {
    /// Only for msi.
    pub struct MsiTable as "msi table of a package" {
        /// The name of the product; if it is absent, the app's.
        name: Option<Located<Line>> = "\"My App\"",
        /// The folder below Program Files; if it is absent, the product's name.
        folder: Option<Located<InstallPath>> = "\"Example/My App\"",
        /// For whom it is installed.
        scope: Option<Located<Scope>> = "\"per-machine\"",
        /// What all its versions have in common; if it is absent, it follows from the app's name and identifier. It must never change.
        upgrade_code: Option<Located<Guid>> = "\"01234567-89ab-cdef-0123-456789abcdef\"",
        /// Whether the programs' folder joins PATH.
        path_entry: Option<Located<bool>> = "true",
        /// Shortcuts in the start menu.
        shortcuts: Option<Vec<Located<Shortcut>>> = "[{ program = \"my-app\", name = \"My App\" }]",
        /// The icon that the list of installed apps shows, an .ico relative to the workspace's root.
        icon: Option<Located<Expanded>> = "\"packaging/my-app.ico\"",
        /// Whether the user is shown the licence and has to accept it.
        licence_dialog: Option<Located<bool>> = "false",
        /// The text that is shown; if it is absent, the licence files.
        licence_file: Option<Located<Expanded>> = "\"packaging/licence.txt\"",
    }
}

table! {
    /// A shortcut in the start menu.
    pub struct Shortcut as "shortcuts table of a package" {
        /// The program that it starts, without `.exe`.
        program: Located<String> = "\"my-app\"",
        /// What it is called; if it is absent, as the product.
        name: Option<Located<Line>> = "\"My App\"",
        /// What is said of it.
        description: Option<Located<Line>> = "\"Finds files\"",
        /// The arguments.
        arguments: Option<Located<Line>> = "\"--window\"",
    }
}

table! {
    /// Scripts that macOS' installer runs, as files relative to the workspace's root.
    pub struct PkgScripts as "scripts table of a pkg" {
        /// Runs before its files are there.
        pre_install: Option<Located<Expanded>> = "\"packaging/pkg/preinstall\"",
        /// Runs once its files are there.
        post_install: Option<Located<Expanded>> = "\"packaging/pkg/postinstall\"",
    }
}

table! {
    /// Only for pkg.
    pub struct PkgTable as "pkg table of a package" {
        /// What the receipt is called; if it is absent, as the package's `identifier`.
        identifier: Option<Located<Name>> = "\"org.example.my-app\"",
        /// What the installer's window is called; if it is absent, as the app.
        title: Option<Located<Line>> = "\"My App\"",
        /// The folder that everything is below; paths of `[[files]]` that begin with `/` are not.
        install_location: Option<Located<InstallPath>> = "\"/usr/local\"",
        /// The oldest macOS that it is installed on; if it is absent, the targets'.
        minimum_os: Option<Located<SystemVersion>> = "\"11.0\"",
        /// Whether the user is shown the licence and has to accept it.
        licence_dialog: Option<Located<bool>> = "false",
        /// Scripts.
        scripts: Option<Located<PkgScripts>> = "{ post-install = \"packaging/pkg/postinstall\" }",
        /// How it is signed; if it is absent, not at all.
        signing: Option<Located<InstallerSigning>> = "{ certificate = \"${CERTIFICATES}/installer.p12\", password-env = \"INSTALLER_CERTIFICATE_PASSWORD\" }",
    }
}

table! {
    /// How an installer package for macOS is signed.
    pub struct InstallerSigning as "signing table of a pkg" {
        /// The keychain's identity that signs, through productsign on a Mac.
        identity: Option<Located<Expanded>> = "\"Developer ID Installer: Example (TEAMID)\"",
        /// The PKCS#12 file of the identity that signs, through rcodesign on any machine.
        certificate: Option<Located<Expanded>> = "\"${CERTIFICATES}/installer.p12\"",
        /// The environment variable that holds the certificate's password.
        password_env: Option<Located<VariableName>> = "\"INSTALLER_CERTIFICATE_PASSWORD\"",
        /// The server that says when it was signed.
        timestamp: Option<Located<Expanded>> = "\"http://timestamp.apple.com/ts01\"",
    }
}

table! {
    /// Only for dmg.
    pub struct DmgTable as "dmg table of a package" {
        /// What the volume is called; if it is absent, the app's name and version.
        volume: Option<Located<Line>> = "\"My App\"",
        /// Where the link beside the programs leads, to drag them to.
        link: Option<Located<InstallPath>> = "\"/usr/local/bin\"",
    }
}

choices! {
    /// How much a system needs a deb.
    pub enum Priority {
        /// Nothing works without it.
        Required = "required",
        /// Everybody expects it.
        Important = "important",
        /// On every system by default.
        Standard = "standard",
        /// For those who want it.
        Optional = "optional",
    }
}

choices! {
    /// How the files of a package are compressed.
    pub enum Compression {
        /// gzip: every system reads it.
        Gzip = "gzip",
        /// xz: the smallest.
        Xz = "xz",
        /// zstd: the quickest to install.
        Zstd = "zstd",
    }
}

choices! {
    /// For whom an msi installs.
    pub enum Scope {
        /// For everybody, which asks for an administrator.
        PerMachine = "per-machine",
        /// For whoever installs it.
        PerUser = "per-user",
    }
}

impl Check for Scripts {}
impl Check for DebTable {}
impl Check for RpmTable {}
impl Check for Shortcut {}
impl Check for PkgScripts {}
impl Check for DmgTable {}
impl Check for PkgTable {}

impl Check for ApkTable {
    fn check(&self, reader: &mut Reader<'_>) {
        let alone = self.key.is_none();
        check_rules([(alone, place(&self.key_name), "key-name", "goes with `key`", "name the key, too")], reader);
    }
}

impl Check for MsiTable {
    fn check(&self, reader: &mut Reader<'_>) {
        let dialog = self.licence_dialog.as_ref().is_some_and(|on| *on.value());
        let rules = [(
            !dialog,
            place(&self.licence_file),
            "licence-file",
            "goes with the licence dialog",
            "add `licence-dialog = true`",
        )];
        check_rules(rules, reader);
    }
}

impl Check for InstallerSigning {
    fn check(&self, reader: &mut Reader<'_>) {
        let signs = self.identity.is_some() || self.certificate.is_some();
        let rules = [
            (
                self.identity.is_some(),
                place(&self.certificate),
                "certificate",
                "goes with no `identity`",
                "keep one of the two",
            ),
            (
                self.certificate.is_none(),
                place(&self.password_env),
                "password-env",
                "goes with `certificate`",
                "name the certificate, too",
            ),
            (
                !signs,
                place(&self.timestamp),
                "timestamp",
                "goes with an `identity` or a `certificate`",
                "name one, or leave it out",
            ),
        ];
        check_rules(rules, reader);
    }
}
