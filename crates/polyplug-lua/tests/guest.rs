//! Bundles in Lua, loaded and called by a runtime.

mod support;

use polyplug::Runtime;
use polyplug_abi::AbiErrorCode;
use polyplug_abi::identity::bundle_id;
use polyplug_lua::{Limits, LuaLoader};
use std::sync::Arc;
use std::time::Duration;

use support::{Bundle, Bundles, Log, builder, call, guest, text};

/// A bundle with one contract `test.One@1`: `signatures` and `functions` of it, and what comes before.
fn one(before: &str, signatures: &str, functions: &str) -> String {
    format!(
        "local polyplug = ...\n{before}\nreturn {{ {{ name = 'one', contract = 'test.One', contract_version = '1.0.0',\n\
         signatures = {{ {signatures} }}, functions = {{ {functions} }} }} }}\n"
    )
}

fn loaded(source: &str) -> (Bundles, Arc<Runtime>, Log) {
    let bundles = Bundles::new();
    bundles.add(&Bundle { name: "one", loader: "lua", provides: &["test.One@1"], depends: &[], source });
    let (builder, log) = builder();
    let limits = Limits { memory: Some(256 << 20), load_time: None, call_time: None };
    let runtime = builder.loader(LuaLoader::with_limits(limits)).build().expect("a runtime");
    runtime.load_bundle(&bundles.path().join("one")).expect("it loads");
    (bundles, runtime, log)
}

fn refused(source: &str, load_time: Duration) -> String {
    let bundles = Bundles::new();
    bundles.add(&Bundle { name: "one", loader: "lua", provides: &["test.One@1"], depends: &[], source });
    let (builder, _) = builder();
    let limits = Limits { memory: Some(256 << 20), load_time: Some(load_time), call_time: None };
    let runtime = builder.loader(LuaLoader::with_limits(limits)).build().expect("a runtime");
    let error = runtime.load_bundle(&bundles.path().join("one")).expect_err("it does not load");
    assert!(runtime.bundles().is_empty());
    error.to_string()
}

#[test]
fn the_example_of_the_description_is_loaded_and_called() {
    let bundles = Bundles::new();
    bundles.add(&Bundle {
        name: "casing",
        loader: "lua",
        provides: &["text.Case@1.1"],
        depends: &[],
        source: "return { { name = 'casing', contract = 'text.Case', contract_version = '1.1.0',
            signatures = { 'upper(text:string)->string' },
            functions = { function(object, text) return text:upper() end } } }",
    });
    bundles.add(&Bundle {
        name: "greeter",
        loader: "lua",
        provides: &["text.Greeter@1.2"],
        depends: &["text.Case@1"],
        source: r#"
            local polyplug = require "polyplug"
            local case = polyplug.guest("text.Case@1", "1.1", { "upper(text:string)->string" })
            return { {
                name = "greeter", version = "1.0.0", contract = "text.Greeter", contract_version = "1.2.0",
                singleton = false, signatures = { "greet(name:string)->string" },
                create = function(polyplug) return { count = 0 } end,
                destroy = function(object) polyplug.log("info", "test", "ended after " .. object.count) end,
                functions = { function(object, name)
                    object.count = object.count + 1
                    return case:call(0, "hello " .. name) .. object.count
                end },
            } }"#,
    });
    let (builder, log) = builder();
    let runtime = builder.plugin_dir(bundles.path()).loader(LuaLoader::new()).build().expect("a runtime");
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
        &format!("'echo(all:{kind})->{kind}', 'sum(numbers:[i32])->i64', 'reverse(data:string)->string'"),
        "function(o, all) return all end,
         function(o, numbers) local sum = 0 for _, n in ipairs(numbers) do sum = sum + n end return sum end,
         function(o, data) return data:reverse() end",
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
}

#[test]
fn an_error_has_its_text_its_place_and_its_traceback() {
    let (_bundles, runtime, _) = loaded(&one(
        "local function deep() error('so it is') end",
        "'fail(text:string)->string', 'own(text:string)->string', 'low(text:string)->string'",
        "function(o, t) deep() return '' end,
         function(o, t) error({ code = 300, message = 'mine: ' .. t }) end,
         function(o, t) error({ code = 5, message = 'no code of a plugin' }) end",
    ));
    let guest = guest(&runtime, "test.One@1");
    let failed = text(&guest, 0, "x").expect_err("it fails");
    assert_eq!(failed.code, AbiErrorCode::Failed.as_u32());
    for words in ["test.One, function 0 `fail`", "main.lua:2: so it is", "stack traceback", "in upvalue 'deep'"] {
        assert!(failed.message.contains(words), "{words}: {}", failed.message);
    }
    let own = text(&guest, 1, "x").expect_err("it fails");
    assert_eq!((own.code, own.message.as_str()), (300, "mine: x"));
    assert_eq!(text(&guest, 2, "x").expect_err("it fails").code, AbiErrorCode::Failed.as_u32());
}

#[test]
fn a_value_that_does_not_fit_is_told_with_function_and_place() {
    let (_bundles, runtime, _) = loaded(&one(
        "",
        "'pair(text:string)->{a:u8,b:string}', 'flag(on:bool)'",
        "function(o, t) return { a = 256, b = t } end, function(o, on) end",
    ));
    let guest = guest(&runtime, "test.One@1");
    let failed = text(&guest, 0, "x").expect_err("it does not fit");
    assert_eq!(failed.code, AbiErrorCode::InvalidArgument.as_u32());
    assert_eq!(failed.message, "test.One, function 0 `pair`: what it returned.a: 256 is no u8; it may be 0 to 255");
    let failed = call(&guest, 1, &2_u8, ()).expect_err("no bool");
    assert_eq!(failed.message, "test.One, function 1 `flag`: parameter `on`: a bool is 2; it may be 0 or 1");
    let mut arena = polyplug::Arena::new();
    #[allow(unsafe_code)]
    // SAFETY: null is what is to be refused.
    let failed = unsafe { guest.call(0, std::ptr::null(), std::ptr::null_mut(), &mut arena) }.expect_err("null");
    assert_eq!(failed.code, AbiErrorCode::InvalidPointer.as_u32());
}

#[test]
fn scripts_that_cannot_be_loaded_are_refused_with_the_reason() {
    for (source, words) in [
        ("return {", "main.lua:1:"),
        ("\n\nlocal x = = 1", "main.lua:3: unexpected symbol near '='"),
        ("error('no')", "main.lua:1: no"),
        ("return 5", "integer where a list of plugins should be"),
        ("return { {} }", "plugin 1: `name` is missing"),
        ("return { { name = 'a', contrakt = 'x' } }", "the key `contrakt` is none of name, version, contract"),
        (&one("", "'(u33)'", "function() end"), "column 2: `u33` is no type"),
        (&one("", "'()'", ""), "0 functions, but 1 signatures"),
        (&one("", "'()'", "5"), "function 0 is no function"),
        ("local f = {} f = f .. f", "main.lua:1: attempt to concatenate"),
        ("\x1bLua", "attempt to load a binary chunk"),
        ("while true do end", "longer than its limit"),
        ("while true do pcall(function() while true do end end) end", "longer than its limit"),
        ("local t = {} while true do t[#t + 1] = ('x'):rep(1 << 20) .. #t end", "no memory left"),
        ("local function f() return 1 + f() end f()", "stack overflow"),
        ("require 'polyplug'.guest('x.Y@1', nil, {})", "x.Y@1"),
        ("require 'nothing'", "no `nothing.lua` and no `nothing/init.lua`"),
        ("require '../other/main'", "not in the script's folder"),
        ("local x = io.open('/etc/passwd')", "a nil value (global 'io')"),
    ] {
        // Only what never ends is to wait for its limit.
        let endless = words.contains("longer than its limit");
        let message = refused(source, Duration::from_millis(if endless { 200 } else { 600_000 }));
        assert!(message.contains(words), "{source:?}: {message}");
    }
}

#[test]
fn what_reaches_outside_is_not_there() {
    let (_bundles, runtime, log) = loaded(&one(
        "for _, name in ipairs { 'io', 'debug', 'package', 'dofile', 'loadfile', 'warn' } do
           assert(_G[name] == nil, name)
         end
         for _, name in ipairs { 'execute', 'exit', 'getenv', 'remove', 'rename', 'tmpname', 'setlocale' } do
           assert(os[name] == nil, name)
         end
         assert(string.dump == nil and os.time() > 0)
         assert(load('return 1 + 1')() == 2)
         assert(load(function() return nil end))
         assert(load('return x', 'x', 't', { x = 5 })() == 5)
         local made, why = load('\\27Lua', 'b', 'b')
         assert(made == nil and why:find('text'), why)
         assert(load('\\27Lua', 'b', 'bt') == nil)
         assert(not pcall(setmetatable, {}, { __gc = function() end }))
         assert(setmetatable({}, { __index = { a = 1 } }).a == 1)
         print('printed', 1, nil)",
        "'()'",
        "function() end",
    ));
    assert!(log.has("Info print: printed\t1\tnil"), "{:?}", log.all());
    drop(runtime);
}

#[test]
fn files_of_its_own_folder_are_required_once() {
    let bundles = Bundles::new();
    let source = one("local a = require 'deep.a' assert(a == require 'deep.a' and a.n == 1)", "'()'", "function() end");
    let folder =
        bundles.add(&Bundle { name: "one", loader: "lua", provides: &["test.One@1"], depends: &[], source: &source });
    std::fs::create_dir(folder.join("deep")).expect("made");
    std::fs::write(folder.join("deep/a.lua"), "count = (count or 0) + 1 return { n = count }").expect("written");
    let (builder, _) = builder();
    let runtime = builder.loader(LuaLoader::new()).build().expect("a runtime");
    runtime.load_bundle(&folder).expect("it loads");
}

#[test]
fn a_call_has_its_limit_of_time_if_it_is_asked_for() {
    let bundles = Bundles::new();
    let source = one("", "'wait(forever:bool)'", "function(o, on) while on do end end");
    bundles.add(&Bundle { name: "one", loader: "lua", provides: &["test.One@1"], depends: &[], source: &source });
    let limits = Limits { call_time: Some(Duration::from_millis(50)), ..Limits::default() };
    let (builder, _) = builder();
    let runtime = builder.plugin_dir(bundles.path()).loader(LuaLoader::with_limits(limits)).build().expect("built");
    let guest = guest(&runtime, "test.One@1");
    for _ in 0..2 {
        assert_eq!(call(&guest, 0, &1_u8, ()).expect_err("forever").code, AbiErrorCode::TimedOut.as_u32());
        call(&guest, 0, &0_u8, ()).expect("it does not wait");
    }
}

#[test]
fn reloading_swaps_the_code_and_callers_find_it() {
    let bundles = Bundles::new();
    let of = |word: &str| one("", "'say(text:string)->string'", &format!("function(o, t) return '{word} ' .. t end"));
    let add = |source: &str| {
        bundles.add(&Bundle { name: "one", loader: "lua", provides: &["test.One@1"], depends: &[], source })
    };
    add(&of("old"));
    bundles.add(&Bundle {
        name: "two",
        loader: "lua",
        provides: &["test.Two@1"],
        depends: &["test.One@1"],
        source: "local one = require 'polyplug'.guest('test.One@1', nil, { '(string)->string' })
            return { { name = 'two', contract = 'test.Two', contract_version = '1.0.0',
            signatures = { '(string)->string' }, functions = { function(o, t) return one:call(0, t) end } } }",
    });
    let (builder, _) = builder();
    let runtime = builder.plugin_dir(bundles.path()).loader(LuaLoader::new()).build().expect("a runtime");
    let (held, caller) = (guest(&runtime, "test.One@1"), guest(&runtime, "test.Two@1"));
    assert_eq!(text(&caller, 0, "x").expect("old"), "old x");
    add(&of("new"));
    runtime.reload_bundle(bundle_id("one")).expect("it reloads");
    assert_eq!(text(&held, 0, "x").expect("old"), "old x");
    assert_eq!(text(&caller, 0, "x").expect("new"), "new x");
    add("error('broken')");
    runtime.reload_bundle(bundle_id("one")).expect_err("it does not");
    assert_eq!(text(&caller, 0, "x").expect("new"), "new x");
    drop(held);
    runtime.unload_bundle(bundle_id("one"), false).expect_err("two depends on it");
    runtime.unload_bundle(bundle_id("one"), true).expect("with two");
    assert!(runtime.bundles().is_empty());
}
