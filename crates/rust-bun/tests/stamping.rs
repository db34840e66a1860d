//! The whole way of the metadata: the release profile (thin LTO, stripped) keeps the slot, the
//! slot is stamped in the finished file, and the program prints what was stamped.

use release_formats::stamp::{self, Stamp};
use std::path::Path;
use std::process::Command;

#[test]
fn the_stamped_release_binary_prints_the_stamp() {
    let target = tempfile::tempdir().unwrap();
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--locked", "--release", "--manifest-path"])
        .arg(&manifest)
        .arg("--target-dir")
        .arg(target.path())
        // The outer cargo's own flags and settings must not leak into this build.
        .env_remove("CARGO_BUILD_TARGET")
        .status()
        .unwrap();
    assert!(status.success(), "the release build failed");
    let binary = target.path().join("release").join(format!("rust-bun{}", std::env::consts::EXE_SUFFIX));

    let before = stamp::read_stamp(&std::fs::read(&binary).unwrap()).unwrap().expect("a slot");
    assert_eq!((before.version.as_str(), before.git_hash.as_str()), (env!("CARGO_PKG_VERSION"), "unknown"));
    assert_eq!(before.build_profile, "release");

    let stamped = Stamp {
        version: "9.8.7-rc.1".to_owned(),
        git_hash: "0123456789abcdef0123456789abcdef01234567".to_owned(),
        git_branch: "topic/ünicode".to_owned(),
        git_dirty: true,
        build_time: "2026-01-02T03:04:05Z".to_owned(),
        build_profile: "release-small".to_owned(),
        ..before
    };
    stamp::write_stamp_to(&binary, &stamped).unwrap();
    assert_eq!(stamp::read_stamp(&std::fs::read(&binary).unwrap()).unwrap(), Some(stamped.clone()));

    let output = Command::new(&binary).args(["--version", "--verbose"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let expected = format!(
        "version: 9.8.7-rc.1\ngit_hash: {}\ngit_branch: topic/ünicode\ngit_dirty: true\n\
         build_time: 2026-01-02T03:04:05Z\nbuild_profile: release-small\nbuild_target: {}\n\
         rust_version: {}\n",
        stamped.git_hash, stamped.build_target, stamped.rust_version
    );
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    let short = Command::new(&binary).arg("-V").output().unwrap();
    assert_eq!(short.stdout, b"rust-bun 9.8.7-rc.1\n");
}
