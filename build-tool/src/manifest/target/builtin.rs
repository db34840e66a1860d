//! What is known of the usual targets without any manifest. A manifest of the
//! same triple wins, key by key.
use std::collections::BTreeMap;

use located::SourceFile;

use super::TargetManifest;
use crate::manifest::reader::{Table, parse};

/// A target that needs no manifest.
struct Builtin {
    /// The full Rust triple.
    triple: &'static str,
    /// Its manifest's other keys, as TOML.
    keys: &'static str,
}

const BUILTIN: [Builtin; 6] = [
    Builtin {
        triple: "aarch64-apple-darwin",
        keys: r#"
            tier = 1
            minimum-os = "11.0"
            universal = "universal-apple-darwin"
            archive = "tar.gz"
            ci-runner = "macos-15""#,
    },
    Builtin {
        triple: "aarch64-pc-windows-msvc",
        keys: r#"
            tier = 2
            archive = "zip"
            ci-runner = "windows-11-arm""#,
    },
    Builtin {
        triple: "aarch64-unknown-linux-gnu",
        keys: r#"
            tier = 1
            archive = "tar.gz"
            ci-runner = "ubuntu-24.04-arm""#,
    },
    Builtin {
        triple: "x86_64-apple-darwin",
        keys: r#"
            tier = 1
            minimum-os = "10.12"
            universal = "universal-apple-darwin"
            archive = "tar.gz"
            ci-runner = "macos-15""#,
    },
    Builtin {
        triple: "x86_64-pc-windows-msvc",
        keys: r#"
            tier = 1
            archive = "zip"
            ci-runner = "windows-2025""#,
    },
    Builtin {
        triple: "x86_64-unknown-linux-gnu",
        keys: r#"
            tier = 1
            archive = "tar.gz"
            ci-runner = "ubuntu-24.04""#,
    },
];

impl Builtin {
    fn manifest(&self) -> Option<TargetManifest> {
        let text = format!("schema = 1\ntriple = \"{}\"\n{}\n", self.triple, self.keys);
        let path = format!("{}.toml", self.triple);
        let source = SourceFile::new(format!("built-in {path}"), path, text);
        parse::<TargetManifest>(&source, &|_| None).manifest
    }
}

/// The manifests of the usual targets, by triple.
pub fn builtin() -> BTreeMap<String, TargetManifest> {
    BUILTIN.iter().filter_map(|builtin| Some((builtin.triple.to_owned(), builtin.manifest()?))).collect()
}

impl TargetManifest {
    /// This manifest, with what it does not say taken from the built-in one of
    /// its triple, if there is one.
    pub fn with_builtin(mut self) -> Self {
        let builtin = BUILTIN.iter().find(|builtin| builtin.triple == self.triple.as_str());
        if let Some(manifest) = builtin.and_then(Builtin::manifest) {
            Table::inherit(&mut self, &manifest);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_builtin_target_is_a_valid_manifest() {
        let all = builtin();
        assert_eq!(all.len(), BUILTIN.len());
        assert!(all.iter().all(|(triple, manifest)| triple == manifest.triple.as_str()));
    }

    #[test]
    fn a_manifest_wins_over_the_builtin_one_key_by_key() {
        let text = "schema = 1\ntriple = \"x86_64-pc-windows-msvc\"\ntier = 3\n";
        let source = SourceFile::new("t", "x86_64-pc-windows-msvc.toml", text);
        let parsed = parse::<TargetManifest>(&source, &|_| None).manifest.unwrap();
        let merged = parsed.with_builtin();
        assert_eq!(merged.tier.unwrap().0, 3);
        assert_eq!(merged.archive.unwrap().as_str(), "zip");
    }
}
