//! A call of a script's function allocates nothing on our side.
#![allow(unsafe_code)] // Counts for the system's allocator.

#[path = "../../polyplug-lua/tests/support/mod.rs"]
mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr;

use polyplug::Arena;
use polyplug_js::JsLoader;
use polyplug_lua::LuaLoader;

use support::{Bundle, Bundles, builder, guest};

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: all is done by the system's; a cell without a destructor is counted up.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(start, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

#[test]
fn ten_thousand_calls_allocate_nothing() {
    let bundles = Bundles::new();
    for (loader, source) in [
        (
            "lua",
            "return { { name = 'a', contract = 'test.lua', contract_version = '1.0.0', signatures = { '()', '(u32,bool)->f64' },
             functions = { function() end, function(o, n, on) return n end } } }",
        ),
        (
            "js",
            "export default [{ name: 'a', contract: 'test.js', contract_version: '1.0.0', signatures: ['()', '(u32,bool)->f64'],
             functions: [() => {}, (o, n, on) => n] }];",
        ),
    ] {
        let provides = format!("test.{loader}@1");
        bundles.add(&Bundle { name: loader, loader, provides: &[&provides], depends: &[], source });
    }
    let (builder, _) = builder();
    let runtime =
        builder.plugin_dir(bundles.path()).loader(LuaLoader::new()).loader(JsLoader::new()).build().expect("built");
    for loader in ["lua", "js"] {
        let guest = guest(&runtime, &format!("test.{loader}@1"));
        let mut arena = Arena::new();
        let mut run = |times: u32| {
            let before = COUNT.with(Cell::get);
            for number in 0..times {
                let args = (number, 1_u8);
                let mut out = 0.0_f64;
                // SAFETY: the functions' layouts.
                unsafe {
                    guest.call(0, ptr::null(), ptr::null_mut(), &mut arena).expect("it does nothing");
                    guest
                        .call(1, (&raw const args).cast(), (&raw mut out).cast(), &mut arena)
                        .expect("it gives it back");
                }
                assert_eq!(out, f64::from(number));
            }
            COUNT.with(Cell::get) - before
        };
        run(10);
        assert_eq!(run(10_000), 0, "{loader}");
    }
}
