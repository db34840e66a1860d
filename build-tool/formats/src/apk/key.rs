//! The RSA keys with which packages are signed: SHA-1 with PKCS #1 v1.5 padding, the one signature that every
//! apk-tools takes. It is no choice of ours: the signed metadata has a SHA-256 of the data in turn.

use rsa::pkcs1::{DecodeRsaPrivateKey, DecodeRsaPublicKey};
use rsa::pkcs1v15::Pkcs1v15Sign;
use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey};
use rsa::traits::PublicKeyParts;
use rsa::{RsaPrivateKey, RsaPublicKey};
use sha1::{Digest, Sha1};
use std::fmt;

/// Smaller keys can be broken, larger ones the library does not take.
const BITS: std::ops::RangeInclusive<u32> = 2048..=8192;

/// Why a key cannot be used. Nothing of the key is told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not a key in one of the forms, or one with a passphrase.
    #[error("not an RSA key in PEM form without a passphrase (PKCS #1 or PKCS #8, as `openssl genrsa` makes)")]
    NotAKey,
    /// Too small or too large.
    #[error("an RSA key of {0} bits; it must have from 2048 to 8192")]
    Size(u32),
    /// A name that would not be found by apk, or that is a path.
    #[error("{0:?} is no name of a key: apk looks for /etc/apk/keys/NAME, and NAME must end in .rsa.pub")]
    Name(String),
    /// The mathematics failed, which a damaged key can cause.
    #[error("the RSA key cannot sign; it is damaged")]
    Signing,
}

/// A private key and the name by which apk finds its public half.
pub struct SigningKey {
    name: String,
    key: RsaPrivateKey,
}

impl fmt::Debug for SigningKey {
    /// Nothing of the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("name", &self.name).finish_non_exhaustive()
    }
}

impl SigningKey {
    /// From PEM text. `name` is the file name of the public key, `me@example.org-5f3c.rsa.pub`.
    ///
    /// # Errors
    /// No such key, or a name that apk would not find.
    pub fn from_pem(name: &str, pem: &str) -> Result<Self, KeyError> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"@._+-".contains(&byte);
        let stem = name.strip_suffix(".rsa.pub").unwrap_or_default();
        // The signature's entry in the tar, `.SIGN.RSA.NAME`, must fit its field.
        if stem.is_empty() || name.len() > 80 || !name.bytes().all(plain) {
            return Err(KeyError::Name(name.to_owned()));
        }
        let key = RsaPrivateKey::from_pkcs8_pem(pem)
            .ok()
            .or_else(|| RsaPrivateKey::from_pkcs1_pem(pem).ok())
            .ok_or(KeyError::NotAKey)?;
        check_size(key.n().bits())?;
        Ok(Self { name: name.to_owned(), key })
    }

    /// The file name of the public key.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key that verifies what this one signs.
    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey(self.key.to_public_key())
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let padding = Pkcs1v15Sign::new::<Sha1>();
        self.key.sign(padding, &Sha1::digest(message)).map_err(|_| KeyError::Signing)
    }
}

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyingKey(RsaPublicKey);

impl VerifyingKey {
    /// From PEM text, as the files in `/etc/apk/keys` are.
    ///
    /// # Errors
    /// No such key.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let key = RsaPublicKey::from_public_key_pem(pem)
            .ok()
            .or_else(|| RsaPublicKey::from_pkcs1_pem(pem).ok())
            .ok_or(KeyError::NotAKey)?;
        check_size(key.n().bits())?;
        Ok(Self(key))
    }

    /// Whether the signature is this key's, of the message with that SHA-1.
    pub(super) fn verifies(&self, sha1: &[u8], signature: &[u8]) -> bool {
        self.0.verify(Pkcs1v15Sign::new::<Sha1>(), sha1, signature).is_ok()
    }
}

fn check_size(bits: u32) -> Result<(), KeyError> {
    if BITS.contains(&bits) { Ok(()) } else { Err(KeyError::Size(bits)) }
}
