//! What an installer says of itself: the package manifest's words, else those of `[package.metadata.deb]`, else Cargo's.

use located::Located;

use super::{Identity, Sources};
use crate::manifest::Line;
use crate::manifest::package::PackageManifest;

/// The mail of somebody whom nobody has named: a domain that never is one (RFC 2606).
const NOBODY: &str = "unknown@unknown.invalid";

impl Identity {
    /// Whether nobody is named who looks after the package.
    pub fn is_orphan(&self) -> bool {
        self.maintainer.ends_with(&format!("<{NOBODY}>"))
    }
}

/// Everything but the package's name, which each format has its own rules for.
pub(super) fn resolve(name: String, sources: &Sources<'_>) -> Identity {
    let package = sources.package;
    let said = |key: fn(&PackageManifest) -> &Option<Located<Line>>| line(sources.manifest, key);
    let homepage = said(|manifest| &manifest.homepage)
        .or_else(|| package.homepage.clone())
        .or_else(|| package.repository.clone())
        .filter(|address| !address.trim().is_empty());
    let cargo = package.description.as_deref().map(words).filter(|text| !text.is_empty());
    let summary = said(|manifest| &manifest.summary).or_else(|| cargo.as_deref().map(first_sentence));
    let own = sources.manifest.and_then(|manifest| manifest.description.as_ref()).map(|text| text.trim().to_owned());
    let description = own.or_else(|| sources.cargo_deb.description.clone()).or(cargo);
    let summary = summary.unwrap_or_else(|| sources.app.name.clone());
    Identity {
        version: sources.app.version.clone(),
        description: match description {
            // Package managers show both, one below the other: the same line twice says nothing.
            Some(text) if first_sentence(&text) != summary || text.len() > summary.len() + 1 => text,
            _ => provides(sources),
        },
        summary,
        maintainer: maintainer(sources),
        licence: said(|manifest| &manifest.licence)
            .or_else(|| package.license.clone())
            .unwrap_or_else(|| "LicenseRef-unknown".to_owned()),
        copyright: said(|manifest| &manifest.copyright)
            .or_else(|| sources.cargo_deb.copyright.clone())
            .map_or_else(|| package.authors.iter().map(|author| name_of(author)).collect(), |said| vec![said]),
        vendor: said(|manifest| &manifest.vendor),
        section: said(|manifest| &manifest.section)
            .or_else(|| sources.cargo_deb.section.clone())
            .unwrap_or_else(|| section(&package.categories).to_owned()),
        identifier: sources
            .manifest
            .and_then(|manifest| manifest.identifier.as_ref())
            .map_or_else(|| identifier(&sources.app.name, homepage.as_deref()), |said| said.to_string()),
        homepage,
        name,
    }
}

fn line(manifest: Option<&PackageManifest>, key: fn(&PackageManifest) -> &Option<Located<Line>>) -> Option<String> {
    manifest.and_then(|manifest| key(manifest).as_ref()).map(|said| said.trim().to_owned())
}

/// A text on one line.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Up to the first full stop that ends a sentence, and without it.
fn first_sentence(text: &str) -> String {
    let text = text.lines().next().unwrap_or_default().trim();
    let end = text.find(". ").unwrap_or(text.len());
    text[..end].trim_end_matches('.').to_owned()
}

/// What there is to say at length of an app that says nothing.
fn provides(sources: &Sources<'_>) -> String {
    match sources.app.binaries.as_slice() {
        [] => format!("This package provides the libraries of {}.", sources.app.name),
        [one] => format!("This package provides the program {one}."),
        many => format!("This package provides the programs {}.", many.join(", ")),
    }
}

/// `Name <mail>`, which Debian insists on.
fn maintainer(sources: &Sources<'_>) -> String {
    let said = line(sources.manifest, |manifest| &manifest.maintainer).or_else(|| sources.cargo_deb.maintainer.clone());
    let known = said.or_else(|| sources.package.authors.first().cloned());
    let name = match known.map(|known| words(&known)) {
        Some(known) if has_mail(&known) => return known,
        Some(known) => name_of(&known),
        None => format!("The authors of {}", sources.app.name),
    };
    format!("{name} <{NOBODY}>")
}

fn has_mail(text: &str) -> bool {
    let mail = text.split_once(" <").and_then(|(name, mail)| Some((name, mail.strip_suffix('>')?)));
    mail.is_some_and(|(name, mail)| !name.is_empty() && mail.contains('@') && !mail.contains(['<', '>', ' ']))
}

/// The name of an author, without the mail.
pub(super) fn name_of(author: &str) -> String {
    words(author.split('<').next().unwrap_or_default())
}

/// Debian's section for Cargo's categories.
fn section(categories: &[String]) -> &'static str {
    const SECTIONS: [(&str, &str); 20] = [
        ("command-line-utilities", "utils"),
        ("compression", "utils"),
        ("cryptography", "utils"),
        ("database", "database"),
        ("development-tools", "devel"),
        ("email", "mail"),
        ("emulators", "otherosfs"),
        ("encoding", "utils"),
        ("filesystem", "utils"),
        ("games", "games"),
        ("graphics", "graphics"),
        ("gui", "x11"),
        ("mathematics", "math"),
        ("multimedia", "video"),
        ("network-programming", "net"),
        ("science", "science"),
        ("text-editors", "editors"),
        ("text-processing", "text"),
        ("visualization", "graphics"),
        ("web-programming", "web"),
    ];
    let of = |category: &String| {
        let top = category.split("::").next().unwrap_or_default();
        SECTIONS.iter().find(|(word, _)| *word == top).map(|(_, section)| *section)
    };
    categories.iter().find_map(of).unwrap_or("utils")
}

/// `https://github.com/me/my-app` → `com.github.me.my-app`.
fn identifier(app: &str, homepage: Option<&str>) -> String {
    let plain = |text: &str| -> String {
        text.chars().filter(|char| char.is_ascii_alphanumeric() || "-.".contains(*char)).collect()
    };
    let address = homepage.and_then(|address| address.split_once("://")).map_or("", |(_, rest)| rest);
    let mut parts = address.split(['/', '?', '#']);
    let host = parts.next().unwrap_or_default().split(':').next().unwrap_or_default();
    let mut names: Vec<String> = host.rsplit('.').map(|part| plain(&part.to_lowercase())).collect();
    names.extend(parts.map(plain));
    names.retain(|name| !name.is_empty() && name != "www");
    if names.last().is_none_or(|last| !last.eq_ignore_ascii_case(app)) {
        names.push(plain(app));
    }
    names.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_is_the_first_sentence_without_its_full_stop() {
        assert_eq!(first_sentence("Finds files. Quickly."), "Finds files");
        assert_eq!(first_sentence("Finds files in v1.2 trees."), "Finds files in v1.2 trees");
        assert_eq!(first_sentence("Finds\nfiles"), "Finds");
    }

    #[test]
    fn a_maintainer_has_a_name_and_a_mail() {
        assert!(has_mail("Ada <ada@example.org>"));
        for text in ["Ada", "ada@example.org", "<ada@example.org>", "Ada <ada>", "Ada <a@b> <c@d>"] {
            assert!(!has_mail(text), "{text}");
        }
        assert_eq!(name_of("Ada  B <ada@example.org>"), "Ada B");
    }

    #[test]
    fn the_identifier_is_the_homepage_turned_round() {
        assert_eq!(identifier("my-app", Some("https://github.com/me/my-app")), "com.github.me.my-app");
        assert_eq!(identifier("my-app", Some("https://www.example.org/")), "org.example.my-app");
        assert_eq!(identifier("my-app", None), "my-app");
    }

    #[test]
    fn sections_follow_from_categories() {
        assert_eq!(section(&["api-bindings".into(), "development-tools::cargo-plugins".into()]), "devel");
        assert_eq!(section(&[]), "utils");
    }
}
