//! Bundles in JavaScript, loaded and called by a runtime.

#[path = "../../polyplug-lua/tests/support/mod.rs"]
mod support;

use std::sync::Arc;
use std::time::Duration;

use polyplug::Runtime;
use polyplug_abi::AbiErrorCode;
use polyplug_abi::identity::bundle_id;
use polyplug_js::{JsLoader, Limits};

use support::{Bundle, Bundles, Log, builder, call, guest, text};

/// A bundle with one contract `test.One@1`: `signatures` and `functions` of it, and what comes before.
fn one(before: &str, signatures: &str, functions: &str) -> String {
    format!(
        "import polyplug from 'polyplug';\n{before}\nexport default [{{ name: 'one', contract: 'test.One',\n\
         contract_version: '1.0.0', signatures: [{signatures}], functions: [{functions}] }}];\n"
    )
}

fn limits() -> Limits {
    Limits { memory: Some(16 << 20), load_time: None, call_time: None }
}

fn loaded(source: &str) -> (Bundles, Arc<Runtime>, Log) {
    let bundles = Bundles::new();
    bundles.add(&Bundle { name: "one", loader: "js", provides: &["test.One@1"], depends: &[], source });
    let (builder, log) = builder();
    let runtime = builder.loader(JsLoader::with_limits(limits())).build().expect("a runtime");
    runtime.load_bundle(&bundles.path().join("one")).expect("it loads");
    (bundles, runtime, log)
}

fn refused(source: &str, load_time: Duration) -> String {
    let bundles = Bundles::new();
    bundles.add(&Bundle { name: "one", loader: "js", provides: &["test.One@1"], depends: &[], source });
    let (builder, _) = builder();
    let runtime = builder
        .loader(JsLoader::with_limits(Limits { load_time: Some(load_time), ..limits() }))
        .build()
        .expect("a runtime");
    let error = runtime.load_bundle(&bundles.path().join("one")).expect_err("it does not load");
    assert!(runtime.bundles().is_empty());
    error.to_string()
}

#[test]
fn the_example_of_the_description_is_loaded_and_called() {
    let bundles = Bundles::new();
    bundles.add(&Bundle {
        name: "casing",
        loader: "js",
        provides: &["text.Case@1.1"],
        depends: &[],
        source: "export default [{ name: 'casing', contract: 'text.Case', contract_version: '1.1.0',
            signatures: ['upper(text:string)->string'], functions: [(object, text) => text.toUpperCase()] }];",
    });
    bundles.add(&Bundle {
        name: "greeter",
        loader: "js",
        provides: &["text.Greeter@1.2"],
        depends: &["text.Case@1"],
        source: r#"
            import polyplug from "polyplug";
            const cased = polyplug.guest("text.Case@1", "1.1", ["upper(text:string)->string"]);
            export default [{
                name: "greeter", version: "1.0.0", contract: "text.Greeter", contract_version: "1.2.0",
                singleton: false, signatures: ["greet(name:string)->string"],
                create: (polyplug) => ({ count: 0 }),
                destroy: (object) => { polyplug.log("info", "test", `ended after ${object.count}`); },
                functions: [(object, name) => cased.call(0, "hello " + name) + ++object.count],
            }];"#,
    });
    let (builder, log) = builder();
    let runtime = builder.plugin_dir(bundles.path()).loader(JsLoader::new()).build().expect("a runtime");
    let greeter = guest(&runtime, "text.Greeter@1");
    assert_eq!(text(&greeter, 0, "world").expect("it greets"), "HELLO WORLD1");
    assert_eq!(text(&greeter, 0, "again").expect("it greets"), "HELLO AGAIN2");
    let other = guest(&runtime, "text.Greeter@1");
    assert_eq!(text(&other, 0, "x").expect("it greets"), "HELLO X1");
    drop(greeter);
    assert!(log.has("Info test: ended after 2"), "{:?}", log.all());
}

#[test]
fn numbers_structs_arrays_and_bytes_go_both_ways() {
    #[repr(C)]
    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Inner {
        a: i16,
        b: i64,
    }
    #[repr(C)]
    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Whole {
        small: u8,
        large: u64,
        real: f32,
        flag: u8,
        inner: Inner,
    }
    let kind = "{small:u8,large:u64,real:f32,flag:bool,inner:{a:i16,b:i64}}";
    let (_bundles, runtime, _) = loaded(&one(
        "",
        &format!(
            "'echo(all:{kind})->{kind}', 'sum(numbers:[i32])->i64', 'reverse(data:bytes)->bytes', 'f(a:u32,b:u32,c:u32,d:u32,e:u32,f:u32,g:u32,h:u32,i:u32,j:u32)->f64'"
        ),
        "(o, all) => all, (o, numbers) => numbers.reduce((sum, n) => sum + n, 0), (o, data) => data.reverse(),
         (o, ...all) => all.reduce((sum, n) => sum + n, 0)",
    ));
    let guest = guest(&runtime, "test.One@1");
    let whole = Whole { small: 255, large: u64::MAX, real: 1.5, flag: 1, inner: Inner { a: -1, b: i64::MIN } };
    let zero = Whole { small: 0, large: 0, real: 0.0, flag: 0, inner: Inner { a: 0, b: 0 } };
    assert_eq!(call(&guest, 0, &whole, zero).expect("it echoes"), whole);
    let numbers = [1_i32, -2, 30];
    let view = polyplug_abi::types::ArrayView { items: numbers.as_ptr().cast(), len: 3 };
    assert_eq!(call(&guest, 1, &view, 0_i64).expect("it adds"), 29);
    assert_eq!(text(&guest, 2, "abc").expect("it turns"), "cba");
    assert_eq!(text(&guest, 2, "").expect("it turns"), "");
    assert_eq!(call(&guest, 3, &[u32::MAX; 10], 0.0_f64).expect("it adds"), 42_949_672_950.0);
}

#[test]
fn an_exception_has_its_text_its_place_and_its_stack() {
    let (_bundles, runtime, _) = loaded(&one(
        "function deep() { throw new TypeError('so it is'); }",
        "'fail(text:string)->string', 'own(text:string)->string', 'low(text:string)->string', 'word(text:string)->string'",
        "(o, t) => deep(), (o, t) => { throw { code: 300, message: 'mine: ' + t }; },
         (o, t) => { throw Object.assign(new Error('no code of a plugin'), { code: 5 }); }, (o, t) => { throw 'bare'; }",
    ));
    let guest = guest(&runtime, "test.One@1");
    let failed = text(&guest, 0, "x").expect_err("it fails");
    assert_eq!(failed.code, AbiErrorCode::Failed.as_u32());
    for words in ["test.One, function 0 `fail`", "TypeError: so it is", "at deep (main.js:2:"] {
        assert!(failed.message.contains(words), "{words}: {}", failed.message);
    }
    let own = text(&guest, 1, "x").expect_err("it fails");
    assert_eq!((own.code, own.message.as_str()), (300, "mine: x"));
    assert_eq!(text(&guest, 2, "x").expect_err("it fails").code, AbiErrorCode::Failed.as_u32());
    assert!(text(&guest, 3, "x").expect_err("it fails").message.ends_with("bare"));
}

#[test]
fn a_value_that_does_not_fit_is_told_with_function_and_place() {
    let (_bundles, runtime, _) = loaded(&one(
        "",
        "'pair(text:string)->{a:u8,b:string}', 'flag(on:bool)', 'big(text:string)->u64', 'half(text:string)->string'",
        "(o, t) => ({ a: 256, b: t }), (o, on) => {}, (o, t) => 2n ** 64n, (o, t) => '\\ud800'",
    ));
    let guest = guest(&runtime, "test.One@1");
    let failed = text(&guest, 0, "x").expect_err("it does not fit");
    assert_eq!(failed.code, AbiErrorCode::InvalidArgument.as_u32());
    assert_eq!(failed.message, "test.One, function 0 `pair`: what it returned.a: 256 is no u8; it may be 0 to 255");
    let failed = call(&guest, 1, &2_u8, ()).expect_err("no bool");
    assert_eq!(failed.message, "test.One, function 1 `flag`: parameter `on`: a bool is 2; it may be 0 or 1");
    let failed = text(&guest, 2, "x").expect_err("too large");
    assert!(failed.message.contains("18446744073709551616 is no u64"), "{}", failed.message);
    assert_eq!(text(&guest, 3, "x").expect_err("half a character").code, AbiErrorCode::InvalidUtf8.as_u32());
}

#[test]
fn scripts_that_cannot_be_loaded_are_refused_with_the_reason() {
    for (source, words) in [
        ("export default [", "main.js:1:"),
        ("\n\nlet x = = 1", "main.js:3"),
        ("throw new Error('no')", "Error: no"),
        ("export const x = 1", "undefined where a list of plugins should be"),
        ("export default 5", "number where a list of plugins should be"),
        ("export default [{}]", "plugin 1: `name` is missing"),
        ("export default [{ name: 'a', contrakt: 'x' }]", "the key `contrakt` is none of name, version, contract"),
        (&one("", "'(u33)'", "() => {}"), "column 2: `u33` is no type"),
        (&one("", "'()'", ""), "0 functions, but 1 signatures"),
        (&one("", "'()'", "5"), "function 0 is no function"),
        ("while (true) {}", "longer than its limit"),
        ("while (true) { try { while (true) {} } catch {} }", "longer than its limit"),
        (
            "const again = () => { Promise.resolve().then(again); }; again(); await new Promise(() => {})",
            "longer than its limit",
        ),
        ("export default [{ get name() { while (true) {} } }]", "longer than its limit"),
        ("await new Promise(() => {})", "does not settle"),
        ("const t = []; while (true) t.push('x'.repeat(1 << 20) + t.length)", "no memory left"),
        ("const f = () => 1 + f(); f()", "stack"),
        ("import p from 'polyplug'; p.guest('x.Y@1', null, [])", "x.Y@1"),
        ("import './nothing.js'", "there is no such file in the script's folder"),
        ("import '../other/main.js'", "this is not in the script's folder"),
        ("import 'fs'", "imports are \\\"polyplug\\\" and files"),
        ("std.exit(1)", "std is not defined"),
    ] {
        // Only what never ends is to wait for its limit.
        let endless = words.contains("longer than its limit");
        let message = refused(source, Duration::from_millis(if endless { 200 } else { 600_000 }));
        assert!(message.contains(words) || message.replace('"', "\\\"").contains(words), "{source:?}: {message}");
    }
}

#[test]
fn files_of_its_own_folder_are_imported_once_and_the_console_is_the_log() {
    let bundles = Bundles::new();
    let source = one(
        "import { n } from './deep/a.js'; import b from './deep/../deep/b.js';
         if (n !== 1 || b !== 2) throw new Error('not once'); console.log('said', { a: 1 }, null);
         if (typeof globalThis.os !== 'undefined') throw new Error('os'); if (polyplug.bundle.name !== 'one') throw 1;",
        "'()'",
        "() => {}",
    );
    let folder =
        bundles.add(&Bundle { name: "one", loader: "js", provides: &["test.One@1"], depends: &[], source: &source });
    std::fs::create_dir(folder.join("deep")).expect("made");
    std::fs::write(folder.join("deep/a.js"), "globalThis.c = (globalThis.c ?? 0) + 1; export const n = c;").expect("a");
    std::fs::write(folder.join("deep/b.js"), "import { n } from './a.js'; export default n + 1;").expect("written");
    let (builder, log) = builder();
    let runtime = builder.loader(JsLoader::new()).build().expect("a runtime");
    runtime.load_bundle(&folder).expect("it loads");
    assert!(log.has("Info console: said {\"a\":1} null"), "{:?}", log.all());
}

#[test]
fn a_promise_that_settles_is_its_value() {
    let (_bundles, runtime, _) = loaded(&one(
        "const later = (x) => Promise.resolve(x);",
        "'slow(text:string)->string', 'bad(text:string)->string', 'never(text:string)->string'",
        "async (o, t) => (await later(t)) + '!', async (o, t) => { await later(t); throw { code: 301, message: 'late' }; },
         (o, t) => new Promise(() => {})",
    ));
    let guest = guest(&runtime, "test.One@1");
    assert_eq!(text(&guest, 0, "x").expect("it settles"), "x!");
    let failed = text(&guest, 1, "x").expect_err("rejected");
    assert_eq!((failed.code, failed.message.as_str()), (301, "late"));
    assert!(text(&guest, 2, "x").expect_err("never").message.contains("does not settle"));
}

#[test]
fn a_call_has_its_limit_of_time_if_it_is_asked_for() {
    let bundles = Bundles::new();
    let source = one("", "'wait(forever:bool)'", "(o, on) => { while (on) {} }");
    bundles.add(&Bundle { name: "one", loader: "js", provides: &["test.One@1"], depends: &[], source: &source });
    let limits = Limits { call_time: Some(Duration::from_millis(50)), ..Limits::default() };
    let (builder, _) = builder();
    let runtime = builder.plugin_dir(bundles.path()).loader(JsLoader::with_limits(limits)).build().expect("built");
    let guest = guest(&runtime, "test.One@1");
    for _ in 0..2 {
        assert_eq!(call(&guest, 0, &1_u8, ()).expect_err("forever").code, AbiErrorCode::TimedOut.as_u32());
        call(&guest, 0, &0_u8, ()).expect("it does not wait");
    }
}

#[test]
fn reloading_swaps_the_code_and_callers_find_it() {
    let bundles = Bundles::new();
    let of = |word: &str| one("", "'say(text:string)->string'", &format!("(o, t) => '{word} ' + t"));
    let add = |source: &str| {
        bundles.add(&Bundle { name: "one", loader: "js", provides: &["test.One@1"], depends: &[], source })
    };
    add(&of("old"));
    bundles.add(&Bundle {
        name: "two",
        loader: "js",
        provides: &["test.Two@1"],
        depends: &["test.One@1"],
        source: "import polyplug from 'polyplug';
            const one = polyplug.guest('test.One@1', undefined, ['(string)->string']);
            export default [{ name: 'two', contract: 'test.Two', contract_version: '1.0.0',
            signatures: ['(string)->string'], functions: [(o, t) => one.call(0, t)] }];",
    });
    let (builder, _) = builder();
    let runtime = builder.plugin_dir(bundles.path()).loader(JsLoader::new()).build().expect("a runtime");
    let (held, caller) = (guest(&runtime, "test.One@1"), guest(&runtime, "test.Two@1"));
    assert_eq!(text(&caller, 0, "x").expect("old"), "old x");
    add(&of("new"));
    runtime.reload_bundle(bundle_id("one")).expect("it reloads");
    assert_eq!(text(&held, 0, "x").expect("old"), "old x");
    assert_eq!(text(&caller, 0, "x").expect("new"), "new x");
    add("throw new Error('broken')");
    runtime.reload_bundle(bundle_id("one")).expect_err("it does not");
    assert_eq!(text(&caller, 0, "x").expect("new"), "new x");
    drop(held);
    runtime.unload_bundle(bundle_id("one"), false).expect_err("two depends on it");
    runtime.unload_bundle(bundle_id("one"), true).expect("with two");
    assert!(runtime.bundles().is_empty());
}
