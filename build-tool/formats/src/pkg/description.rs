//! What a package says of itself, apart from what it installs.

use crate::xml::can_say;
use std::fmt;
use std::str::FromStr;

/// The description of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// What the receipt is filed under, such as `com.example.tool`: letters, digits, `.`, `-` and `_`.
    pub identifier: String,
    /// The version: letters, digits, `.`, `-`, `+`, `~` and `_`. The installer compares the numbers in it.
    pub version: String,
    /// What the installer's window is called.
    pub title: String,
    /// The oldest macOS that it is for, such as `11.0`. `None`: any.
    pub minimum_os: Option<String>,
    /// The processors that the programs are for. Without any the installer asks for nothing.
    pub architectures: Vec<HostArchitecture>,
    /// The absolute path of the folder that the payload's paths are relative to, such as `/`.
    pub install_location: String,
    /// A program that runs as root before the payload is copied, such as a script with its `#!` line.
    pub preinstall: Option<Vec<u8>>,
    /// A program that runs as root afterwards.
    pub postinstall: Option<Vec<u8>>,
    /// A licence that must be agreed to, as plain text.
    pub licence: Option<String>,
    /// A text that is shown before the installation.
    pub readme: Option<String>,
}

/// A processor, as `hostArchitectures` of the distribution names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HostArchitecture {
    /// Apple silicon.
    Arm64,
    /// Intel.
    X86_64,
}

impl HostArchitecture {
    /// The name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X86_64 => "x86_64",
        }
    }
}

impl fmt::Display for HostArchitecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for HostArchitecture {
    type Err = DescriptionError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "arm64" => Ok(Self::Arm64),
            "x86_64" => Ok(Self::X86_64),
            _ => Err(DescriptionError { field: "architecture", value: name.to_owned(), expected: "arm64 or x86_64" }),
        }
    }
}

/// A field that macOS's installer would not take.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the package's {field} cannot be {value:?}: it must be {expected}")]
pub struct DescriptionError {
    /// The field.
    pub field: &'static str,
    /// What it says.
    pub value: String,
    /// What would be right.
    pub expected: &'static str,
}

impl Package {
    /// Checks every field.
    pub(super) fn check(&self) -> Result<(), DescriptionError> {
        let word = |more: &'static str| {
            move |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
        };
        let identifier = |text: &str| word(".-_")(text) && !text.starts_with('.') && text.len() <= 200;
        let expected = "letters, digits, dots, hyphens and underscores, at most 200 (com.example.tool)";
        field("identifier", &self.identifier, expected, identifier)?;
        let expected = "letters, digits and the signs . - + ~ _";
        field("version", &self.version, expected, word(".-+~_"))?;
        let title = |text: &str| !text.trim().is_empty() && can_say(text) && !text.contains(['\n', '\r', '\t']);
        field("title", &self.title, "one line of text", title)?;
        if let Some(version) = &self.minimum_os {
            let number =
                |part: &str| !part.is_empty() && part.len() < 4 && part.bytes().all(|byte| byte.is_ascii_digit());
            let version_of_macos = |text: &str| text.split('.').all(number) && text.split('.').count() <= 3;
            field("minimum version of macOS", version, "up to three numbers (11.0)", version_of_macos)?;
        }
        let location = |text: &str| {
            let rest = text.strip_prefix('/');
            rest.is_some_and(|rest| rest.is_empty() || untrusted_archive::check_name(rest.as_bytes()).is_ok())
                && can_say(text)
        };
        field("install location", &self.install_location, "an absolute path (/ or /usr/local)", location)?;
        for (name, text) in [("licence", &self.licence), ("readme", &self.readme)] {
            field(name, text.as_deref().unwrap_or_default(), "text without NUL", |text| !text.contains('\0'))?;
        }
        Ok(())
    }
}

fn field(
    field: &'static str,
    value: &str,
    expected: &'static str,
    holds: impl Fn(&str) -> bool,
) -> Result<(), DescriptionError> {
    if holds(value) { Ok(()) } else { Err(DescriptionError { field, value: value.to_owned(), expected }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package() -> Package {
        Package {
            identifier: "com.example.tool".to_owned(),
            version: "1.2.3-rc.1".to_owned(),
            title: "A <tool> & more".to_owned(),
            minimum_os: Some("10.15.7".to_owned()),
            architectures: vec![HostArchitecture::Arm64],
            install_location: "/".to_owned(),
            preinstall: None,
            postinstall: None,
            licence: None,
            readme: None,
        }
    }

    #[test]
    fn what_the_installer_would_not_take_is_refused_by_field() {
        assert_eq!(package().check(), Ok(()));
        type Change = fn(&mut Package);
        let changes: [(&str, Change); 8] = [
            ("identifier", |package| package.identifier = "a b".to_owned()),
            ("identifier", |package| package.identifier = "../a".to_owned()),
            ("version", |package| package.version = String::new()),
            ("title", |package| package.title = "a\nb".to_owned()),
            ("title", |package| package.title = "\u{1}".to_owned()),
            ("minimum version of macOS", |package| package.minimum_os = Some("11.x".to_owned())),
            ("install location", |package| package.install_location = "usr".to_owned()),
            ("install location", |package| package.install_location = "/a/../b".to_owned()),
        ];
        for (field, change) in changes {
            let mut package = package();
            change(&mut package);
            assert_eq!(package.check().unwrap_err().field, field);
        }
    }
}
