//! Programs in Lua and JavaScript as hosts of bundles in both.

#[path = "../../polyplug-lua/tests/support/mod.rs"]
mod support;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use polyplug::Runtime;
use polyplug_abi::types::Version;
use polyplug_js::{Fault, JsHost, JsLoader};
use polyplug_lua::{LuaHost, LuaLoader};

use support::{Bundle, Bundles, Log, builder, call, guest, text};

const LUA_PAINTER: &str = r#"
    local polyplug = ...
    local canvas = polyplug.host("host.Canvas@1", "1.0", { "set(at:{x:f32,y:f32},text:string)->u32", "fail()" })
    return { { name = "painter", contract = "image.Painter", contract_version = "1.0.0",
        signatures = { "paint(times:u32)->u32", "tell(text:string)->string" },
        functions = {
            function(object, times)
                local sum = 0
                for i = 1, times do sum = sum + canvas:call(0, { x = i, y = 0.5 }, "from lua") end
                return sum
            end,
            function(object, text)
                local ok, err = pcall(canvas.call, canvas, 1)
                return tostring(ok) .. " " .. err.code .. " " .. err.message .. " " .. err.contract
            end,
        } } }"#;

const JS_PAINTER: &str = r#"
    import polyplug from "polyplug";
    const canvas = polyplug.host("host.Canvas@1", "1.0", ["set(at:{x:f32,y:f32},text:string)->u32", "fail()"]);
    export default [{ name: "painter", contract: "image.Painter", contract_version: "1.0.0",
        signatures: ["paint(times:u32)->u32", "tell(text:string)->string"],
        functions: [
            (object, times) => {
                let sum = 0;
                for (let i = 1; i <= times; i++) sum += canvas.call(0, { x: i, y: 0.5 }, "from js");
                return sum;
            },
            (object, text) => {
                try { canvas.call(1); } catch (err) { return `false ${err.code} ${err.message} ${err.contract}`; }
            },
        ] }];"#;

const LUA_HOST: &str = r#"
    local polyplug = require "polyplug"
    assert(polyplug.bundle == nil)
    polyplug.provide {
        contract = "host.Canvas", contract_version = "1.0.0", singleton = true,
        signatures = { "set(at:{x:f32,y:f32},text:string)->u32", "fail()" },
        create = function() return { sum = 0 } end,
        functions = {
            function(object, at, text)
                assert(text:find("^from "))
                object.sum = object.sum + at.x + at.y
                return math.floor(object.sum)
            end,
            function() error { code = 400, message = "the canvas is full" } end,
        },
    }
    local name = polyplug.load_bundle(FOLDER)
    assert(name == "painter" and #polyplug.bundles() == 1 and polyplug.bundles()[1].version == "1.0.0")
    local painter = polyplug.guest("image.Painter@1", "1.0", { "paint(times:u32)->u32", "tell(string)->string" })
    local painted = painter:call(0, 3)
    assert(painted == 1 + 4 + 7, painted)
    local told = painter:call(1, "x")
    assert(told:find("^false 400 .*the canvas is full host.Canvas@1$"), told)
    polyplug.reload_bundle(name)
    assert(painter:call(0, 1) == 9 or painter:call(0, 0) == 0)
    local ok, err = pcall(polyplug.load_bundle, FOLDER)
    assert(not ok and err.code == 18, tostring(err))
    ok, err = pcall(polyplug.provide, { contract = "host.Canvas", contract_version = "1.0.0", signatures = {}, functions = {} })
    assert(not ok and err.code == 12, tostring(err))
    painter:close()
    assert(not pcall(painter.call, painter, 0, 1))
    polyplug.unload_bundle(name)
    assert(#polyplug.bundles() == 0)
    polyplug.load_bundle(FOLDER)
"#;

const JS_HOST: &str = r#"
    import polyplug from "polyplug";
    const assert = (so, why) => { if (!so) throw new Error(why ?? "not so"); };
    const failure = (run) => { try { run(); } catch (err) { return err; } };
    polyplug.provide({
        contract: "host.Canvas", contract_version: "1.0.0", singleton: true,
        signatures: ["set(at:{x:f32,y:f32},text:string)->u32", "fail()"],
        create: () => ({ sum: 0 }),
        functions: [
            (object, at, text) => {
                assert(text.startsWith("from "));
                object.sum += at.x + at.y;
                return Math.floor(object.sum);
            },
            () => { throw { code: 400, message: "the canvas is full" }; },
        ],
    });
    const name = polyplug.load_bundle(FOLDER);
    assert(name === "painter" && polyplug.bundles().length === 1 && polyplug.bundles()[0].version === "1.0.0");
    const painter = polyplug.guest("image.Painter@1", "1.0", ["paint(times:u32)->u32", "tell(string)->string"]);
    assert(painter.call(0, 3) === 1 + 4 + 7);
    const told = painter.call(1, "x");
    assert(/^false 400 .*the canvas is full host.Canvas@1$/.test(told), told);
    polyplug.reload_bundle(name);
    assert(painter.call(0, 0) === 0);
    assert(failure(() => polyplug.load_bundle(FOLDER)).code === 18);
    assert(failure(() => polyplug.provide({ contract: "host.Canvas", contract_version: "1.0.0", signatures: [], functions: [] })).code === 12);
    painter.close();
    assert(failure(() => painter.call(0, 1)));
    polyplug.unload_bundle(name);
    assert(polyplug.bundles().length === 0);
    polyplug.load_bundle(FOLDER);
"#;

enum Host {
    Lua(LuaHost),
    Js(JsHost),
}

impl Host {
    fn new(language: &str, runtime: &Arc<Runtime>) -> Self {
        match language {
            "lua" => Self::Lua(LuaHost::new(runtime).expect("a host")),
            _ => Self::Js(JsHost::new(runtime).expect("a host")),
        }
    }

    fn run(&self, path: &Path) -> Result<(), Fault> {
        match self {
            Self::Lua(host) => host.run(path),
            Self::Js(host) => host.run(path),
        }
    }
}

fn runtime() -> (Arc<Runtime>, Log) {
    let (builder, log) = builder();
    (builder.loader(LuaLoader::new()).loader(JsLoader::new()).build().expect("a runtime"), log)
}

fn painter(loader: &str) -> Bundles {
    let bundles = Bundles::new();
    bundles.add(&Bundle {
        name: "painter",
        loader,
        provides: &["image.Painter@1"],
        depends: &["host host.Canvas@1"],
        source: if loader == "lua" { LUA_PAINTER } else { JS_PAINTER },
    });
    bundles
}

fn program(bundles: &Bundles, language: &str, source: &str) -> std::path::PathBuf {
    let path = bundles.path().join(format!("program.{language}"));
    let folder = format!("{:?}", bundles.path().join("painter").display().to_string());
    std::fs::write(&path, source.replace("FOLDER", &folder)).expect("written");
    path
}

#[test]
fn programs_of_each_language_host_plugins_of_each() {
    for language in ["lua", "js"] {
        for loader in ["lua", "js"] {
            let bundles = painter(loader);
            let (runtime, log) = runtime();
            let host = Host::new(language, &runtime);
            let source = if language == "lua" { LUA_HOST } else { JS_HOST };
            let ran = host.run(&program(&bundles, language, source));
            ran.unwrap_or_else(|fault| panic!("{language} hosts {loader}: {fault}\n{:#?}", log.all()));
            // What a program provides stays, for others, too, and when the host is gone.
            let painter = guest(&runtime, "image.Painter@1");
            assert!(call(&painter, 0, &1_u32, 0_u32).expect("it paints") > 0);
            drop(host);
            assert!(call(&painter, 0, &1_u32, 0_u32).expect("it paints") > 0);
            assert!(text(&painter, 1, "x").expect("it tells").starts_with("false 400"));
        }
    }
}

#[test]
fn what_a_program_throws_is_told_with_its_place() {
    let bundles = painter("lua");
    for (language, source, words) in [
        ("lua", "\nerror('no')", "program.lua:2: no"),
        ("js", "\nthrow new Error('no')", "at <anonymous> (program.js:2:"),
        ("lua", "require 'polyplug'.guest('image.Painter@1', '1.0', {})", "image.Painter@1"),
        ("js", "import './none.js'", "there is no such file in the script's folder"),
    ] {
        let (runtime, _) = runtime();
        let host = Host::new(language, &runtime);
        let fault = host.run(&program(&bundles, language, source)).expect_err("it fails");
        assert!(fault.message.contains(words), "{fault}");
    }
    let (runtime, _) = runtime();
    assert!(Host::new("lua", &runtime).run(&bundles.path().join("none.lua")).is_err());
}

/// A bundle whose function calls another's with one less, until there is nothing left.
fn countdown(name: &str, other: &str, loader: &str) -> (String, String, String) {
    let (own, others) = (format!("count.{name}"), format!("count.{other}@1"));
    let source = if loader == "lua" {
        format!(
            "local polyplug = ...
            local other
            return {{ {{ name = '{name}', contract = '{own}', contract_version = '1.0.0',
            signatures = {{ 'down(n:u32)->u32' }}, functions = {{ function(object, n)
                if n == 0 then return 0 end
                other = other or polyplug.guest('{others}', nil, {{ 'down(n:u32)->u32' }})
                return 1 + other:call(0, n - 1)
            end }} }} }}"
        )
    } else {
        format!(
            "import polyplug from 'polyplug';
            let other;
            export default [{{ name: '{name}', contract: '{own}', contract_version: '1.0.0',
            signatures: ['down(n:u32)->u32'], functions: [(object, n) => {{
                if (n === 0) return 0;
                other ??= polyplug.guest('{others}', undefined, ['down(n:u32)->u32']);
                return 1 + other.call(0, n - 1);
            }}] }}];"
        )
    };
    (format!("{own}@1"), others, source)
}

#[test]
fn a_script_may_be_called_by_what_it_calls_and_not_without_end() {
    for (loader, words) in [("lua", "inside each other"), ("js", "all stack size exceeded")] {
        let bundles = Bundles::new();
        // A host contract stands between the two, for bundles may not depend on each other in a circle.
        let source = countdown("A", "A", loader).2.replace(".guest(", ".host(");
        let folder = bundles.add(&Bundle {
            name: "a",
            loader,
            provides: &["count.A@1"],
            depends: &["host count.A@1"],
            source: &source,
        });
        let (runtime, _) = runtime();
        provide_forwarder(&runtime, "count.A");
        runtime.load_bundle(&folder).expect("it loads");
        let first = guest(&runtime, "count.A@1");
        assert_eq!(call(&first, 0, &10_u32, 0_u32).expect("it counts"), 10);
        let failed = call(&first, 0, &1_000_000_u32, 0_u32).expect_err("too deep");
        assert!(failed.message.contains(words), "{loader}: {}", failed.message);
        assert_eq!(call(&first, 0, &10_u32, 0_u32).expect("it counts again"), 10);
    }
}

/// Provides a host contract that calls the guest contract of the same name.
#[allow(unsafe_code)]
fn provide_forwarder(runtime: &Arc<Runtime>, name: &str) {
    let weak = Arc::downgrade(runtime);
    let contract = name.to_owned();
    // SAFETY: it hands on what it gets to a function of the same shape.
    let functions = unsafe {
        polyplug::HostFunctions::new().function(move |args, out, arena| {
            let runtime = weak.upgrade().expect("it is there");
            let handle = runtime.find(&contract, Version::new(1, 0, 0)).expect("it is loaded");
            let guest = match runtime.create(handle) {
                Ok(guest) => guest,
                Err(error) => {
                    (*arena).message = (*arena).copy_str(&error.to_string());
                    return error.code();
                }
            };
            let interface = guest.interface();
            let call = interface.call.expect("a script's");
            call(interface.context, 0, guest.instance(), args, out, arena)
        })
    };
    let version = Version::new(1, 0, 0);
    runtime.provide(polyplug::HostContract::new(name, version, functions)).expect("it is new");
}

#[test]
fn scripts_that_call_each_other_from_two_threads_do_not_wait_for_ever() {
    for (one, two) in [("lua", "lua"), ("js", "js"), ("lua", "js")] {
        let bundles = Bundles::new();
        let (runtime, _) = runtime();
        for (name, other, loader) in [("A", "B", one), ("B", "A", two)] {
            provide_forwarder(&runtime, &format!("count.{name}"));
            let (own, others, source) = countdown(name, other, loader);
            let depends = format!("host {others}");
            bundles.add(&Bundle {
                name: &name.to_lowercase(),
                loader,
                provides: &[&own],
                depends: &[&depends],
                source: &source.replace(".guest(", ".host("),
            });
        }
        for name in ["a", "b"] {
            runtime.load_bundle(&bundles.path().join(name)).expect("it loads");
        }
        let (done, refused) = (AtomicU32::new(0), AtomicU32::new(0));
        std::thread::scope(|scope| {
            for contract in ["count.A@1", "count.B@1", "count.A@1", "count.B@1"] {
                let (runtime, done, refused) = (&runtime, &done, &refused);
                scope.spawn(move || {
                    let first = guest(runtime, contract);
                    for _ in 0..500 {
                        match call(&first, 0, &3_u32, 0_u32) {
                            Ok(count) => {
                                assert_eq!(count, 3);
                                done.fetch_add(1, Ordering::Relaxed);
                            }
                            Err(failure) => {
                                assert!(failure.message.contains("busy in another thread"), "{}", failure.message);
                                refused.fetch_add(1, Ordering::Relaxed);
                            }
                        }
                    }
                });
            }
        });
        assert_eq!(done.load(Ordering::Relaxed) + refused.load(Ordering::Relaxed), 2_000);
        assert!(done.load(Ordering::Relaxed) > 0);
        // And all of it works on.
        assert_eq!(call(&guest(&runtime, "count.A@1"), 0, &5_u32, 0_u32).expect("it counts"), 5);
    }
}
