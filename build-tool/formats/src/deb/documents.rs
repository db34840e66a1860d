//! The two documents that each Debian package has below `/usr/share/doc/NAME` (Debian Policy, 12.5 and 12.7).

use crate::compress::{Codec, Compressor};
use crate::payload::Content;
use chrono::DateTime;
use std::io::{self, Write};

/// A licence as the copyright file names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copyright {
    /// The name of the software, as its makers call it.
    pub name: String,
    /// Where it comes from, an address; empty for none.
    pub source: String,
    /// Who holds the copyright, one a line: `2020-2026 The authors`.
    pub holders: Vec<String>,
    /// An SPDX expression, such as Cargo's `license`: `MIT OR Apache-2.0`.
    pub licence: String,
    /// The texts of the licences. Those that every Debian system has are referred to instead.
    pub texts: Vec<String>,
}

impl Copyright {
    /// The file `copyright`, in the machine-readable form (DEP-5, "Machine-readable debian/copyright file").
    pub fn content(&self) -> Content {
        let mut text = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n".to_owned();
        line(&mut text, "Upstream-Name", &self.name);
        line(&mut text, "Source", &self.source);
        text += "\nFiles: *\n";
        let holders: Vec<String> = self.holders.iter().map(|holder| one_line(holder)).collect();
        line(&mut text, "Copyright", &holders.join("\n           "));
        line(&mut text, "License", &one_line(&self.licence.replace(" OR ", " or ").replace(" AND ", " and ")));
        for (at, licence) in self.texts.iter().enumerate() {
            if at > 0 {
                text += " .\n";
            }
            match common(licence) {
                Some((name, file)) => {
                    text += &format!(" The full text of the {name} is on Debian systems in\n");
                    text += &format!(" /usr/share/common-licenses/{file}.\n");
                }
                None => verbatim(&mut text, licence),
            }
        }
        Content::Bytes(text.into_bytes())
    }
}

/// The licences of Debian's `base-files` that software is commonly under: the words of their titles, their names and
/// their files. Policy 12.5 wants a reference to these, not a copy.
const COMMON: [([&str; 2], &str, &str); 6] = [
    (["Apache License", "Version 2.0, January 2004"], "Apache License, Version 2.0", "Apache-2.0"),
    (["GNU GENERAL PUBLIC LICENSE", "Version 3, 29 June 2007"], "GNU General Public License, Version 3", "GPL-3"),
    (["GNU GENERAL PUBLIC LICENSE", "Version 2, June 1991"], "GNU General Public License, Version 2", "GPL-2"),
    (
        ["GNU LESSER GENERAL PUBLIC LICENSE", "Version 3, 29 June 2007"],
        "GNU Lesser General Public License, Version 3",
        "LGPL-3",
    ),
    (
        ["GNU LESSER GENERAL PUBLIC LICENSE", "Version 2.1, February 1999"],
        "GNU Lesser General Public License, Version 2.1",
        "LGPL-2.1",
    ),
    (["Mozilla Public License", "ersion 2.0"], "Mozilla Public License, Version 2.0", "MPL-2.0"),
];

/// The name and the file of a licence, if its text begins with the title of one of [`COMMON`].
fn common(text: &str) -> Option<(&'static str, &'static str)> {
    let title: String = one_line(text).chars().take(100).collect();
    let known = COMMON.iter().find(|(words, ..)| title.starts_with(words[0]) && title.contains(words[1]));
    known.map(|(_, name, file)| (*name, *file))
}

/// Lines of a field: each begins with a space, an empty one has a full stop.
fn verbatim(text: &mut String, licence: &str) {
    for line in licence.trim_end().lines() {
        let line = line.replace(char::is_control, " ");
        text.extend([if line.trim().is_empty() { " ." } else { " " }, line.trim_end(), "\n"]);
    }
}

fn line(text: &mut String, name: &str, value: &str) {
    if !value.trim().is_empty() {
        text.extend([name, ": ", value.trim(), "\n"]);
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A changelog's newest entry, the only one that a release needs to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changelog<'a> {
    /// The package's name.
    pub package: &'a str,
    /// Its version with the Debian revision.
    pub version: &'a str,
    /// What changed, one paragraph each.
    pub changes: &'a [String],
    /// `Name <mail@example.org>`.
    pub maintainer: &'a str,
    /// Seconds since 1970.
    pub time: u64,
}

impl Changelog<'_> {
    /// The file `changelog.Debian.gz` (deb-changelog(5)), compressed as `gzip -9n` would.
    ///
    /// # Errors
    /// The time is beyond what a calendar has.
    pub fn content(&self) -> io::Result<Content> {
        let mut text = format!("{} ({}) unstable; urgency=medium\n\n", self.package, self.version);
        for change in self.changes {
            text.extend(["  * ", &one_line(change), "\n"]);
        }
        text += &format!("\n -- {}  {}\n", one_line(self.maintainer), date(self.time, "+0000")?);
        compressed(text.as_bytes())
    }
}

/// A text compressed as `gzip -9n` would, as Debian has its changelogs and manual pages.
///
/// # Errors
/// None that are to be expected: it is all in memory.
pub fn compressed(text: &[u8]) -> io::Result<Content> {
    let mut gzip = Compressor::new(Vec::new(), Codec::Gzip, 9, 1)?;
    gzip.write_all(text)?;
    Ok(Content::Bytes(gzip.finish()?))
}

/// `Sat, 21 Nov 2026 08:32:41 ZONE`, in UTC (RFC 5322, 3.3).
pub(crate) fn date(seconds: u64, zone: &str) -> io::Result<String> {
    let time = i64::try_from(seconds).ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    let time = time.ok_or_else(|| io::Error::other(format!("{seconds} seconds since 1970 are no date")))?;
    Ok(format!("{} {zone}", time.format("%a, %d %b %Y %H:%M:%S")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_texts_that_begin_with_the_title_are_referred_to() {
        let apache = "\n                                 Apache License\n          Version 2.0, January 2004\n  …";
        assert_eq!(common(apache).unwrap().1, "Apache-2.0");
        assert_eq!(common("Mozilla Public License Version 2.0\n===").unwrap().1, "MPL-2.0");
        assert_eq!(common("GNU AFFERO GENERAL PUBLIC LICENSE\nVersion 3, 19 November 2007"), None);
        assert_eq!(common("MIT License\n\nAs the Apache License, Version 2.0, January 2004"), None);
    }

    #[test]
    fn the_copyright_file_has_a_paragraph_for_all_files() {
        let copyright = Copyright {
            name: "hello".into(),
            holders: vec!["2020 A".into(), "2021 B".into()],
            licence: "MIT OR Apache-2.0".into(),
            texts: vec!["One\n\n  two".into(), "Apache License Version 2.0, January 2004".into()],
            ..Copyright::default()
        };
        let expected = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\
                        Upstream-Name: hello\n\nFiles: *\nCopyright: 2020 A\n           2021 B\n\
                        License: MIT or Apache-2.0\n One\n .\n   two\n .\n\
                        \x20The full text of the Apache License, Version 2.0 is on Debian systems in\n\
                        \x20/usr/share/common-licenses/Apache-2.0.\n";
        assert_eq!(copyright.content(), Content::Bytes(expected.into()));
    }

    #[test]
    fn dates_are_those_of_mail() {
        assert_eq!(date(1_700_000_002, "+0000").unwrap(), "Tue, 14 Nov 2023 22:13:22 +0000");
        assert!(date(u64::MAX, "UTC").is_err());
    }
}
