//! What it costs to find and to resolve a contract among those of 1,000 bundles, against a `HashMap`, and how long a
//! runtime takes to build with 500 and with 1,000 bundles, each of which depends on the one before. Nanoseconds and
//! milliseconds, the best of several runs.
//!
//! `cargo run --release -p polyplug --example measure_lookup`

#![allow(unsafe_code)] // Plays a plugin and a host in C.

use std::collections::HashMap;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};
use std::{fs, ptr};

use polyplug::Runtime;
use polyplug::error::LoaderError;
use polyplug::loader::{BundleLoader, LoadRequest, LoadedBundle};
use polyplug_abi::identity::{bundle_id, guest_contract_id};
use polyplug_abi::types::StringView;
use polyplug_abi::{ContractInterface, DispatchKind, GuestContractHandle, PluginDescriptor};

/// Registers what the manifest promises, without functions.
struct Empty;

struct Running;

impl LoadedBundle for Running {}

impl BundleLoader for Empty {
    fn loader_name(&self) -> &str {
        "empty"
    }

    fn can_reload(&self) -> bool {
        true
    }

    fn load(&self, request: &LoadRequest<'_>) -> Result<Box<dyn LoadedBundle>, LoaderError> {
        for provided in &request.manifest.provides {
            let (name, version) = (StringView::new(&provided.contract), provided.version);
            let descriptor = PluginDescriptor { name, contract_name: name, version };
            let interface = ContractInterface {
                contract_id: provided.id(),
                version,
                dispatch: DispatchKind::Native as u32,
                function_count: 0,
                flags: 0,
                reserved: 0,
                functions: ptr::null(),
                call: None,
                context: ptr::null_mut(),
                create: None,
                destroy: None,
            };
            let host = request.host;
            // SAFETY: the bundle's own table, which is valid; descriptor and interface live for the call.
            let code = unsafe { ((*host).register_guest_contract)(host, &raw const descriptor, &raw const interface) };
            assert_eq!(code, 0, "a contract was refused");
        }
        Ok(Box::new(Running))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::temp_dir().join(format!("polyplug-measure-{}", std::process::id()));
    let mut times = Vec::new();
    for count in [500, 1000] {
        chain(&folder.join(count.to_string()), count)?;
        let mut best = Duration::MAX;
        for _ in 0..5 {
            let start = Instant::now();
            let runtime = Runtime::builder().plugin_dir(folder.join(count.to_string())).loader(Empty).build()?;
            best = best.min(start.elapsed());
            drop(runtime);
        }
        println!("build {count:>5} bundles in a chain {:>10.2} ms", best.as_secs_f64() * 1e3);
        times.push(best.as_secs_f64());
    }
    println!("build 1000 / 500                {:>10.2} ×", times[1] / times[0]);
    let runtime = Runtime::builder().plugin_dir(folder.join("1000")).loader(Empty).build()?;
    lookups(&runtime);
    drop(runtime);
    fs::remove_dir_all(&folder)?;
    Ok(())
}

/// Bundles of which each depends on the one before.
fn chain(folder: &Path, count: u32) -> std::io::Result<()> {
    for number in 0..count {
        let name = format!("bundle{number}");
        let bundle = folder.join(&name);
        fs::create_dir_all(&bundle)?;
        let mut manifest = format!(
            "name = \"{name}\"\nid = \"{:#018x}\"\nversion = \"1.0.0\"\nloader = \"empty\"\nfile = \"code\"\nprovides = \
             [\"c.N{number}@1\"]\n",
            bundle_id(&name)
        );
        if number > 0 {
            manifest += &format!("[[dependencies]]\ncontract = \"c.N{}@1\"\n", number - 1);
        }
        fs::write(bundle.join("manifest.toml"), manifest)?;
        fs::write(bundle.join("code"), "")?;
    }
    Ok(())
}

fn lookups(runtime: &Runtime) {
    let ids: Vec<u64> = (0..1000).map(|number| guest_contract_id(&format!("c.N{number}"), 1)).collect();
    let host = runtime.host_api();
    let map: HashMap<u64, u64> = ids.iter().map(|id| (*id, !*id)).collect();
    report("HashMap get", &ids, |id| map[&id]);
    let mut handle = GuestContractHandle::default();
    report("find through the table", &ids, |id| {
        // SAFETY: the host's table, which is valid, and room for a handle.
        u64::from(unsafe { ((*host).find_guest_contract)(host, id, 0, &raw mut handle) }) + u64::from(handle.index)
    });
    report("find from Rust", &ids, |id| runtime.find_by_id(id, 0).map_or(0, |handle| u64::from(handle.index)));
    let handles: Vec<GuestContractHandle> = ids.iter().filter_map(|id| runtime.find_by_id(*id, 0).ok()).collect();
    let mut interface = ptr::null();
    report("resolve through the table", &handles, |handle| {
        // SAFETY: the host's table, which is valid, and room for an address.
        u64::from(unsafe { ((*host).resolve_guest_contract)(host, handle, &raw mut interface) })
    });
}

/// Prints what one of these costs.
fn report<T: Copy>(what: &str, items: &[T], mut run: impl FnMut(T) -> u64) {
    let mut best = f64::MAX;
    for _ in 0..200 {
        let start = Instant::now();
        for item in items {
            black_box(run(black_box(*item)));
        }
        best = best.min(start.elapsed().as_secs_f64() * 1e9 / items.len() as f64);
    }
    println!("{what:<31} {best:>10.2} ns");
}
