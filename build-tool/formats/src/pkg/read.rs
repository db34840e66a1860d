//! Reads a package that came from outside, and holds what is in it against each other: the two documents,
//! the bill, and the payload with the checksum of every file.

use super::{
    BOM, DISTRIBUTION, HostArchitecture, PACKAGE_INFO, PAYLOAD, POSTINSTALL, PREINSTALL, Package, RESOURCES, SCRIPTS,
};
use crate::bom::{BomEntry, Cksum, read_bom};
use crate::cpio::read_cpio;
use crate::read_archive::{Budget, Limits, ReadError};
use crate::unix::{TYPE_DIRECTORY, TYPE_FILE, TYPE_LINK, UnixEntry, UnixKind};
use crate::xar::{Xar, XarEntry};
use crate::xml;
use flate2::bufread::GzDecoder;
use roxmltree::{Document, Node};
use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Seek};

/// A text within the package is no longer than this.
const MAX_TEXT: u64 = 4 << 20;

/// What a package says and holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PkgContents {
    /// The description, as it was given to the writer.
    pub package: Package,
    /// How many files, directories and links it says to install, the root included.
    pub files: u64,
    /// The space that it says to need, in units of 1024 bytes.
    pub kilobytes: u64,
    /// Whether it is signed. The signature is not checked.
    pub signed: bool,
}

/// Reads every entry of the payload in order and hands it to `visit` with its content, which need not be read.
/// Everything is checked: each checksum of the archive, the bill against the payload, the documents against both.
/// What the visitor has seen counts only when this returns `Ok`.
///
/// # Errors
/// It is not a package of one component, is damaged, contradicts itself or goes over the limits; or an error of `visit`.
pub fn read_pkg<R, E>(
    file: R,
    limits: Limits,
    mut visit: impl FnMut(&UnixEntry, &mut dyn Read) -> Result<(), E>,
) -> Result<PkgContents, E>
where
    R: Read + Seek,
    E: From<ReadError>,
{
    let mut xar = Xar::open(file, limits)?;
    let mut members: BTreeMap<String, XarEntry> =
        xar.entries().iter().map(|entry| (entry.path.clone(), entry.clone())).collect();
    let distribution = take(&mut members, DISTRIBUTION)?;
    let distribution = xar.bytes(&distribution, MAX_TEXT)?;
    let document = xml::parse(&distribution, "the package's distribution")?;
    let (mut package, component) = describe(&document)?;
    for (element, text) in [("license", &mut package.licence), ("readme", &mut package.readme)] {
        if let Some(file) = xml::child(document.root_element(), element).and_then(|node| node.attribute("file")) {
            let member = take(&mut members, &format!("{RESOURCES}/{file}"))?;
            let bytes = xar.bytes(&member, MAX_TEXT)?;
            *text = Some(String::from_utf8(bytes).map_err(|_| ReadError::Unsupported("texts that are not in UTF-8"))?);
        }
    }
    let info = take(&mut members, &format!("{component}/{PACKAGE_INFO}"))?;
    let info = xar.bytes(&info, MAX_TEXT)?;
    let info = xml::parse(&info, "the package's PackageInfo")?;
    let (files, kilobytes) = agree(&info, &mut package)?;
    if let Some(member) = members.remove(&format!("{component}/{SCRIPTS}")) {
        read_scripts(&mut xar, &member, limits, &mut package)?;
    }
    scripts_agree(&info, &package)?;
    let bom = take(&mut members, &format!("{component}/{BOM}"))?;
    let bom = read_bom(&xar.bytes(&bom, limits.metadata)?, limits)?;
    let total: u64 = bom.iter().map(|entry| entry.size).fold(0, u64::saturating_add);
    if (files, kilobytes) != (bom.len() as u64, total.div_ceil(1024)) {
        return Err(ReadError::Damaged("the package's count of files or of bytes").into());
    }
    let mut bill: BTreeMap<&str, &BomEntry> = bom.iter().map(|entry| (entry.path.as_str(), entry)).collect();
    let payload = take(&mut members, &format!("{component}/{PAYLOAD}"))?;
    if let Some(other) = members.keys().find(|path| !path.starts_with(&format!("{RESOURCES}/"))) {
        return Err(ReadError::NotPlain(other.clone()).into());
    }
    for member in members.values() {
        xar.content(member, |_| Ok::<_, ReadError>(()))?;
    }
    xar.content(&payload, |content| {
        unpack(content, limits, |entry, content| visit_and_compare(entry, content, &mut bill, &mut visit))
    })?;
    match bill.keys().next() {
        None => Ok(PkgContents { package, files, kilobytes, signed: xar.is_signed() }),
        Some(path) => Err(ReadError::WrongContent((*path).to_owned()).into()),
    }
}

fn take(members: &mut BTreeMap<String, XarEntry>, path: &str) -> Result<XarEntry, ReadError> {
    members.remove(path).ok_or(ReadError::Damaged("a package without one of its parts"))
}

/// What the distribution says, and the folder of the one component.
fn describe(document: &Document<'_>) -> Result<(Package, String), ReadError> {
    let damaged = || ReadError::Damaged("the package's distribution");
    let root = document.root_element();
    let attribute = |element: &str, name: &str| xml::child(root, element).and_then(|node| node.attribute(name));
    let mut components = root.children().filter_map(|node| {
        let text = node.text().filter(|_| node.has_tag_name("pkg-ref"))?;
        Some((node, text.trim().strip_prefix('#')?.to_owned()))
    });
    let (reference, component) = components.next().ok_or(damaged())?;
    if components.next().is_some() {
        return Err(ReadError::Unsupported("several components"));
    }
    let names = attribute("options", "hostArchitectures").unwrap_or_default();
    let names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
    let architectures: Result<Vec<HostArchitecture>, _> = names.map(str::parse).collect();
    let minimum_os = root.descendants().find(|node| node.has_tag_name("os-version"));
    let package = Package {
        identifier: reference.attribute("id").ok_or(damaged())?.to_owned(),
        version: reference.attribute("version").ok_or(damaged())?.to_owned(),
        title: xml::text(root, "title").ok_or(damaged())?.to_owned(),
        minimum_os: minimum_os.and_then(|node| node.attribute("min")).map(str::to_owned),
        architectures: architectures.map_err(|_| ReadError::Unsupported("a processor that is not known"))?,
        install_location: String::new(),
        preinstall: None,
        postinstall: None,
        licence: None,
        readme: None,
    };
    Ok((package, component))
}

/// Takes the rest from the component's own document. Its number of files and its size.
fn agree(info: &Document<'_>, package: &mut Package) -> Result<(u64, u64), ReadError> {
    let root = info.root_element();
    let same = [("identifier", &package.identifier), ("version", &package.version)];
    if same.into_iter().any(|(name, value)| root.attribute(name) != Some(value.as_str())) {
        return Err(ReadError::Damaged(
            "a package whose distribution and component have not one identifier and version",
        ));
    }
    package.install_location = root.attribute("install-location").unwrap_or("/").to_owned();
    package.check().map_err(|_| ReadError::Damaged("the package's description"))?;
    let payload = xml::child(root, "payload");
    let number = |name: &str| payload.and_then(|node| node.attribute(name)?.parse().ok());
    number("numberOfFiles").zip(number("installKBytes")).ok_or(ReadError::Damaged("the package's count of files"))
}

/// The scripts that are named are those that are there.
fn scripts_agree(info: &Document<'_>, package: &Package) -> Result<(), ReadError> {
    let scripts = xml::child(info.root_element(), "scripts");
    for (name, script) in [(PREINSTALL, &package.preinstall), (POSTINSTALL, &package.postinstall)] {
        let named = scripts.and_then(|scripts: Node<'_, '_>| xml::child(scripts, name)).is_some();
        if named != script.is_some() {
            return Err(ReadError::Damaged("the package's scripts"));
        }
    }
    Ok(())
}

fn read_scripts<R: Read + Seek>(
    xar: &mut Xar<R>,
    member: &XarEntry,
    limits: Limits,
    package: &mut Package,
) -> Result<(), ReadError> {
    xar.content(member, |content| {
        unpack(content, limits, |entry, content| {
            let place = match entry.path.as_str() {
                "" => return Ok(()),
                PREINSTALL => &mut package.preinstall,
                POSTINSTALL => &mut package.postinstall,
                _ => return Err(ReadError::Unsupported("files beside its scripts")),
            };
            if entry.kind != UnixKind::File || entry.mode & 0o111 == 0 {
                return Err(ReadError::NotPlain(entry.path.clone()));
            }
            if entry.size > MAX_TEXT {
                return Err(ReadError::TooMuchMetadata(MAX_TEXT));
            }
            let mut script = Vec::new();
            content.read_to_end(&mut script)?;
            *place = Some(script);
            Ok(())
        })
    })
}

/// The entries of a cpio archive in gzip.
fn unpack<E: From<ReadError>>(
    content: &mut dyn Read,
    limits: Limits,
    visit: impl FnMut(&UnixEntry, &mut dyn Read) -> Result<(), E>,
) -> Result<(), E> {
    let mut gzip = GzDecoder::new(BufReader::with_capacity(1 << 16, content));
    read_cpio(&mut gzip, &mut Budget::new(limits), visit)?;
    let rest = gzip.get_mut().fill_buf().map_err(ReadError::Io)?;
    if rest.is_empty() { Ok(()) } else { Err(ReadError::TrailingData.into()) }
}

/// Hands the entry on, sums its content up on the way, and takes it from the bill.
fn visit_and_compare<E: From<ReadError>>(
    entry: &UnixEntry,
    content: &mut dyn Read,
    bill: &mut BTreeMap<&str, &BomEntry>,
    visit: &mut impl FnMut(&UnixEntry, &mut dyn Read) -> Result<(), E>,
) -> Result<(), E> {
    let mut content = Summing { inner: content, sum: Cksum::default() };
    if !entry.path.is_empty() {
        visit(entry, &mut content)?;
    }
    io::copy(&mut content, &mut io::sink()).map_err(ReadError::Io)?;
    let (kind, checksum, target) = match &entry.kind {
        UnixKind::File => (TYPE_FILE, content.sum.finish(), None),
        UnixKind::Directory => (TYPE_DIRECTORY, 0, None),
        UnixKind::Symlink(target) => (TYPE_LINK, Cksum::of(target.as_bytes()), Some(target.clone())),
    };
    let UnixEntry { path, mode, uid, gid, mtime, size, .. } = entry.clone();
    let mtime = u32::try_from(mtime).unwrap_or(u32::MAX);
    let installed = BomEntry { path, mode: kind | mode, uid, gid, mtime, size, checksum, target };
    if bill.remove(entry.path.as_str()) == Some(&installed) {
        Ok(())
    } else {
        Err(ReadError::WrongContent(installed.path).into())
    }
}

struct Summing<'a> {
    inner: &'a mut dyn Read,
    sum: Cksum,
}

impl Read for Summing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.sum.update(&buffer[..read]);
        Ok(read)
    }
}
