//! `merge`: shards that several machines made → the release that one machine
//! would have made. Everything is checked before anything is written.

mod agree;
mod complete;
mod problem;
mod universal;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use self::agree::agree;
use self::complete::complete;
pub use self::problem::MergeError;
use self::problem::ShardProblem;
use self::universal::whole_platforms;
use super::{Error, Surroundings, Wish, prepare_in, release};
use crate::cli::{MergeFlags, ReleaseFlags};
use crate::manifest::target::Backend;
use crate::release::{Imported, ImportedShard, ImportedShards, Purpose};
use crate::report::Reporter;
use crate::shard::{self, ShardDescription};
use crate::stages::Part;
use crate::tool::Launcher;
use crate::workspace::Access;

/// A shard that holds by itself.
struct Shard {
    path: PathBuf,
    description: ShardDescription,
}

impl Shard {
    fn name(&self) -> String {
        self.path.display().to_string()
    }
}

/// Merges shards into a release.
pub(super) fn run(folder: &Path, flags: &MergeFlags, dry_run: bool, reporter: &Reporter) -> Result<u8, Error> {
    let access = Access { locked: true, offline: flags.offline };
    let mut surroundings = Surroundings::read(&Launcher::new(), folder, access)?;
    let mut problems = Vec::new();
    let shards = read_all(&shard_files(folder, &flags.shards, &mut problems), &mut problems);
    agree(&shards, &surroundings.git, flags, &mut problems);
    // Whoever says which targets there are may well leave a slice out.
    if !flags.all_targets && flags.target.is_empty() && problems.is_empty() {
        whole_platforms(&shards, &surroundings.manifests, &mut problems);
    }
    let shards = check(shards, problems)?;
    let Some(first) = shards.first().map(|shard| &shard.description) else {
        return Err(MergeError { problems: Vec::new() }.into());
    };
    // The binaries' compiler, not this machine's: nothing is compiled here.
    surroundings.rustc.version.clone_from(&first.rustc);
    let release_flags = release_flags(flags, first, &shards);
    let wish = Wish {
        flags: &release_flags,
        parts: Part::MERGE,
        purpose: Purpose::Apps,
        refuse_dirty: false, // that was asked of the shards, too
        imported: Some(Imported::Shards(imported(&shards, first))),
        fetches: false,
    };
    let mut prepared = prepare_in(surroundings, folder, &wish, reporter)?;
    let mut problems = Vec::new();
    complete(&prepared.release, &shards, &mut problems)?;
    check(shards, problems)?;
    release::make_and_tell(&mut prepared, &release_flags, dry_run, reporter)
}

fn check(shards: Vec<Shard>, problems: Vec<ShardProblem>) -> Result<Vec<Shard>, MergeError> {
    if problems.is_empty() { Ok(shards) } else { Err(MergeError { problems }) }
}

/// The files that the command line means; a folder stands for the shards in it.
fn shard_files(folder: &Path, named: &[PathBuf], problems: &mut Vec<ShardProblem>) -> BTreeSet<PathBuf> {
    let mut files = BTreeSet::new();
    for path in named.iter().map(|path| folder.join(path)) {
        if !path.is_dir() {
            files.insert(path);
            continue;
        }
        let entries = fs::read_dir(&path).into_iter().flatten().flatten();
        let is_shard = |name: std::ffi::OsString| shard::is_file_name(&name.to_string_lossy());
        let found: Vec<_> = entries.filter(|entry| is_shard(entry.file_name())).map(|entry| entry.path()).collect();
        if found.is_empty() {
            problems.push(ShardProblem::NoneIn { folder: path });
        }
        files.extend(found);
    }
    files
}

fn read_all(files: &BTreeSet<PathBuf>, problems: &mut Vec<ShardProblem>) -> Vec<Shard> {
    let mut shards = Vec::new();
    for path in files {
        if !path.exists() {
            problems.push(ShardProblem::NotThere { path: path.clone() });
            continue;
        }
        match shard::check(path) {
            Ok(description) => shards.push(Shard { path: path.clone(), description }),
            Err(errors) => {
                problems.extend(errors.into_iter().map(|error| ShardProblem::Refused { path: path.clone(), error }))
            }
        }
    }
    shards
}

/// What the release would have been asked for with on one machine.
fn release_flags(flags: &MergeFlags, first: &ShardDescription, shards: &[Shard]) -> ReleaseFlags {
    let all = |names: fn(&ShardDescription) -> Vec<&String>| {
        let names: BTreeSet<&String> = shards.iter().flat_map(|shard| names(&shard.description)).collect();
        names.into_iter().cloned().collect::<Vec<_>>()
    };
    let or = |said: &[String], all: Vec<String>| if said.is_empty() { all } else { said.to_vec() };
    let targets = or(&flags.target, all(|description| description.backends.keys().collect()));
    let build = first.build.clone();
    ReleaseFlags {
        all_targets: flags.all_targets,
        tier: flags.tier,
        target: if flags.all_targets { Vec::new() } else { targets },
        package: or(&flags.package, all(|description| description.apps.iter().map(|app| &app.name).collect())),
        profile: build.profile,
        features: build.features,
        all_features: build.all_features,
        no_default_features: build.no_default_features,
        skip: build.skip,
        dist: flags.dist.clone(),
        jobs: flags.jobs,
        offline: flags.offline,
        force: flags.force,
        allow_dirty: flags.allow_dirty,
        git_state: Some(first.git.clone()),
        ..ReleaseFlags::default()
    }
}

fn imported(shards: &[Shard], first: &ShardDescription) -> ImportedShards {
    let backends = shards.iter().flat_map(|shard| &shard.description.backends);
    let libraries = shards.iter().flat_map(|shard| &shard.description.standard_libraries);
    ImportedShards {
        backends: backends.filter_map(|(triple, name)| Some((triple.clone(), backend(name)?))).collect(),
        zig: shards.iter().find_map(|shard| shard.description.zig.clone()),
        standard_libraries: libraries.map(|(triple, origin)| (triple.clone(), origin.clone())).collect(),
        source_date_epoch: first.build.source_date_epoch,
        shards: shards
            .iter()
            .map(|shard| ImportedShard { path: shard.path.clone(), files: shard.description.files.clone() })
            .collect(),
    }
}

fn backend(name: &str) -> Option<Backend> {
    Backend::ALL.iter().copied().find(|backend| backend.as_str() == name)
}
