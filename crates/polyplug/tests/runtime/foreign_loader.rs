//! Loaders that are not written in Rust: what they are handed, and what is made of what they say.

use std::ffi::c_void;
use std::ptr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use polyplug::Runtime;
use polyplug_abi::identity::bundle_id;
use polyplug_abi::types::{StringView, Version};
use polyplug_abi::{AbiErrorCode, BundleView, CallArena, HostApi, LoaderInterface};

use crate::support::*;

/// What the loader was handed, and how often it unloaded.
#[derive(Default)]
struct Seen {
    bundles: Mutex<Vec<(u64, String, String, String)>>,
    unloaded: AtomicUsize,
}

unsafe extern "C" fn load(
    context: *mut c_void,
    host: *const HostApi,
    bundle: *const BundleView,
    arena: *mut CallArena,
    out: *mut *mut c_void,
) -> u32 {
    unsafe {
        let seen = &*context.cast_const().cast::<Seen>();
        let bundle = &*bundle;
        let [name, folder, file] = [bundle.name, bundle.folder, bundle.file].map(|view| view.as_str().to_owned());
        if name == "refused" {
            (*arena).message = (*arena).copy_str("this one I do not like");
            return 777;
        }
        seen.bundles.lock().unwrap().push((bundle.id, name, folder, file));
        out.write(context);
        register(host, "t.Thing", interface("t.Thing", Version::new(1, 0, 0)))
    }
}

unsafe extern "C" fn unload(context: *mut c_void, bundle: *mut c_void) {
    assert_eq!(context, bundle);
    unsafe { &*context.cast_const().cast::<Seen>() }.unloaded.fetch_add(1, Ordering::SeqCst);
}

fn interface_of(seen: &Seen) -> LoaderInterface {
    LoaderInterface {
        name: StringView::new("test"),
        context: ptr::from_ref(seen).cast_mut().cast(),
        can_reload: 1,
        reserved: 0,
        load: Some(load),
        unload: Some(unload),
    }
}

fn add(runtime: &Runtime, loader: &LoaderInterface) -> u32 {
    let host = runtime.host_api();
    unsafe { ((*host).register_loader)(host, loader) }
}

#[test]
fn a_loader_of_another_language_loads_and_unloads() {
    let (bundles, seen) = (Bundles::new(), Seen::default());
    let folder = bundles.add("bundle", &provides(&["t.Thing@1"]));
    let runtime = Runtime::builder().hot_reload(true).build().unwrap();
    assert_eq!(add(&runtime, &interface_of(&seen)), 0);
    let id = runtime.load_bundle(&folder).unwrap();
    let folder = folder.canonicalize().unwrap();
    let text = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    let expected = (id, "bundle".to_owned(), text(&folder), text(&folder.join("code")));
    assert_eq!(*seen.bundles.lock().unwrap(), [expected]);
    runtime.reload_bundle(bundle_id("bundle")).unwrap();
    assert_eq!(seen.unloaded.load(Ordering::SeqCst), 1);
    drop(runtime);
    assert_eq!(seen.unloaded.load(Ordering::SeqCst), 2);
}

#[test]
fn its_failure_is_passed_on_with_its_words() {
    let (bundles, seen) = (Bundles::new(), Seen::default());
    let runtime = Runtime::builder().build().unwrap();
    assert_eq!(add(&runtime, &interface_of(&seen)), 0);
    let error = runtime.load_bundle(&bundles.add("refused", "")).unwrap_err();
    assert_eq!(error.code(), 777);
    assert!(error.to_string().contains("this one I do not like"), "{error}");
    assert_eq!(seen.unloaded.load(Ordering::SeqCst), 0);
}

#[test]
fn a_loader_that_cannot_be_is_refused() {
    let seen = Seen::default();
    let runtime = Runtime::builder().build().unwrap();
    let good = interface_of(&seen);
    let cases = [
        (LoaderInterface { load: None, ..good }, AbiErrorCode::InvalidPointer),
        (LoaderInterface { unload: None, ..good }, AbiErrorCode::InvalidPointer),
        (LoaderInterface { can_reload: 2, ..good }, AbiErrorCode::InvalidArgument),
        (LoaderInterface { reserved: 1, ..good }, AbiErrorCode::InvalidArgument),
        (LoaderInterface { name: StringView::EMPTY, ..good }, AbiErrorCode::InvalidArgument),
    ];
    for (loader, code) in cases {
        assert_eq!(add(&runtime, &loader), code.as_u32());
        assert!(!last_error(runtime.host_api()).is_empty());
    }
    assert_eq!(add(&runtime, &good), 0);
    assert_eq!(add(&runtime, &good), AbiErrorCode::DuplicateLoader.as_u32());
}
