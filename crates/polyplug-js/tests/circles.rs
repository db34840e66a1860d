//! Threads that would wait for each other for ever: in a script that loads, in a load that calls this script, in a script
//! that unloads what calls it as it ends.
#![allow(unsafe_code)] // Adds functions of the host.

#[path = "../../polyplug-lua/tests/support/mod.rs"]
mod support;

use std::sync::{Arc, Barrier};

use polyplug::{HostContract, HostFunctions};
use polyplug_abi::types::Version;
use polyplug_js::JsLoader;
use polyplug_lua::{LuaHost, LuaLoader};

use support::{Bundle, Bundles, builder, guest};

const PROVIDE: &str = "local polyplug = ...
    polyplug.provide { contract = 'host.Lua', contract_version = '1.0.0', signatures = { '()' }, functions = { function() end } }
";

#[test]
fn a_script_that_loads_and_a_load_that_calls_the_script_do_not_wait_for_each_other() {
    let bundles = Bundles::new();
    bundles.add(&Bundle {
        name: "caller",
        loader: "lua",
        provides: &[],
        depends: &["host host.Meet@1", "host host.Lua@1"],
        source: "local polyplug = ...
            local lua = polyplug.host('host.Lua@1', nil, { '()' })
            polyplug.host('host.Meet@1', nil, { '()' }):call(0)
            local ok, thrown = pcall(lua.call, lua, 0)
            polyplug.log('info', 'test', ok and 'called' or 'call ' .. thrown.code)
            return {}",
    });
    let other = Bundle { name: "other", loader: "lua", provides: &[], depends: &[], source: "return {}" };
    let other = bundles.add(&other);
    let program = bundles.path().join("program.lua");
    let load = format!(
        "polyplug.log('info', 'test', 'provided')
         polyplug.host('host.Meet@1', nil, {{ '()' }}):call(0)
         local ok, thrown = pcall(polyplug.load_bundle, '{}')
         polyplug.log('info', 'test', ok and 'loaded' or 'load ' .. thrown.code)",
        other.display()
    );
    std::fs::write(&program, format!("{PROVIDE}{load}")).expect("written");

    // Who is there is within its script, or within its load.
    let meet = Arc::new(Barrier::new(2));
    let there = Arc::clone(&meet);
    // SAFETY: it has neither parameters nor a result.
    let functions = unsafe {
        HostFunctions::new().function(move |_, _, _| {
            there.wait();
            0
        })
    };
    let contract = HostContract::new("host.Meet", Version::new(1, 0, 0), functions);
    let (builder, log) = builder();
    let runtime = builder.loader(LuaLoader::new()).host_contract(contract).build().expect("a runtime");
    let host = LuaHost::new(&runtime).expect("a host");
    std::thread::scope(|scope| {
        let script = scope.spawn(|| host.run(&program));
        while !log.has("provided") {
            std::thread::yield_now();
        }
        runtime.load_bundle(&bundles.path().join("caller")).expect("it is loaded in any case");
        script.join().expect("no panic").expect("it catches what goes wrong");
    });
    let refused = [log.has("load 30"), log.has("call 30")];
    assert!(refused.contains(&true), "one of both is told: {:?}", log.all());
    assert_eq!([log.has("loaded") && !refused[0], log.has("called")], [!refused[0], !refused[1]], "{:?}", log.all());
}

#[test]
fn a_script_that_unloads_what_calls_it_as_it_ends_does_not_wait_for_that() {
    let bundles = Bundles::new();
    bundles.add(&Bundle {
        name: "ends",
        loader: "js",
        provides: &["test.Ends@1"],
        depends: &["host host.Lua@1"],
        source: "import polyplug from 'polyplug';
            const lua = polyplug.host('host.Lua@1', undefined, ['()']);
            export default [{ name: 'a', contract: 'test.Ends', contract_version: '1.0.0', singleton: true,
              signatures: [], functions: [],
              destroy: () => {
                try { lua.call(0); polyplug.log('info', 'test', 'called'); }
                catch (error) { polyplug.log('info', 'test', `call ${error.code}`); }
              } }];",
    });
    let (first, second) = (bundles.path().join("first.lua"), bundles.path().join("second.lua"));
    std::fs::write(&first, PROVIDE).expect("written");
    std::fs::write(&second, "local polyplug = require 'polyplug' polyplug.unload_bundle('ends', false)")
        .expect("written");
    let (builder, log) = builder();
    // Longer than anybody waits for a test.
    let builder = builder.loader(LuaLoader::new()).loader(JsLoader::new()).teardown_timeout_ms(u32::MAX);
    let runtime = builder.build().expect("a runtime");
    let host = LuaHost::new(&runtime).expect("a host");
    host.run(&first).expect("it provides");
    runtime.load_bundle(&bundles.path().join("ends")).expect("it is loaded");
    drop(guest(&runtime, "test.Ends@1"));

    host.run(&second).expect("it unloads");

    drop(host);
    drop(runtime);
    assert!(log.has("call 30") || log.has("called"), "{:?}", log.all());
}
