//! How an app's programs are signed: what its package manifest says of macOS and
//! Windows, with every default filled in. Secrets are not here: only the names
//! of the variables that hold them.

use located::Located;
use serde::Serialize;

use crate::manifest::package::{MacosSigning, WindowsSigning};
use crate::manifest::{Expanded, PackageManifest, VariableName};

/// How programs and libraries for Apple's systems are signed. Files are relative to the workspace's root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MacSigning {
    /// The code's name.
    pub identifier: String,
    /// Whether the hardened runtime is asked for.
    pub hardened_runtime: bool,
    /// A property list of entitlements for the programs.
    pub entitlements: Option<String>,
    /// Who signs.
    pub signer: MacSigner,
    /// The key for Apple's notary service, as `rcodesign encode-app-store-connect-api-key` writes it.
    pub notary_key: Option<String>,
}

/// Who signs for Apple's systems.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MacSigner {
    /// Nobody: the signature only proves that the file is whole, which Apple silicon asks for.
    AdHoc,
    /// An identity of the keychain, through `codesign`.
    Keychain {
        /// Its name.
        identity: String,
        /// The timestamp server.
        timestamp: Option<String>,
    },
    /// A certificate and key in a file, through `rcodesign`.
    Certificate {
        /// The PKCS#12 file.
        file: String,
        /// The variable that holds its password.
        password_env: Option<String>,
        /// The timestamp server.
        timestamp: Option<String>,
    },
}

/// How programs and libraries for Windows are signed (Authenticode).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Authenticode {
    /// Who signs.
    pub signer: WindowsSigner,
    /// The timestamp server (RFC 3161).
    pub timestamp: Option<String>,
}

/// Who signs for Windows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WindowsSigner {
    /// A certificate with its key in files or in a token, through `osslsigncode`.
    Files {
        /// Certificates in PEM, or a PKCS#12 file with the key.
        certificate: String,
        /// The key's file or `pkcs11:` URI; none where the PKCS#12 file has it.
        key: Option<String>,
        /// The library of the token.
        pkcs11_module: Option<String>,
        /// The variable that holds the password or PIN.
        password_env: Option<String>,
    },
    /// A certificate of this machine's store, through `signtool`.
    Store {
        /// Its SHA-1.
        thumbprint: String,
    },
}

impl MacSigning {
    /// Whether a certificate is behind the signature: such a signature is another each time.
    pub fn has_identity(&self) -> bool {
        self.signer != MacSigner::AdHoc
    }
}

/// What a package manifest says of Apple's systems; `identities` allows certificates.
pub(super) fn macos(app: &str, manifest: Option<&PackageManifest>, identities: bool) -> MacSigning {
    let default = MacSigning {
        identifier: app.to_owned(),
        hardened_runtime: false,
        entitlements: None,
        signer: MacSigner::AdHoc,
        notary_key: None,
    };
    let Some(said) = manifest.and_then(|manifest| manifest.macos.as_ref()) else { return default };
    let said: &MacosSigning = said.value();
    let timestamp = text(said.timestamp.as_ref());
    let signer = match (text(said.identity.as_ref()), text(said.certificate.as_ref())) {
        (Some(identity), _) if identities => MacSigner::Keychain { identity, timestamp },
        (None, Some(file)) if identities => {
            MacSigner::Certificate { file, password_env: variable(said.password_env.as_ref()), timestamp }
        }
        _ => MacSigner::AdHoc,
    };
    MacSigning {
        identifier: said.identifier.as_ref().map_or(default.identifier, |name| name.to_string()),
        hardened_runtime: said.hardened_runtime.as_ref().is_some_and(|on| *on.value()),
        entitlements: text(said.entitlements.as_ref()),
        signer,
        notary_key: text(said.notary_key.as_ref()).filter(|_| identities),
    }
}

/// What a package manifest says of Windows; none where nothing is signed.
pub(super) fn windows(manifest: Option<&PackageManifest>, identities: bool) -> Option<Authenticode> {
    let said: &WindowsSigning = manifest.filter(|_| identities)?.windows.as_ref()?.value();
    let signer = match (text(said.certificate.as_ref()), said.thumbprint.as_ref()) {
        (Some(certificate), _) => WindowsSigner::Files {
            certificate,
            key: text(said.key.as_ref()),
            pkcs11_module: text(said.pkcs11_module.as_ref()),
            password_env: variable(said.password_env.as_ref()),
        },
        (None, Some(thumbprint)) => WindowsSigner::Store { thumbprint: thumbprint.to_string() },
        (None, None) => return None,
    };
    Some(Authenticode { signer, timestamp: text(said.timestamp.as_ref()) })
}

fn text(value: Option<&Located<Expanded>>) -> Option<String> {
    value.map(|value| value.as_str().to_owned())
}

fn variable(value: Option<&Located<VariableName>>) -> Option<String> {
    value.map(|value| value.as_str().to_owned())
}
