//! When scripts give back the instances that they hold: when they close them, when they are collected, when the script
//! ends, and when what they are of is gone.

#[path = "../../polyplug-lua/tests/support/mod.rs"]
mod support;

use std::sync::Arc;

use polyplug::{Guest, Runtime};
use polyplug_abi::AbiErrorCode;
use polyplug_abi::identity::bundle_id;
use polyplug_js::JsLoader;
use polyplug_lua::LuaLoader;

use support::{Bundle, Bundles, Log, builder, guest, text};

/// A bundle that tells the log of each instance, and one in the language that calls it in all ways.
fn set_up(loader: &str) -> (Bundles, Arc<Runtime>, Log, Guest) {
    let bundles = Bundles::new();
    bundles.add(&Bundle {
        name: "counted",
        loader: "lua",
        provides: &["test.Counted@1"],
        depends: &[],
        source: "local polyplug = ... local made = 0
            return { { name = 'counted', contract = 'test.Counted', contract_version = '1.0.0',
              signatures = { '(string)->string' },
              create = function() made = made + 1 polyplug.log('info', 'test', 'made ' .. made) return { n = made } end,
              destroy = function(o) polyplug.log('info', 'test', 'ended ' .. o.n) end,
              functions = { function(o, t) return t .. o.n end } } }",
    });
    let source = if loader == "lua" {
        "local polyplug = ...
         local counted
         local function fresh() return polyplug.guest('test.Counted@1', nil, { '(string)->string' }) end
         local function kept(object, t) counted = counted or fresh() return counted:call(0, t) end
         return { { name = 'user', contract = 'test.User', contract_version = '1.0.0',
           signatures = { '(string)->string', '(string)->string', '(string)->string' },
           functions = { kept,
             function(o, t) local once = fresh() local r = once:call(0, t) once:close() once:close() return r end,
             function(o, t) do fresh():call(0, t) end collectgarbage() collectgarbage() return t end } } }"
    } else {
        "import polyplug from 'polyplug';
         let counted;
         const fresh = () => polyplug.guest('test.Counted@1', undefined, ['(string)->string']);
         export default [{ name: 'user', contract: 'test.User', contract_version: '1.0.0',
           signatures: ['(string)->string', '(string)->string', '(string)->string'],
           functions: [ (o, t) => (counted ??= fresh()).call(0, t),
             (o, t) => { const once = fresh(); const r = once.call(0, t); once.close(); once.close(); return r; },
             (o, t) => { fresh().call(0, t); return t; } ] }];"
    };
    let provides = ["test.User@1"];
    bundles.add(&Bundle { name: "user", loader, provides: &provides, depends: &["test.Counted@1"], source });
    let (builder, log) = builder();
    let runtime =
        builder.plugin_dir(bundles.path()).loader(LuaLoader::new()).loader(JsLoader::new()).build().expect("built");
    let user = guest(&runtime, "test.User@1");
    (bundles, runtime, log, user)
}

#[test]
fn an_instance_is_kept_until_it_is_closed_or_collected() {
    for loader in ["lua", "js"] {
        let (_bundles, _runtime, log, user) = set_up(loader);
        assert_eq!(text(&user, 0, "a").expect("it works"), "a1");
        assert_eq!(text(&user, 0, "b").expect("it works"), "b1");
        assert_eq!(text(&user, 1, "c").expect("it works"), "c2");
        assert!(log.has("ended 2") && !log.has("ended 1"), "{loader}: {:?}", log.all());
        text(&user, 2, "d").expect("it works");
        assert!(log.has("ended 3") && !log.has("ended 1"), "{loader}: {:?}", log.all());
        assert!(!log.has("made 4"));
    }
}

#[test]
fn what_a_script_holds_is_given_back_when_it_ends() {
    for loader in ["lua", "js"] {
        let (_bundles, runtime, log, user) = set_up(loader);
        text(&user, 0, "a").expect("it works");
        drop(user);
        runtime.unload_bundle(bundle_id("user"), false).expect("nobody depends on it");
        assert!(log.has("ended 1"), "{loader}: {:?}", log.all());
        runtime.unload_bundle(bundle_id("counted"), false).expect("nobody holds it");
        assert!(log.has("bundle `counted` has ended"), "{loader}: {:?}", log.all());
    }
}

#[test]
fn after_a_reload_the_next_call_goes_to_a_new_instance_and_the_old_one_ends() {
    for loader in ["lua", "js"] {
        let (_bundles, runtime, log, user) = set_up(loader);
        text(&user, 0, "a").expect("it works");
        runtime.reload_bundle(bundle_id("counted")).expect("it reloads");
        assert!(!log.has("ended 1"));
        assert_eq!(text(&user, 0, "b").expect("it works"), "b1");
        assert!(log.has("ended 1"), "{loader}: {:?}", log.all());
        runtime.unload_bundle(bundle_id("counted"), true).expect("with its user");
        let gone = text(&user, 0, "c").expect_err("it is gone");
        assert_eq!(gone.code, AbiErrorCode::Failed.as_u32());
        assert!(gone.message.contains("test.Counted@1"), "{}", gone.message);
    }
}
