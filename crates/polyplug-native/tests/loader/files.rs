//! Which file is opened, and that nothing stays open or lying about.

use std::fs;

use crate::support::{Bundle, compile, plain_loader, reloading_loader, source};

/// How often this process has a file of this name mapped, whichever folder it is in: each library once.
fn mapped(path: &std::path::Path) -> usize {
    let path = path.to_str().unwrap();
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    // The first piece of each mapping of the file.
    maps.lines().filter(|line| line.contains(path) && line.split_whitespace().nth(2) == Some("00000000")).count()
}

#[test]
fn the_file_itself_is_opened_where_nobody_replaces_it() {
    let bundle = Bundle::compiled("plain.c", &[]);
    let loaded = bundle.load_with(&plain_loader()).unwrap();
    assert_eq!(mapped(&bundle.file()), 1);
    drop(loaded);
    assert_eq!(mapped(&bundle.file()), 0);
}

#[test]
fn a_file_that_is_open_already_is_opened_as_a_library_of_its_own() {
    // It refuses to start twice.
    let bundle = Bundle::compiled("plain.c", &["-DONCE"]);
    let (first, second) = (plain_loader(), plain_loader());
    let _one = bundle.load_with(&first).unwrap();
    let _two = bundle.load_with(&first).unwrap();
    let _three = bundle.load_with(&second).unwrap();
    assert_eq!(mapped(&bundle.file()), 1);
}

#[test]
fn a_library_that_failed_to_start_is_closed() {
    let bundle = Bundle::compiled("plain.c", &["-DINIT_CODE=1"]);
    bundle.failure();
    assert_eq!(mapped(&bundle.file()), 0);
    // And forgotten: the file itself is opened again.
    compile(&source("plain.c"), &bundle.file(), &[]);
    let _loaded = bundle.load_with(&plain_loader()).unwrap();
    assert_eq!(mapped(&bundle.file()), 1);
}

#[test]
fn a_library_that_may_be_replaced_is_loaded_from_a_copy_of_which_nothing_is_left() {
    let bundle = Bundle::named("libreplaced.so");
    let loaded = bundle.load_with(&reloading_loader()).unwrap();
    assert_eq!(mapped(&bundle.file()), 0);
    // Written over, and not only replaced: what runs does not notice.
    fs::write(bundle.file(), "another build that is not finished").unwrap();
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let mut copies = maps.lines().filter(|line| line.contains(".polyplug-") && line.contains("/libreplaced.so"));
    let copy = copies.next().expect("no copy is mapped");
    let path = &copy[copy.find('/').unwrap()..copy.rfind("/libreplaced.so").unwrap()];
    assert!(copy.ends_with(" (deleted)"), "{copy}");
    assert!(!std::path::Path::new(path).exists(), "{path} is left");
    drop(loaded);
}

#[test]
fn a_copy_finds_the_libraries_beside_the_original() {
    let bundle = Bundle::empty();
    let dependency = bundle.path().join("dependency.c");
    fs::write(
        &dependency,
        "__attribute__((visibility(\"default\"))) int from_beside(void);\nint from_beside(void) { return 1; }\n",
    )
    .unwrap();
    compile(&dependency, &bundle.path().join("libdependency.so"), &["-Wl,-soname,libdependency.so"]);
    let folder = bundle.path().to_str().unwrap();
    compile(&source("plain.c"), &bundle.file(), &["-DBESIDE", "-L", folder, "-ldependency", "-Wl,-rpath,$ORIGIN"]);
    drop(bundle.load_with(&plain_loader()).unwrap());
    drop(bundle.load_with(&reloading_loader()).unwrap());
}

#[test]
fn an_entry_of_a_library_that_it_needs_is_not_its_own() {
    let bundle = Bundle::empty();
    let folder = bundle.path().to_str().unwrap();
    compile(&source("plain.c"), &bundle.path().join("libdependency.so"), &["-Wl,-soname,libdependency.so"]);
    compile(
        &source("plain.c"),
        &bundle.file(),
        &["-DNO_ENTRY", "-L", folder, "-Wl,--no-as-needed", "-ldependency", "-Wl,-rpath,$ORIGIN"],
    );
    let (code, text) = bundle.failure();
    assert_eq!(code, polyplug_abi::AbiErrorCode::EntryMissing.as_u32(), "{text}");
}
