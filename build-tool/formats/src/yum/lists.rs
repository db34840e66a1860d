//! The two long lists: every file of every package, and the packages' latest changes.

use super::{Found, xml};
use crate::packaged::PackagedKind;
use crate::rpm::RpmEntry;
use std::fmt::Write;

/// Entries of the changelog that are told, as by createrepo_c.
const MAX_CHANGES: usize = 10;

/// A package's element with its files.
pub(super) fn files(found: &Found<'_>) -> String {
    let mut out = beginning(found);
    put_files(&mut out, "  ", found.package.entries.iter());
    out += "</package>\n";
    out
}

/// A package's element with its changes, the oldest first.
pub(super) fn changes(found: &Found<'_>) -> String {
    let mut out = beginning(found);
    let changelog = found.package.metadata.changelog.iter().take(MAX_CHANGES);
    let mut changes: Vec<(u64, String, &str)> = Vec::new();
    for change in changelog {
        let mut time = u64::from(change.time);
        changes.push((time, xml::attribute(change.author.trim_end_matches(' ')), &change.text));
        // Readers order by the time, so changes of one day get seconds, the newer the later.
        for newer in changes.iter_mut().rev().skip(1) {
            if newer.0 != time {
                break;
            }
            time += 1;
            newer.0 = time;
        }
    }
    for (time, author, text) in changes.into_iter().rev() {
        let text = xml::text(text);
        let _ = writeln!(out, "  <changelog author=\"{author}\" date=\"{time}\">{text}</changelog>");
    }
    out += "</package>\n";
    out
}

fn beginning(found: &Found<'_>) -> String {
    let metadata = &found.package.metadata;
    let (name, architecture) = (xml::attribute(&metadata.name), xml::attribute(&metadata.architecture));
    format!("<package pkgid=\"{}\" name=\"{name}\" arch=\"{architecture}\">\n{}", found.sum, found.version())
}

/// The elements of files, each in a line.
pub(super) fn put_files<'a>(out: &mut String, indent: &str, entries: impl Iterator<Item = &'a RpmEntry>) {
    for entry in entries {
        let kind = match entry.entry.kind {
            PackagedKind::Directory => " type=\"dir\"",
            _ if entry.ghost => " type=\"ghost\"",
            _ => "",
        };
        let _ = writeln!(out, "{indent}<file{kind}>/{}</file>", xml::text(&entry.entry.path));
    }
}
