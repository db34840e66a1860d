//! `check`: the manifests, and nothing else. Every error at once, whether or
//! not the manifest is used today.

use std::path::Path;

use super::{Error, Surroundings, Wish, prepare};
use crate::cli::ReleaseFlags;
use crate::exit;
use crate::release;
use crate::report::Reporter;
use crate::tool::Launcher;
use crate::workspace::Access;

/// Checks all manifests of the workspace.
pub(super) fn run(folder: &Path, reporter: &Reporter) -> Result<u8, Error> {
    let surroundings = Surroundings::read(&Launcher::new(), folder, Access::default())?;
    let manifests = &surroundings.manifests;
    manifests.check()?;
    for name in manifests.profiles.keys() {
        release::profile(name, manifests, &surroundings.workspace)?;
    }
    if !manifests.packages.is_empty() {
        // What package and target manifests name has to be there, too.
        let flags = ReleaseFlags { all_targets: true, tier: 3, dist: "dist".into(), ..ReleaseFlags::default() };
        let wish = Wish { flags: &flags, parts: &[], refuse_dirty: false, prebuilt: None };
        prepare(folder, &wish, reporter)?;
    }
    let text = format!(
        "manifests of profiles: {}, of targets: {}, of packages: {}; all well\n",
        manifests.profiles.len(),
        manifests.targets.len(),
        manifests.packages.len()
    );
    reporter.result(&text);
    reporter.object(&serde_json::json!({
        "event": "checked",
        "profiles": manifests.profiles.keys().collect::<Vec<_>>(),
        "targets": manifests.targets.keys().collect::<Vec<_>>(),
        "packages": manifests.packages.keys().collect::<Vec<_>>(),
    }));
    Ok(exit::DONE)
}
