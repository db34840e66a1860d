//! The plan for people: apps, targets, steps with their reasons, tools, artifacts.

use std::collections::{BTreeMap, BTreeSet};

use super::Plan;
use super::table_look::{plain_table, text};
use crate::release::Release;
use crate::stages::platforms;

/// Above this number of steps the table counts them by stage; `-v` or JSON name each.
const STEPS_SHOWN: usize = 40;

/// The tables, one below the other. `every_step` names each step, however many there are.
pub fn table(release: &Release, plan: &Plan, every_step: bool) -> String {
    let mut parts = vec![apps(release), targets(release)];
    parts.push(if every_step || plan.steps.len() <= STEPS_SHOWN { steps(plan) } else { stages(plan) });
    let tools: Vec<_> = plan.tools().iter().map(|tool| format!("{tool:?}").to_lowercase()).collect();
    if !tools.is_empty() {
        parts.push(format!("Tools: {}\n", tools.join(", ")));
    }
    let artifacts: Vec<_> = plan.dist_files().map(|output| output.id.name.as_str()).collect();
    if !artifacts.is_empty() {
        let dist = release.folders.dist.strip_prefix(&release.folders.root).unwrap_or(&release.folders.dist);
        parts.push(format!("Artifacts in {}: {}\n  {}\n", dist.display(), artifacts.len(), artifacts.join("\n  ")));
    }
    parts.join("\n")
}

fn apps(release: &Release) -> String {
    let mut table = plain_table(&["APP", "VERSION", "PROFILE", "PROGRAMS", "FILES"]);
    for app in &release.apps {
        let programs: Vec<_> =
            app.binaries.iter().chain(app.libraries.iter().map(|library| &library.name)).cloned().collect();
        let files: Vec<_> = app.files.iter().map(|file| file.destination.to_string_lossy().into_owned()).collect();
        table.add_row([&app.name, &app.version, &app.profile, &programs.join(" "), &files.join(" ")]);
    }
    text(&table)
}

fn targets(release: &Release) -> String {
    let mut table = plain_table(&["TARGET", "TIER", "BACKEND", "WHY", "ARCHIVE", "INSTALLERS"]);
    for target in release.targets.values() {
        let tier = target.tier.to_string();
        let named = match target.spec == target.triple {
            true => String::new(),
            false => format!("for rustc {}; ", target.spec),
        };
        let library = target.library_in_words(&release.rustc).map(|how| format!("; std: {how}")).unwrap_or_default();
        let why = format!("{named}{}{library}", target.backend.why);
        table.add_row([
            target.triple.as_str(),
            tier.as_str(),
            target.backend.name(),
            why.as_str(),
            target.archive.extension(),
            installers(release, &target.triple).as_str(),
        ]);
    }
    let mut universal: BTreeMap<&String, BTreeSet<&str>> = BTreeMap::new();
    for app in &release.apps {
        for platform in platforms(release, app) {
            if let Some(slices) = app.universal.get(platform) {
                universal.entry(platform).or_default().extend(slices.iter().map(String::as_str));
            }
        }
    }
    for (platform, slices) in universal {
        let why = format!("of {}", slices.into_iter().collect::<Vec<_>>().join(" and "));
        let format = release.apps.iter().find(|app| app.universal.contains_key(platform));
        let format = format.map_or("", |app| release.archive_format(app, platform).extension());
        table.add_row([platform.as_str(), "", "fuse", &why, format, &installers(release, platform)]);
    }
    text(&table)
}

/// The formats that are made for a platform, of any app.
fn installers(release: &Release, platform: &str) -> String {
    let own = release.installers.iter().filter(|installer| installer.platform == platform);
    let formats: BTreeSet<_> = own.map(|installer| installer.format).collect();
    formats.into_iter().map(|format| format.as_str()).collect::<Vec<_>>().join(" ")
}

fn steps(plan: &Plan) -> String {
    let mut table = plain_table(&["STEP", "TARGET", "WHY"]);
    for step in &plan.steps {
        table.add_row([step.step.describe(), step.subject.targets.join("\n"), step.step.why()]);
    }
    text(&table)
}

fn stages(plan: &Plan) -> String {
    let mut table = plain_table(&["STAGE", "STEPS", "WHAT"]);
    for stage in crate::stages::PIPELINE {
        let count = plan.steps.iter().filter(|step| step.stage == stage.name).count();
        if count > 0 {
            table.add_row([stage.name.to_owned(), count.to_string(), stage.about.to_owned()]);
        }
    }
    text(&table)
}
