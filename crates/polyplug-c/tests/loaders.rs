//! Which loaders the library has: `native`, and those of the features that it is built with.

#![allow(unsafe_code)] // Calls the library as C does.

use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::path::Path;

use polyplug_abi::identity::{bundle_id, guest_contract_id};
use polyplug_abi::types::StringView;
use polyplug_abi::{AbiErrorCode, GuestContractHandle};
use polyplug_c::{
    RuntimeError, RuntimeOptions, polyplug_runtime_create, polyplug_runtime_destroy, polyplug_runtime_options_init,
};

const LUA: &str = "return { { name = 'one', contract = 'test.One', contract_version = '1.0.0',
    signatures = { 'one()->u32' }, functions = { function() return 1 end } } }";
const JAVASCRIPT: &str = "export default [{ name: 'one', contract: 'test.One', contract_version: '1.0.0',
    signatures: ['one()->u32'], functions: [() => 1] }];";

fn write_bundle(folder: &Path, loader: &str, source: &str) {
    let bundle = folder.join("one");
    std::fs::create_dir(&bundle).unwrap();
    let manifest = format!(
        "name = \"one\"\nid = \"0x{:016x}\"\nversion = \"1.0.0\"\nloader = \"{loader}\"\nfile = \"main\"\n\
         provides = [\"test.One@1\"]\n",
        bundle_id("one")
    );
    std::fs::write(bundle.join("manifest.toml"), manifest).unwrap();
    std::fs::write(bundle.join("main"), source).unwrap();
}

/// Builds a runtime over a folder; gives the code and the words of a failure.
fn built(folder: &Path) -> Result<(), (u32, String)> {
    let view = StringView::new(folder.to_str().unwrap());
    let mut options = MaybeUninit::<RuntimeOptions>::uninit();
    let mut error = MaybeUninit::<RuntimeError>::zeroed();
    // SAFETY: room for both, as C has it; the bundles are scripts, and nothing of the runtime is used after its end.
    unsafe {
        assert_eq!(polyplug_runtime_options_init(options.as_mut_ptr(), size_of::<RuntimeOptions>()), 0);
        (*options.as_mut_ptr()).plugin_folders = &raw const view;
        (*options.as_mut_ptr()).plugin_folder_count = 1;
        let host = polyplug_runtime_create(options.as_ptr(), error.as_mut_ptr());
        if host.is_null() {
            let error = error.assume_init_ref();
            return Err((error.code, CStr::from_ptr(error.message.as_ptr()).to_str().unwrap().to_owned()));
        }
        let mut handle = GuestContractHandle::default();
        assert_eq!(((*host).find_guest_contract)(host, guest_contract_id("test.One", 1), 0, &raw mut handle), 0);
        assert_eq!(polyplug_runtime_destroy(host), 0);
    }
    Ok(())
}

#[test]
fn scripts_are_loaded_if_the_library_was_built_for_them_and_else_told_to_have_no_loader() {
    for (loader, source, is_there) in
        [("lua", LUA, cfg!(feature = "lua")), ("js", JAVASCRIPT, cfg!(feature = "js")), ("cobol", "", false)]
    {
        let folder = tempfile::tempdir().unwrap();
        write_bundle(folder.path(), loader, source);
        match built(folder.path()) {
            Ok(()) => assert!(is_there, "{loader}"),
            Err((code, words)) => {
                assert!(!is_there, "{loader}: {words}");
                assert_eq!(code, AbiErrorCode::LoaderNotFound.as_u32(), "{words}");
                assert!(words.contains(&format!("`{loader}`")) && words.contains("`native`"), "{words}");
            }
        }
    }
}
