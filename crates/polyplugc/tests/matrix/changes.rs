//! Callers follow what is reloaded and unloaded, and never under a call that is under way.

use std::cell::Cell;
use std::ffi::{CStr, c_char, c_void};
use std::path::Path;
use std::sync::Arc;

use polyplug::Runtime;
use polyplug_abi::{AbiErrorCode, HostApi};
use polyplug_lua::LuaLoader;

use crate::built::built;
use crate::host::{EchoCaller, Host};
use crate::rust_host;

/// A runtime with the plugin `echo` in Lua, and how to change what is loaded: with the first change its `shout` asks
/// instead, with the second it is gone.
struct Changing {
    runtime: Arc<Runtime>,
    folder: tempfile::TempDir,
    bundle: u64,
    changes: Cell<u32>,
}

impl Changing {
    fn new(prepare: impl FnOnce(&Arc<Runtime>)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        built().copy_of_echo("lua", folder.path());
        let runtime = Runtime::builder().loader(LuaLoader::new()).hot_reload(true).build().unwrap();
        prepare(&runtime);
        let bundle = runtime.load_bundle(folder.path()).unwrap();
        Self { runtime, folder, bundle, changes: Cell::new(0) }
    }

    fn change(&self) {
        self.changes.set(self.changes.get() + 1);
        if self.changes.get() > 1 {
            return self.runtime.unload_bundle(self.bundle, false).unwrap();
        }
        let file = self.folder.path().join("echo.lua");
        let text = std::fs::read_to_string(&file).unwrap();
        let changed = text.replace("text .. \"!\"", "text .. \"?\"");
        assert_ne!(text, changed);
        std::fs::write(&file, changed).unwrap();
        self.runtime.reload_bundle(self.bundle).unwrap();
    }
}

fn with_a_desk_in_rust() -> Changing {
    Changing::new(|runtime| drop(rust_host::prepare(runtime)))
}

#[test]
fn a_caller_in_rust_calls_the_new_code_after_a_reload_and_fails_after_an_unload() {
    let changing = with_a_desk_in_rust();
    let echo: EchoCaller<'_> = Host::from(&changing.runtime).open().unwrap();
    assert_eq!(echo.shout("a").unwrap(), "a!");
    changing.change();
    assert_eq!(echo.shout("a").unwrap(), "a?");
    changing.change();
    let error = echo.shout("a").unwrap_err();
    assert_eq!(error.abi_code(), Some(AbiErrorCode::NotFound), "{error}");
    assert!(error.message().contains(&contract()), "{error}");
    // It holds nothing any more: the bundle can come back, and is found.
    changing.runtime.load_bundle(changing.folder.path()).unwrap();
    assert_eq!(echo.shout("a").unwrap(), "a?");
}

#[test]
fn a_caller_keeps_its_instance_when_something_else_is_loaded() {
    let changing = with_a_desk_in_rust();
    let echo: EchoCaller<'_> = Host::from(&changing.runtime).open().unwrap();
    echo.nothing().unwrap();
    let other = tempfile::tempdir().unwrap();
    let (_, relay) = built().relays.iter().find(|(name, _)| *name == "lua").unwrap();
    for entry in std::fs::read_dir(relay).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), other.path().join(entry.file_name())).unwrap();
    }
    let before = changing.runtime.revision();
    changing.runtime.load_bundle(other.path()).unwrap();
    assert_ne!(changing.runtime.revision(), before);
    let instance = || {
        let shown = format!("{echo:?}");
        shown[shown.find("instance").unwrap()..shown.find("revision").unwrap()].to_owned()
    };
    let first = instance();
    echo.nothing().unwrap();
    assert_eq!(instance(), first);
}

/// What the runtime calls a contract that is not there.
fn contract() -> String {
    format!("{:#018x}", polyplug_abi::identity::guest_contract_id("test.Echo", 1))
}

unsafe extern "C" fn change(data: *mut c_void) {
    // SAFETY: `follow` gives back what it got, during its call.
    unsafe { &*data.cast::<Changing>() }.change();
}

type Follow = unsafe extern "C" fn(*const HostApi, unsafe extern "C" fn(*mut c_void), *mut c_void, *mut c_char, usize);

fn follow(library: &Path) -> String {
    // SAFETY: a library of this test, which does nothing when it is opened; its functions have these types.
    let library = unsafe { libloading::Library::new(library) }.unwrap();
    // SAFETY: as above.
    let (prepare, follow) = unsafe {
        let prepare = library.get::<unsafe extern "C" fn(*const HostApi) -> u32>("prepare").unwrap();
        (prepare, library.get::<Follow>("follow").unwrap())
    };
    // SAFETY: the runtime is there for the call.
    let changing = Changing::new(|runtime| assert_eq!(unsafe { prepare(runtime.host_api()) }, 0));
    let mut said = [0_u8; 512];
    let host = changing.runtime.host_api();
    // SAFETY: the runtime and the data are there for the call; there is room for as many bytes.
    unsafe { follow(host, change, (&raw const changing).cast_mut().cast(), said.as_mut_ptr().cast(), said.len()) };
    CStr::from_bytes_until_nul(&said).unwrap().to_string_lossy().into_owned()
}

#[test]
fn a_call_from_inside_a_call_goes_to_the_same_instance_whatever_is_reloaded() {
    for compiler in ["gcc", "clang"] {
        let said = follow(&built().host(compiler));
        assert!(said.starts_with("0 0a! 0 0a! 0a? 4 "), "{compiler}: {said}");
        assert!(said.contains(&contract()), "{compiler}: {said}");
    }
}
