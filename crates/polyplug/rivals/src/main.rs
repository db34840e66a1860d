//! What polyplug costs, and what the same costs without it: `rivals WORK RIVAL COUNT FOLDER`. Prints a number that
//! depends on all the work, so that none of it is left out. See the modules for the works.

mod bundles;
mod call;
mod chain;
mod find;
mod script;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [work, rival, count, folder] = arguments.as_slice() else {
        eprintln!("usage: rivals WORK RIVAL COUNT FOLDER");
        std::process::exit(2);
    };
    let count: u64 = count.parse().expect("COUNT is a number");
    let folder = std::path::Path::new(folder);
    let result = match (work.as_str(), rival.as_str()) {
        ("prepare", "adder") => bundles::write_adder(folder),
        ("prepare", "chain") => bundles::write_chain(folder, count),
        ("call", "contract") => call::through_contract(count, folder, false),
        ("call", "pointer") => call::through_pointer(count, folder, false),
        ("chained", "contract") => call::through_contract(count, folder, true),
        ("chained", "pointer") => call::through_pointer(count, folder, true),
        ("prepare", "scripts") => bundles::write_scripts(folder),
        ("lua", "contract") => script::lua_through_contract(count, folder),
        ("lua", "direct") => script::lua_directly(count),
        ("js", "contract") => script::js_through_contract(count, folder),
        ("js", "direct") => script::js_directly(count),
        ("find", "polyplug") => find::by_runtime(count, folder),
        ("find", "hashmap") => find::by_map(count, folder),
        ("resolve", "polyplug") => find::resolved(count, folder),
        ("build", "kept") => chain::built(folder, true),
        ("build", "ended") => chain::built(folder, false),
        _ => {
            eprintln!("there is no work {work} for {rival}");
            std::process::exit(2);
        }
    };
    println!("{result}");
}
