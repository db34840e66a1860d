//! Reads a manifest strictly: every key is known, every value checked, and every mistake reported at once.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::path::Path;

use polyplug_abi::DependencyKind;
use polyplug_abi::identity::bundle_id;
use polyplug_abi::types::Version;
use toml::de::{DeTable, DeValue};

use super::source::Source;
use super::{BundleFile, Dependency, ManifestDocument, Provided};
use crate::error::ManifestError;
use crate::loader::names::{
    check_contract_name, check_file, check_name, parse_contract, parse_numbers, parse_version, shortened,
};
use crate::loader::platform::check_platform;
use crate::similar::nearest;

type Node<'i> = toml::Spanned<DeValue<'i>>;
/// A contract's name and major.
type Identity = (String, u16);

const KEYS: [&str; 10] = [
    "name",
    "id",
    "version",
    "loader",
    "file",
    "provides",
    "function_count",
    "multiple",
    "needs_reinit_on_dep_reload",
    "dependencies",
];
const DEPENDENCY_KEYS: [&str; 4] = ["kind", "contract", "min_version", "bundle"];
/// Texts up to this many bytes are read on after a mistake of syntax; in longer ones the mistakes could fill the memory.
const RECOVERABLE: usize = 1 << 16;

/// Reads a manifest; `file` is for the messages.
pub(super) fn parse(text: &str, file: &Path) -> Result<ManifestDocument, ManifestError> {
    let mut reader = Reader { source: Source::new(text) };
    let manifest = reader.document(text);
    match manifest {
        Some(manifest) if reader.source.is_good() => Ok(manifest),
        _ => {
            let (problems, more) = reader.source.problems();
            Err(ManifestError::Invalid { file: file.to_owned(), problems, more })
        }
    }
}

/// Where in the list each provided contract is.
struct Places {
    by_identity: HashMap<Identity, usize>,
    /// Whether all of the list could be read, so that what is not here is nowhere.
    complete: bool,
}

struct Reader<'a> {
    source: Source<'a>,
}

impl<'a> Reader<'a> {
    fn document(&mut self, text: &'a str) -> Option<ManifestDocument> {
        let (root, errors) = if text.len() <= RECOVERABLE {
            let (root, errors) = DeTable::parse_recoverable(text);
            (Some(root), errors)
        } else {
            match DeTable::parse(text) {
                Ok(root) => (Some(root), Vec::new()),
                Err(error) => (None, vec![error]),
            }
        };
        let syntax_is_good = errors.is_empty();
        for error in errors {
            self.source.mistake(error.span().unwrap_or(0..0), error.message(), "");
        }
        // Of what is left of a broken text, half would be said wrongly.
        if syntax_is_good { self.manifest(root?.get_ref()) } else { None }
    }

    fn manifest(&mut self, root: &DeTable<'_>) -> Option<ManifestDocument> {
        self.known_keys(root, &KEYS, "a manifest");
        let name = self.required(root, "name", "name = \"greeter\"", 0..0).and_then(|node| self.name(node));
        self.id(root, name.as_deref());
        let version = self.required(root, "version", "version = \"1.0.0\"", 0..0);
        let version = version.and_then(|node| self.checked(node, "version", parse_version));
        let loader = self.required(root, "loader", "loader = \"native\"", 0..0).and_then(|node| self.name(node));
        let file = self.required(root, "file", "file = \"libgreeter.so\"", 0..0).and_then(|node| self.file(node));
        let provides = self.provides(root);
        let needs_reinit_on_dep_reload = match root.get("needs_reinit_on_dep_reload").map(|node| (node, node.get_ref()))
        {
            None => Some(false),
            Some((_, DeValue::Boolean(value))) => Some(*value),
            Some((node, _)) => self.wrong_type(node, "true or false"),
        };
        let dependencies = self.dependencies(root);
        Some(ManifestDocument {
            name: name?,
            version: version?,
            loader: loader?,
            file: file?,
            provides: provides?,
            needs_reinit_on_dep_reload: needs_reinit_on_dep_reload?,
            dependencies: dependencies?,
        })
    }

    /// The id has to be the name's; without a good name only its form can be checked.
    fn id(&mut self, root: &DeTable<'_>, name: Option<&str>) {
        let right = name.map(|name| format!("{:#018x}", bundle_id(name)));
        let sample = format!("id = \"{}\"", right.as_deref().unwrap_or("0x0123456789abcdef"));
        let Some(node) = self.required(root, "id", &sample, 0..0) else { return };
        let Some(text) = self.string(node) else { return };
        let digits = text.strip_prefix("0x").filter(|digits| digits.len() == 16);
        let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let Some(id) = digits.and_then(|digits| u64::from_str_radix(digits, 16).ok()) else {
            let help = format!("it is `0x` and 16 hexadecimal digits, as in `{sample}`");
            return self.source.mistake(node.span(), format!("`{}` is not an id", shortened(text)), help);
        };
        if let (Some(name), Some(right)) = (name, right)
            && id != bundle_id(name)
        {
            let message = format!("this is not the id of `{name}`: the manifest was tampered with, or renamed by hand");
            self.source.mistake(node.span(), message, format!("the id of this name is `{right}`"));
        }
    }

    fn file(&mut self, node: &Node<'_>) -> Option<BundleFile> {
        let DeValue::Table(table) = node.get_ref() else {
            if node.get_ref().as_str().is_none() {
                return self.wrong_type(node, "a string, or a table of strings by platform");
            }
            return self
                .checked(node, "path", |path| check_file(path).map(|()| BundleFile::Everywhere(path.to_owned())));
        };
        if table.is_empty() {
            let help = "name at least one, as in `{ linux = \"libgreeter.so\" }`";
            self.source.mistake(node.span(), "there is no file for any platform", help);
            return None;
        }
        let mut files = BTreeMap::new();
        for (platform, node) in table {
            if let Err(help) = check_platform(platform.get_ref()) {
                let message = format!("`{}` is not a platform", shortened(platform.get_ref()));
                self.source.mistake(platform.span(), message, help);
            }
            let path = self.checked(node, "path in the folder", |path| check_file(path).map(|()| path.to_owned()));
            files.insert(platform.get_ref().to_string(), path.unwrap_or_default());
        }
        Some(BundleFile::ByPlatform(files))
    }

    /// `provides` and what is said about the contracts in it.
    fn provides(&mut self, root: &DeTable<'_>) -> Option<Vec<Provided>> {
        let mut provides: Vec<Provided> = Vec::new();
        let mut places = Places { by_identity: HashMap::new(), complete: true };
        for node in self.list(root, "provides")? {
            let contract = self.checked(node, "contract", |text| {
                parse_contract(text).map(|contract| (contract.name.to_owned(), contract.version))
            });
            let Some((contract, version)) = contract else {
                places.complete = false;
                continue;
            };
            match places.by_identity.entry((contract.clone(), version.major)) {
                Entry::Occupied(_) => self.twice(node.span(), &format!("{contract}@{}", version.major)),
                Entry::Vacant(place) => {
                    place.insert(provides.len());
                    provides.push(Provided { contract, version, function_count: None, multiple: false });
                }
            }
        }
        for node in self.list(root, "multiple")? {
            let Some(text) = self.string(node) else { continue };
            let Some(place) = self.provided(text, node.span(), &places) else { continue };
            match provides.get_mut(place) {
                Some(provided) if !provided.multiple => provided.multiple = true,
                _ => self.twice(node.span(), text),
            }
        }
        let counts = match root.get("function_count").map(|node| (node, node.get_ref())) {
            None => return Some(provides),
            Some((_, DeValue::Table(table))) => table,
            Some((node, _)) => return self.wrong_type(node, "a table, as in `{ \"text.Greeter@1\" = 2 }`"),
        };
        for (key, node) in counts {
            let place = self.provided(key.get_ref(), key.span(), &places);
            let count = node.get_ref().as_integer().and_then(|it| u32::from_str_radix(it.as_str(), it.radix()).ok());
            let count = count.or_else(|| self.wrong_type(node, "how many functions the contract has"));
            if let Some(provided) = place.and_then(|place| provides.get_mut(place)) {
                provided.function_count = count;
            }
        }
        Some(provides)
    }

    /// Which of the provided contracts `text` is.
    fn provided(&mut self, text: &str, at: Range<usize>, places: &Places) -> Option<usize> {
        match identity(text) {
            Ok(identity) => {
                let place = places.by_identity.get(&identity).copied();
                if place.is_none() && places.complete {
                    self.source.mistake(at, format!("`{text}` is not provided"), "list it in `provides`, too");
                }
                place
            }
            Err(help) => {
                self.source.mistake(at, format!("`{}` is not a contract", shortened(text)), help);
                None
            }
        }
    }

    fn dependencies(&mut self, root: &DeTable<'_>) -> Option<Vec<Dependency>> {
        let mut dependencies = Vec::new();
        let mut seen = HashSet::new();
        for node in self.list(root, "dependencies")? {
            let DeValue::Table(table) = node.get_ref() else {
                self.wrong_type::<()>(node, "a table with `contract`");
                continue;
            };
            let Some(dependency) = self.dependency(table, node.span()) else { continue };
            let key = (dependency.kind, dependency.id(), dependency.contract.clone(), dependency.bundle.clone());
            if !seen.insert(key) {
                self.twice(node.span(), &dependency.reference());
            }
            dependencies.push(dependency);
        }
        Some(dependencies)
    }

    fn dependency(&mut self, table: &DeTable<'_>, span: Range<usize>) -> Option<Dependency> {
        self.known_keys(table, &DEPENDENCY_KEYS, "a dependency");
        let kind = match table.get("kind") {
            None => Some(DependencyKind::GuestContract),
            Some(node) => self.checked(node, "kind", |kind| match kind {
                "guest_contract" => Ok(DependencyKind::GuestContract),
                "host_contract" => Ok(DependencyKind::HostContract),
                _ => Err("it is `guest_contract` or `host_contract`".to_owned()),
            }),
        };
        let contract = self.required(table, "contract", "contract = \"text.Case@1\"", span);
        let contract = contract.and_then(|node| self.checked(node, "contract", identity));
        let major = contract.as_ref().map(|(_, major)| *major);
        let min_version = match table.get("min_version") {
            None => Some(Version::new(major.unwrap_or_default(), 0, 0)),
            Some(node) => self.checked(node, "version", |text| min_version(text, major)),
        };
        let bundle = match table.get("bundle") {
            None => Some(None),
            Some(node) => {
                if kind == Some(DependencyKind::HostContract) {
                    let help = "leave `bundle` out, or make it a `guest_contract`";
                    self.source.mistake(node.span(), "a host contract is provided by the host, not by a bundle", help);
                }
                self.name(node).map(Some)
            }
        };
        Some(Dependency { kind: kind?, contract: contract?.0, min_version: min_version?, bundle: bundle? })
    }

    /// A list; empty if it is not there.
    fn list<'n, 'i>(&mut self, table: &'n DeTable<'i>, key: &str) -> Option<&'n [Node<'i>]> {
        match table.get(key).map(|node| (node, node.get_ref())) {
            None => Some(&[]),
            Some((_, DeValue::Array(items))) => Some(items),
            Some((node, _)) => self.wrong_type(node, "a list"),
        }
    }

    fn name(&mut self, node: &Node<'_>) -> Option<String> {
        self.checked(node, "name", |name| check_name(name).map(|()| name.to_owned()))
    }

    /// A string that `check` reads.
    fn checked<T>(&mut self, node: &Node<'_>, what: &str, check: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let text = self.string(node)?;
        check(text).map_err(|help| self.source.mistake(node.span(), bad(text, what), help)).ok()
    }

    fn string<'n>(&mut self, node: &'n Node<'_>) -> Option<&'n str> {
        node.get_ref().as_str().or_else(|| self.wrong_type(node, "a string"))
    }

    fn wrong_type<T>(&mut self, node: &Node<'_>, expected: &str) -> Option<T> {
        let found = match node.get_ref() {
            DeValue::Integer(_) => format!("`{}`", shortened(self.source.written(node.span()))),
            DeValue::Array(_) => "a list".to_owned(),
            other => format!("a {}", other.type_str()),
        };
        self.source.mistake(node.span(), format!("this is {found}"), format!("it should be {expected}"));
        None
    }

    fn required<'n, 'i>(
        &mut self,
        table: &'n DeTable<'i>,
        key: &str,
        sample: &str,
        at: Range<usize>,
    ) -> Option<&'n Node<'i>> {
        let node = table.get(key);
        if node.is_none() {
            self.source.mistake(at, format!("`{key}` is missing"), format!("add `{sample}`"));
        }
        node
    }

    fn known_keys(&mut self, table: &DeTable<'_>, known: &[&str], what: &str) {
        for key in table.keys() {
            let word: &str = key.get_ref();
            if !known.contains(&word) {
                let help = match nearest(word, known.iter().copied()) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("its keys are {}", crate::error::quoted(known)),
                };
                self.source.mistake(key.span(), format!("`{}` is not a key of {what}", shortened(word)), help);
            }
        }
    }

    fn twice(&mut self, at: Range<usize>, what: &str) {
        self.source.mistake(at, format!("`{}` is here twice", shortened(what)), "keep one of them");
    }
}

fn bad(text: &str, what: &str) -> String {
    match text {
        "" => format!("the {what} is empty"),
        _ => format!("`{}` is not a {what}", shortened(text)),
    }
}

/// A contract by name and major, as everything but `provides` names it.
fn identity(text: &str) -> Result<Identity, String> {
    let contract = parse_contract(text)?;
    check_contract_name(contract.name)?;
    match contract.written {
        1 => Ok((contract.name.to_owned(), contract.version.major)),
        _ => Err(format!(
            "only the major version belongs here: `{}@{}`; `min_version` and `provides` have the rest",
            contract.name, contract.version.major
        )),
    }
}

/// A least version of a contract with this major.
fn min_version(text: &str, major: Option<u16>) -> Result<Version, String> {
    match parse_numbers(text)? {
        (_, 3) => Err("a least version has major and minor: patches do not count".to_owned()),
        (version, _) => match major {
            Some(major) if version.major != major => Err(format!("its major is the contract's: {major}")),
            _ => Ok(version),
        },
    }
}
