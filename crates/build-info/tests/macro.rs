//! The macro in a crate that is not build-info's own, under `forbid(unsafe_code)` as a careful
//! user has it.
#![forbid(unsafe_code)]

#[test]
fn a_plain_build_has_honest_development_values() {
    let info = build_info::build_info!();
    assert_eq!(info.version, env!("CARGO_PKG_VERSION"));
    assert_eq!((info.git_hash, info.git_branch, info.git_dirty), ("unknown", "unknown", false));
    assert_eq!(info.build_time, "unknown");
    assert_eq!(info.build_profile, if cfg!(debug_assertions) { "debug" } else { "release" });
    assert!(info.build_target.contains(std::env::consts::ARCH), "{}", info.build_target);
    assert!(info.rust_version.starts_with("rustc "), "{}", info.rust_version);
}
