//! Every behaviour of the builder, by name: settings, scan, graph, versions, order, errors.

use std::ptr;
use std::sync::{Arc, Mutex};

use polyplug::error::{GraphError, LoaderError, RuntimeError};
use polyplug::{Runtime, RuntimeBuilder};
use polyplug_abi::runtime::{Compatibility, RuntimeConfig};
use polyplug_abi::types::{LogLevel, Version};
use polyplug_abi::{AbiErrorCode, SupportedLanguage, identity};

use crate::support::*;

#[test]
fn new_has_default_settings() {
    let runtime = RuntimeBuilder::new().build().unwrap();
    assert_eq!(runtime.compatibility(), Compatibility::Strict);
    assert_eq!(runtime.host_language(), SupportedLanguage::Rust);
    assert!(runtime.bundles().is_empty());
    assert_eq!(runtime.revision(), 0);
    assert_eq!(runtime.take_last_error(), None);
}

#[test]
fn default_is_new() {
    assert_eq!(format!("{:?}", RuntimeBuilder::default()), format!("{:?}", RuntimeBuilder::new()));
}

#[test]
fn host_language_is_kept() {
    let runtime = Runtime::builder().host_language(SupportedLanguage::Cpp).build().unwrap();
    assert_eq!(runtime.host_language(), SupportedLanguage::Cpp);
}

#[test]
fn plugin_dir_adds_folders_whose_immediate_subfolders_are_scanned_in_sorted_order() {
    let (first, second) = (Bundles::new(), Bundles::new());
    first.add("zebra", "");
    first.add("ant", "");
    second.add("middle", "");
    // Not immediate, so not found.
    std::fs::rename(second.add("deep", ""), second.path().join("middle/deep")).unwrap();
    let loader = TestLoader::default();
    let runtime =
        Runtime::builder().plugin_dir(first.path()).plugin_dir(second.path()).loader(loader.clone()).build().unwrap();
    assert_eq!(loader.loaded(), ["ant", "middle", "zebra"]);
    assert_eq!(runtime.bundles().len(), 3);
}

#[test]
fn two_loaders_of_one_name_fail_the_build() {
    let error = Runtime::builder().loader(TestLoader::default()).loader(TestLoader::default()).build().unwrap_err();
    let RuntimeError::Loader(LoaderError::DuplicateLoader { loader_name }) = &error else { panic!("{error}") };
    assert_eq!(loader_name, "test");
    assert_eq!(error.code(), AbiErrorCode::DuplicateLoader.as_u32());
}

#[test]
fn an_empty_folder_needs_no_graph_and_no_loader() {
    let bundles = Bundles::new();
    let log = Log::default();
    let runtime = Runtime::builder().plugin_dir(bundles.path()).logger(log.closure()).build().unwrap();
    assert!(runtime.bundles().is_empty());
    assert!(log.lines().iter().all(|line| line.1 != "graph"), "{:?}", log.lines());
}

#[test]
fn what_a_scan_finds_broken_is_a_warning_and_hides_nothing() {
    let bundles = Bundles::new();
    bundles.add("good", &provides(&["a.Good@1"]));
    let broken = bundles.add("broken", "");
    std::fs::write(broken.join("manifest.toml"), "name = 7").unwrap();
    let log = Log::default();
    let runtime = Runtime::builder()
        .plugin_dir(bundles.path())
        .plugin_dir(bundles.path().join("not-there"))
        .loader(TestLoader::default())
        .logger(log.closure())
        .build()
        .unwrap();
    assert_eq!(runtime.bundles().len(), 1);
    let warnings = log.of(LogLevel::Warn);
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[0].contains("broken") && warnings[1].contains("not-there"), "{warnings:?}");
}

#[test]
fn a_missing_capability_is_a_graph_error() {
    let bundles = Bundles::new();
    bundles.add("lonely", &depends("a.Nobody@1"));
    let error = build(&bundles, &TestLoader::default()).unwrap_err();
    assert!(matches!(error, RuntimeError::Graph(GraphError::MissingCapability { .. })), "{error:?}");
}

#[test]
fn a_cycle_is_a_graph_error_with_its_participants() {
    for count in [2, 50] {
        let bundles = Bundles::new();
        for number in 0..count {
            let own = provides(&[&format!("c.N{number}@1")]);
            bundles.add(&format!("b{number:02}"), &(own + &depends(&format!("c.N{}@1", (number + 1) % count))));
        }
        let loader = TestLoader::default();
        let error = build(&bundles, &loader).unwrap_err();
        let RuntimeError::Graph(GraphError::Cycle { participants }) = &error else { panic!("{error:?}") };
        assert_eq!(participants.len(), count);
        assert!(loader.loaded().is_empty());
    }
}

#[test]
fn two_providers_of_a_contract_are_a_graph_error() {
    let bundles = Bundles::new();
    bundles.add("one", &provides(&["a.Same@1"]));
    bundles.add("two", &provides(&["a.Same@1"]));
    let error = build(&bundles, &TestLoader::default()).unwrap_err();
    assert!(matches!(error, RuntimeError::Graph(GraphError::DuplicateProvider { .. })), "{error:?}");
}

#[test]
fn two_bundles_of_one_name_are_a_graph_error_and_neither_vanishes() {
    let (first, second) = (Bundles::new(), Bundles::new());
    first.add("same", "");
    second.add("same", "");
    let builder = Runtime::builder().plugin_dir(first.path()).plugin_dir(second.path());
    let error = builder.loader(TestLoader::default()).build().unwrap_err();
    let RuntimeError::Graph(GraphError::DuplicateBundle { duplicates }) = &error else { panic!("{error:?}") };
    assert_eq!(duplicates[0].folders.len(), 2);
}

#[test]
fn names_with_one_hash_are_a_graph_error() {
    // A published collision of 64-bit FNV-1a.
    let (first, second) = ("8yn0iYCKYHlIj4-BwPqk", "GReLUrM4wMqfg9yzV3KQ");
    assert_eq!(identity::bundle_id(first), identity::bundle_id(second));
    let bundles = Bundles::new();
    let folder = bundles.add(first, "");
    let runtime = Runtime::builder().loader(TestLoader::default()).build().unwrap();
    runtime.load_bundle(&folder).unwrap();
    let error = runtime.load_bundle(&bundles.add(second, "")).unwrap_err();
    assert!(matches!(error, RuntimeError::Graph(GraphError::ContractIdCollision { .. })), "{error:?}");
    drop(runtime);
    let error = build(&bundles, &TestLoader::default()).unwrap_err();
    assert!(matches!(error, RuntimeError::Graph(GraphError::ContractIdCollision { .. })), "{error:?}");
}

/// A provider that is older than what its dependent asks for.
fn too_old() -> Bundles {
    let bundles = Bundles::new();
    bundles.add("provider", &provides(&["a.Old@1.1"]));
    bundles.add("dependent", &(depends("a.Old@1") + "min_version = \"1.2\"\n"));
    bundles
}

#[test]
fn compatibility_is_strict_by_default_and_judges_before_anything_is_loaded() {
    let loader = TestLoader::default();
    let error = build(&too_old(), &loader).unwrap_err();
    assert!(matches!(error, RuntimeError::Version(_)), "{error:?}");
    assert!(loader.loaded().is_empty());
}

#[test]
fn compatibility_relaxed_warns() {
    let (bundles, log) = (too_old(), Log::default());
    let builder = Runtime::builder().plugin_dir(bundles.path()).compatibility(Compatibility::Relaxed);
    let runtime = builder.loader(TestLoader::default()).logger(log.closure()).build().unwrap();
    assert_eq!(runtime.bundles().len(), 2);
    let warnings = log.of(LogLevel::Warn);
    assert!(warnings.len() == 1 && warnings[0].contains("a.Old"), "{warnings:?}");
}

#[test]
fn compatibility_yolo_is_silent() {
    let (bundles, log) = (too_old(), Log::default());
    let builder = Runtime::builder().plugin_dir(bundles.path()).compatibility(Compatibility::Yolo);
    let runtime = builder.loader(TestLoader::default()).logger(log.closure()).build().unwrap();
    assert_eq!(runtime.bundles().len(), 2);
    assert!(log.of(LogLevel::Warn).is_empty());
}

#[test]
fn what_relaxed_let_pass_can_be_found_by_the_dependent_and_not_by_the_host() {
    let (bundles, loader) = (too_old(), TestLoader::default());
    let found = Arc::new(Mutex::new(None));
    let by_plugin = Arc::clone(&found);
    loader.on_init("dependent", move |host| {
        let id = identity::guest_contract_id("a.Old", 1);
        *by_plugin.lock().unwrap() =
            Some([find(host, id, Version::new(1, 2, 0).packed()), find(host, id, Version::new(1, 3, 0).packed())]);
        0
    });
    let builder = Runtime::builder().plugin_dir(bundles.path()).compatibility(Compatibility::Relaxed);
    let runtime = builder.loader(loader).build().unwrap();
    let found = found.lock().unwrap().take().unwrap();
    assert!(found[0].is_ok());
    assert_eq!(found[1], Err(AbiErrorCode::VersionMismatch));
    assert_eq!(
        runtime.find("a.Old", Version::new(1, 2, 0)).unwrap_err().code(),
        AbiErrorCode::VersionMismatch.as_u32()
    );
}

#[test]
fn providers_are_loaded_first() {
    let bundles = Bundles::new();
    bundles.add("a-top", &depends("c.Middle@1"));
    bundles.add("b-middle", &(provides(&["c.Middle@1"]) + &depends("c.Bottom@1")));
    bundles.add("c-bottom", &provides(&["c.Bottom@1"]));
    let loader = TestLoader::default();
    let runtime = build(&bundles, &loader).unwrap();
    assert_eq!(loader.loaded(), ["c-bottom", "b-middle", "a-top"]);
    drop(runtime);
    assert_eq!(loader.dropped(), ["a-top", "b-middle", "c-bottom"], "dependents end first");
}

#[test]
fn bundles_that_are_found_take_the_path_of_an_explicit_load() {
    let bundles = Bundles::new();
    bundles.add("provider", &provides(&["a.Thing@1"]));
    bundles.add("dependent", &depends("a.Thing@1"));
    let loader = TestLoader::default();
    let found = Arc::new(Mutex::new(None));
    let by_plugin = Arc::clone(&found);
    // Its dependencies are declared and can be resolved while it starts.
    loader.on_init("dependent", move |host| {
        *by_plugin.lock().unwrap() = Some(find(host, identity::guest_contract_id("a.Thing", 1), 0));
        0
    });
    let runtime = build(&bundles, &loader).unwrap();
    assert!(found.lock().unwrap().take().unwrap().is_ok());
    // Its descriptor is there, and loading it again is refused as it is for any other.
    assert_eq!(runtime.bundles()[0].name, "provider");
    let again = runtime.load_bundle(&bundles.path().join("provider")).unwrap_err();
    assert!(matches!(again, RuntimeError::Graph(GraphError::DuplicateBundle { .. })), "{again:?}");
}

#[test]
fn the_function_count_is_held_against_the_manifest_while_building() {
    let bundles = Bundles::new();
    bundles.add("liar", &(provides(&["a.Thing@1"]) + "function_count = { \"a.Thing@1\" = 5 }\n"));
    let error = build(&bundles, &TestLoader::default()).unwrap_err();
    assert_eq!(error.code(), AbiErrorCode::FunctionCountMismatch.as_u32(), "{error:?}");
}

#[test]
fn errors_of_loaders_are_passed_on_and_others_become_init_failed() {
    let bundles = Bundles::new();
    bundles.add("foreign", "");
    let error = Runtime::builder().plugin_dir(bundles.path()).build().unwrap_err();
    assert!(matches!(error, RuntimeError::Loader(LoaderError::LoaderNotFound { .. })), "{error:?}");

    // A dependency on the host that is not there is found only when the bundle is loaded.
    let bundles = Bundles::new();
    bundles.add("needy", &(depends("host.Missing@1") + "kind = \"host_contract\"\n"));
    let error = build(&bundles, &TestLoader::default()).unwrap_err();
    let RuntimeError::Loader(LoaderError::InitFailed { bundle, error, code }) = &error else { panic!("{error:?}") };
    assert_eq!((bundle.as_str(), *code), ("needy", AbiErrorCode::MissingCapability.as_u32()));
    assert!(error.contains("host.Missing@1"), "{error}");
}

#[test]
fn a_build_that_fails_ends_what_was_loaded_and_says_so_in_the_log() {
    let bundles = Bundles::new();
    bundles.add("good", "");
    bundles.add("worse", "");
    let (loader, log) = (TestLoader::default(), Log::default());
    loader.on_init("worse", |_| 300);
    let builder = Runtime::builder().plugin_dir(bundles.path()).loader(loader.clone()).logger(log.closure());
    let error = builder.build().unwrap_err();
    assert_eq!(error.code(), 300);
    assert_eq!(loader.dropped(), ["good"]);
    assert!(log.of(LogLevel::Error).iter().any(|line| line.contains("worse") && line.contains("it says so")));
}

#[test]
fn the_tables_runtime_field_is_set_before_bundles_get_it_and_the_table_outlives_moves_of_the_runtime() {
    let bundles = Bundles::new();
    bundles.add("curious", "");
    let loader = TestLoader::default();
    let seen = Arc::new(Mutex::new((0, 0)));
    let by_plugin = Arc::clone(&seen);
    loader.on_init("curious", move |host| {
        *by_plugin.lock().unwrap() = (host.addr(), unsafe { (*host).runtime }.addr());
        0
    });
    let runtime = build(&bundles, &loader).unwrap();
    let (table, field) = *seen.lock().unwrap();
    assert_ne!(field, 0);
    let host = runtime.host_api();
    assert_ne!(table, host.addr(), "each caller has a table of its own");
    let moved = Box::new(runtime);
    assert_eq!(moved.host_api(), host);
    assert!(unsafe { !(*host).runtime.is_null() && (*host).reserved.is_null() });
    assert_eq!(unsafe { ((*host).get_error_len)(host) }, 0);
}

#[test]
fn config_is_taken_over() {
    let bundles = Bundles::new();
    bundles.add("bundle", "");
    for enabled in [0, 1] {
        let config = RuntimeConfig { hot_reload_enabled: enabled, ..RuntimeConfig::default() };
        let builder = Runtime::builder().plugin_dir(bundles.path()).loader(TestLoader::default());
        let runtime = unsafe { builder.config(config) }.build().unwrap();
        let result = runtime.reload_bundle(identity::bundle_id("bundle"));
        assert_eq!(result.is_ok(), enabled == 1, "{result:?}");
    }
    assert_eq!(RuntimeConfig::default().log_user_data, ptr::null_mut());
}

/// A runtime of what is in a folder.
fn build(bundles: &Bundles, loader: &TestLoader) -> Result<Arc<Runtime>, RuntimeError> {
    Runtime::builder().plugin_dir(bundles.path()).loader(loader.clone()).build()
}
