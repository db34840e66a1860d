//! Relations to other packages: the manifest's common ones in the words of a format, then what the format's own table
//! adds.

use located::Located;

use super::Sources;
use crate::manifest::Line;
use crate::manifest::package::{PackageManifest, Relation};

/// A kind of relation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Depends,
    PreDepends,
    Recommends,
    Suggests,
    Enhances,
    Conflicts,
    Breaks,
    Provides,
    Replaces,
}

impl Field {
    /// As manifests call it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Depends => "depends",
            Self::PreDepends => "pre-depends",
            Self::Recommends => "recommends",
            Self::Suggests => "suggests",
            Self::Enhances => "enhances",
            Self::Conflicts => "conflicts",
            Self::Breaks => "breaks",
            Self::Provides => "provides",
            Self::Replaces => "replaces",
        }
    }

    fn common(self, manifest: &PackageManifest) -> &[Located<Relation>] {
        let list = match self {
            Self::Depends => &manifest.depends,
            Self::Recommends => &manifest.recommends,
            Self::Suggests => &manifest.suggests,
            Self::Conflicts => &manifest.conflicts,
            Self::Provides => &manifest.provides,
            Self::Replaces => &manifest.replaces,
            Self::PreDepends | Self::Enhances | Self::Breaks => return &[],
        };
        list.as_deref().unwrap_or_default()
    }
}

/// All relations of a kind, each once: those of every format, this format's own, and those of elsewhere.
pub(super) fn joined(
    field: Field,
    sources: &Sources<'_>,
    in_words: fn(&Relation) -> String,
    own: &[Located<Line>],
    others: Vec<String>,
) -> Vec<String> {
    let common = sources.manifest.map_or(&[][..], |manifest| field.common(manifest));
    let common = common.iter().map(|relation| in_words(relation));
    let mut all: Vec<String> = Vec::new();
    for relation in common.chain(own.iter().map(|line| line.trim().to_owned())).chain(others) {
        if !all.contains(&relation) {
            all.push(relation);
        }
    }
    all
}

/// `git (>= 2.30)`; Debian doubles the signs of what is strictly earlier or later (Policy 7.1).
pub(super) fn debian(relation: &Relation) -> String {
    match &relation.version {
        None => relation.name.clone(),
        Some((comparison, version)) => {
            let sign = match comparison.as_str() {
                "<" => "<<",
                ">" => ">>",
                other => other,
            };
            format!("{} ({sign} {version})", relation.name)
        }
    }
}

/// `git >= 2.30`, as rpm writes it.
pub(super) fn rpm(relation: &Relation) -> String {
    match &relation.version {
        None => relation.name.clone(),
        Some((comparison, version)) => format!("{} {} {version}", relation.name, comparison.as_str()),
    }
}

/// `git>=2.30`, as Alpine writes it.
pub(super) fn alpine(relation: &Relation) -> String {
    match &relation.version {
        None => relation.name.clone(),
        Some((comparison, version)) => format!("{}{}{version}", relation.name, comparison.as_str()),
    }
}
