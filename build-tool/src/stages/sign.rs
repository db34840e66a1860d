//! Signs each finished binary: every Mach-O file, ad hoc or with an identity,
//! after its UUID was computed from its content; Windows programs where a
//! certificate is configured.

mod mach_o;
mod windows;

use super::{Step, for_each_app_target, programs};
use crate::release::Release;

/// The stage's name.
pub const NAME: &str = "sign";

/// One step an app and target that is signed.
pub fn plan(release: &Release) -> Vec<Box<dyn Step>> {
    let apple = for_each_app_target(release, |app, target| mach_o::step(release, app, target, programs(app, target)));
    let windows =
        for_each_app_target(release, |app, target| windows::step(release, app, target, programs(app, target)));
    apple.into_iter().chain(windows).collect()
}
