//! `lua`, `js`: calls of a function that does nothing, through a contract and by the library of the language itself.

use std::path::Path;
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};

use polyplug::RuntimeBuilder;
use polyplug::loader::BundleLoader;
use polyplug_abi::identity::guest_contract_id;
use polyplug_abi::{CallArena, GuestContractHandle, GuestInstance};
use polyplug_js::JsLoader;
use polyplug_lua::LuaLoader;

pub(crate) fn lua_through_contract(count: u64, folder: &Path) -> u64 {
    through_contract(count, &folder.join("lua"), LuaLoader::new(), "bench.Lua")
}

pub(crate) fn js_through_contract(count: u64, folder: &Path) -> u64 {
    through_contract(count, &folder.join("js"), JsLoader::new(), "bench.Js")
}

fn through_contract(count: u64, bundle: &Path, loader: impl BundleLoader + 'static, contract: &str) -> u64 {
    let runtime = RuntimeBuilder::new().loader(loader).build().unwrap();
    runtime.load_bundle(bundle).unwrap();
    let host = runtime.host_api();
    // SAFETY: the runtime's own table, and places to write to.
    unsafe {
        let (mut handle, mut guest) = (GuestContractHandle::default(), std::mem::zeroed::<GuestInstance>());
        assert_eq!(((*host).find_guest_contract)(host, guest_contract_id(contract, 1), 0, &raw mut handle), 0);
        assert_eq!(((*host).create_guest_instance)(host, handle, &raw mut guest), 0);
        let revision = AtomicU64::from_ptr(((*host).revision_counter)(host).cast_mut());
        let known = revision.load(Ordering::Acquire);
        let mut arena = CallArena::NONE;
        let interface = &*guest.interface;
        for _ in 0..count {
            assert_eq!(revision.load(Ordering::Acquire), known);
            let call = interface.call.unwrap();
            let code = call(interface.context, 0, guest.instance, ptr::null(), ptr::null_mut(), &raw mut arena);
            assert_eq!(code, 0);
        }
        assert_eq!(((*host).destroy_guest_instance)(host, &raw const guest), 0);
    }
    count
}

pub(crate) fn lua_directly(count: u64) -> u64 {
    let lua = mlua::Lua::new();
    let function: mlua::Function = lua.load("return function() end").eval().unwrap();
    for _ in 0..count {
        function.call::<()>(()).unwrap();
    }
    count
}

pub(crate) fn js_directly(count: u64) -> u64 {
    let runtime = rquickjs::Runtime::new().unwrap();
    let context = rquickjs::Context::full(&runtime).unwrap();
    context.with(|context| {
        let function: rquickjs::Function<'_> = context.eval("() => {}").unwrap();
        for _ in 0..count {
            function.call::<_, ()>(()).unwrap();
        }
    });
    count
}
