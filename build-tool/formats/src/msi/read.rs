//! Reads a package as hostile as it may be: what it says of itself, and every file by the path that it is installed at.

use std::collections::BTreeMap;
use std::io::{BufReader, Read, Seek};

use super::MsiArchitecture;
use super::cabinet::read_cabinet;
use super::compound::{Compound, PACKAGE_CLASS};
use super::database::{Database, Table, stream_name};
use super::names::check;
use super::package::{FULL_VERSION, INSTALL_FOLDER, PROGRAM_FILES};
use super::summary;
use crate::read_archive::{ArchivedEntry, Budget, EntryKind, Limits, ReadError};
use untrusted_archive::MAX_NAME;

/// The streams of an Authenticode signature.
const SIGNATURES: [&str; 2] = ["\u{5}DigitalSignature", "\u{5}MsiDigitalSignatureEx"];

const DAMAGED_DIRECTORIES: ReadError = ReadError::Damaged("the directories of the msi");
const DAMAGED_FILES: ReadError = ReadError::Damaged("the files of the msi");

/// What a package says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MsiInfo {
    /// The product's name.
    pub name: String,
    /// Its version as Windows Installer compares it: three numbers.
    pub version: String,
    /// Its version as it was given to [`super::write_msi`].
    pub full_version: String,
    /// Who makes it.
    pub manufacturer: String,
    /// The GUID of this version, in braces.
    pub product_code: String,
    /// The GUID of all versions, in braces.
    pub upgrade_code: String,
    /// The GUID of this very file, in braces.
    pub package_code: String,
    /// For which processors.
    pub architecture: MsiArchitecture,
    /// The folder below Program Files that it installs to; `/` between the parts, if there are several.
    pub install_folder: String,
    /// Whether it carries an Authenticode signature. That one is not checked here.
    pub signed: bool,
}

/// Reads a package whole: its description, and every file in the order of its cabinet, which `visit` gets with its path
/// below the install folder and its content, which need not be read. Directories that the package makes though they are
/// empty come last. Content is checked against its promised size and the cabinet's checksums; the visitor may have seen
/// bytes that turn out wrong later, so what it makes of them counts only when this returns `Ok`. An error of the visitor
/// ends it.
///
/// # Errors
/// The bytes are no package, a damaged one, one that uses what [`super::write_msi`] never does, or beyond the limits.
pub fn read_msi<R, E>(
    file: R,
    limits: Limits,
    mut visit: impl FnMut(&ArchivedEntry, &mut dyn Read) -> Result<(), E>,
) -> Result<MsiInfo, E>
where
    R: Read + Seek,
    E: From<ReadError>,
{
    let mut budget = Budget::new(limits);
    let mut compound = Compound::open(file, &mut budget)?;
    if compound.class != PACKAGE_CLASS {
        return Err(ReadError::Damaged("it is a compound file, but no msi").into());
    }
    let database = Database::open(&mut compound, &mut budget)?;
    let info = info(&mut compound, &database, &mut budget)?;
    let tree = Tree::read(&mut compound, &database, &mut budget)?;
    let mut files = tree.files.iter();
    let name = stream_name(tree.cabinet, false);
    let (length, cabinet) =
        compound.stream(&name)?.ok_or(ReadError::Damaged("the msi has no cabinet of the name that it tells"))?;
    let cabinet = BufReader::with_capacity(1 << 16, cabinet);
    read_cabinet(cabinet, length, &mut budget, |budget, key, size, content| {
        let file = files.next().filter(|file| file.key == key && file.size == size).ok_or(DAMAGED_FILES)?;
        let entry = entry(&file.path, EntryKind::File, size);
        budget.entry(&entry)?;
        budget.unpacked(size)?;
        visit(&entry, content)
    })?;
    if files.next().is_some() {
        return Err(DAMAGED_FILES.into());
    }
    for path in &tree.empty {
        let entry = entry(path, EntryKind::Directory, 0);
        budget.entry(&entry)?;
        visit(&entry, &mut std::io::empty())?;
    }
    Ok(MsiInfo { install_folder: tree.install_folder, ..info })
}

fn entry(path: &str, kind: EntryKind, size: u64) -> ArchivedEntry {
    ArchivedEntry { name: path.into(), kind, size, mode: None }
}

/// All but the install folder, which is in other tables.
fn info<R: Read + Seek>(
    compound: &mut Compound<R>,
    database: &Database,
    budget: &mut Budget,
) -> Result<MsiInfo, ReadError> {
    let bytes = compound.read(summary::STREAM, budget)?;
    let (architecture, package_code) =
        summary::read(&bytes.ok_or(ReadError::Damaged("the msi has no summary information"))?)?;
    let properties = required(compound, database, "Property", budget)?;
    let mut values: BTreeMap<&str, &str> = BTreeMap::new();
    for row in 0..properties.rows() {
        budget.metadata(64)?;
        values.insert(properties.text(row, "Property")?, properties.text(row, "Value")?);
    }
    let property = |name: &str| {
        let value = values.get(name).filter(|value| !value.is_empty());
        value.map(|value| (*value).to_owned()).ok_or(ReadError::Damaged("the msi lacks a property that each has"))
    };
    let version = property("ProductVersion")?;
    Ok(MsiInfo {
        name: property("ProductName")?,
        full_version: values.get(FULL_VERSION).copied().unwrap_or(&version).to_owned(),
        version,
        manufacturer: property("Manufacturer")?,
        product_code: property("ProductCode")?,
        upgrade_code: property("UpgradeCode")?,
        package_code,
        architecture,
        install_folder: String::new(),
        signed: compound.names().any(|name| SIGNATURES.contains(&name)),
    })
}

fn required<'a, R: Read + Seek>(
    compound: &mut Compound<R>,
    database: &'a Database,
    name: &str,
    budget: &mut Budget,
) -> Result<Table<'a>, ReadError> {
    database.table(compound, name, budget)?.ok_or(ReadError::Damaged("the msi lacks a table that each has"))
}

/// A file by its tables.
struct File<'a> {
    key: &'a str,
    path: String,
    size: u64,
}

/// What is installed, from the tables.
struct Tree<'a> {
    install_folder: String,
    /// In the order of the cabinet.
    files: Vec<File<'a>>,
    empty: Vec<String>,
    /// The name of the cabinet's stream.
    cabinet: &'a str,
}

impl<'a> Tree<'a> {
    fn read<R: Read + Seek>(
        compound: &mut Compound<R>,
        database: &'a Database,
        budget: &mut Budget,
    ) -> Result<Self, ReadError> {
        let directories = Directories::read(compound, database, budget)?;
        let table = required(compound, database, "Component", budget)?;
        let mut components: BTreeMap<&str, &str> = BTreeMap::new();
        for row in 0..table.rows() {
            budget.metadata(64)?;
            components.insert(table.text(row, "Component")?, table.text(row, "Directory_")?);
        }
        let table = required(compound, database, "File", budget)?;
        let mut files: BTreeMap<i32, File<'a>> = BTreeMap::new();
        for row in 0..table.rows() {
            let component = table.text(row, "Component_")?;
            let directory = components.get(component).ok_or(DAMAGED_FILES)?;
            let name = long_name(table.text(row, "FileName")?)?;
            let mut path = directories.below(directory, INSTALL_FOLDER)?;
            if !path.is_empty() {
                path.push('/');
            }
            path += name;
            budget.metadata(path.len() as u64 + 128)?;
            let size = u64::try_from(table.number(row, "FileSize")?).map_err(|_| DAMAGED_FILES)?;
            let file = File { key: table.text(row, "File")?, path, size };
            if files.insert(table.number(row, "Sequence")?, file).is_some() {
                return Err(DAMAGED_FILES);
            }
        }
        let mut empty = Vec::new();
        if let Some(table) = database.table(compound, "CreateFolder", budget)? {
            for row in 0..table.rows() {
                let path = directories.below(table.text(row, "Directory_")?, INSTALL_FOLDER)?;
                budget.metadata(path.len() as u64 + 64)?;
                empty.push(path);
            }
        }
        let media = required(compound, database, "Media", budget)?;
        if media.rows() != 1 {
            return Err(ReadError::Unsupported("an msi of several cabinets"));
        }
        let cabinet = media.text(0, "Cabinet")?;
        let cabinet = cabinet.strip_prefix('#').ok_or(ReadError::Unsupported("an msi with its files beside it"))?;
        let install_folder = directories.below(INSTALL_FOLDER, PROGRAM_FILES)?;
        Ok(Self { install_folder, files: files.into_values().collect(), empty, cabinet })
    }
}

/// The Directory table: parent and name by key.
struct Directories<'a>(BTreeMap<&'a str, (&'a str, &'a str)>);

impl<'a> Directories<'a> {
    fn read<R: Read + Seek>(
        compound: &mut Compound<R>,
        database: &'a Database,
        budget: &mut Budget,
    ) -> Result<Self, ReadError> {
        let table = required(compound, database, "Directory", budget)?;
        let mut directories = BTreeMap::new();
        for row in 0..table.rows() {
            budget.metadata(96)?;
            let place = (table.text(row, "Directory_Parent")?, table.text(row, "DefaultDir")?);
            directories.insert(table.text(row, "Directory")?, place);
        }
        Ok(Self(directories))
    }

    /// The path of a directory below another one; empty for that one itself.
    fn below(&self, directory: &str, root: &str) -> Result<String, ReadError> {
        let (mut parts, mut length, mut next) = (Vec::new(), 0, directory);
        while next != root {
            let Some((parent, name)) = self.0.get(next) else {
                return Err(ReadError::Unsupported("a place outside of the install folder in an msi"));
            };
            let name = long_name(name)?;
            length += name.len() + 1;
            if length > MAX_NAME {
                return Err(DAMAGED_DIRECTORIES);
            }
            parts.push(name);
            next = parent;
        }
        parts.reverse();
        Ok(parts.join("/"))
    }
}

/// The long name of `SHORT|long`, which must be one that Windows takes.
fn long_name(name: &str) -> Result<&str, ReadError> {
    let name = name.split_once('|').map_or(name, |(_, long)| long);
    check(name).map_err(|_| DAMAGED_DIRECTORIES)?;
    Ok(name)
}
