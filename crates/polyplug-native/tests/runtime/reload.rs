//! Reloading: the new code serves, the old stays with its instances, nothing is left behind.

use std::fs;

use crate::bundles::{Bundles, call, faults, runtime};

/// How many descriptors and mappings of bundles' libraries this process has. Other tests have none of this name.
fn held(library: &str) -> usize {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    maps.lines().filter(|line| line.contains(library)).count()
}

fn reloads(times: usize, library: &str) {
    let bundles = Bundles::new();
    let bundle = bundles.compiled("reloaded", &[]);
    fs::rename(bundle.join("libbundle.so"), bundle.join(library)).unwrap();
    let manifest = fs::read_to_string(bundle.join("manifest.toml")).unwrap();
    fs::write(bundle.join("manifest.toml"), manifest.replace("libbundle.so", library)).unwrap();
    let (runtime, _) = runtime();
    let id = runtime.load_bundle(&bundle).unwrap();
    let once = held(library);
    let mut old = faults(&runtime);
    assert_eq!(call(&old, 1).unwrap(), 1);
    for _ in 0..times {
        runtime.reload_bundle(id).unwrap();
        // A library of its own counts from one, while the old one counts on.
        let new = faults(&runtime);
        assert_eq!(call(&new, 1).unwrap(), 1);
        assert_eq!(call(&old, 1).unwrap(), 2);
        old = new;
    }
    assert_eq!(held(library), once);
    drop(old);
    runtime.unload_bundle(id, false).unwrap();
    assert_eq!(held(library), 0);
}

#[test]
fn a_reloaded_library_is_a_new_one_and_the_old_one_is_unmapped_with_its_last_instance() {
    reloads(10, "libtenreloads.so");
}
