//! Reload and unload: what is found, what is stale, what is told, in which order.

use std::ffi::c_void;
use std::ptr;
use std::sync::{Arc, Mutex};

use polyplug::error::RuntimeError;
use polyplug::{Arena, Guest, Runtime, RuntimeBuilder};
use polyplug_abi::AbiErrorCode;
use polyplug_abi::identity::bundle_id;
use polyplug_abi::runtime::ReloadPhaseType;
use polyplug_abi::types::Version;

use crate::support::*;

const V1: Version = Version::new(1, 0, 0);

/// What an instance's `itself` gives: which load of its bundle made it.
fn generation(guest: &Guest) -> usize {
    let mut out: *mut c_void = ptr::null_mut();
    unsafe { guest.call(3, ptr::null(), (&raw mut out).cast(), &mut Arena::new()) }.unwrap();
    out.addr()
}

/// A loader whose bundle `name` counts its loads, and whose instances are that number.
fn counting(loader: &TestLoader, name: &'static str, contract: &'static str) {
    let loads = Mutex::new(0);
    loader.on_init(name, move |host| {
        let mut loads = loads.lock().unwrap();
        *loads += 1;
        let context = ptr::without_provenance_mut(*loads);
        register(host, contract, polyplug_abi::ContractInterface { context, ..interface(contract, V1) })
    });
}

fn builder(bundles: &Bundles, loader: &TestLoader) -> RuntimeBuilder {
    Runtime::builder().hot_reload(true).plugin_dir(bundles.path()).loader(loader.clone())
}

/// `top` depends on `middle`, which depends on `bottom`.
fn chain(rest: &str) -> Bundles {
    let bundles = Bundles::new();
    bundles.add("bottom", &provides(&["c.Bottom@1"]));
    bundles.add("middle", &(provides(&["c.Middle@1"]) + rest + &depends("c.Bottom@1")));
    bundles.add("top", &(provides(&["c.Top@1"]) + rest + &depends("c.Middle@1")));
    bundles
}

#[test]
fn a_reload_swaps_the_bundle_and_old_instances_keep_the_old_code() {
    let (bundles, loader) = (Bundles::new(), TestLoader::default());
    bundles.add("bundle", &provides(&["t.Thing@1"]));
    counting(&loader, "bundle", "t.Thing");
    let runtime = builder(&bundles, &loader).build().unwrap();
    let (before, revision) = (runtime.find("t.Thing", V1).unwrap(), runtime.revision());
    let old = runtime.create(before).unwrap();

    runtime.reload_bundle(bundle_id("bundle")).unwrap();

    assert_ne!(runtime.revision(), revision);
    let after = runtime.find("t.Thing", V1).unwrap();
    assert_ne!(after, before);
    let stale = runtime.create(before).unwrap_err();
    assert_eq!(stale.code(), AbiErrorCode::StaleHandle.as_u32());
    let new = runtime.create(after).unwrap();
    assert_eq!((generation(&old), generation(&new)), (1, 2));
    assert!(loader.dropped().is_empty(), "the old one is in use");
    drop(old);
    assert_eq!(loader.dropped(), ["bundle"]);
}

#[test]
fn a_reload_that_fails_keeps_the_old_one_as_it_was() {
    let (bundles, loader) = (Bundles::new(), TestLoader::default());
    bundles.add("bundle", &provides(&["t.Thing@1"]));
    let runtime = builder(&bundles, &loader).build().unwrap();
    let (handle, revision) = (runtime.find("t.Thing", V1).unwrap(), runtime.revision());
    loader.on_init("bundle", |_| 300);
    assert_eq!(runtime.reload_bundle(bundle_id("bundle")).unwrap_err().code(), 300);
    assert!(runtime.take_last_error().unwrap().contains("it says so"));
    assert_eq!(runtime.revision(), revision);
    assert!(runtime.create(handle).is_ok());
    assert!(loader.dropped().is_empty());
}

#[test]
fn a_reload_reads_the_manifest_anew() {
    let (bundles, loader) = (Bundles::new(), TestLoader::default());
    bundles.add("bundle", &provides(&["t.Old@1", "t.Both@1"]));
    let runtime = builder(&bundles, &loader).build().unwrap();
    bundles.add("bundle", &provides(&["t.Both@1.4", "t.New@1"]));
    runtime.reload_bundle(bundle_id("bundle")).unwrap();
    assert!(runtime.find("t.Old", V1).is_err());
    assert!(runtime.find("t.New", V1).is_ok());
    assert!(runtime.find("t.Both", Version::new(1, 4, 0)).is_ok());
    assert_eq!(runtime.bundles().len(), 1);
}

#[test]
fn a_reload_under_another_name_is_refused() {
    let (bundles, loader) = (Bundles::new(), TestLoader::default());
    let folder = bundles.add("bundle", "");
    let runtime = builder(&bundles, &loader).build().unwrap();
    let other = bundles.add("other", "");
    let manifest = std::fs::read(other.join("manifest.toml")).unwrap();
    std::fs::write(folder.join("manifest.toml"), manifest).unwrap();
    let error = runtime.reload_bundle(bundle_id("bundle")).unwrap_err();
    assert_eq!(error.code(), AbiErrorCode::InvalidManifest.as_u32());
    assert!(error.to_string().contains("`other`"), "{error}");
}

#[test]
fn a_reload_that_would_leave_a_dependent_without_is_refused() {
    let (bundles, loader) = (chain(""), TestLoader::default());
    let runtime = builder(&bundles, &loader).build().unwrap();
    bundles.add("bottom", &provides(&["c.Other@1"]));
    let error = runtime.reload_bundle(bundle_id("bottom")).unwrap_err();
    assert_eq!(error.code(), AbiErrorCode::MissingCapability.as_u32(), "{error}");
    assert!(runtime.find("c.Bottom", V1).is_ok());
}

#[test]
fn reload_is_refused_where_it_is_off_or_not_possible_or_there_is_nothing() {
    let (bundles, loader) = (Bundles::new(), TestLoader::default());
    bundles.add("bundle", "");
    let runtime = Runtime::builder().plugin_dir(bundles.path()).loader(loader).build().unwrap();
    let error = runtime.reload_bundle(bundle_id("bundle")).unwrap_err();
    assert!(matches!(error, RuntimeError::ReloadDisabled { .. }), "{error}");
    let runtime = builder(&bundles, &TestLoader::default().without_reload()).build().unwrap();
    let error = runtime.reload_bundle(bundle_id("bundle")).unwrap_err();
    assert!(matches!(error, RuntimeError::ReloadUnsupported { .. }), "{error}");
    let error = runtime.reload_bundle(1).unwrap_err();
    assert_eq!(error.code(), AbiErrorCode::NotFound.as_u32());
}

#[test]
fn a_reload_cascades_to_dependents_that_ask_for_it_in_order_each_with_its_phases() {
    let (bundles, loader) = (chain("needs_reinit_on_dep_reload = true\n"), TestLoader::default());
    bundles.add("aside", &depends("c.Bottom@1"));
    let phases = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&phases);
    let runtime = builder(&bundles, &loader).on_reload(move |_, phase| {
        let name = unsafe { phase.bundle_name.as_str() }.to_owned();
        kept.lock().unwrap().push((name, phase.phase_type));
    });
    let runtime = runtime.build().unwrap();
    runtime.reload_bundle(bundle_id("bottom")).unwrap();
    let names = ["bottom", "bottom", "middle", "middle", "top", "top"];
    let kinds = [ReloadPhaseType::Preparing, ReloadPhaseType::Reloaded].into_iter().cycle();
    let expected: Vec<_> = names.into_iter().map(str::to_owned).zip(kinds).collect();
    assert_eq!(*phases.lock().unwrap(), expected);
    assert_eq!(loader.dropped(), ["bottom", "middle", "top"]);
}

#[test]
fn a_dependent_that_cannot_be_reloaded_keeps_its_old_self() {
    let (bundles, loader) = (chain("needs_reinit_on_dep_reload = true\n"), TestLoader::default());
    let runtime = builder(&bundles, &loader).build().unwrap();
    loader.on_init("middle", |_| 300);
    runtime.reload_bundle(bundle_id("bottom")).unwrap();
    assert_eq!(loader.dropped(), ["bottom"], "middle failed, so top has no reason");
    assert!(runtime.take_last_error().unwrap().contains("middle"));
    assert!(runtime.find("c.Middle", V1).is_ok());
}

#[test]
fn an_unload_is_refused_while_others_depend_on_it() {
    let (bundles, loader) = (chain(""), TestLoader::default());
    let runtime = builder(&bundles, &loader).build().unwrap();
    let error = runtime.unload_bundle(bundle_id("bottom"), false).unwrap_err();
    let RuntimeError::InUse { bundle, dependents } = &error else { panic!("{error}") };
    assert_eq!((bundle.as_str(), dependents.as_slice()), ("bottom", ["middle".to_owned()].as_slice()));
    assert_eq!(runtime.bundles().len(), 3);
    runtime.unload_bundle(bundle_id("top"), false).unwrap();
    runtime.unload_bundle(bundle_id("middle"), false).unwrap();
    runtime.unload_bundle(bundle_id("bottom"), false).unwrap();
    assert!(runtime.bundles().is_empty());
}

#[test]
fn an_unload_that_cascades_takes_dependents_first() {
    let (bundles, loader) = (chain(""), TestLoader::default());
    bundles.add("aside", "");
    let runtime = builder(&bundles, &loader).build().unwrap();
    runtime.unload_bundle(bundle_id("bottom"), true).unwrap();
    assert_eq!(loader.dropped(), ["top", "middle", "bottom"]);
    assert_eq!(runtime.bundles().len(), 1);
    assert!(runtime.find("c.Bottom", V1).is_err());
}

#[test]
fn after_an_unload_handles_are_stale_and_instances_still_reach_their_code() {
    let (bundles, loader) = (Bundles::new(), TestLoader::default());
    let folder = bundles.add("bundle", &provides(&["t.Thing@1"]));
    counting(&loader, "bundle", "t.Thing");
    let runtime = builder(&bundles, &loader).build().unwrap();
    let handle = runtime.find("t.Thing", V1).unwrap();
    let guest = runtime.create(handle).unwrap();
    let revision = runtime.revision();
    runtime.unload_bundle(bundle_id("bundle"), false).unwrap();
    assert_ne!(runtime.revision(), revision);
    let error = runtime.create(handle).unwrap_err();
    assert_eq!(error.code(), AbiErrorCode::StaleHandle.as_u32());
    assert_eq!(generation(&guest), 1);
    assert!(loader.dropped().is_empty());
    // It may be loaded again beside what is left of it; the old handle stays stale.
    runtime.load_bundle(&folder).unwrap();
    assert!(runtime.create(handle).is_err());
    assert_eq!(generation(&runtime.create(runtime.find("t.Thing", V1).unwrap()).unwrap()), 2);
    drop(guest);
    assert_eq!(loader.dropped(), ["bundle"]);
}

#[test]
fn handles_of_another_runtime_are_stale_here() {
    let bundles = Bundles::new();
    bundles.add("bundle", &provides(&["t.Thing@1"]));
    let [one, other] = [(); 2].map(|()| builder(&bundles, &TestLoader::default()).build().unwrap());
    let handle = one.find("t.Thing", V1).unwrap();
    assert_eq!(other.create(handle).unwrap_err().code(), AbiErrorCode::StaleHandle.as_u32());
    assert!(one.create(handle).is_ok());
}

#[test]
fn the_callbacks_of_a_reload_may_not_start_another() {
    let (bundles, loader) = (Bundles::new(), TestLoader::default());
    bundles.add("bundle", "");
    let slot: Arc<std::sync::OnceLock<std::sync::Weak<Runtime>>> = Arc::default();
    let (inside, codes) = (Arc::clone(&slot), Arc::new(Mutex::new(Vec::new())));
    let kept = Arc::clone(&codes);
    let runtime = builder(&bundles, &loader).on_reload(move |_, _| {
        let runtime = inside.get().and_then(std::sync::Weak::upgrade).unwrap();
        kept.lock().unwrap().push(runtime.reload_bundle(bundle_id("bundle")).unwrap_err().code());
    });
    let runtime = runtime.build().unwrap();
    slot.set(Arc::downgrade(&runtime)).unwrap();
    runtime.reload_bundle(bundle_id("bundle")).unwrap();
    assert_eq!(*codes.lock().unwrap(), [AbiErrorCode::Reentrant.as_u32(); 2]);
}
