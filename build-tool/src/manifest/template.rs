//! Manifests for `init` to write: every key with its comment, and commented out
//! where the default does. The comments are the types' own.
use std::fmt::Write as _;

use super::declare::KeyInfo;
use super::package::PackageManifest;
use super::profile::ProfileManifest;
use super::reader::{SCHEMA, Table};
use super::target::{ArchiveFormat, Installer, TargetManifest};
use super::values::Tier;

/// What a new profile manifest says.
#[derive(Debug, Clone)]
pub struct ProfileTemplate {
    /// Its name.
    pub name: String,
    /// The profile of Cargo.toml that it starts from.
    pub cargo_profile: String,
}

/// What a new target manifest says.
#[derive(Debug, Clone)]
pub struct TargetTemplate {
    /// The full Rust triple.
    pub triple: String,
    /// Its tier when the manifest does not say one.
    pub tier: Tier,
    /// Its archive format when the manifest does not say one.
    pub archive: ArchiveFormat,
}

/// What a new package manifest says.
#[derive(Debug, Clone)]
pub struct PackageTemplate {
    /// The Cargo package.
    pub package: String,
    /// The app's name when the manifest does not say one.
    pub name: String,
    /// All its binaries.
    pub binaries: Vec<String>,
}

/// A profile manifest as text.
pub fn render_profile(template: &ProfileTemplate) -> String {
    let said = [("cargo-profile", template.cargo_profile.as_str().into())];
    render::<ProfileManifest>(&format!("Profile `{}`.", template.name), &said, &[])
}

/// A target manifest as text.
pub fn render_target(template: &TargetTemplate) -> String {
    let said = [("triple", template.triple.as_str().into())];
    let installers: Vec<_> = Installer::usual(&template.triple).iter().map(|format| format.as_str()).collect();
    let defaults = [
        ("tier", i64::from(template.tier.0).into()),
        ("archive", template.archive.as_str().into()),
        ("installers", installers.into()),
    ];
    render::<TargetManifest>(&format!("Target `{}`.", template.triple), &said, &defaults)
}

/// A package manifest as text.
pub fn render_package(template: &PackageTemplate) -> String {
    let said = [("package", template.package.as_str().into())];
    let defaults = [("name", template.name.as_str().into()), ("binaries", template.binaries.clone().into())];
    render::<PackageManifest>(&format!("Package `{}`.", template.package), &said, &defaults)
}

type Values<'a> = [(&'a str, toml::Value)];

fn render<T: Table>(title: &str, said: &Values<'_>, defaults: &Values<'_>) -> String {
    let said: Vec<_> = [("schema", SCHEMA.into())].into_iter().chain(said.iter().cloned()).collect();
    let mut text = format!("# {title}\n# A key that is commented out has its default; the value is an example.\n");
    for key in T::KEYS {
        render_key(&mut text, key, &said, defaults);
    }
    text
}

fn render_key(text: &mut String, key: &KeyInfo, said: &Values<'_>, defaults: &Values<'_>) {
    let name = key.name();
    let find = |values: &Values<'_>| {
        let (_, value) = values.iter().find(|(key, _)| *key == name)?;
        Some(value.to_string())
    };
    for line in wrapped(&key.description()) {
        let _ = write!(text, "\n# {line}");
    }
    text.push('\n');
    if let Some(value) = find(said) {
        let _ = writeln!(text, "{name} = {value}");
    } else if key.sample.starts_with('[') && !key.keys.is_empty() {
        let _ = writeln!(text, "#{}", key.sample);
        for key in key.keys {
            let _ = writeln!(text, "#{} = {}  # {}", key.name(), key.sample, key.description());
        }
    } else {
        let value = find(defaults).unwrap_or_else(|| key.sample.to_owned());
        let _ = writeln!(text, "#{name} = {value}");
    }
}

/// The words of `text` in lines of at most 88 columns.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.len() - 1;
        if !lines[last].is_empty() && lines[last].chars().count() + word.chars().count() >= 88 {
            lines.push(word.to_owned());
        } else {
            if !lines[last].is_empty() {
                lines[last].push(' ');
            }
            lines[last].push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::ErrorKind;
    use crate::manifest::reader::{Parsed, parse};
    use located::SourceFile;

    fn read<T: Table>(stem: &str, text: &str) -> Parsed<T> {
        parse(&SourceFile::new("t", format!("{stem}.toml"), text), &|_| Some("value".into()))
    }

    /// The text with everything switched on; comments begin with `# `, keys do not.
    fn uncommented(text: &str) -> String {
        let lines = text.lines().map(|line| match line.strip_prefix('#') {
            Some(rest) if !rest.starts_with(' ') => rest,
            _ => line,
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// As written it says `minimal` and no more; switched on, every key is read.
    fn holds<T: Table + PartialEq + std::fmt::Debug>(stem: &str, text: &str, minimal: &str) {
        let template = read::<T>(stem, text);
        assert_eq!(template.manifest, read::<T>(stem, minimal).manifest, "{text}");
        assert!(template.manifest.is_some(), "{:?}", template.errors);
        let all = read::<T>(stem, &uncommented(text));
        let serious: Vec<_> = all
            .errors
            .iter()
            // That a key is for other targets only is no fault of the template.
            .filter(|error| !matches!(error.error(), ErrorKind::Invalid { .. }))
            .collect();
        assert!(serious.is_empty(), "{serious:?}\n{text}");
        for key in T::KEYS {
            let line = format!("\n{} = ", key.name());
            let header = format!("\n{}\n", key.sample);
            let text = uncommented(text);
            assert!(text.contains(&line) || text.contains(&header), "{}", key.name());
        }
    }

    #[test]
    fn a_new_profile_says_only_its_cargo_profile() {
        let template = ProfileTemplate { name: "ci".into(), cargo_profile: "ci".into() };
        let minimal = "schema = 1\ncargo-profile = \"ci\"";
        holds::<ProfileManifest>("ci", &render_profile(&template), minimal);
    }

    #[test]
    fn a_new_target_says_only_its_triple() {
        let triple = "riscv64gc-unknown-linux-musl".to_owned();
        let template = TargetTemplate { triple: triple.clone(), tier: Tier(2), archive: ArchiveFormat::TarXz };
        let text = render_target(&template);
        assert!(text.contains("#tier = 2\n") && text.contains("#archive = \"tar.xz\"\n"));
        assert!(text.contains("#installers = [\"apk\"]\n"), "{text}");
        let minimal = format!("schema = 1\ntriple = \"{triple}\"");
        holds::<TargetManifest>(&triple, &text, &minimal);
    }

    #[test]
    fn a_new_package_says_only_its_package() {
        let template =
            PackageTemplate { package: "fd-find".into(), name: "fd-find".into(), binaries: vec!["fd".into()] };
        let text = render_package(&template);
        assert!(text.contains("#binaries = [\"fd\"]\n"), "{text}");
        holds::<PackageManifest>("fd-find", &text, "schema = 1\npackage = \"fd-find\"");
    }
}
