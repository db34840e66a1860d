//! `[package.metadata.deb]`, which cargo-deb reads, so that people can move over: what of it means something here,
//! and a warning for each key that does not. The package manifest wins over all of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cargo_metadata::Package;
use serde_json::Value;

use super::contents::join;
use crate::manifest::package::FileKind;
use crate::release::{App, files};

/// What cargo-deb is told.
#[derive(Default)]
pub(super) struct CargoDeb {
    pub(super) name: Option<String>,
    pub(super) maintainer: Option<String>,
    pub(super) copyright: Option<String>,
    pub(super) description: Option<String>,
    pub(super) section: Option<String>,
    pub(super) priority: Option<String>,
    pub(super) revision: Option<String>,
    pub(super) licence_file: Option<PathBuf>,
    pub(super) changelog: Option<PathBuf>,
    /// Relations by their field, in Debian's words.
    pub(super) relations: BTreeMap<&'static str, Vec<String>>,
    /// Whether what programs are found to need is depended on: `$auto`.
    pub(super) auto_depends: Option<bool>,
    /// Where programs go, by their names.
    pub(super) programs: BTreeMap<String, String>,
    pub(super) assets: Vec<Asset>,
    /// Where `preinst`, `postinst`, `prerm` and `postrm` lie.
    pub(super) scripts: Option<PathBuf>,
    /// systemd units: the file, its name on the system, and whether it starts with it.
    pub(super) units: Vec<(PathBuf, String, bool)>,
    pub(super) warnings: Vec<String>,
}

/// One file that it installs.
pub(super) struct Asset {
    pub(super) source: PathBuf,
    pub(super) path: String,
    pub(super) kind: FileKind,
    pub(super) mode: u32,
}

/// The keys that are lists of relations.
const RELATIONS: [&str; 9] =
    ["depends", "pre-depends", "recommends", "suggests", "enhances", "conflicts", "breaks", "replaces", "provides"];

/// Reads what the package says to cargo-deb.
pub(super) fn read(package: &Package, root: &Path, app: &App) -> CargoDeb {
    let mut reader = Reader {
        found: CargoDeb::default(),
        folder: package.manifest_path.parent().map_or(root, |folder| folder.as_std_path()),
        root,
        app,
        configuration: Vec::new(),
    };
    if let Some(table) = package.metadata.get("deb").and_then(Value::as_object) {
        reader.configuration = table.get("conf-files").map(texts).unwrap_or_default();
        for (key, value) in table {
            reader.key(key, value);
        }
    }
    reader.found
}

struct Reader<'a> {
    found: CargoDeb,
    folder: &'a Path,
    root: &'a Path,
    app: &'a App,
    configuration: Vec<String>,
}

impl Reader<'_> {
    fn warn(&mut self, key: &str, what: &str) {
        let app = &self.app.name;
        self.found.warnings.push(format!("app {app}: Cargo.toml, package.metadata.deb.{key}: {what}"));
    }

    fn key(&mut self, key: &str, value: &Value) {
        let text = value.as_str().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        if let Some(field) = RELATIONS.into_iter().find(|field| *field == key) {
            let mut relations = texts(value);
            let before = relations.len();
            relations.retain(|relation| relation != "$auto");
            if field == "depends" {
                self.found.auto_depends = Some(relations.len() < before);
            }
            self.found.relations.insert(field, relations);
            return;
        }
        match key {
            "name" => self.found.name = text,
            "maintainer" => self.found.maintainer = text,
            "copyright" => self.found.copyright = text,
            "section" => self.found.section = text,
            "priority" => self.found.priority = text,
            "revision" => self.found.revision = text.or_else(|| value.as_u64().map(|number| number.to_string())),
            "extended-description" => self.found.description = text,
            "extended-description-file" => {
                let read = self.file(key, text.as_deref()).map(|path| std::fs::read_to_string(&path));
                match read {
                    Some(Ok(text)) => _ = self.found.description.get_or_insert(text.trim().to_owned()),
                    Some(Err(error)) => self.warn(key, &error.to_string()),
                    None => {}
                }
            }
            "license-file" => {
                // A file, or a list of it and the lines to skip.
                let file = text.or_else(|| value.get(0)?.as_str().map(str::to_owned));
                self.found.licence_file = self.file(key, file.as_deref());
            }
            "changelog" => self.found.changelog = self.file(key, text.as_deref()),
            "maintainer-scripts" => {
                let folder = self.folder.join(text.unwrap_or_default());
                if folder.is_dir() {
                    self.found.scripts = Some(folder);
                } else {
                    self.warn(key, "there is no such folder");
                }
            }
            "assets" => value.as_array().into_iter().flatten().for_each(|asset| self.asset(asset)),
            "conf-files" => {}
            "systemd-units" => match value {
                Value::Array(all) => all.iter().for_each(|unit| self.unit(unit)),
                one => self.unit(one),
            },
            _ => self.warn(key, "not taken over; the package manifest may have a key for it, see `build-tool init`"),
        }
    }

    fn file(&mut self, key: &str, text: Option<&str>) -> Option<PathBuf> {
        let path = self.folder.join(text?);
        let inside = files::leads_outside(self.root, &path).is_ok_and(|outside| outside.is_none());
        if inside && path.is_file() {
            return Some(path);
        }
        self.warn(key, "there is no such file in the workspace");
        None
    }

    /// `["target/release/app", "usr/bin/", "755"]` or the same as a table.
    fn asset(&mut self, asset: &Value) {
        if asset.as_str() == Some("$auto") {
            return; // what it stands for is there anyhow
        }
        let part = |index: usize, name: &str| asset.get(index).or_else(|| asset.get(name)).and_then(Value::as_str);
        let (Some(source), Some(destination)) = (part(0, "source"), part(1, "dest")) else {
            return self.warn("assets", &format!("cannot understand {asset}"));
        };
        let mode = part(2, "mode").and_then(|text| u32::from_str_radix(text, 8).ok()).filter(|mode| *mode <= 0o7777);
        let destination = destination.trim_start_matches('/');
        if let Some(built) = source.strip_prefix("target/").map(|path| path.rsplit('/').next().unwrap_or(path)) {
            if self.app.binaries.iter().any(|name| name == built) {
                let path = if destination.ends_with('/') { join(destination, built) } else { destination.to_owned() };
                self.found.programs.insert(built.to_owned(), path);
            } else {
                self.warn("assets", &format!("{source} is none of the app's programs: left out"));
            }
            return;
        }
        let Ok(folder) = self.folder.strip_prefix(self.root) else { return };
        let glob = folder.join(source).to_string_lossy().replace('\\', "/");
        let found = match files::sources(self.root, &glob) {
            Ok(found) => files::at(found, destination),
            Err(_) => return self.warn("assets", &format!("{source} matches no file: left out")),
        };
        for (source, path) in found {
            if files::leads_outside(self.root, &source).is_ok_and(|outside| outside.is_none()) {
                let path = path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
                let asset = self.classified(source, path, mode);
                self.found.assets.push(asset);
            } else {
                self.warn("assets", &format!("{} leads out of the workspace: left out", source.display()));
            }
        }
    }

    /// What a file is, by where it goes.
    fn classified(&self, source: PathBuf, path: String, mode: Option<u32>) -> Asset {
        // Where units are since systemd's files moved below /usr.
        let path = match path.strip_prefix("lib/systemd/") {
            Some(rest) => format!("usr/lib/systemd/{rest}"),
            None => path,
        };
        let configured = self.configuration.iter().any(|file| file.trim_start_matches('/') == path);
        let kind = if configured || path.starts_with("etc/") {
            FileKind::Config
        } else if path.starts_with("usr/share/man/") {
            FileKind::Man
        } else if path.starts_with("usr/share/doc/") {
            FileKind::Doc
        } else if path.starts_with("usr/lib/systemd/system/") {
            FileKind::Service
        } else if path.starts_with("usr/bin/") || path.starts_with("usr/sbin/") {
            FileKind::Program
        } else {
            FileKind::Data
        };
        let bare = kind == FileKind::Man && !path.ends_with(".gz");
        let path = if bare { format!("{path}.gz") } else { path };
        let usual = if kind == FileKind::Program || files::is_executable(&source) { 0o755 } else { 0o644 };
        Asset { source, path, kind, mode: mode.unwrap_or(usual) }
    }

    /// One `systemd-units` table: the units named after the package in a folder, as debhelper finds them.
    fn unit(&mut self, table: &Value) {
        let Some(table) = table.as_object() else { return self.warn("systemd-units", "is no table") };
        for key in table.keys().filter(|key| !["unit-name", "unit-scripts", "enable"].contains(&key.as_str())) {
            self.warn(
                &format!("systemd-units.{key}"),
                "not taken over: units are started, stopped and restarted as Debian does by default",
            );
        }
        let text = |key: &str| table.get(key).and_then(Value::as_str).filter(|text| !text.contains(['/', '\\']));
        let scripts = table.get("unit-scripts").and_then(Value::as_str);
        let folder = scripts.map(|scripts| self.folder.join(scripts)).or_else(|| self.found.scripts.clone());
        let folder = folder.unwrap_or_else(|| self.folder.to_owned());
        let enable = table.get("enable").and_then(Value::as_bool).unwrap_or(true);
        let package = self.app.package.clone();
        let (unit, prefixes) = match text("unit-name") {
            Some(unit) => (unit.to_owned(), vec![format!("{package}.{unit}"), unit.to_owned()]),
            None => (package.clone(), vec![package]),
        };
        let before = self.found.units.len();
        for ending in ["service", "socket", "timer", "path", "target", "mount"] {
            for template in ["", "@"] {
                let file = prefixes.iter().map(|prefix| folder.join(format!("{prefix}{template}.{ending}")));
                if let Some(file) = file.into_iter().find(|file| file.is_file()) {
                    self.found.units.push((file, format!("{unit}{template}.{ending}"), enable));
                }
            }
        }
        if self.found.units.len() == before {
            self.warn("systemd-units", &format!("no unit {unit} in {}: left out", folder.display()));
        }
    }
}

/// A text with commas, or a list of texts.
fn texts(value: &Value) -> Vec<String> {
    let all: Vec<&str> = match value {
        Value::String(text) => text.split(',').collect(),
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    all.into_iter().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned).collect()
}
