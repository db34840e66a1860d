//! Scripts that are loaded, reloaded and unloaded again and again leave nothing behind: no memory, no open file.
#![cfg(target_os = "linux")] // Where the numbers are in /proc.

#[path = "../../polyplug-lua/tests/support/mod.rs"]
mod support;

use std::sync::Arc;

use polyplug::Runtime;
use polyplug_abi::identity::bundle_id;
use polyplug_js::{Fault, JsHost, JsLoader};
use polyplug_lua::{LuaHost, LuaLoader};

use support::{Bundle, Bundles, guest, text};

const LUA: &str = "local polyplug = ... local data = ('x'):rep(100000)
    local log = polyplug.host('host.Echo@1', nil, { '(string)->string' })
    return { { name = 'a', contract = 'soak.lua', contract_version = '1.0.0', signatures = { '(string)->string' },
      create = function() return { text = '' } end, destroy = function(o) o.text = nil end,
      functions = { function(o, t) o.text = o.text .. t return log:call(0, o.text) end } } }";
const JS: &str =
    "import polyplug from 'polyplug'; const data = 'x'.repeat(100000); const loop = { data }; loop.self = loop;
    const log = polyplug.host('host.Echo@1', undefined, ['(string)->string']);
    export default [{ name: 'a', contract: 'soak.js', contract_version: '1.0.0', signatures: ['(string)->string'],
      create: () => ({ text: '' }), destroy: (o) => { o.text = null; },
      functions: [(o, t) => log.call(0, o.text += t)] }];";

/// Resident memory in KiB, open files, and mappings.
fn usage() -> (u64, usize, usize) {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a line");
    let resident = line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number");
    let files = std::fs::read_dir("/proc/self/fd").expect("Linux").count();
    let maps = std::fs::read_to_string("/proc/self/maps").expect("Linux").lines().count();
    (resident, files, maps)
}

fn work(runtime: &Arc<Runtime>, language: &str, times: usize, mut each: impl FnMut(&Arc<Runtime>)) {
    for _ in 0..times {
        each(runtime);
        let guest = guest(runtime, &format!("soak.{language}@1"));
        assert_eq!(text(&guest, 0, "a").expect("it works"), "a");
    }
}

fn soak(reloads: usize, loads: usize) {
    for language in ["lua", "js"] {
        let bundles = Bundles::new();
        let source = if language == "lua" { LUA } else { JS };
        let provides = format!("soak.{language}@1");
        let depends = ["host host.Echo@1"];
        let bundle = Bundle { name: "soak", loader: language, provides: &[&provides], depends: &depends, source };
        let folder = bundles.add(&bundle);
        let runtime = Runtime::builder()
            .hot_reload(true)
            .loader(LuaLoader::new())
            .loader(JsLoader::new())
            .build()
            .expect("a runtime");
        let host = provide_echo(&runtime, &bundles, language).expect("a host program");
        runtime.load_bundle(&folder).expect("it loads");
        let id = bundle_id("soak");
        let reload = |runtime: &Arc<Runtime>| runtime.reload_bundle(id).expect("it reloads");
        let again = |runtime: &Arc<Runtime>| {
            runtime.unload_bundle(id, false).expect("it unloads");
            runtime.load_bundle(&folder).expect("it loads");
        };
        work(&runtime, language, reloads / 4, reload);
        work(&runtime, language, loads / 4, again);
        let before = usage();
        work(&runtime, language, reloads, reload);
        work(&runtime, language, loads, again);
        let after = usage();
        eprintln!("{language}: {before:?} before, {after:?} after {reloads} reloads and {loads} loads");
        assert!(after.0 < before.0 + 4_096, "{language}: {before:?} → {after:?}");
        assert!(after.1 <= before.1, "{language}: {before:?} → {after:?}");
        // An allocator may keep an arena or two.
        assert!(after.2 <= before.2 + 8, "{language}: {before:?} → {after:?}");
        drop(host);
    }
}

/// A host program in the other language.
fn provide_echo(runtime: &Arc<Runtime>, bundles: &Bundles, language: &str) -> Result<Box<dyn std::any::Any>, Fault> {
    if language == "js" {
        let path = bundles.path().join("host.lua");
        let source = "require 'polyplug'.provide { contract = 'host.Echo', contract_version = '1.0.0',
            signatures = { '(string)->string' }, functions = { function(o, t) return t end } }";
        std::fs::write(&path, source).expect("written");
        let host = LuaHost::new(runtime)?;
        host.run(&path)?;
        return Ok(Box::new(host));
    }
    let path = bundles.path().join("host.js");
    let source = "import polyplug from 'polyplug'; polyplug.provide({ contract: 'host.Echo',
        contract_version: '1.0.0', signatures: ['(string)->string'], functions: [(o, t) => t] });";
    std::fs::write(&path, source).expect("written");
    let host = JsHost::new(runtime)?;
    host.run(&path)?;
    Ok(Box::new(host))
}

#[test]
fn some_reloads_and_loads_leave_nothing_behind() {
    soak(40, 40);
}

#[test]
#[ignore = "takes a minute or two"]
fn a_thousand_reloads_and_ten_thousand_loads_leave_nothing_behind() {
    soak(1_000, 10_000);
}
