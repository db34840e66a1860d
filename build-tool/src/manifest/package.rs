//! Package manifests, `packaging/*.toml`: what is released of a Cargo package,
//! and what its archives hold. A package that has one is an app.
use super::declare::table;
use super::kind::ErrorKind;
use super::reader::{Check, Reader};
use super::source::{Located, Place};
use super::target::ArchiveFormat;
use super::text::{ArchivePath, Expanded, Name, SourceGlob, VariableName};
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
        /// How its programs for macOS are signed; if it is absent, ad hoc: proof that they are whole, which Apple silicon asks for.
        macos: Option<Located<MacosSigning>> = "[macos]",
        /// How its programs for Windows are signed; if it is absent, not at all.
        windows: Option<Located<WindowsSigning>> = "[windows]",
    }
}

table! {
    /// How programs for macOS are signed.
    pub struct MacosSigning as "macos table of a package" {
        /// The name that systems know the code by; if it is absent, the app's name.
        identifier: Option<Located<Name>> = "\"org.example.my-app\"",
        /// Whether the programs ask for the hardened runtime, which notarisation needs.
        hardened_runtime: Option<Located<bool>> = "false",
        /// The programs' entitlements, a property list relative to the workspace's root. If it is absent and the hardened runtime is on, they are com.apple.security.cs.disable-library-validation alone, since the runtime otherwise refuses to load plugins that are signed ad hoc.
        entitlements: Option<Located<Expanded>> = "\"packaging/my-app.entitlements\"",
        /// The keychain's identity that signs, through codesign on a Mac.
        identity: Option<Located<Expanded>> = "\"Developer ID Application: Example (TEAMID)\"",
        /// The PKCS#12 file of the identity that signs, through rcodesign on any machine.
        certificate: Option<Located<Expanded>> = "\"${CERTIFICATES}/developer-id.p12\"",
        /// The environment variable that holds the certificate's password.
        password_env: Option<Located<VariableName>> = "\"MACOS_CERTIFICATE_PASSWORD\"",
        /// The server that says when it was signed.
        timestamp: Option<Located<Expanded>> = "\"http://timestamp.apple.com/ts01\"",
        /// The App Store Connect key (as rcodesign encodes it) with which the programs are notarised.
        notary_key: Option<Located<Expanded>> = "\"${CERTIFICATES}/notary.json\"",
    }
}

table! {
    /// How programs for Windows are signed.
    pub struct WindowsSigning as "windows table of a package" {
        /// The certificate that signs, in PEM or PKCS#12, through osslsigncode.
        certificate: Option<Located<Expanded>> = "\"${CERTIFICATES}/authenticode.pem\"",
        /// Its key: a file or a pkcs11: URI; if it is absent, the PKCS#12 file has it.
        key: Option<Located<Expanded>> = "\"${CERTIFICATES}/authenticode.key\"",
        /// The library of the token that a pkcs11: URI is of.
        pkcs11_module: Option<Located<Expanded>> = "\"/usr/lib/opensc-pkcs11.so\"",
        /// The environment variable that holds the key's password or the token's PIN.
        password_env: Option<Located<VariableName>> = "\"WINDOWS_CERTIFICATE_PASSWORD\"",
        /// The SHA-1 of a certificate in this machine's store, through signtool on Windows.
        thumbprint: Option<Located<Name>> = "\"0123456789abcdef0123456789abcdef01234567\"",
        /// The server that says when it was signed (RFC 3161).
        timestamp: Option<Located<Expanded>> = "\"http://timestamp.example.com\"",
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

impl Check for MacosSigning {
    fn check(&self, reader: &mut Reader<'_>) {
        let signs = self.identity.is_some() || self.certificate.is_some();
        let hardened = self.hardened_runtime.as_ref().is_some_and(|on| *on.value());
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
            (
                !signs,
                place(&self.notary_key),
                "notary-key",
                "goes with an `identity` or a `certificate`",
                "name one, or leave it out",
            ),
            (
                signs && !hardened,
                place(&self.notary_key),
                "notary-key",
                "goes with the hardened runtime",
                "add `hardened-runtime = true`",
            ),
        ];
        check_rules(rules, reader);
    }
}

impl Check for WindowsSigning {
    fn check(&self, reader: &mut Reader<'_>) {
        let token = self.key.as_ref().is_some_and(|key| key.starts_with("pkcs11:"));
        let without = self.certificate.is_none();
        let certificate = "name the certificate, too";
        let rules = [
            (
                self.certificate.is_some(),
                place(&self.thumbprint),
                "thumbprint",
                "goes with no `certificate`",
                "keep one of the two",
            ),
            (without, place(&self.key), "key", "goes with `certificate`", certificate),
            (without, place(&self.password_env), "password-env", "goes with `certificate`", certificate),
            (
                !token,
                place(&self.pkcs11_module),
                "pkcs11-module",
                "goes with a `key` that is a pkcs11: URI",
                "leave it out",
            ),
            (
                without && self.thumbprint.is_none(),
                place(&self.timestamp),
                "timestamp",
                "goes with a `certificate` or a `thumbprint`",
                "name one, or leave it out",
            ),
        ];
        check_rules(rules, reader);
    }
}

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
