//! What the profile says of a cargo call at the desk: settings, features,
//! variables and flags, with what it adds for this machine.

use std::path::Path;

use cargo_config2::{Config, Flags};
use cargo_metadata::Package;

use super::Error;
use crate::release::Profile;
use crate::tool::{Invocation, Launcher};
use crate::toolchain;
use crate::workspace::Workspace;

/// A profile, with this machine's additions joined to it.
pub(super) struct Settings {
    pub(super) profile: Profile,
    /// All flags for rustc, as `CARGO_ENCODED_RUSTFLAGS` takes them; none leaves them to cargo.
    rustflags: Option<String>,
}

impl Settings {
    /// rustc is asked for this machine's name only where the profile adds something for any.
    pub(super) fn of(mut profile: Profile, launcher: &Launcher, workspace: &Workspace) -> Result<Self, Error> {
        if profile.additions.is_empty() {
            return Ok(Self { profile, rustflags: None });
        }
        let host = toolchain::identify_rustc(launcher, &workspace.root)?.host;
        let Some(additions) = profile.additions.remove(&host) else { return Ok(Self { profile, rustflags: None }) };
        profile.features.extend(additions.features);
        profile.env.extend(additions.env);
        let own = additions.rustflags;
        let rustflags = (!own.is_empty()).then(|| with_cargos_own(&workspace.root, &host, own));
        Ok(Self { profile, rustflags })
    }

    /// Adds everything to a call that builds `packages`; of the features, each package gets those that it declares.
    pub(super) fn apply<'p>(&self, mut call: Invocation, packages: impl Iterator<Item = &'p Package>) -> Invocation {
        let profile = &self.profile;
        for (key, value) in &profile.cargo_settings {
            call = call.arg("--config").arg(format!("profile.{}.{key}={value}", profile.cargo_profile));
        }
        let features: Vec<String> = packages.flat_map(|package| self.features_of(package)).collect();
        if !features.is_empty() {
            call = call.arg("--features").arg(features.join(","));
        }
        if profile.all_features {
            call = call.arg("--all-features");
        }
        if !profile.default_features {
            call = call.arg("--no-default-features");
        }
        for (key, value) in &profile.env {
            call = call.env_shown(key, &value.value, value.shown.as_deref());
        }
        match &self.rustflags {
            Some(flags) => call.env("CARGO_ENCODED_RUSTFLAGS", flags),
            None => call,
        }
    }

    /// `PACKAGE/FEATURE`, and `DEPENDENCY/FEATURE` where the package has that dependency.
    fn features_of(&self, package: &Package) -> Vec<String> {
        let has = |name: &str| {
            let name = name.trim_end_matches('?');
            package.dependencies.iter().any(|on| on.rename.as_ref().unwrap_or(&on.name) == name)
        };
        let declared = |feature: &String| match feature.split_once('/') {
            Some((name, own)) if name == package.name.as_str() => {
                package.features.contains_key(own).then(|| feature.clone())
            }
            Some((name, _)) => has(name).then(|| feature.clone()),
            None => package.features.contains_key(feature).then(|| format!("{}/{feature}", package.name)),
        };
        self.profile.features.iter().filter_map(declared).collect()
    }
}

/// cargo takes flags from one source only: so its own go before ours. Of what it cannot read, it complains itself.
fn with_cargos_own(root: &Path, host: &str, own: Vec<String>) -> String {
    let found = Config::load_with_cwd(root).ok().and_then(|config| config.rustflags(host).ok().flatten());
    let mut flags = found.map_or_else(Vec::new, |flags: Flags| flags.flags);
    flags.extend(own);
    flags.join("\u{1f}")
}
