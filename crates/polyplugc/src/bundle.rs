//! Reads `bundle.toml` and the API that it names, and writes the bundle's `manifest.toml`.

mod manifest;

use std::collections::BTreeMap;
use std::path::Path;

use located::{Located, SourceFile, nearest};
use polyplug::loader::names::{check_file, check_name, parse_contract, parse_numbers};
use polyplug::loader::{BundleFile, check_platform};
use polyplug_abi::DependencyKind;
use polyplug_abi::types::Version;

use crate::api::{parse_api, read_version};
use crate::error::{ErrorKind, Errors, LocatedError};
use crate::input::read;
use crate::model::{Api, Contract};
use crate::names::{self, Case};
use crate::reader::{Node, Reader, Table, parse};

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
        match read(&file) {
            Ok(file) => {
                let (parsed, wrong) = parse_api(&file);
                // What is missing because of an error there is not missing here.
                api = wrong.is_empty().then_some(parsed);
                errors.extend(wrong);
            }
            Err(error) => errors.push(LocatedError::new(error.error().clone(), path.place().clone())),
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
    let name = table.string("name", "name = \"painter\"", reader).filter(|name| right(name, check_name, reader));
    let version = table.string("version", "version = \"1.0.0\"", reader);
    let version = version.and_then(|version| read_version(&version, reader));
    table.string("api", "api = \"api.toml\"", reader);
    let loader = table.string("loader", "loader = \"native\", \"lua\" or \"js\"", reader);
    let loader = loader.filter(|loader| right(loader, check_name, reader));
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

/// Whether a name or path is right; what would be is the advice.
fn right(text: &Located<String>, check: fn(&str) -> Result<(), String>, reader: &mut Reader) -> bool {
    let checked = check(text);
    if let Err(advice) = &checked {
        let problem = format!("\"{}\" cannot be", text.escape_debug());
        reader.error_at(ErrorKind::invalid(problem, advice), text.place());
    }
    checked.is_ok()
}

fn read_file(node: &Node<'_>, reader: &mut Reader) -> Option<BundleFile> {
    if node.get_ref().as_str().is_some() {
        let file = reader.string("file", node)?;
        return right(&file, check_file, reader).then(|| BundleFile::Everywhere(file.into_value()));
    }
    let table = reader.open_table("file", node, "a path or a table of paths by platform")?;
    let mut files = BTreeMap::new();
    for (platform, node) in table.entries() {
        let Some(file) = reader.string(platform, node) else { continue };
        if let Err(advice) = check_platform(platform) {
            reader.error_at(ErrorKind::invalid(format!("`{platform}` is no platform"), advice), file.place());
        }
        if right(&file, check_file, reader) {
            files.insert(platform.to_owned(), file.into_value());
        }
    }
    if table.entries().next().is_none() {
        reader
            .error_at(ErrorKind::invalid("no platform has a file", "write linux = \"lib….so\""), &table.place(reader));
    }
    Some(BundleFile::ByPlatform(files))
}

/// `image.Painter@1.2`, taken apart.
struct Reference {
    contract: String,
    major: u16,
    minor: Option<u16>,
}

fn read_reference(text: &Located<String>, reader: &mut Reader) -> Option<Reference> {
    match parse_contract(text) {
        Ok(found) => {
            let minor = (found.written > 1).then_some(found.version.minor);
            Some(Reference { contract: found.name.to_owned(), major: found.version.major, minor })
        }
        Err(advice) => {
            reader.error_at(ErrorKind::invalid(format!("\"{}\" names no contract", **text), advice), text.place());
            None
        }
    }
}

fn look_up(
    reference: &Reference,
    contracts: &[Contract],
    what: &'static str,
    text: &Located<String>,
    reader: &mut Reader,
) -> Option<usize> {
    let Some(index) = contracts.iter().position(|contract| contract.contract == reference.contract) else {
        let nearest = nearest(&reference.contract, contracts.iter().map(|contract| contract.contract.as_str()))
            .map(str::to_owned);
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
            crate::api::once_as_a_type(&mut names, "the plugin", name, reader);
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
        let bundle = table.optional("bundle", reader).filter(|name| right(name, check_name, reader));
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
            let problem =
                format!("the API declares `{}` in version {}", reference.contract, contracts[contract].version);
            let kind = ErrorKind::invalid(problem, "its functions are all that can be called; ask for no more");
            reader.error_at(kind, least.as_ref().unwrap_or(&text).place());
        }
        let bundle = bundle.map(Located::into_value);
        dependencies.push(Dependency { kind, contract, min_version, bundle });
    }
    dependencies
}

fn read_least(least: &Located<String>, reference: &Reference, reader: &mut Reader) -> Option<Version> {
    let version = parse_numbers(least).ok().filter(|(_, written)| *written > 1).map(|(version, _)| version);
    if version.is_none_or(|version| version.major != reference.major) {
        let problem = format!("\"{}\" cannot be the least version of `{}`", **least, reference.contract);
        let advice = format!("write a minor version of its major, as in \"{}.0\"", reference.major);
        reader.error_at(ErrorKind::invalid(problem, advice), least.place());
        return None;
    }
    version
}
