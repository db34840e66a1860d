//! What C dependencies must be able to do on Windows: a fixture's program, run under Wine.

#[global_allocator]
static GLOBAL: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    zstd();
    lua();
    quickjs();
    threads();
}

fn zstd() {
    let data: Vec<u8> = (0..1_000_000u32).map(|n| (n % 251) as u8).collect();
    let packed = zstd::encode_all(&data[..], 3).unwrap();
    assert_eq!(zstd::decode_all(&packed[..]).unwrap(), data);
    println!("zstd ok");
}

/// Lua's errors jump over Rust's frames with longjmp; its numbers and dates go through printf and strftime.
fn lua() {
    let lua = mlua::Lua::new();
    let double = lua.create_function(|_, n: i64| {
        if n > 2 { Err(mlua::Error::RuntimeError("too big".into())) } else { Ok(n * 2) }
    });
    lua.globals().set("double", double.unwrap()).unwrap();
    assert_eq!(lua.load("return double(2)").eval::<i64>().unwrap(), 4);
    let caught = "local ok, e = pcall(double, 3); assert(not ok); return tostring(e)";
    assert!(lua.load(caught).eval::<String>().unwrap().contains("too big"));
    assert!(lua.load("error('thrown')").exec().unwrap_err().to_string().contains("thrown"));
    let format = "return string.format('%5.2f|%d|%q|%g|', 3.14159, 42, 'y', 1e100) .. os.date('!%Y', 0)";
    assert_eq!(lua.load(format).eval::<String>().unwrap(), " 3.14|42|\"y\"|1e+100|1970");
    let endless = lua.load("local function f() return 1 + f() end return f()").eval::<i64>();
    assert!(endless.unwrap_err().to_string().contains("stack overflow"));
    println!("lua ok");
}

fn quickjs() {
    let runtime = rquickjs::Runtime::new().unwrap();
    // A program's first thread has 1 MiB of stack.
    runtime.set_max_stack_size(256 * 1024);
    rquickjs::Context::full(&runtime).unwrap().with(|context| {
        assert_eq!(context.eval::<i32, _>("[1, 2, 3].map(x => x * 2).reduce((a, b) => a + b)").unwrap(), 12);
        assert!(context.eval::<(), _>("throw new Error('thrown')").is_err());
        let text = "new Date(0).toISOString() + ' ' + (0.1 + 0.2) + ' ' + Math.pow(2, 0.5) + JSON.stringify({a: NaN})";
        let expected = "1970-01-01T00:00:00.000Z 0.30000000000000004 1.4142135623730951{\"a\":null}";
        assert_eq!(context.eval::<String, _>(text).unwrap(), expected);
        let deep = "(() => { const f = () => f() + 1; try { f() } catch (e) { return true } return false })()";
        assert!(context.eval::<bool, _>(deep).unwrap());
    });
    println!("quickjs ok");
}

/// Memory that is freed by another thread than the one that took it, and a panic with it in between.
fn threads() {
    let threads: Vec<_> = (0..1000).map(|n| std::thread::spawn(move || vec![n as u8; 1000 + n])).collect();
    let total: usize = threads.into_iter().map(|thread| thread.join().unwrap().len()).sum();
    assert_eq!(total, 1_000_000 + 999 * 1000 / 2);
    assert!(std::panic::catch_unwind(|| Vec::<i32>::new()[std::hint::black_box(0)]).is_err());
    println!("threads ok");
}
