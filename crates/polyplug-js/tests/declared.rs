//! Scripts that declare a contract otherwise than the script that provides it: they could make it read whatever memory they
//! like.

#[path = "../../polyplug-lua/tests/support/mod.rs"]
mod support;

use polyplug_js::JsLoader;
use polyplug_lua::LuaLoader;

use support::{Bundle, Bundles, builder, guest, text};

#[test]
fn a_script_that_declares_a_contract_otherwise_than_its_provider_is_refused() {
    let bundles = Bundles::new();
    bundles.add(&Bundle {
        name: "provider",
        loader: "js",
        provides: &["test.Length@1"],
        depends: &[],
        source: "export default [{ name: 'a', contract: 'test.Length', contract_version: '1.0.0',
            signatures: ['length(text:string)->u32'], functions: [(object, text) => text.length] }];",
    });
    let caller = |name, provides, signature: &str, argument: &str| {
        let source = format!(
            "local polyplug = ...
             local length = polyplug.guest('test.Length@1', nil, {{ '{signature}' }})
             return {{ {{ name = 'a', contract = '{name}', contract_version = '1.0.0', signatures = {{ '(string)->string' }},
               functions = {{ function(o, t) return tostring(length:call(0, {argument})) end }} }} }}"
        );
        bundles.add(&Bundle { name, loader: "lua", provides, depends: &["test.Length@1"], source: &source });
    };
    caller("test.Honest", &["test.Honest@1"], "(string)->u32", "t");
    caller("test.Liar", &["test.Liar@1"], "({at:u64,len:u64})->u32", "{ at = 4096, len = 16 }");
    let (builder, _log) = builder();
    let builder = builder.plugin_dir(bundles.path()).loader(LuaLoader::new()).loader(JsLoader::new());
    let runtime = builder.build().expect("a runtime");

    assert_eq!(text(&guest(&runtime, "test.Honest@1"), 0, "four").expect("it works"), "4");
    let refused = text(&guest(&runtime, "test.Liar@1"), 0, "").expect_err("it lies").message;
    assert!(refused.contains("declared as `({at:u64,len:u64})->u32`"), "{refused}");
    assert!(refused.contains("provided as `length(text:string)->u32`"), "{refused}");
}
