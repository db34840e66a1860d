//! The list from which dnf chooses: what each package is, needs and gives, and its files that others depend on.

use super::requires::requires;
use super::{Found, lists, xml};
use crate::rpm::{Comparison, Dependency};
use std::fmt::Write;

/// A package's element.
pub(super) fn package(found: &Found<'_>) -> String {
    let (package, metadata) = (&found.package, &found.package.metadata);
    let mut out = String::from("<package type=\"rpm\">\n");
    let or_empty = |text: &Option<String>| xml::text(text.as_deref().unwrap_or_default());
    for (name, text) in [("name", &metadata.name), ("arch", &metadata.architecture)] {
        let _ = writeln!(out, "  <{name}>{}</{name}>", xml::text(text));
    }
    out += &found.version();
    let _ = writeln!(out, "  <checksum type=\"sha256\" pkgid=\"YES\">{}</checksum>", found.sum);
    for (name, text) in [
        ("summary", xml::text(&metadata.summary)),
        ("description", xml::text(&metadata.description)),
        ("packager", or_empty(&metadata.packager)),
        ("url", or_empty(&metadata.homepage)),
    ] {
        let _ = writeln!(out, "  <{name}>{text}</{name}>");
    }
    let _ = writeln!(out, "  <time file=\"{}\" build=\"{}\"/>", found.time, package.build_time);
    let (size, installed, archive) = (found.size, package.installed_size, package.archive_size);
    let _ = writeln!(out, "  <size package=\"{size}\" installed=\"{installed}\" archive=\"{archive}\"/>");
    let _ = writeln!(out, "  <location href=\"{}\"/>", xml::attribute(found.location));
    out += "  <format>\n";
    for (name, text) in [
        ("license", xml::text(&metadata.licence)),
        ("vendor", or_empty(&metadata.vendor)),
        ("group", or_empty(&metadata.group)),
        ("buildhost", or_empty(&package.build_host)),
        ("sourcerpm", xml::text(&package.source_rpm)),
    ] {
        let _ = writeln!(out, "    <rpm:{name}>{text}</rpm:{name}>");
    }
    let (start, end) = (package.header.start, package.header.end);
    let _ = writeln!(out, "    <rpm:header-range start=\"{start}\" end=\"{end}\"/>");
    relations(&mut out, "provides", metadata.provides.iter().map(plain));
    relations(&mut out, "requires", requires(package).into_iter().map(|needed| (needed, needed.for_scripts)));
    relations(&mut out, "conflicts", metadata.conflicts.iter().map(plain));
    relations(&mut out, "obsoletes", metadata.obsoletes.iter().map(plain));
    relations(&mut out, "suggests", metadata.suggests.iter().map(plain));
    relations(&mut out, "recommends", metadata.recommends.iter().map(plain));
    lists::put_files(&mut out, "    ", package.entries.iter().filter(|entry| is_primary(&entry.entry.path)));
    out += "  </format>\n</package>\n";
    out
}

fn plain(dependency: &Dependency) -> (&Dependency, bool) {
    (dependency, false)
}

/// Whether others may depend on a file without the long list being fetched: in `/etc`, or a program.
pub(super) fn is_primary(path: &str) -> bool {
    path.starts_with("etc/") || path == "usr/lib/sendmail" || format!("/{path}").contains("bin/")
}

/// Dependencies of one kind; the flag says that one is needed before the scripts run.
fn relations<'a>(out: &mut String, name: &str, all: impl Iterator<Item = (&'a Dependency, bool)>) {
    let mut all = all.peekable();
    if all.peek().is_none() {
        return;
    }
    let _ = writeln!(out, "    <rpm:{name}>");
    for (dependency, before_scripts) in all {
        let _ = write!(out, "      <rpm:entry name=\"{}\"", xml::attribute(&dependency.name));
        if let Some((comparison, version)) = &dependency.version {
            let (epoch, version, release) = split(version);
            let _ = write!(out, " flags=\"{}\" epoch=\"{}\"", word(*comparison), xml::attribute(epoch));
            let _ = write!(out, " ver=\"{}\"", xml::attribute(version));
            if let Some(release) = release {
                let _ = write!(out, " rel=\"{}\"", xml::attribute(release));
            }
        }
        *out += if before_scripts { " pre=\"1\"/>\n" } else { "/>\n" };
    }
    let _ = writeln!(out, "    </rpm:{name}>");
}

fn word(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Less => "LT",
        Comparison::LessOrEqual => "LE",
        Comparison::Equal => "EQ",
        Comparison::GreaterOrEqual => "GE",
        Comparison::Greater => "GT",
    }
}

/// The parts of `[epoch:]version[-release]`.
fn split(version: &str) -> (&str, &str, Option<&str>) {
    let (epoch, rest) = version.split_once(':').unwrap_or(("0", version));
    match rest.rsplit_once('-') {
        Some((version, release)) => (epoch, version, Some(release)),
        None => (epoch, rest, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_split_and_files_of_others_interest_known() {
        assert_eq!(split("1.0"), ("0", "1.0", None));
        assert_eq!(split("2:1.0~rc1-3.fc42"), ("2", "1.0~rc1", Some("3.fc42")));
        assert!(["etc/x", "usr/bin/x", "bin/x", "usr/sbin/y"].into_iter().all(is_primary));
        assert!(!["usr/lib/x", "usr/bin", "var/etc/x"].into_iter().any(is_primary));
    }
}
