//! `release`, and `package`, which differs only in where the binaries come from.

use std::path::Path;

use super::{Error, Prepared, Wish, jobs, plan, prepare};
use crate::cli::{PlanFormat, ReleaseFlags};
use crate::event::Event;
use crate::execute::{Finished, Options, execute};
use crate::exit;
use crate::manifest::profile::Sccache;
use crate::release::{CompileGroup, Imported, Purpose};
use crate::report::{Reporter, smoke_table, started, summary, write_report_file};
use crate::stages::{Part, Place};
use crate::tool::Launcher;
use crate::toolchain::Toolchain;
use crate::toolchain::sccache::{self, CacheCounts};

/// Makes a release.
pub(super) fn run(
    folder: &Path,
    flags: &ReleaseFlags,
    imported: Option<Imported>,
    dry_run: bool,
    reporter: &Reporter,
) -> Result<u8, Error> {
    let fetches = !dry_run && imported.is_none();
    let wish = Wish { flags, parts: parts(flags), purpose: Purpose::Apps, refuse_dirty: !dry_run, imported, fetches };
    let mut prepared = prepare(folder, &wish, reporter)?;
    make_and_tell(&mut prepared, flags, dry_run, reporter)
}

/// What `release` runs of the pipeline with these flags.
pub(super) fn parts(flags: &ReleaseFlags) -> &'static [Part] {
    if flags.shard { Part::SHARD } else { Part::RELEASE }
}

/// Runs the plan, or shows it, and tells what is in the dist folder.
pub(super) fn make_and_tell(
    prepared: &mut Prepared,
    flags: &ReleaseFlags,
    dry_run: bool,
    reporter: &Reporter,
) -> Result<u8, Error> {
    if dry_run {
        plan::show(prepared, PlanFormat::Table, reporter);
        return Ok(exit::DONE);
    }
    let finished = make(prepared, flags, reporter)?;
    let dist = &prepared.release.folders.dist;
    if prepared.plan.dist_files().next().is_some() {
        write_report_file(&prepared.release, jobs(flags), &prepared.plan, &finished).map_err(|source| Error::File {
            action: "write the report in",
            path: dist.clone(),
            source,
        })?;
    }
    reporter.summary(&summary(&prepared.plan, &finished, Place::Dist, dist));
    reporter.summary(&tell_smoke(prepared, &finished, reporter));
    tell_artifacts(&finished, Place::Dist, reporter);
    Ok(exit::DONE)
}

/// Checks the tools, then runs the plan and tells what happens.
pub(crate) fn make(prepared: &mut Prepared, flags: &ReleaseFlags, reporter: &Reporter) -> Result<Finished, Error> {
    prepared.toolchain.preflight(&prepared.release, &prepared.tools)?;
    for warning in &prepared.release.warnings {
        reporter.event(&Event::Warning { text: warning.clone() });
    }
    let cache_before = start_sccache(prepared, reporter)?;
    let options = Options { jobs: jobs(flags), keep_going: flags.keep_going, force: flags.force, cache_before };
    let sink = |event: Event| reporter.event(&event);
    let finished = execute(&prepared.release, &prepared.plan, &prepared.toolchain, options, &sink)?;
    tell_unstamped(prepared, &finished, reporter);
    Ok(finished)
}

/// Says that sccache is used, and what it has counted so far. One that does not answer is done
/// without, where nobody requires it.
pub(super) fn start_sccache(prepared: &mut Prepared, reporter: &Reporter) -> Result<Option<CacheCounts>, Error> {
    let release = &prepared.release;
    let Some(path) = prepared.toolchain.sccache.as_deref() else { return Ok(None) };
    if !release.groups.iter().any(|group| release.sccache_for(&group.profile)) {
        return Ok(None);
    }
    let counts = sccache::counts(&Launcher::new(), path);
    let required = |group: &CompileGroup| release.profiles[&group.profile].sccache == Sccache::Required;
    if counts.is_none() && release.groups.iter().any(required) {
        // Found, but as good as missing: a shim with no program behind it.
        let without = Toolchain { sccache: None, ..prepared.toolchain.clone() };
        without.preflight(release, &prepared.tools)?;
    }
    let text = match counts {
        Some(_) => format!("compiling through sccache: {}", path.display()),
        None => format!("sccache at {} does not answer: compiling without it", path.display()),
    };
    reporter.event(&if counts.is_some() { Event::Note { text } } else { Event::Warning { text } });
    if counts.is_none() {
        prepared.release.sccache_found = false;
    }
    Ok(counts)
}

fn tell_unstamped(prepared: &Prepared, finished: &Finished, reporter: &Reporter) {
    let state = prepared.release.folders.state();
    let last: Vec<_> = prepared.plan.finished_files(&state).map(|output| output.path.as_path()).collect();
    let mut names: Vec<&str> = finished
        .artifacts
        .iter()
        .filter(|(id, _, made, _)| id.kind.is_program() && !made.stamped && last.contains(&made.path.as_path()))
        .map(|(id, ..)| id.name.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    if !names.is_empty() {
        let text = format!("released unstamped, without a build-info slot: {}", names.join(", "));
        reporter.event(&Event::Note { text });
    }
}

/// Which programs were started, and which could not be: for programs at once, for people as a table.
pub(super) fn tell_smoke(prepared: &Prepared, finished: &Finished, reporter: &Reporter) -> String {
    let all = started(&prepared.release, &prepared.plan, finished);
    for one in &all {
        reporter.object(&serde_json::json!({
            "event": "smoke",
            "app": one.app,
            "target": one.target,
            "outcome": one.outcome,
            "how": one.how,
        }));
    }
    smoke_table(&all)
}

/// For programs: what was made.
pub(super) fn tell_artifacts(finished: &Finished, place: Place, reporter: &Reporter) {
    for (id, _, made, outcome) in finished.artifacts.iter().filter(|(_, at, ..)| *at == place) {
        reporter.object(&serde_json::json!({
            "event": "artifact",
            "name": id.name,
            "kind": id.kind,
            "app": id.app,
            "target": id.target,
            "path": made.path.to_string_lossy(),
            "size": made.size,
            "sha256": made.sha256,
            "stamped": made.stamped,
            "outcome": outcome,
        }));
    }
}
