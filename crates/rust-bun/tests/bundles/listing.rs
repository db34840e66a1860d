//! `pm bundles`, as text and as JSON.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;

use serde_json::json;

use crate::support::{Place, json, manifest, run, text};

#[test]
fn nothing_anywhere_is_said_folder_by_folder() {
    let place = Place::new();
    let listed = run(place.command().args(["pm", "bundles"]));
    assert_eq!(listed.code, Some(0), "{listed:?}");
    let expected = format!(
        "~/{} (yours): not there\n~/prefix/lib/rust-bun/bundles (shipped): not there\n\
         ~/prefix/bin/lib/rust-bun/bundles (shipped): not there\n",
        place.data()
    );
    assert_eq!(listed.shown(&place), expected);
}

#[test]
fn a_bundle_is_found_in_each_of_the_folders() {
    let place = Place::new();
    place.bundle(&format!("{}/mine", place.data()), "mine", "1.0.0", "a.A@1");
    place.bundle("prefix/lib/rust-bun/bundles/shipped", "shipped", "2.0.1", "a.B@2.3");
    place.bundle("prefix/bin/lib/rust-bun/bundles/unpacked", "unpacked", "3.0.0", "a.C@3");
    place.bundle("extra/named", "named", "4.0.0", "a.D@4");
    place.bundle("project/near/relative", "relative", "5.0.0", "a.E@5");
    let extra = std::env::join_paths([place.path("extra"), "near".into()]).unwrap();
    let listed = run(place.command().args(["pm", "bundles"]).env("RUST_BUN_BUNDLES", &extra));
    assert_eq!(listed.code, Some(0), "{listed:?}");
    let expected = format!(
        "~/extra (RUST_BUN_BUNDLES)\n└── named@4.0.0 (native) provides a.D@4.0\n\
         ~/project/near (RUST_BUN_BUNDLES)\n└── relative@5.0.0 (native) provides a.E@5.0\n\
         ~/{} (yours)\n└── mine@1.0.0 (native) provides a.A@1.0\n\
         ~/prefix/lib/rust-bun/bundles (shipped)\n└── shipped@2.0.1 (native) provides a.B@2.3\n\
         ~/prefix/bin/lib/rust-bun/bundles (shipped)\n└── unpacked@3.0.0 (native) provides a.C@3.0\n",
        place.data()
    );
    assert_eq!(listed.shown(&place), expected);
}

#[test]
fn what_was_shipped_is_found_through_a_link_to_the_program() {
    let place = Place::new();
    place.bundle("prefix/lib/rust-bun/bundles/shipped", "shipped", "1.0.0", "a.A@1");
    place.link("prefix/bin/rust-bun", "home/bin/rust-bun");
    let listed = run(place.command_at("home/bin/rust-bun").args(["pm", "bundles"]));
    assert!(listed.stdout.contains("shipped@1.0.0"), "{listed:?}");
}

#[test]
fn of_two_bundles_with_one_name_the_variables_wins_and_the_other_is_said_to_be_unused() {
    let place = Place::new();
    place.bundle("extra/engine", "engine", "3.0.0", "runtime.Engine@1");
    place.bundle(&format!("{}/own-engine", place.data()), "engine", "2.0.0", "runtime.Engine@1");
    place.bundle("prefix/lib/rust-bun/bundles/engine", "engine", "1.0.0", "runtime.Engine@1");
    let listed = |variable: &str| {
        let mut command = place.command();
        json(&run(command.args(["pm", "bundles", "--json"]).env("RUST_BUN_BUNDLES", place.path(variable))))
    };
    let used = |listed: &serde_json::Value| {
        let bundles = listed["bundles"].as_array().unwrap();
        let used = bundles.iter().filter(|bundle| bundle.get("shadowed_by").is_none());
        used.map(|bundle| bundle["version"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(used(&listed("extra")), ["3.0.0"]);
    assert_eq!(used(&listed("nowhere")), ["2.0.0"]);

    let shown = run(place.command().args(["pm", "bundles"]).env("RUST_BUN_BUNDLES", place.path("extra")));
    assert_eq!(shown.code, Some(0), "{shown:?}");
    let unused =
        "engine@1.0.0 (native) provides runtime.Engine@1.0; not used: ~/extra/engine has the same name and comes first";
    assert!(shown.shown(&place).contains(unused), "{shown:?}");
}

#[test]
fn json_has_everything() {
    let place = Place::new();
    place.bundle("extra/a", "one", "1.2.3", "a.A@1.4");
    place.bundle("extra/b", "one", "1.2.4", "a.A@1.4");
    let variable = place.path("extra");
    let listed = run(place.command().args(["pm", "bundles", "--json"]).env("RUST_BUN_BUNDLES", &variable));
    let listed = json(&listed);
    let (first, second) = (variable.join("a"), variable.join("b"));
    assert_eq!(listed["folders"][0], json!({ "path": text(&variable), "origin": "variable", "exists": true }));
    assert_eq!(listed["folders"][1]["origin"], "user");
    assert_eq!(listed["folders"][2]["exists"], false);
    assert_eq!(
        listed["bundles"],
        json!([
            { "path": text(&first), "origin": "variable", "name": "one", "version": "1.2.3", "loader": "native", "provides": ["a.A@1.4"] },
            { "path": text(&second), "origin": "variable", "name": "one", "version": "1.2.4", "loader": "native",
              "provides": ["a.A@1.4"], "shadowed_by": text(&first) },
        ])
    );
}

#[test]
fn broken_bundles_are_listed_with_what_is_wrong_and_hide_nothing() {
    let place = Place::new();
    place.bundle("extra/good", "good", "1.0.0", "a.A@1");
    place.write("extra/empty/readme", "");
    place.write("extra/syntax/manifest.toml", "name =");
    place.write("extra/tampered/manifest.toml", &manifest("other", "1.0.0", "a.A@1").replace("other", "bother"));
    place.write("extra/gone/manifest.toml", &manifest("good", "9.0.0", "a.A@1"));
    place
        .write("extra/climbs/manifest.toml", &manifest("climbs", "1.0.0", "a.A@1").replace("lib.so", "../good/lib.so"));
    place.write("extra/file", "no folder, no bundle");
    let listed = run(place.command().args(["pm", "bundles"]).env("RUST_BUN_BUNDLES", place.path("extra")));
    assert_eq!(listed.code, Some(1), "{listed:?}");
    let shown = listed.shown(&place);
    for expected in [
        "├── climbs: broken: ",
        "├── empty: broken: ~/extra/empty/manifest.toml is missing",
        "├── gone: broken: ~/extra/gone: the file `lib.so` is missing",
        "├── good@1.0.0 (native) provides a.A@1.0\n",
        "├── syntax: broken: ",
        "└── tampered: broken: ",
    ] {
        assert!(shown.contains(expected), "no {expected:?} in {shown}");
    }
    assert!(!shown.contains("file: broken"), "{shown}");
}

#[test]
fn a_folder_that_cannot_be_read_is_no_end() {
    let place = Place::new();
    place.bundle(&format!("{}/mine", place.data()), "mine", "1.0.0", "a.A@1");
    File::create(place.path("file")).unwrap();
    let listed = run(place.command().args(["pm", "bundles"]).env("RUST_BUN_BUNDLES", place.path("file")));
    assert_eq!(listed.code, Some(1), "{listed:?}");
    assert!(listed.stdout.contains("Not a directory") && listed.stdout.contains("mine@1.0.0"), "{listed:?}");
}

#[test]
fn a_bundle_that_is_reached_in_two_ways_is_one() {
    let place = Place::new();
    place.bundle("extra/a", "one", "1.0.0", "a.A@1");
    place.link("extra/a", "more/b");
    let variable = std::env::join_paths([place.path("extra"), place.path("more")]).unwrap();
    let listed = run(place.command().args(["pm", "bundles", "--json"]).env("RUST_BUN_BUNDLES", &variable));
    assert_eq!(json(&listed)["bundles"].as_array().unwrap().len(), 1, "{listed:?}");
}

#[test]
fn what_a_projects_env_file_says_chooses_no_bundles() {
    let place = Place::new();
    place.bundle("extra/a", "one", "1.0.0", "a.A@1");
    let extra = place.path("extra");
    place.write("project/.env", &format!("RUST_BUN_BUNDLES={0}\nXDG_DATA_HOME={0}\nHOME={0}\n", text(&extra)));
    let listed = run(place.command().args(["pm", "bundles"]));
    assert!(!listed.stdout.contains("one@1.0.0") && !listed.stdout.contains(text(&extra)), "{listed:?}");
}

#[test]
fn names_that_are_no_text_are_folders_like_others() {
    let place = Place::new();
    let odd = place.folder.join(OsStr::from_bytes(b"od\xFFd"));
    fs::create_dir(&odd).unwrap();
    place.bundle("plain/a", "one", "1.0.0", "a.A@1");
    fs::rename(place.path("plain/a"), odd.join("a")).unwrap();
    for arguments in [&["pm", "bundles"][..], &["pm", "bundles", "--json"]] {
        let listed = run(place.command().args(arguments).env("RUST_BUN_BUNDLES", &odd));
        assert!(listed.code == Some(0) && listed.stdout.contains("one"), "{listed:?}");
    }
}
