//! `doctor`: the tools that this plan needs, and only those; and what can be
//! done about those that are missing.

use std::path::Path;

use super::{Error, Prepared, Wish, prepare, release};
use crate::cli::ReleaseFlags;
use crate::exit;
use crate::plan::table_look::{plain_table, text};
use crate::release::Purpose;
use crate::report::Reporter;
use crate::tool::{Launcher, ToolError, signals};
use crate::toolchain::install::{self, Action};

/// Shows what is there and what is missing; exit 3 if anything is.
pub(super) fn run(folder: &Path, flags: &ReleaseFlags, reporter: &Reporter) -> Result<u8, Error> {
    show(&look(folder, flags, reporter)?, reporter)
}

/// Gets what is missing as far as that asks nothing of the user, shows the commands for the rest, and looks again.
pub(super) fn install(folder: &Path, flags: &ReleaseFlags, dry_run: bool, reporter: &Reporter) -> Result<u8, Error> {
    let prepared = look(folder, flags, reporter)?;
    let launcher = Launcher::guarded();
    let actions = install::actions(&prepared.toolchain, &prepared.release, &prepared.tools, &launcher);
    let (ours, others): (Vec<&Action>, Vec<&Action>) =
        actions.iter().partition(|action| action.ours && !dry_run && !flags.offline);
    signals::watch(&launcher, || ours.into_iter().try_for_each(|action| perform(action, &launcher, reporter)))?;
    let commands: String = others.iter().map(|action| format!("  {}\n", line(action))).collect();
    if !commands.is_empty() {
        let why = if flags.offline { "--offline fetches nothing" } else { "left to you" };
        reporter.say(&format!("{}:\n{}", if dry_run { "would run, or show" } else { why }, commands.trim_end()));
    }
    if dry_run {
        return Ok(exit::DONE);
    }
    show(&look(folder, flags, reporter)?, reporter)
}

fn look(folder: &Path, flags: &ReleaseFlags, reporter: &Reporter) -> Result<Prepared, Error> {
    let wish = Wish {
        flags,
        parts: release::parts(flags),
        purpose: Purpose::Apps,
        refuse_dirty: false,
        imported: None,
        fetches: false,
    };
    prepare(folder, &wish, reporter)
}

fn line(action: &Action) -> String {
    format!("{}{}", action.call.command_line(), if action.optional { "   # optional" } else { "" })
}

/// Does one thing. If it fails, the others are still done: the table says in the end what is missing.
fn perform(action: &Action, launcher: &Launcher, reporter: &Reporter) -> Result<(), Error> {
    reporter.say(&line(action));
    match launcher.read(&action.call) {
        Ok(_) => Ok(()),
        Err(error @ ToolError::Cancelled { .. }) => Err(error.into()),
        Err(error) => {
            let last = match &error {
                ToolError::Failed { tail, .. } => tail.join("\n  "),
                _ => String::new(),
            };
            reporter.say(format!("warning: {error}\n  {last}").trim_end());
            Ok(())
        }
    }
}

/// One table: each tool, each target's standard library, backend and runner.
fn show(prepared: &Prepared, reporter: &Reporter) -> Result<u8, Error> {
    let Prepared { release, toolchain, tools, .. } = prepared;
    let mut table = plain_table(&["TOOL", "FOR", "", "WHERE, OR HOW TO GET IT"]);
    for finding in &toolchain.findings(release, tools) {
        let (state, detail) = match &finding.answer {
            Ok(place) => ("there", place),
            Err(remedy) => ("missing", remedy),
        };
        table.add_row([&finding.name, &finding.purpose, &state.to_owned(), detail]);
        reporter.object(&serde_json::json!({
            "event": "tool",
            "name": finding.name,
            "purpose": finding.purpose,
            "found": finding.answer.is_ok(),
            "detail": detail,
        }));
    }
    let foreign = || release.targets.values().filter(|target| target.triple != release.rustc.host);
    for target in foreign() {
        let (name, backend) = (format!("backend for {}", target.triple), &target.backend);
        table.add_row([name.as_str(), "compiles and links", backend.name(), &backend.why]);
        reporter.object(&serde_json::json!({
            "event": "backend",
            "target": target.triple,
            "backend": backend.name(),
            "why": backend.why,
        }));
    }
    for target in foreign() {
        let (name, purpose) = (format!("runner for {}", target.triple), "runs its programs: --smoke, test");
        let detail = target.runner.describe();
        table.add_row([name.as_str(), purpose, if target.runner.works() { "there" } else { "optional" }, &detail]);
        reporter.object(&serde_json::json!({
            "event": "runner",
            "target": target.triple,
            "found": target.runner.works(),
            "detail": detail,
        }));
    }
    reporter.result(&text(&table));
    for warning in &release.warnings {
        reporter.say(&format!("warning: {warning}"));
    }
    toolchain.preflight(release, tools)?;
    Ok(exit::DONE)
}
