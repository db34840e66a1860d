//! The relations of a package that follow from the rest of it, as rpmbuild adds them, and all of them as the header
//! has them: sorted, each once.

use super::dependency::{Comparison, Dependency, Sense};
use super::header::{HeaderWriter, Value};
use super::metadata::Metadata;
use super::names::isa;
use super::plan::Plan;
use super::tags;
use crate::compress::Codec;
use std::collections::BTreeSet;

/// A dependency as the header has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Relation {
    name: String,
    version: String,
    flags: u32,
}

/// Puts every kind of dependency into the header.
pub(super) fn put(header: &mut HeaderWriter, metadata: &Metadata, plan: &Plan<'_>, codec: Codec) {
    let kinds = metadata.dependencies();
    for ((field, own), (names, flags, versions)) in kinds.into_iter().zip(tags::DEPENDENCIES) {
        let mut all: BTreeSet<Relation> = own.iter().map(Relation::of).collect();
        match field {
            "provides" => all.extend(provides(metadata, plan)),
            "requires" => all.extend(requires(metadata, plan, codec)),
            _ => {}
        }
        header.put(names, Value::Texts(all.iter().map(|relation| relation.name.clone()).collect()));
        header.put(flags, Value::Int32(all.iter().map(|relation| relation.flags).collect()));
        header.put(versions, Value::Texts(all.into_iter().map(|relation| relation.version).collect()));
    }
}

impl Relation {
    fn new(name: impl Into<String>, version: impl Into<String>, flags: u32) -> Self {
        Self { name: name.into(), version: version.into(), flags }
    }

    fn of(dependency: &Dependency) -> Self {
        let for_scripts = if dependency.for_scripts { Sense::PRE | Sense::POST } else { 0 };
        let (flags, version) = match &dependency.version {
            Some((comparison, version)) => (comparison.flags(), version.as_str()),
            None => (0, ""),
        };
        Self::new(&dependency.name, version, flags | for_scripts)
    }

    /// An ability of rpm, from the version of rpm on that has it.
    fn rpmlib(ability: &str, version: &str) -> Self {
        let flags = Sense::RPMLIB | Comparison::LessOrEqual.flags();
        Self::new(format!("rpmlib({ability})"), version, flags)
    }
}

/// The configuration of exactly this version: what replaces it must bring its own.
fn config(metadata: &Metadata, plan: &Plan<'_>) -> Option<Relation> {
    let any = plan.files.iter().any(|file| file.flags() & tags::FLAG_CONFIG != 0);
    let name = format!("config({})", metadata.name);
    any.then(|| Relation::new(name, metadata.full_version(), Sense::CONFIG | Sense::EQUAL))
}

fn provides(metadata: &Metadata, plan: &Plan<'_>) -> Vec<Relation> {
    let version = metadata.full_version();
    let mut all = vec![Relation::new(&metadata.name, &version, Sense::EQUAL)];
    let isa = isa(&metadata.architecture);
    all.extend(isa.map(|isa| Relation::new(format!("{}({isa})", metadata.name), &version, Sense::EQUAL)));
    all.extend(config(metadata, plan));
    all
}

fn requires(metadata: &Metadata, plan: &Plan<'_>, codec: Codec) -> Vec<Relation> {
    let mut all = vec![
        Relation::rpmlib("CompressedFileNames", "3.0.4-1"),
        Relation::rpmlib("FileDigests", "4.6.0-1"),
        Relation::rpmlib("PayloadFilesHavePrefix", "4.0-1"),
    ];
    match codec {
        Codec::Gzip => {}
        Codec::Xz => all.push(Relation::rpmlib("PayloadIsXz", "5.2-1")),
        Codec::Zstd => all.push(Relation::rpmlib("PayloadIsZstd", "5.4.18-1")),
    }
    if plan.stripped {
        all.push(Relation::rpmlib("LargeFiles", "4.12.0-1"));
    }
    let dependencies: Vec<&Dependency> = metadata.dependencies().iter().flat_map(|(_, all)| *all).collect();
    if dependencies.iter().any(|dependency| dependency.is_rich()) {
        all.push(Relation::rpmlib("RichDependencies", "4.12.0-1"));
    }
    let own = metadata.full_version();
    let is_in = |sign: char| {
        let mut versions = dependencies.iter().filter_map(|dependency| dependency.version.as_ref());
        own.contains(sign) || versions.any(|(_, version)| version.contains(sign))
    };
    for (sign, ability, since) in [('~', "TildeInVersions", "4.10.0-1"), ('^', "CaretInVersions", "4.15.0-1")] {
        if is_in(sign) {
            all.push(Relation::rpmlib(ability, since));
        }
    }
    let phases = [Sense::PRE, Sense::POST, Sense::PREUN, Sense::POSTUN];
    for ((_, script), phase) in metadata.scripts.all().into_iter().zip(phases) {
        let Some(script) = script else { continue };
        all.push(Relation::new(&script.interpreter, "", Sense::INTERPRETER | phase));
    }
    all.extend(config(metadata, plan));
    all
}
