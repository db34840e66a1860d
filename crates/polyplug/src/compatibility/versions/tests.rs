//! What each mode makes of old providers.

use std::sync::{Arc, Mutex};

use polyplug_abi::AbiErrorCode;

use super::*;
use crate::logger::LoggerClosure;
use crate::testing::{bundle, shared};

/// The outcome, and what was logged.
fn check(manifests: &[(PathBuf, ManifestData)], mode: Compatibility) -> (Result<(), VersionError>, Vec<String>) {
    let (lines, logger) = kept();
    let outcome = check_versions(manifests, mode, logger);
    let lines = lines.lock().unwrap().clone();
    (outcome, lines)
}

fn kept() -> (Arc<Mutex<Vec<String>>>, LoggerHandle) {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let to = Arc::clone(&lines);
    let closure = LoggerClosure::new(move |level, scope, message| {
        to.lock().unwrap().push(format!("{level:?} {scope}: {message}"));
    });
    (lines, LoggerHandle::from_closure(closure, LogLevel::Trace))
}

/// Two dependencies that are too old, and two that do.
fn old() -> Vec<(PathBuf, ManifestData)> {
    vec![
        bundle("z", &[], &["x.A@1.3", "x.B@2.1"]),
        bundle("b", &[], &["x.A@1.2", "x.B@2.2"]),
        bundle("a", &["x.A@1.2.9", "x.B@2.1"], &[]),
    ]
}

#[test]
fn strict_refuses_all_that_is_too_old_at_once() {
    let (outcome, log) = check(&old(), Compatibility::Strict);
    let error = outcome.unwrap_err();
    assert_eq!(error.code(), AbiErrorCode::VersionMismatch.as_u32());
    assert!(log.is_empty(), "{log:?}");
    insta::assert_snapshot!(error, @r"
    bundle `b` needs the contract `x.B` of at least version 2.2; there is 2.1.0 of `a`
    bundle `z` needs the contract `x.A` of at least version 1.3; there is 1.2.9 of `a`
    ");
}

#[test]
fn relaxed_warns_of_each() {
    let (outcome, log) = check(&old(), Compatibility::Relaxed);
    outcome.unwrap();
    let expected = [
        "Warn compatibility: bundle `b` needs the contract `x.B` of at least version 2.2; there is 2.1.0 of `a`",
        "Warn compatibility: bundle `z` needs the contract `x.A` of at least version 1.3; there is 1.2.9 of `a`",
    ];
    assert_eq!(log, expected);
}

#[test]
fn yolo_is_silent() {
    let (outcome, log) = check(&old(), Compatibility::Yolo);
    outcome.unwrap();
    assert!(log.is_empty(), "{log:?}");
}

#[test]
fn the_same_minor_and_newer_ones_do_whatever_the_patch() {
    let manifests = [bundle("a", &["x.A@1.2.0"], &[]), bundle("b", &[], &["x.A@1.2"]), bundle("c", &[], &["x.A@1"])];
    let (outcome, log) = check(&manifests, Compatibility::Strict);
    outcome.unwrap();
    assert!(log.is_empty(), "{log:?}");
}

#[test]
fn one_provider_that_is_new_enough_suffices_unless_the_dependency_names_another() {
    let providers = [shared("old", &["x.A@1.0"], &[]), shared("new", &["x.A@1.5"], &[])];
    let with = |dependency: &str| [providers.to_vec(), vec![bundle("app", &[], &[dependency])]].concat();
    check(&with("x.A@1.4"), Compatibility::Strict).0.unwrap();
    check(&with("x.A@1.4 of new"), Compatibility::Strict).0.unwrap();
    let named = check(&with("x.A@1.4 of old"), Compatibility::Strict).0.unwrap_err();
    assert_eq!(named.too_old[0].found, [("old".to_owned(), Version::new(1, 0, 0))]);
    let neither = check(&with("x.A@1.6"), Compatibility::Strict).0.unwrap_err();
    let found = [("new".to_owned(), Version::new(1, 5, 0)), ("old".to_owned(), Version::new(1, 0, 0))];
    assert_eq!(neither.too_old[0].found, found);
}

#[test]
fn contracts_of_the_host_are_left_to_the_load() {
    check(&[bundle("a", &[], &["host x.Log@1.9"])], Compatibility::Strict).0.unwrap();
}

/// Checks one manifest against a host with `x.Log` 1.1 and a bundle `a` with `x.A` 1.2.
fn check_one(dependencies: &[&str], mode: Compatibility) -> (Result<(), RuntimeError>, Vec<String>) {
    let (lines, logger) = kept();
    let registered = |dependency: &Dependency| match (dependency.kind, dependency.reference().as_str()) {
        (DependencyKind::GuestContract, "x.A@1") => {
            vec![RegisteredProvider { bundle: "a", version: Version::new(1, 2, 0) }]
        }
        (DependencyKind::HostContract, "x.Log@1") => {
            vec![RegisteredProvider { bundle: "", version: Version::new(1, 1, 0) }]
        }
        _ => Vec::new(),
    };
    let outcome = check_manifest(&bundle("app", &[], dependencies).1, registered, mode, &logger);
    let lines = lines.lock().unwrap().clone();
    (outcome, lines)
}

#[test]
fn one_manifest_is_held_against_what_is_registered() {
    check_one(&["x.A@1.2", "x.A@1.1 of a", "host x.Log@1.1"], Compatibility::Strict).0.unwrap();
    let error = check_one(&["x.A@1.3", "host x.Log@1.2"], Compatibility::Strict).0.unwrap_err();
    assert_eq!(error.code(), AbiErrorCode::VersionMismatch.as_u32());
    insta::assert_snapshot!(error, @r"
    bundle `app` needs the contract `x.A` of at least version 1.3; there is 1.2.0 of `a`
    bundle `app` needs the host contract `x.Log` of at least version 1.2; there is 1.1.0 of the host
    ");
}

#[test]
fn the_mode_rules_one_manifest_too() {
    let (outcome, log) = check_one(&["x.A@1.3", "host x.Log@1.2"], Compatibility::Relaxed);
    outcome.unwrap();
    assert_eq!(log.len(), 2, "{log:?}");
    let (outcome, log) = check_one(&["x.A@1.3", "host x.Log@1.2"], Compatibility::Yolo);
    outcome.unwrap();
    assert!(log.is_empty(), "{log:?}");
}

#[test]
fn what_nobody_registered_is_missing_in_every_mode() {
    for mode in [Compatibility::Strict, Compatibility::Relaxed, Compatibility::Yolo] {
        let error = check_one(&["x.A@2", "x.A@1 of b", "host x.Log@2"], mode).0.unwrap_err();
        assert_eq!(error.code(), AbiErrorCode::MissingCapability.as_u32());
        insta::allow_duplicates! {
            insta::assert_snapshot!(error, @r"
            bundle `app` needs the contract `x.A@2`, which no bundle provides
            bundle `app` needs the contract `x.A@1` of bundle `b`, but no bundle of that name provides it; there is one of `a`
            bundle `app` needs the host contract `x.Log@2`, which this host does not provide
            ");
        }
    }
}
