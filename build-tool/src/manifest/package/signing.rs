//! `[macos]` and `[windows]` of a package manifest: how programs are signed.
use located::Located;

use super::{check_rules, place};
use crate::manifest::declare::table;
use crate::manifest::reader::{Check, Reader};
use crate::manifest::text::{Expanded, Name, VariableName};

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
