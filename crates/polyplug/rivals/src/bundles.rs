//! The bundles that the works are done with.

use std::fs;
use std::path::Path;

use polyplug_abi::identity::bundle_id;

/// The bundle of plugin.c; the library is compiled into it by the script.
pub(crate) fn write_adder(folder: &Path) -> u64 {
    write(&folder.join("adder"), "adder", "native", "libadder.so", "bench.Adder", None);
    1
}

/// Bundles in Lua and JavaScript whose function does nothing.
pub(crate) fn write_scripts(folder: &Path) -> u64 {
    let lua = "return { { name = 'lua', contract = 'bench.Lua', contract_version = '1.0.0', signatures = { '()' },\n\
               functions = { function() end } } }\n";
    let js = "export default [{ name: 'js', contract: 'bench.Js', contract_version: '1.0.0', signatures: ['()'],\n\
              functions: [() => {}] }];\n";
    for (name, contract, source) in [("lua", "bench.Lua", lua), ("js", "bench.Js", js)] {
        let bundle = folder.join(name);
        write(&bundle, name, name, "script", contract, None);
        fs::write(bundle.join("script"), source).unwrap();
    }
    2
}

/// The contract of a bundle in the chain.
pub(crate) fn contract(index: u64) -> String {
    format!("bench.Link{index}")
}

/// So many bundles, each of which depends on the one before it; the names are sorted so that the last comes first.
pub(crate) fn write_chain(folder: &Path, count: u64) -> u64 {
    for index in 0..count {
        let name = format!("link{:05}", count - index);
        let needed = index.checked_sub(1).map(contract);
        let bundle = folder.join(&name);
        write(&bundle, &name, "nothing", "nothing", &contract(index), needed.as_deref());
        fs::write(bundle.join("nothing"), index.to_string()).unwrap();
    }
    count
}

fn write(bundle: &Path, name: &str, loader: &str, file: &str, contract: &str, needed: Option<&str>) {
    fs::create_dir_all(bundle).unwrap();
    let mut manifest = format!(
        "name = \"{name}\"\nid = \"0x{:016x}\"\nversion = \"1.0.0\"\nloader = \"{loader}\"\nfile = \"{file}\"\n\
         provides = [\"{contract}@1\"]\n",
        bundle_id(name)
    );
    if let Some(needed) = needed {
        manifest.push_str(&format!("\n[[dependencies]]\ncontract = \"{needed}@1\"\n"));
    }
    fs::write(bundle.join("manifest.toml"), manifest).unwrap();
}
