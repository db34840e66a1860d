//! Every behaviour of the builder's logger and of its reload callback, by name.

use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};

use polyplug::Runtime;
use polyplug_abi::identity::bundle_id;
use polyplug_abi::runtime::{ReloadPhaseType, RuntimeConfig};
use polyplug_abi::types::{LogLevel, StringView};

use crate::support::*;

/// A message through the host's table.
fn log(runtime: &Runtime, level: u32, scope: &str, message: &str) -> u32 {
    let host = runtime.host_api();
    unsafe { ((*host).log)(host, level, StringView::new(scope), StringView::new(message)) }
}

/// Counts the messages that a callback of C gets.
unsafe extern "C" fn count(user_data: *mut c_void, _: u32, _: StringView, _: StringView) {
    unsafe { &*user_data.cast_const().cast::<AtomicUsize>() }.fetch_add(1, Ordering::SeqCst);
}

#[test]
fn the_logger_gets_all_levels_with_scope_and_message() {
    let kept = Log::default();
    let runtime = Runtime::builder().logger(kept.closure()).build().unwrap();
    kept.clear();
    for level in 1..=5 {
        assert_eq!(log(&runtime, level, "test", "message"), 0);
    }
    use LogLevel::{Debug, Error, Info, Trace, Warn};
    let expected = [Error, Warn, Info, Debug, Trace].map(|level| (level, "test".to_owned(), "message".to_owned()));
    assert_eq!(kept.lines(), expected);
}

#[test]
fn an_unknown_level_counts_as_an_error() {
    let kept = Log::default();
    let runtime = Runtime::builder().logger(kept.closure()).build().unwrap();
    kept.clear();
    log(&runtime, 0, "", "zero");
    log(&runtime, 6, "", "six");
    log(&runtime, u32::MAX, "", "most");
    assert_eq!(kept.of(LogLevel::Error), ["zero", "six", "most"]);
}

#[test]
fn config_after_logger_takes_its_place() {
    let (kept, counted) = (Log::default(), AtomicUsize::new(0));
    let config = RuntimeConfig {
        log: Some(count),
        log_user_data: ptr::from_ref(&counted).cast_mut().cast(),
        log_max_level: LogLevel::Warn as u32,
        ..RuntimeConfig::default()
    };
    let runtime = unsafe { Runtime::builder().logger(kept.closure()).config(config) }.build().unwrap();
    for level in 1..=5 {
        log(&runtime, level, "test", "message");
    }
    assert!(kept.lines().is_empty());
    assert_eq!(counted.load(Ordering::SeqCst), 2, "errors and warnings");
}

#[test]
fn logger_after_config_takes_the_log_and_leaves_the_rest() {
    let bundles = Bundles::new();
    bundles.add("bundle", "");
    let (kept, counted) = (Log::default(), AtomicUsize::new(0));
    let config = RuntimeConfig {
        log: Some(count),
        log_user_data: ptr::from_ref(&counted).cast_mut().cast(),
        hot_reload_enabled: 1,
        ..RuntimeConfig::default()
    };
    let builder = unsafe { Runtime::builder().config(config) }.logger(kept.closure());
    let runtime = builder.plugin_dir(bundles.path()).loader(TestLoader::default()).build().unwrap();
    runtime.reload_bundle(bundle_id("bundle")).unwrap();
    drop(runtime);
    assert!(!kept.lines().is_empty());
    assert_eq!(counted.load(Ordering::SeqCst), 0);
}

#[test]
fn without_a_logger_nobody_is_asked_and_nothing_breaks() {
    let runtime = Runtime::builder().build().unwrap();
    assert_eq!(log(&runtime, 1, "test", "message"), 0);
}

#[test]
fn a_logger_that_panics_does_no_harm() {
    let bundles = Bundles::new();
    bundles.add("bundle", "");
    let builder = Runtime::builder().plugin_dir(bundles.path()).loader(TestLoader::default());
    let runtime = builder.logger(|_, _, _| panic!("no")).build().unwrap();
    assert_eq!(log(&runtime, 1, "test", "message"), 0);
    assert_eq!(runtime.bundles().len(), 1);
}

#[test]
fn what_the_logger_logs_itself_is_dropped_and_what_it_asks_is_answered() {
    let runtime: Arc<OnceLock<Weak<Runtime>>> = Arc::default();
    let (inside, calls) = (Arc::clone(&runtime), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&calls);
    let built = Runtime::builder().logger(move |_, _, _| {
        counted.fetch_add(1, Ordering::SeqCst);
        if let Some(runtime) = inside.get().and_then(Weak::upgrade) {
            assert_eq!(log(&runtime, 1, "again", "and again"), 0);
            // This fails, which is logged, too.
            assert!(runtime.unload_bundle(1, false).is_err());
        }
    });
    let built = built.build().unwrap();
    runtime.set(Arc::downgrade(&built)).unwrap();
    calls.store(0, Ordering::SeqCst);
    log(&built, 1, "test", "message");
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

type Phases = Arc<Mutex<Vec<(usize, ReloadPhaseType, u64, String, String)>>>;

/// A closure that keeps the phases that it is told.
fn keep(phases: &Phases) -> impl Fn(*mut c_void, polyplug_abi::runtime::ReloadPhase) + Send + Sync + 'static {
    let phases = Arc::clone(phases);
    move |user_data, phase| {
        let (name, reason) = unsafe { (phase.bundle_name.as_str().to_owned(), phase.reason.as_str().to_owned()) };
        phases.lock().unwrap().push((user_data.addr(), phase.phase_type, phase.bundle_id, name, reason));
    }
}

#[test]
fn on_reload_is_told_the_phases_with_the_configured_user_data() {
    let bundles = Bundles::new();
    let folder = bundles.add("bundle", "");
    let (phases, loader) = (Phases::default(), TestLoader::default());
    let config = RuntimeConfig {
        hot_reload_enabled: 1,
        on_reload_user_data: ptr::without_provenance_mut(0x1234),
        ..RuntimeConfig::default()
    };
    let builder = unsafe { Runtime::builder().config(config) }.plugin_dir(bundles.path()).loader(loader.clone());
    let runtime = builder.on_reload(keep(&phases)).build().unwrap();
    let id = bundle_id("bundle");
    assert!(phases.lock().unwrap().is_empty(), "a load is no reload");

    runtime.reload_bundle(id).unwrap();
    std::fs::write(folder.join("manifest.toml"), "name = 7").unwrap();
    let error = runtime.reload_bundle(id).unwrap_err();
    runtime.unload_bundle(id, false).unwrap();

    use ReloadPhaseType::{Failed, Preparing, Reloaded, Unloading};
    let told = phases.lock().unwrap().clone();
    let kinds: Vec<ReloadPhaseType> = told.iter().map(|phase| phase.1).collect();
    assert_eq!(kinds, [Preparing, Reloaded, Preparing, Failed, Unloading]);
    assert!(told.iter().all(|phase| (phase.0, phase.2, phase.3.as_str()) == (0x1234, id, "bundle")));
    assert_eq!(told[3].4, error.to_string());
    assert!(told.iter().enumerate().all(|(index, phase)| index == 3 || phase.4.is_empty()));
}

#[test]
fn on_reload_is_told_after_the_swap_and_before_the_old_one_ends() {
    let bundles = Bundles::new();
    bundles.add("bundle", &provides(&["a.Thing@1"]));
    let loader = TestLoader::default();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (in_callback, at_drop) = (Arc::clone(&seen), loader.clone());
    let builder = Runtime::builder().hot_reload(true).plugin_dir(bundles.path()).loader(loader.clone());
    let runtime = builder.on_reload(move |_, phase| {
        in_callback.lock().unwrap().push((phase.phase_type, at_drop.loaded().len(), at_drop.dropped().len()));
    });
    let runtime = runtime.build().unwrap();
    runtime.reload_bundle(bundle_id("bundle")).unwrap();
    assert_eq!(*seen.lock().unwrap(), [(ReloadPhaseType::Preparing, 1, 0), (ReloadPhaseType::Reloaded, 2, 0)]);
    assert_eq!(loader.dropped().len(), 1);
}

#[test]
fn a_reload_callback_that_panics_does_no_harm() {
    let bundles = Bundles::new();
    bundles.add("bundle", "");
    let builder = Runtime::builder().hot_reload(true).plugin_dir(bundles.path()).loader(TestLoader::default());
    let runtime = builder.on_reload(|_, _| panic!("no")).build().unwrap();
    runtime.reload_bundle(bundle_id("bundle")).unwrap();
}
