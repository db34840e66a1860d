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
    /// The texts of the licences.
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
        for licence in &self.texts {
            for (at, line) in licence.trim_end().lines().enumerate() {
                let separate = at == 0 && !std::ptr::eq(licence, &self.texts[0]);
                if separate {
                    text += " .\n";
                }
                let line = line.trim_end().replace(char::is_control, " ");
                text.extend([if line.trim().is_empty() { " ." } else { " " }, line.trim_end(), "\n"]);
            }
        }
        Content::Bytes(text.into_bytes())
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
