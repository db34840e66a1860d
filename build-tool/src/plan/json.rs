//! The plan as one JSON document. Versioned: fields are added without a new
//! number; a field that goes or changes its meaning takes one.

use std::path::Path;

use serde_json::{Value, json as object};

use super::{Plan, PlannedInput, PlannedStep};
use crate::artifact::ArtifactId;
use crate::release::Release;
use crate::stages::Place;

/// The version of the document's form.
pub const SCHEMA: u32 = 1;

/// The document. Paths under the workspace are relative to its root, with `/`.
pub fn json(release: &Release, plan: &Plan) -> Value {
    object!({
        "schema": SCHEMA,
        "rustc": release.rustc.version,
        "host": release.rustc.host,
        "git": release.git,
        "source_date_epoch": release.epoch,
        "dist": relative(release, &release.folders.dist),
        "apps": release.apps.iter().map(|app| object!({
            "name": app.name,
            "package": app.package,
            "version": app.version,
            "profile": app.profile,
            "binaries": app.binaries,
            "libraries": app.libraries.iter().map(|l| object!({ "name": l.name, "kind": l.kind })).collect::<Vec<_>>(),
            "bundles": app.bundles.iter().map(|bundle| object!({
                "name": bundle.name, "package": bundle.package, "version": bundle.version, "folder": bundle.folder,
            })).collect::<Vec<_>>(),
            "targets": app.targets,
            "universal": app.universal,
            "macos": app.targets.iter().any(|target| app.spec_of(target).contains("-apple-")).then_some(&app.macos),
            "windows": app.windows.as_ref().filter(|_| app.targets.iter().any(|target| app.spec_of(target).contains("-windows"))),
            "files": app.files.iter().map(|f| f.destination.to_string_lossy()).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "targets": release.targets.values().map(|target| object!({
            "triple": target.triple,
            "spec": target.spec,
            "own_std": target.own_std.as_ref().map(|own| &own.package),
            "tier": target.tier,
            "backend": target.backend.name(),
            "backend_why": target.backend.why,
            "standard_library": target.standard_library,
            "archive": target.archive.extension(),
            "installers": target.installers,
        })).collect::<Vec<_>>(),
        "installers": release.installers.iter().map(|installer| object!({
            "file": installer.file,
            "format": installer.format,
            "app": installer.app,
            "target": installer.platform,
            "debug": installer.debug,
            "package": installer.identity.name,
            "contents": installer.nodes.iter().map(|node| object!({
                "path": node.path,
                "kind": node.kind,
                "mode": format!("{:04o}", node.mode),
                "owner": node.owner,
                "group": node.group,
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "profiles": release.profiles.values().map(|profile| object!({
            "name": profile.name,
            "cargo_profile": profile.cargo_profile,
            "cargo_settings": profile.cargo_settings,
            "strip": profile.strip.as_str(),
            "split_debug": profile.split_debug,
        })).collect::<Vec<_>>(),
        "steps": plan.steps.iter().map(|step| step_json(release, plan, step)).collect::<Vec<_>>(),
        "tools": plan.tools(),
        "artifacts": plan.dist_files().map(|output| artifact_json(&output.id)).collect::<Vec<_>>(),
    })
}

fn step_json(release: &Release, plan: &Plan, step: &PlannedStep) -> Value {
    let inputs = step.inputs.iter().map(|input| match input {
        PlannedInput::Made { path, .. } | PlannedInput::File(path) => relative(release, path),
    });
    object!({
        "id": step.id,
        "stage": step.stage,
        "apps": step.subject.apps,
        "targets": step.subject.targets,
        "text": step.step.describe(),
        "why": step.step.why(),
        "needs": step.needs.iter().map(|&need| &plan.steps[need].id).collect::<Vec<_>>(),
        "tools": step.step.tools(),
        "inputs": inputs.collect::<Vec<_>>(),
        "outputs": step.outputs.iter().map(|output| object!({
            "path": relative(release, &output.path),
            "kind": output.id.kind,
            "place": if output.place == Place::Dist { "dist" } else { "work" },
        })).collect::<Vec<_>>(),
    })
}

fn artifact_json(id: &ArtifactId) -> Value {
    object!({ "name": id.name, "kind": id.kind, "app": id.app, "target": id.target })
}

fn relative(release: &Release, path: &Path) -> String {
    let short = path.strip_prefix(&release.folders.root).unwrap_or(path);
    let text = short.to_string_lossy();
    if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() }
}
