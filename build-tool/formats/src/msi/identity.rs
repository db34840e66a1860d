//! What identifies a product to Windows Installer: its version and its GUIDs. All GUIDs are derived from names (UUID
//! version 5, RFC 9562), so that a package can be made again to the bit and a product keeps its identity for ever.

use uuid::Uuid;

use super::{Msi, MsiError};

/// The three numbers that Windows Installer knows of a version: `1.2.3` of `1.2.3-rc.1+build`.
///
/// What follows the numbers is not compared by Windows Installer. So a pre-release and its release count as one version:
/// each replaces the other when it is installed, in both directions. The whole version still decides the product code.
///
/// # Errors
/// It is not a version as Cargo writes them, or a number is too large: major and minor go up to 255, the patch up to
/// 65535 (the SDK's ProductVersion property).
pub fn product_version(version: &str) -> Result<String, MsiError> {
    let error = |reason| MsiError::Version { version: version.to_owned(), reason };
    let malformed = "it is not MAJOR.MINOR.PATCH with an optional -PRERELEASE and +BUILD";
    let (rest, build) = version.split_once('+').map_or((version, None), |(rest, build)| (rest, Some(build)));
    let (core, pre) = rest.split_once('-').map_or((rest, None), |(core, pre)| (core, Some(pre)));
    let identifiers = |text: &str| {
        text.split('.')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
    };
    if ![pre, build].into_iter().flatten().all(identifiers) {
        return Err(error(malformed));
    }
    let numbers: Vec<&str> = core.split('.').collect();
    let [major, minor, patch] = numbers[..] else { return Err(error(malformed)) };
    for (text, max, too_large) in [
        (major, 255, "its major number is larger than 255"),
        (minor, 255, "its minor number is larger than 255"),
        (patch, 65535, "its patch number is larger than 65535"),
    ] {
        let plain = text == "0" || !text.starts_with('0');
        if text.is_empty() || !plain || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(error(malformed));
        }
        if text.parse::<u64>().map_or(true, |number| number > max) {
            return Err(error(too_large));
        }
    }
    Ok(core.to_owned())
}

/// The upgrade code of a product when none is given: the same for all of its versions and targets, without braces.
/// A product that changes its name or its manufacturer keeps its users' upgrades by giving the old code.
pub fn upgrade_code(manufacturer: &str, name: &str) -> String {
    let product = derive(&Uuid::NAMESPACE_URL, &["release-formats:msi", manufacturer, name]);
    product.hyphenated().to_string().to_uppercase()
}

/// The GUIDs of one package.
pub(super) struct Identity {
    upgrade: Uuid,
    product: Uuid,
    install_folder: String,
}

impl Identity {
    pub(super) fn new(msi: &Msi) -> Result<Self, MsiError> {
        let given = msi.upgrade_code.clone().unwrap_or_else(|| upgrade_code(&msi.manufacturer, &msi.name));
        let upgrade = Uuid::try_parse(&given).ok().filter(|code| !code.is_nil()).ok_or_else(|| MsiError::Value {
            what: "upgrade code",
            value: given.clone(),
            reason: "it is not a GUID such as 01234567-89AB-CDEF-0123-456789ABCDEF".to_owned(),
        })?;
        let scope = format!("{:?}", msi.scope);
        let product =
            derive(&upgrade, &["product", &msi.name, &msi.version, msi.architecture.name(), &scope, &msi.manufacturer]);
        // Windows takes names that differ in case for one, and so the same file for the same component.
        Ok(Self { upgrade, product, install_folder: msi.install_folder.to_lowercase() })
    }

    pub(super) fn upgrade_code(&self) -> String {
        braced(&self.upgrade)
    }

    pub(super) fn product_code(&self) -> String {
        braced(&self.product)
    }

    /// A component's, which must stay as long as what it installs stays at its place, from version to version.
    pub(super) fn component(&self, kind: &str, path: &str) -> String {
        braced(&derive(&self.upgrade, &["component", kind, &self.install_folder, &path.to_lowercase()]))
    }

    /// The package's, which no two different files may share: so it is taken from the content.
    pub(super) fn package_code(&self, content: &[u8]) -> String {
        braced(&Uuid::new_v5(&self.product, content))
    }
}

/// From parts between which no confusion is possible: NUL is in no name.
fn derive(namespace: &Uuid, parts: &[&str]) -> Uuid {
    Uuid::new_v5(namespace, parts.join("\0").as_bytes())
}

fn braced(code: &Uuid) -> String {
    code.braced().to_string().to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_cut_to_their_three_numbers() {
        for (version, expected) in [
            ("1.2.3", "1.2.3"),
            ("0.0.0", "0.0.0"),
            ("255.255.65535", "255.255.65535"),
            ("1.2.3-rc.1", "1.2.3"),
            ("1.2.3+2024-01", "1.2.3"),
            ("1.2.3-a-b.0+x", "1.2.3"),
        ] {
            assert_eq!(product_version(version).unwrap(), expected, "{version}");
        }
    }

    #[test]
    fn versions_that_windows_installer_cannot_hold_are_refused() {
        for (version, expected) in [
            ("256.0.0", "major"),
            ("1.256.0", "minor"),
            ("1.2.65536", "patch"),
            ("99999999999999999999999.0.0", "major"),
            ("1.2", "MAJOR"),
            ("1.2.3.4", "MAJOR"),
            ("", "MAJOR"),
            ("1.02.3", "MAJOR"),
            ("1.2.-3", "MAJOR"),
            ("1.2.3-", "MAJOR"),
            ("1.2.3+a b", "MAJOR"),
            ("v1.2.3", "MAJOR"),
        ] {
            let error = product_version(version).unwrap_err().to_string();
            assert!(error.contains(expected), "{version}: {error}");
        }
    }

    #[test]
    fn an_upgrade_code_depends_on_both_names_alone() {
        assert_eq!(upgrade_code("Example", "Tool"), upgrade_code("Example", "Tool"));
        assert_ne!(upgrade_code("Example", "Tool"), upgrade_code("ExampleT", "ool"));
        // For ever: every package that was shipped names it.
        assert_eq!(upgrade_code("Example", "Tool"), "E2B7D0B5-32B6-5568-A626-10124E05096F");
    }
}
