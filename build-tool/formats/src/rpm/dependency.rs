//! What a package needs, gives and excludes, in the words of spec files (rpm's documentation, "Dependencies").

use std::fmt;
use std::str::FromStr;

/// How a version is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `=`
    Equal,
    /// `>=`
    GreaterOrEqual,
    /// `>`
    Greater,
}

impl Comparison {
    const ALL: [(Self, &'static str, u32); 5] = [
        (Self::LessOrEqual, "<=", Sense::LESS | Sense::EQUAL),
        (Self::GreaterOrEqual, ">=", Sense::GREATER | Sense::EQUAL),
        (Self::Less, "<", Sense::LESS),
        (Self::Equal, "=", Sense::EQUAL),
        (Self::Greater, ">", Sense::GREATER),
    ];

    pub(super) fn flags(self) -> u32 {
        Self::ALL.iter().find(|(comparison, ..)| *comparison == self).map_or(0, |(.., flags)| *flags)
    }

    pub(super) fn of_flags(flags: u32) -> Option<Self> {
        let flags = flags & (Sense::LESS | Sense::GREATER | Sense::EQUAL);
        Self::ALL.iter().find(|(.., own)| *own == flags).map(|(comparison, ..)| *comparison)
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::ALL.iter().find(|(comparison, ..)| comparison == self).map_or("", |(_, text, _)| text))
    }
}

/// The bits of a dependency's flags (rpm's `rpmds.h`, `rpmsenseFlags`).
pub(super) struct Sense;

impl Sense {
    pub(super) const LESS: u32 = 1 << 1;
    pub(super) const GREATER: u32 = 1 << 2;
    pub(super) const EQUAL: u32 = 1 << 3;
    pub(super) const PREREQUISITE: u32 = 1 << 6;
    pub(super) const INTERPRETER: u32 = 1 << 8;
    pub(super) const PRE: u32 = 1 << 9;
    pub(super) const POST: u32 = 1 << 10;
    pub(super) const PREUN: u32 = 1 << 11;
    pub(super) const POSTUN: u32 = 1 << 12;
    pub(super) const RPMLIB: u32 = 1 << 24;
    pub(super) const CONFIG: u32 = 1 << 28;
}

/// A relation to other packages. As text it is what a spec file has: `bash`, `bash >= 5`, `(a if b)`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dependency {
    /// A package, a file's absolute path, a capability such as `libc.so.6(GLIBC_2.34)(64bit)`, or an expression in
    /// parentheses, which rpm reads from 4.13 on.
    pub name: String,
    /// Which versions of it, as `[epoch:]version[-release]`; `None` for every one.
    pub version: Option<(Comparison, String)>,
    /// It must be there before the scripts of the installation run (`Requires(pre,post)`).
    pub for_scripts: bool,
}

/// A text that is no dependency.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no dependency of an rpm; one is `name` or `name >= version`")]
pub struct NotADependency(pub String);

impl Dependency {
    /// Every version of something.
    pub fn any(name: impl Into<String>) -> Self {
        Self { name: name.into(), version: None, for_scripts: false }
    }

    /// The versions of something that compare so.
    pub fn versioned(name: impl Into<String>, comparison: Comparison, version: impl Into<String>) -> Self {
        Self { name: name.into(), version: Some((comparison, version.into())), for_scripts: false }
    }

    /// Whether rpm can read it back as it is.
    pub(super) fn is_valid(&self) -> bool {
        let printable = |text: &str| !text.is_empty() && !text.contains(char::is_control);
        let name = if self.is_rich() {
            printable(&self.name) && self.name.ends_with(')') && self.version.is_none()
        } else {
            printable(&self.name) && !self.name.contains(char::is_whitespace)
        };
        let in_version = |byte: u8| byte.is_ascii_alphanumeric() || b"._+~^:-".contains(&byte);
        name && self.version.as_ref().is_none_or(|(_, version)| !version.is_empty() && version.bytes().all(in_version))
    }

    /// An expression (rpm's documentation, "Boolean Dependencies").
    pub(super) fn is_rich(&self) -> bool {
        self.name.starts_with('(')
    }
}

impl fmt::Display for Dependency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.version {
            Some((comparison, version)) => write!(f, "{} {comparison} {version}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

impl FromStr for Dependency {
    type Err = NotADependency;

    fn from_str(text: &str) -> Result<Self, NotADependency> {
        let error = || NotADependency(text.to_owned());
        let trimmed = text.trim();
        let dependency = if trimmed.starts_with('(') {
            Self::any(trimmed)
        } else {
            let mut words = trimmed.split_whitespace();
            let name = words.next().ok_or_else(error)?;
            match (words.next(), words.next(), words.next()) {
                (None, ..) => Self::any(name),
                (Some(comparison), Some(version), None) => {
                    let known = Comparison::ALL.iter().find(|(_, text, _)| *text == comparison);
                    Self::versioned(name, known.ok_or_else(error)?.0, version)
                }
                _ => return Err(error()),
            }
        };
        if dependency.is_valid() { Ok(dependency) } else { Err(error()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_spec_files_are_read_and_shown_the_same() {
        for text in ["bash", "bash >= 5", "a < 1:2.0~rc1-3", "libc.so.6(GLIBC_2.34)(64bit)", "/bin/sh", "(a if b)"] {
            assert_eq!(text.parse::<Dependency>().unwrap().to_string(), text);
        }
        for text in ["", "a >=", "a 1", "a == 1", "a >= 1 2", "a >= 1(", "(a if b", "a\0b", "a = ö"] {
            assert!(text.parse::<Dependency>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn comparisons_are_bits_and_back() {
        for (comparison, _, flags) in Comparison::ALL {
            assert_eq!((comparison.flags(), Comparison::of_flags(flags | Sense::RPMLIB)), (flags, Some(comparison)));
        }
        assert_eq!(Comparison::of_flags(Sense::CONFIG), None);
        assert_eq!(Comparison::of_flags(Sense::LESS | Sense::GREATER), None);
    }
}
