//! `check`: the manifests, and nothing else. Every error at once, whether or
//! not the manifest is used today.

use std::path::Path;

use super::{Error, Surroundings, Wish, prepare_in};
use crate::cli::ReleaseFlags;
use crate::exit;
use crate::release::{self, Purpose, ReleaseErrors};
use crate::report::Reporter;
use crate::tool::Launcher;
use crate::workspace::Access;

/// Checks all manifests of the workspace.
pub(super) fn run(folder: &Path, reporter: &Reporter) -> Result<u8, Error> {
    let surroundings = Surroundings::read(&Launcher::new(), folder, Access::default())?;
    let manifests = &surroundings.manifests;
    manifests.check()?;
    let profile = |name: &String| release::profile(name, manifests, &surroundings.workspace).err();
    let errors: Vec<_> = manifests.profiles.keys().filter_map(profile).flat_map(|errors| errors.errors).collect();
    if !errors.is_empty() {
        return Err(ReleaseErrors { errors }.into());
    }
    let profiles: Vec<String> = manifests.profiles.keys().cloned().collect();
    let targets: Vec<String> = manifests.targets.keys().cloned().collect();
    let packages: Vec<String> = manifests.packages.keys().cloned().collect();
    if !packages.is_empty() {
        // What package and target manifests name has to be there, too.
        let flags = ReleaseFlags { all_targets: true, tier: 3, dist: "dist".into(), ..ReleaseFlags::default() };
        let wish = Wish {
            flags: &flags,
            parts: &[],
            purpose: Purpose::Apps,
            refuse_dirty: false,
            imported: None,
            fetches: false,
        };
        prepare_in(surroundings, folder, &wish, reporter)?;
    }
    reporter.result(&format!(
        "manifests of profiles: {}, of targets: {}, of packages: {}; all well\n",
        profiles.len(),
        targets.len(),
        packages.len()
    ));
    reporter.object(&serde_json::json!({
        "event": "checked",
        "profiles": profiles,
        "targets": targets,
        "packages": packages,
    }));
    Ok(exit::DONE)
}
