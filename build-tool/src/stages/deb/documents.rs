//! The two documents that Debian's Policy asks of every package: who may use it how, and what changed.

use std::fs;
use std::path::PathBuf;

use release_formats::deb::documents::{Changelog, Copyright};
use release_formats::payload::Content;

use crate::release::{DebDetails, Installer};
use crate::stages::StageError;

/// Licences whose text every Debian system has (Policy 12.5), the words that tell it, and the file.
const COMMON: [(&str, &[&str], &str); 8] = [
    ("Apache-2.0", &["Apache License", "Version 2.0"], "Apache-2.0"),
    ("GPL-2.0", &["GNU GENERAL PUBLIC LICENSE", "Version 2,"], "GPL-2"),
    ("GPL-3.0", &["GNU GENERAL PUBLIC LICENSE", "Version 3,"], "GPL-3"),
    ("LGPL-2.1", &["GNU LESSER GENERAL PUBLIC LICENSE", "Version 2.1,"], "LGPL-2.1"),
    ("LGPL-3.0", &["GNU LESSER GENERAL PUBLIC LICENSE", "Version 3,"], "LGPL-3"),
    ("MPL-2.0", &["Mozilla Public License", "ersion 2.0"], "MPL-2.0"),
    ("CC0-1.0", &["CC0 1.0 Universal"], "CC0-1.0"),
    ("GFDL-1.3", &["GNU Free Documentation License", "Version 1.3,"], "GFDL-1.3"),
];

/// `copyright`, with the licences' texts; those that every system has are named.
pub(super) fn copyright(installer: &Installer, files: &[PathBuf], time: u64) -> Result<Content, StageError> {
    let identity = &installer.identity;
    let mut texts = Vec::new();
    for file in files {
        let bytes = fs::read(file).map_err(StageError::file("read", file))?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if common_of_text(&text).is_none() {
            texts.push(text);
        }
    }
    texts.extend(COMMON.iter().filter(|(id, _, _)| names(&identity.licence, id)).map(|(id, _, file)| {
        format!("On Debian systems the complete text of {id} is in /usr/share/common-licenses/{file}.")
    }));
    let mut holders = identity.copyright.clone();
    if holders.is_empty() {
        holders.push(format!("The authors of {}", installer.app));
    }
    // A notice has a year; of who says none, the release's is known.
    let year = year(time);
    let holders = holders.into_iter().map(|holder| if has_year(&holder) { holder } else { format!("{year} {holder}") });
    let copyright = Copyright {
        name: installer.app.clone(),
        source: identity.homepage.clone().unwrap_or_default(),
        holders: holders.collect(),
        licence: identity.licence.clone(),
        texts,
    };
    Ok(copyright.content())
}

fn year(time: u64) -> String {
    let time = i64::try_from(time).ok().and_then(|seconds| chrono::DateTime::from_timestamp(seconds, 0));
    time.map_or_else(String::new, |time| time.format("%Y").to_string())
}

fn has_year(text: &str) -> bool {
    text.split(|char: char| !char.is_ascii_digit()).any(|digits| digits.len() == 4)
}

/// The common licence that a text is.
fn common_of_text(text: &str) -> Option<&'static str> {
    let start: String = text.chars().take(1000).collect();
    COMMON.iter().find(|(_, words, _)| words.iter().all(|word| start.contains(word))).map(|(id, _, _)| *id)
}

/// Whether an SPDX expression names a licence, in any of its variants.
fn names(expression: &str, id: &str) -> bool {
    let words = expression.split(|char: char| !(char.is_ascii_alphanumeric() || "-.+".contains(char)));
    words
        .into_iter()
        .any(|word| word.strip_prefix(id).is_some_and(|rest| matches!(rest, "" | "+" | "-only" | "-or-later")))
}

/// `changelog.Debian.gz`: the package is new with each release.
pub(super) fn changelog(installer: &Installer, details: &DebDetails, time: u64) -> Result<Content, StageError> {
    let identity = &installer.identity;
    let changes = [format!("Release {}.", identity.version)];
    let changelog = Changelog {
        package: &identity.name,
        version: &details.version,
        changes: &changes,
        maintainer: &identity.maintainer,
        time,
    };
    changelog.content().map_err(StageError::file("write the changelog of", &installer.file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_licences_are_known_by_their_words_and_their_names() {
        assert_eq!(common_of_text("  Apache License\n  Version 2.0, January 2004\n"), Some("Apache-2.0"));
        assert_eq!(common_of_text("Permission is hereby granted"), None);
        assert!(names("MIT OR Apache-2.0", "Apache-2.0"));
        assert!(names("(GPL-3.0-or-later AND MIT)", "GPL-3.0"));
        assert!(!names("LGPL-3.0-only", "GPL-3.0"));
        assert!(!names("MIT", "Apache-2.0"));
    }
}
