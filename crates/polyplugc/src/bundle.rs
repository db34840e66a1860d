//! Reads `bundle.toml` and the API that it names, and writes the bundle's `manifest.toml`.

mod manifest;

use std::path::{Component, Path};

use polyplug_abi::DependencyKind;
use polyplug_abi::types::Version;

use crate::api::{number, parse_api, read_version};
use crate::error::{ErrorKind, Errors, LocatedError, nearest};
use crate::model::{Api, Contract};
use crate::names::{self, Case};
use crate::reader::{Node, Reader, Table, parse};
use crate::source::{Located, SourceFile};

pub use manifest::manifest;

const ROOT: &[&str] = &["bundle", "plugin", "dependency"];
const BUNDLE: &[&str] = &["name", "version", "api", "loader", "file", "multiple", "needs_reinit_on_dep_reload"];
const PLUGIN: &[&str] = &["name", "version", "implements"];
const DEPENDENCY: &[&str] = &["kind", "contract", "min_version", "bundle"];

/// What a `bundle.toml` declares, with its API.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// The name of its loader.
    pub loader: String,
    /// What the loader loads.
    pub file: BundleFile,
    /// Contracts, by their place in [`Api::guest_contracts`], that other bundles may provide, too.
    pub multiple: Vec<usize>,
    /// Whether it is started anew when what it depends on is reloaded.
    pub needs_reinit_on_dep_reload: bool,
    /// Its plugins.
    pub plugins: Vec<Plugin>,
    /// What it calls.
    pub dependencies: Vec<Dependency>,
    /// What it is written against.
    pub api: Api,
}

/// The file of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BundleFile {
    /// One for all platforms.
    One(String),
    /// By platform, sorted.
    ByPlatform(Vec<(String, String)>),
}

/// A plugin of a bundle.
#[derive(Clone, Debug)]
pub struct Plugin {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// What it provides, by place in [`Api::guest_contracts`].
    pub implements: Vec<usize>,
}

/// A contract that a bundle calls.
#[derive(Clone, Debug)]
pub struct Dependency {
    /// Of a bundle or of the host.
    pub kind: DependencyKind,
    /// By place in [`Api::guest_contracts`] or [`Api::host_contracts`].
    pub contract: usize,
    /// The least version.
    pub min_version: Version,
    /// The bundle that has to provide it.
    pub bundle: Option<String>,
}

impl Bundle {
    /// The contract of a dependency.
    pub fn contract_of(&self, dependency: &Dependency) -> &Contract {
        match dependency.kind {
            DependencyKind::GuestContract => &self.api.guest_contracts[dependency.contract],
            DependencyKind::HostContract => &self.api.host_contracts[dependency.contract],
        }
    }
}

/// Reads a bundle and its API.
///
/// # Errors
///
/// Everything that is wrong with both.
pub fn read_bundle(source: &SourceFile) -> Result<Bundle, Errors> {
    // The API has to be known before its contracts can be looked up, so the file is read for its path first.
    let (path, _) = parse(source, "the file", ROOT, |root, reader| {
        let bundle = reader.table("bundle", root.get("bundle")?, "[bundle]", BUNDLE)?;
        reader.string("api", bundle.get("api")?)
    });
    let mut errors = Vec::new();
    let mut api = None;
    if let Some(path) = path.flatten() {
        let file = source.path().parent().unwrap_or(Path::new("")).join(&*path);
        match SourceFile::read(&file) {
            Ok(file) => {
                let (parsed, wrong) = parse_api(&file);
                // What is missing because of an error there is not missing here.
                api = wrong.is_empty().then_some(parsed);
                errors.extend(wrong);
            }
            Err(error) => errors.push(LocatedError::new(error.kind().clone(), path.place().clone())),
        }
    }
    let (bundle, wrong) = parse(source, "the file", ROOT, |root, reader| read_root(root, api.as_ref(), reader));
    errors.extend(wrong);
    Errors::check(errors)?;
    match (bundle.flatten(), api) {
        (Some(bundle), Some(api)) => Ok(Bundle { api, ..bundle }),
        _ => Err(LocatedError::new(ErrorKind::invalid("the file is no bundle", ""), source.at(0..0)).into()),
    }
}

fn read_root(root: &Table<'_>, api: Option<&Api>, reader: &mut Reader) -> Option<Bundle> {
    let node = root.required("bundle", "a table [bundle] with name, version, api, loader and file", reader);
    let table = node.and_then(|node| reader.table("bundle", node, "[bundle]", BUNDLE));
    let mut bundle = match &table {
        Some(table) => read_bundle_table(table, api, reader),
        None => None,
    };
    let version = bundle.as_ref().map(|bundle| bundle.version).unwrap_or_default();
    let plugins = read_plugins(root, api, version, reader);
    let dependencies = read_dependencies(root, api, reader);
    if let Some(bundle) = &mut bundle {
        for contract in &bundle.multiple {
            if !plugins.iter().any(|plugin| plugin.implements.contains(contract)) {
                let problem = "`multiple` names a contract that no plugin of the bundle implements";
                let kind = ErrorKind::invalid(problem, "list what is in `implements`");
                reader.error_at(kind, &table.as_ref()?.place(reader));
            }
        }
        (bundle.plugins, bundle.dependencies) = (plugins, dependencies);
    }
    bundle
}

fn read_bundle_table(table: &Table<'_>, api: Option<&Api>, reader: &mut Reader) -> Option<Bundle> {
    let name = table.string("name", "name = \"painter\"", reader).filter(|name| bundle_name(name, reader));
    let version = table.string("version", "version = \"1.0.0\"", reader);
    let version = version.and_then(|version| read_version(&version, reader));
    table.string("api", "api = \"api.toml\"", reader);
    let loader = table.string("loader", "loader = \"native\", \"lua\" or \"js\"", reader);
    let loader = loader.filter(|loader| bundle_name(loader, reader));
    let file = table.required("file", "file = \"libpainter.so\"", reader).and_then(|node| read_file(node, reader));
    let mut multiple = Vec::new();
    for node in table.list("multiple", reader) {
        let Some(text) = reader.string("multiple", node) else { continue };
        let Some(reference) = read_reference(&text, reader) else { continue };
        multiple.extend(api.and_then(|api| look_up(&reference, &api.guest_contracts, "guest contract", &text, reader)));
    }
    let needs_reinit_on_dep_reload = table.flag("needs_reinit_on_dep_reload", reader);
    Some(Bundle {
        name: name?.into_value(),
        version: version?,
        loader: loader?.into_value(),
        file: file?,
        multiple,
        needs_reinit_on_dep_reload,
        plugins: Vec::new(),
        dependencies: Vec::new(),
        api: Api::default(),
    })
}

fn bundle_name(name: &Located<String>, reader: &mut Reader) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    let right = (1..=128).contains(&name.len()) && name.bytes().all(allowed);
    if !right {
        let kind = ErrorKind::invalid(
            format!("\"{}\" cannot be a name", **name),
            "write letters, digits, `_`, `.` and `-`, at most 128",
        );
        reader.error_at(kind, name.place());
    }
    right
}

fn read_file(node: &Node<'_>, reader: &mut Reader) -> Option<BundleFile> {
    if node.get_ref().as_str().is_some() {
        let file = reader.string("file", node)?;
        return inside(&file, reader).then(|| BundleFile::One(file.into_value()));
    }
    let table = reader.open_table("file", node, "a path or a table of paths by platform")?;
    let mut files = Vec::new();
    for (platform, node) in table.entries() {
        let Some(file) = reader.string(platform, node) else { continue };
        if inside(&file, reader) {
            files.push((platform.to_owned(), file.into_value()));
        }
    }
    if table.entries().next().is_none() {
        reader.error_at(ErrorKind::invalid("no platform has a file", "write linux = \"lib….so\""), &table.place(reader));
    }
    files.sort();
    Some(BundleFile::ByPlatform(files))
}

/// Whether a path stays in the bundle's folder, on every system.
fn inside(file: &Located<String>, reader: &mut Reader) -> bool {
    let normal = |component| matches!(component, Component::Normal(_));
    let right = !file.is_empty()
        && !file.contains(['\\', ':', '\0'])
        && file.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
        && Path::new(&**file).components().all(normal);
    if !right {
        let problem = format!("\"{}\" does not lie in the bundle's folder", file.escape_debug());
        let kind = ErrorKind::invalid(problem, "write a relative path with `/`, without `.` and `..`");
        reader.error_at(kind, file.place());
    }
    right
}

/// `image.Painter@1.2`, taken apart.
struct Reference {
    contract: String,
    major: u16,
    minor: Option<u16>,
}

fn read_reference(text: &Located<String>, reader: &mut Reader) -> Option<Reference> {
    let parts = text.split_once('@').and_then(|(contract, version)| {
        let (major, minor) = match version.split_once('.') {
            Some((major, minor)) => (number(major)?, Some(number(minor)?)),
            None => (number(version)?, None),
        };
        (!contract.is_empty()).then(|| Reference { contract: contract.to_owned(), major, minor })
    });
    if parts.is_none() {
        let problem = format!("\"{}\" names no contract", **text);
        let kind = ErrorKind::invalid(problem, "write its name, `@` and its major version, as in \"image.Painter@1\"");
        reader.error_at(kind, text.place());
    }
    parts
}

fn look_up(
    reference: &Reference,
    contracts: &[Contract],
    what: &'static str,
    text: &Located<String>,
    reader: &mut Reader,
) -> Option<usize> {
    let Some(index) = contracts.iter().position(|contract| contract.contract == reference.contract) else {
        let nearest = nearest(&reference.contract, contracts.iter().map(|contract| contract.contract.as_str()));
        let advice = if contracts.is_empty() {
            format!("it declares no {what}s")
        } else {
            let all: Vec<_> = contracts.iter().map(|one| format!("{}@{}", one.contract, one.version.major)).collect();
            format!("it declares {}", all.join(", "))
        };
        let kind = ErrorKind::Unknown { what, name: reference.contract.clone(), nearest, advice };
        reader.error_at(kind, text.place());
        return None;
    };
    let declared = contracts[index].version;
    let newer = reference.minor.is_some_and(|minor| minor > declared.minor);
    if reference.major != declared.major || newer {
        let problem = format!("the API declares `{}` in version {declared}", reference.contract);
        let advice = format!("write \"{}@{}\", or another API", reference.contract, declared.major);
        reader.error_at(ErrorKind::invalid(problem, advice), text.place());
        return None;
    }
    Some(index)
}

fn read_plugins(root: &Table<'_>, api: Option<&Api>, version: Version, reader: &mut Reader) -> Vec<Plugin> {
    let (mut plugins, mut names, mut provided) = (Vec::new(), Vec::new(), Vec::new());
    for node in root.list("plugin", reader) {
        let Some(table) = reader.table("plugin", node, "[[plugin]]", PLUGIN) else { continue };
        let name = table.string("name", "name = \"painter\"", reader);
        if let Some(name) = &name {
            if let Some(kind) = names::problem(name, "a plugin", Case::LowerSnake) {
                reader.error_at(kind, name.place());
            }
            crate::api::once(&mut names, "the plugin", name, reader);
        }
        let own = table.optional("version", reader).and_then(|version| read_version(&version, reader));
        let sample = "implements = [\"image.Painter@1\"]";
        if table.required("implements", sample, reader).is_some() && table.list("implements", reader).is_empty() {
            let kind = ErrorKind::invalid("the plugin implements nothing", format!("write {sample}"));
            reader.error_at(kind, &table.place(reader));
        }
        let mut implements = Vec::new();
        for node in table.list("implements", reader) {
            let Some(text) = reader.string("implements", node) else { continue };
            let Some(reference) = read_reference(&text, reader) else { continue };
            let Some(api) = api else { continue };
            let found = look_up(&reference, &api.guest_contracts, "guest contract", &text, reader);
            let Some(contract) = found else { continue };
            if provided.contains(&contract) {
                let advice = "a bundle provides a contract once; put the second into another bundle".to_owned();
                let kind = ErrorKind::Duplicate { what: "the contract", name: text.to_string(), advice };
                reader.error_at(kind, text.place());
                continue;
            }
            provided.push(contract);
            implements.push(contract);
        }
        let Some(name) = name else { continue };
        plugins.push(Plugin { name: name.into_value(), version: own.unwrap_or(version), implements });
    }
    if root.list("plugin", reader).is_empty() {
        let kind = ErrorKind::invalid("the bundle has no plugin", "write [[plugin]] with name and implements");
        reader.error_at(kind, &root.place(reader));
    }
    plugins
}

fn read_dependencies(root: &Table<'_>, api: Option<&Api>, reader: &mut Reader) -> Vec<Dependency> {
    let mut dependencies: Vec<Dependency> = Vec::new();
    for node in root.list("dependency", reader) {
        let Some(table) = reader.table("dependency", node, "[[dependency]]", DEPENDENCY) else { continue };
        let kind = match table.optional("kind", reader) {
            None => DependencyKind::GuestContract,
            Some(kind) => match kind.as_str() {
                "guest_contract" => DependencyKind::GuestContract,
                "host_contract" => DependencyKind::HostContract,
                other => {
                    let problem = format!("`kind` cannot be \"{other}\"");
                    let advice = "write \"guest_contract\" or \"host_contract\"";
                    reader.error_at(ErrorKind::invalid(problem, advice), kind.place());
                    continue;
                }
            },
        };
        let bundle = table.optional("bundle", reader).filter(|name| bundle_name(name, reader));
        let least = table.optional("min_version", reader);
        let Some(text) = table.string("contract", "contract = \"host.Canvas@1\"", reader) else { continue };
        let Some(reference) = read_reference(&text, reader) else { continue };
        let min_version = least.as_ref().and_then(|least| read_least(least, &reference, reader));
        let Some(api) = api else { continue };
        let (contracts, what) = match kind {
            DependencyKind::GuestContract => (&api.guest_contracts, "guest contract"),
            DependencyKind::HostContract => (&api.host_contracts, "host contract"),
        };
        let Some(contract) = look_up(&reference, contracts, what, &text, reader) else { continue };
        let twice = dependencies.iter().any(|other| other.kind == kind && other.contract == contract);
        if twice {
            let advice = "one [[dependency]] is enough".to_owned();
            let kind = ErrorKind::Duplicate { what: "the dependency", name: text.to_string(), advice };
            reader.error_at(kind, text.place());
        }
        let written = Version::new(reference.major, reference.minor.unwrap_or(0), 0);
        let min_version = min_version.unwrap_or(written);
        if min_version.minor > contracts[contract].version.minor {
            let problem = format!("the API declares `{}` in version {}", reference.contract, contracts[contract].version);
            let kind = ErrorKind::invalid(problem, "its functions are all that can be called; ask for no more");
            reader.error_at(kind, least.as_ref().unwrap_or(&text).place());
        }
        let bundle = bundle.map(Located::into_value);
        dependencies.push(Dependency { kind, contract, min_version, bundle });
    }
    dependencies
}

fn read_least(least: &Located<String>, reference: &Reference, reader: &mut Reader) -> Option<Version> {
    let parts: Vec<Option<u16>> = least.split('.').map(number).collect();
    let version = match *parts {
        [Some(major), Some(minor)] | [Some(major), Some(minor), Some(_)] => Some(Version::new(major, minor, 0)),
        _ => None,
    };
    if version.is_none_or(|version| version.major != reference.major) {
        let problem = format!("\"{}\" cannot be the least version of `{}`", **least, reference.contract);
        let advice = format!("write a minor version of its major, as in \"{}.0\"", reference.major);
        reader.error_at(ErrorKind::invalid(problem, advice), least.place());
        return None;
    }
    version
}
