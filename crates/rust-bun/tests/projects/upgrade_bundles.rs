//! The bundles that come with an upgrade, and those that were there.

use std::fs;
use std::path::Path;

use crate::support::{Place, Run};
use crate::upgrade::{NEWER, OWN, installed, library, release, upgrade};

/// The version of the bundle that the program would load.
pub(crate) fn bundle_of(place: &Place, program: &Path) -> String {
    let said = Run::of(place.command(program).args(["pm", "bundles"])).ok().stdout;
    let taken = said.lines().find(|line| line.contains("sound@") && !line.contains("not used")).unwrap_or(&said);
    taken.split("sound@").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or(&said).to_owned()
}

#[test]
fn either_program_finds_the_bundles_of_its_own_version() {
    let place = Place::new();
    let (program, newer, newest) = (installed(&place), release(&place, NEWER), release(&place, "99.2.0"));
    let from = |release: &Path, more: &[&str]| {
        upgrade(&place, &program, &[&["--from", release.to_str().unwrap()], more].concat()).ok();
    };
    assert_eq!(bundle_of(&place, &program), OWN);
    from(&newer, &[]);
    let previous = program.with_extension("previous");
    let kept = place.folder.join("kept/bin/rust-bun");
    fs::create_dir_all(kept.parent().unwrap()).unwrap();
    fs::copy(&previous, &kept).unwrap();
    std::os::unix::fs::symlink(place.folder.join("lib"), place.folder.join("kept/lib")).unwrap();
    assert_eq!((bundle_of(&place, &program), bundle_of(&place, &kept)), (NEWER.to_owned(), OWN.to_owned()));
    // Back again, and forward over it: what was left goes.
    from(&newest, &[]);
    upgrade(&place, &program, &["--rollback"]).ok();
    assert_eq!(bundle_of(&place, &program), NEWER);
    from(&newest, &[]);
    assert_eq!(library(&program), ["bundles", "bundles-99.1.0", "bundles-99.2.0"]);
    assert_eq!(bundle_of(&place, &program), "99.2.0");
    assert_eq!(library(&program), ["bundles", "bundles-99.2.0"]);
    // The same once more, with another bundle in its release.
    place.write("lib/rust-bun/bundles-99.2.0/sound/more", "more");
    from(&newest, &["--force"]);
    assert_eq!((bundle_of(&place, &program), library(&program).len()), ("99.2.0".to_owned(), 2));
    assert!(!place.folder.join("lib/rust-bun/bundles-99.2.0/sound/more").exists());
}
