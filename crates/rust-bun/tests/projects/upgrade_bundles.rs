//! The bundles that come with an upgrade, and those that were there.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::{Place, Run};
use crate::upgrade::{NEWER, OWN, installed, library, release, upgrade};

/// The version of the bundle that the program would load; it sees one only.
pub(crate) fn bundle_of(place: &Place, program: &Path) -> String {
    let said = Run::of(place.command(program).args(["pm", "bundles"])).ok().stdout;
    assert_eq!(said.matches("sound@").count(), 1, "{said}");
    said.split("sound@").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or(&said).to_owned()
}

#[test]
fn either_program_finds_the_bundles_of_its_own_version() {
    let place = Place::new();
    let (program, newer, newest) = (installed(&place), release(&place, NEWER), release(&place, "99.2.0"));
    let previous = program.with_extension("previous");
    let from = |release: &Path, more: &[&str]| {
        upgrade(&place, &program, &[&["--from", release.to_str().unwrap()], more].concat()).ok();
    };
    let both = || (bundle_of(&place, &previous), bundle_of(&place, &program));
    assert_eq!(bundle_of(&place, &program), OWN);
    from(&newer, &[]);
    // That the old one works says nothing of the new one: it stays.
    assert_eq!(both(), (OWN.to_owned(), NEWER.to_owned()));
    assert!(!previous.exists());
    // Back again, and forward over it.
    from(&newest, &[]);
    assert_eq!(library(&program), ["bundles", "bundles-99.1.0", "bundles-99.2.0"]);
    upgrade(&place, &program, &["--rollback"]).ok();
    assert_eq!(bundle_of(&place, &program), NEWER);
    from(&newest, &[]);
    assert_eq!(both(), (NEWER.to_owned(), "99.2.0".to_owned()));
    // The same once more: what was altered is mended, and what is older than either goes.
    place.write("lib/rust-bun/bundles-99.2.0/sound/plugin.lua", "error()");
    from(&newest, &["--force"]);
    assert_eq!(library(&program), ["bundles", "bundles-99.2.0"]);
    let mended = place.folder.join("lib/rust-bun/bundles-99.2.0/sound/plugin.lua");
    assert_eq!(fs::read_to_string(mended).unwrap(), "return {}\n");
    assert_eq!(both(), ("99.2.0".to_owned(), "99.2.0".to_owned()));
}

#[test]
fn whoever_may_run_the_program_may_read_its_bundles() {
    let place = Place::new();
    let (program, release) = (installed(&place), release(&place, NEWER));
    fs::remove_dir_all(place.folder.join("lib")).unwrap();
    let line = "umask 077; exec \"$0\" upgrade --from \"$1\"";
    Run::of(place.command("sh").args(["-c", line]).arg(&program).arg(&release)).ok();
    for (path, mode) in [("", 0o755), ("/sound", 0o755), ("/sound/manifest.toml", 0o644)] {
        let path = place.folder.join(format!("lib/rust-bun/bundles-{NEWER}{path}"));
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, mode, "{}", path.display());
    }
    assert_eq!(place.folder.join("lib").metadata().unwrap().permissions().mode() & 0o777, 0o755);
}
