//! `release --shard` on several machines and `merge` on one: the same bytes as
//! one machine's release, and every shard that does not belong there refused
//! for its own reason, before anything is written.

use std::fs;

use serde_json::{Value, json};
use tar::EntryType;

use crate::support::shards::{
    DESCRIPTION, Entry, MUSL, Shards, change_description, pack, prebuilt, program, static_program, unpack,
};
use crate::support::{Fixture, HOST, assert_same, bytes_of, files, sums};

#[test]
fn merged_shards_are_the_release_of_one_machine_byte_for_byte() {
    let fixture = Fixture::full();
    // Linked statically, a program is one for both targets.
    fixture
        .write(".cargo/config.toml", "[build]\nrustflags = [\"-Ctarget-feature=+crt-static\"]\n")
        .write("profiles/release.toml", "schema = 1\nsplit-debug = true\ndebug = true\n")
        .commit("symbols");
    fixture.run(["build"]).ok();
    let built = |name: &str| fixture.path(format!("target/{HOST}/release/{name}"));
    let prebuilt = prebuilt(&fixture, &[("hello", &built("hello")), ("plain", &built("plain"))]);
    let folder = |name: &str| fixture.base().join(name).to_str().unwrap().to_owned();
    let package = |more: &[&str]| fixture.run(["package", "--prebuilt", &prebuilt].iter().chain(more)).ok();
    package(&["--target", HOST, MUSL, "--dist", &folder("whole")]);
    let whole = bytes_of(&fixture.base().join("whole"));
    for (name, triple) in [("gnu", HOST), ("musl", MUSL)] {
        package(&["--target", triple, "--shard", "--dist", &folder(name)]);
        assert_eq!(files(&fixture.base().join(name)), ["report.json", &format!("shard-{triple}.tar.zst")]);
    }
    // The machine that merges has made nothing of it, and stands on no branch.
    fs::remove_dir_all(fixture.path("target")).unwrap();
    fixture.git(&["checkout", "--quiet", "--detach"]);
    let merged = fixture.run(["merge", &folder("musl"), &folder("gnu"), "--dist", &folder("merged")]).ok();
    assert_same(&fixture.base().join("merged"), &whole, "merged");
    assert!(whole.len() > 9, "programs and symbols of two apps for two targets: {:?}", whole.keys());
    merged.never_says(&["warning"]);
    fixture.run(["verify", &folder("merged")]).ok().prints(&["stamped"]);
    // A second time there is nothing to do.
    let again = fixture.run([
        "merge",
        &folder("musl"),
        &folder("gnu"),
        "--dist",
        &folder("merged"),
        "--message-format",
        "json",
    ]);
    assert!(again.ok().outcomes().iter().all(|(_, outcome)| outcome == "cached"));
}

#[test]
fn a_compiled_shard_merges_into_the_release_with_the_choices_of_its_flags() {
    let mut fixture = Fixture::full();
    let flags = ["--skip", "strip", "--features", "loud", "-p", "plain"];
    fixture.write("plain/Cargo.toml", fixture.text("plain/Cargo.toml") + "[features]\nloud = []\n").commit("feature");
    fixture.set_env("SOURCE_DATE_EPOCH", "1700000000");
    fixture.run(["release"].iter().chain(&flags)).ok();
    let whole = bytes_of(&fixture.dist());
    fixture.run(["release", "--shard", "--dist", "part"].iter().chain(&flags)).ok();
    // This machine's own wishes are not asked.
    fixture.set_env("SOURCE_DATE_EPOCH", "1600000000");
    let shard = format!("part/shard-{HOST}.tar.zst");
    fixture.run(["merge", &shard, "--dist", "merged"]).ok();
    assert_same(&fixture.path("merged"), &whole, "merged");
}

#[test]
fn a_shard_s_description_is_as_documented() {
    let shards = Shards::new();
    let entries = unpack(&shards.shard());
    let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    let folders = ["shard/targets/", &format!("shard/targets/{MUSL}/"), &format!("shard/targets/{MUSL}/plain/")];
    assert_eq!(names, ["shard/", DESCRIPTION, folders[0], folders[1], folders[2], &program()]);
    let description: Value = serde_json::from_slice(&entries[1].content).unwrap();
    let mut keys: Vec<&String> = description.as_object().unwrap().keys().collect();
    keys.sort();
    let documented = ["apps", "backends", "build", "files", "git", "rustc", "schema", "source_date_epoch", "tool"];
    assert_eq!(keys, documented);
    let file = &description["files"][0];
    assert_eq!((&file["name"], &file["kind"], &file["app"]), (&json!("plain"), &json!("binary"), &json!("plain")));
    assert_eq!((&file["target"], &file["stamped"]), (&json!(MUSL), &json!(false)));
    assert_eq!(file["size"], entries[5].content.len());
}

#[test]
fn shards_gather_in_one_folder_and_the_release_may_be_merged_beside_them() {
    let shards = Shards::new();
    let whole = ["package", "--prebuilt", &shards.prebuilt, "--target", HOST, MUSL];
    shards.fixture.run(whole).ok();
    let expected = sums(&shards.fixture.dist());
    fs::remove_dir_all(shards.fixture.dist()).unwrap();
    for triple in [HOST, MUSL] {
        shards.fixture.run(["package", "--prebuilt", &shards.prebuilt, "--shard", "--target", triple]).ok();
    }
    let both = [format!("shard-{HOST}.tar.zst"), format!("shard-{MUSL}.tar.zst")];
    assert_eq!(files(&shards.fixture.dist()), ["report.json", &both[0], &both[1]]);
    shards.fixture.run(["merge", "dist"]).ok();
    assert_eq!(sums(&shards.fixture.dist()), expected);
    assert!(both.iter().all(|shard| shards.fixture.dist().join(shard).is_file()));
    shards.fixture.run(["verify"]).ok();
    // They are no part of a release that was not merged.
    shards.fixture.run(whole).ok();
    assert!(both.iter().all(|shard| !shards.fixture.dist().join(shard).exists()));
}

#[test]
fn a_plan_and_a_dry_run_show_what_a_shard_and_a_merge_would_be() {
    let shards = Shards::new();
    let shard = format!("shard-{HOST}.tar.zst");
    let plan = shards.fixture.run(["plan", "--shard", "--format", "json"]).ok().json();
    assert_eq!(plan["artifacts"], json!([{ "name": shard, "kind": "shard", "app": null, "target": null }]));
    let shown = shards.merge(&["--dry-run"]).ok();
    shown.prints(&["take plain from shard-", "SHA256SUMS"]);
    assert!(!shards.fixture.dist().exists());
}

#[test]
fn a_shard_of_a_build_is_refused_since_nothing_is_packed() {
    Fixture::plain().run(["build", "--shard"]).exits(2).says(&["`build` packs nothing"]);
}

#[test]
fn a_shard_that_is_not_there_is_named() {
    let shards = Shards::new();
    fs::remove_file(shards.shard()).unwrap();
    let musl = shards.folder("musl");
    shards.refused(2, &[&format!("there is no shard in {musl}")]);
    let there = shards.folder("gnu");
    let run = shards.fixture.run(["merge", &there, shards.shard().to_str().unwrap()]);
    run.exits(2).says(&["there is no shard /", MUSL]);
}

#[test]
fn a_shard_of_another_commit_is_refused() {
    let shards = Shards::new();
    let first = shards.fixture.git(&["rev-parse", "HEAD"]);
    shards.fixture.commit("second");
    let second = shards.fixture.git(&["rev-parse", "HEAD"]);
    shards.refused(2, &[&format!("the shards are of commit {first}, and this workspace is at {second}")]);
    shards.make(MUSL, "musl");
    shards.refused(2, &["the shards differ in commit: ", &first, &second]);
}

#[test]
fn shards_that_differ_in_what_a_commit_does_not_determine_are_refused() {
    let shards = Shards::new();
    for (change, says) in [
        (json!({ "git": { "branch": "other" } }), "the shards differ in branch: main: "),
        (json!({ "git": { "describe": "v9" } }), "the shards differ in describe: "),
        (json!({ "git": { "dirty": true } }), "the shards differ in whether the tree was dirty: clean: "),
        (json!({ "rustc": "rustc 1.2.3" }), "the shards differ in rustc: rustc 1.2.3: "),
        (json!({ "tool": "9.9.9" }), "the shards differ in build-tool: 0.1.0: "),
        (json!({ "source_date_epoch": 5 }), "the shards differ in the time of the release: "),
        (json!({ "build": { "all_features": true } }), "the shards differ in flags: "),
    ] {
        shards.describe(|description| patch(description, &change)).refused(2, &[says]);
    }
}

/// Puts the values of `change` into `value`, key by key.
fn patch(value: &mut Value, change: &Value) {
    match change {
        Value::Object(changes) => changes.iter().for_each(|(key, change)| patch(&mut value[key], change)),
        _ => *value = change.clone(),
    }
}

#[test]
fn another_backend_for_the_same_target_is_refused() {
    let shards = Shards::new();
    let change = |description: &mut Value| description["backends"] = json!({ MUSL: "cargo", HOST: "zig" });
    shards.describe(change).refused(2, &[&format!("the shards differ in the backend of {HOST}: cargo: "), "zig: "]);
    shards.describe(|description| description["backends"] = json!({ MUSL: "magic" }));
    shards.refused(2, &["with `magic`, which is no backend of this version"]);
}

#[test]
fn another_zig_or_another_origin_of_a_standard_library_is_refused() {
    let shards = Shards::new();
    let gnu = shards.fixture.base().join(format!("gnu/shard-{HOST}.tar.zst"));
    let both = |musl: Value, host: Value| {
        shards.describe(|description| patch(description, &musl));
        let mut entries = unpack(&gnu);
        change_description(&mut entries, |description| patch(description, &host));
        pack(&gnu, &entries);
    };
    both(json!({ "zig": "0.1.0" }), json!({ "zig": "0.2.0" }));
    shards.refused(2, &["the shards differ in zig: 0.1.0: ", "0.2.0: "]);
    let origin = |origin: &str| json!({ "zig": "0.1.0", "standard_libraries": { HOST: origin } });
    both(origin("prebuilt"), origin("source"));
    let reason = format!("the shards differ in where the standard library of {HOST} came from: prebuilt: ");
    shards.refused(2, &[&reason, "source: "]);
}

#[test]
fn an_app_of_another_version_is_refused() {
    let shards = Shards::new();
    let change = |description: &mut Value| description["apps"][0]["version"] = json!("9.9.9");
    shards.describe(change).refused(2, &["the shards differ in plain: 1.2.3 [release] plain: "]);
    let alone = shards.fixture.run(["merge", &shards.folder("musl")]);
    alone.exits(2).says(&["has plain with version 9.9.9, and this workspace has 1.2.3"]);
}

#[test]
fn an_altered_file_is_refused() {
    let shards = Shards::new();
    shards.alter(|entries| entries.last_mut().unwrap().content[2000] ^= 1);
    shards.refused(4, &[&program(), "was altered: its SHA-256 is"]);
    shards.alter(|entries| entries.last_mut().unwrap().content.push(0));
    shards.refused(4, &[&program(), "was altered:", "bytes, not"]);
}

#[test]
fn a_damaged_shard_is_refused() {
    let shards = Shards::new();
    let bytes = fs::read(shards.shard()).unwrap();
    for broken in [&bytes[..bytes.len() / 2], &b""[..], &b"no archive"[..], &[&bytes[..], b"more"].concat()] {
        fs::write(shards.shard(), broken).unwrap();
        shards.refused(4, &["is refused: the archive"]);
    }
}

#[test]
fn a_path_that_climbs_out_is_refused_wherever_it_is_said() {
    let shards = Shards::new();
    for name in ["shard/targets/../../../evil", "/evil"] {
        shards.alter(|entries| entries.push(Entry::file(name, b"evil")));
        shards.refused(4, &["is refused: the archive has an entry", name]);
    }
    for (key, value) in [("name", "../evil"), ("app", ".."), ("target", "a/b")] {
        shards.describe(|description| description["files"][0][key] = json!(value));
        shards.refused(4, &["which leads out of the shard"]);
    }
}

#[test]
fn a_link_in_place_of_a_file_is_refused() {
    let shards = Shards::new();
    shards.alter(|entries| {
        let program = entries.last_mut().unwrap();
        (program.kind, program.content) = (EntryType::Symlink, Vec::new());
    });
    shards.refused(4, &["is refused: the entry", "is neither a file nor a directory"]);
}

#[test]
fn what_is_described_and_what_is_there_must_be_the_same() {
    let shards = Shards::new();
    shards.alter(|entries| entries.push(Entry::file("shard/targets/more", b"more")));
    shards.refused(4, &["it holds shard/targets/more, which its shard/shard.json does not list"]);
    shards.alter(|entries| drop(entries.pop()));
    shards.refused(4, &["it does not hold", &program()]);
    shards.alter(|entries| entries.retain(|entry| entry.name != DESCRIPTION));
    shards.refused(4, &["it has no shard/shard.json before its other files"]);
    shards.describe(|description| {
        let file = description["files"][0].clone();
        description["files"].as_array_mut().unwrap().push(file);
    });
    shards.refused(4, &[&format!("lists {} twice", program())]);
}

#[test]
fn a_description_that_is_none_is_refused() {
    let shards = Shards::new();
    for (text, says) in [
        ("{", "is not the description of a shard"),
        ("{\"schema\": 1}", "is not the description of a shard: missing field"),
        ("{\"schema\": 7, \"new\": []}", "has the schema 7; this build-tool knows 1"),
        (&"[".repeat(100_000), "is not the description of a shard"),
        (&" ".repeat(9 << 20), "has 9437184 bytes, more than the 8388608 it may have"),
    ] {
        shards.alter(|entries| entries[1].content = text.as_bytes().to_owned());
        shards.refused(4, &[says]);
    }
}

#[test]
fn a_target_that_is_there_twice_is_refused() {
    let shards = Shards::new();
    shards.make(MUSL, "again");
    let again = shards.folder("again");
    shards.refused_with(&[&again], 2, &[&format!("{MUSL} is there twice"), "hold plain for it"]);
}

#[test]
fn a_target_that_is_missing_is_named_where_the_release_is_said() {
    let shards = Shards::new();
    let arm = "aarch64-unknown-linux-gnu";
    let wanted = [HOST, MUSL, arm].join(",");
    shards.refused_with(&["--target", &wanted], 2, &[&format!("no shard holds plain for {arm}")]);
    shards.refused_with(&["--all-targets"], 2, &[&format!("no shard holds plain for {arm}"), "x86_64-apple-darwin"]);
    let too_many = format!("holds plain of plain for {MUSL}, which is not part of this release");
    shards.refused_with(&["--target", HOST], 2, &[&too_many]);
}

#[test]
fn a_universal_platform_lacks_no_slice_unless_the_targets_are_named() {
    let shards = Shards::new();
    let (mac, other) = ("aarch64-apple-darwin", "x86_64-apple-darwin");
    let folder = shards.fixture.base().join("prebuilt");
    fs::create_dir(folder.join(mac)).unwrap();
    fs::copy(folder.join(HOST).join("plain"), folder.join(mac).join("plain")).unwrap();
    let args = ["package", "--prebuilt", &shards.prebuilt, "--shard", "--target", mac, "--dist", "mac"];
    // No Mach-O file: nothing may look into it.
    shards.fixture.run(args.iter().chain(&["--skip", "strip,stamp,sign"])).ok();
    let refused = shards.fixture.run(["merge", "mac"]).exits(2);
    refused.says(&[&format!("no shard is for {other}, and universal-apple-darwin is made of it and {mac}")]);
    shards.fixture.run(["merge", "mac", "--target", mac]).ok();
}

#[test]
fn an_app_that_is_missing_in_one_shard_is_named() {
    let fixture = Fixture::full();
    let (program, dist) = (&static_program(&fixture), |name: &str| fixture.base().join(name).display().to_string());
    let prebuilt = prebuilt(&fixture, &[("hello", program), ("plain", program)]);
    let package = ["package", "--prebuilt", &prebuilt, "--shard", "--target"];
    fixture.run(package.iter().copied().chain([HOST, "--dist", &dist("gnu")])).ok();
    fixture.run(package.iter().copied().chain([MUSL, "--dist", &dist("musl"), "-p", "plain"])).ok();
    let failed = fixture.run(["merge", &dist("gnu"), &dist("musl")]).exits(2);
    failed.says(&[&format!("no shard holds hello for {MUSL}")]).never_says(&["problems"]);
    fixture.run(["merge", &dist("musl"), "--package", "hello,plain"]).exits(2).says(&["no shard holds hello for"]);
}

#[test]
fn a_dirty_tree_is_merged_only_when_asked_for() {
    let shards = Shards::new();
    shards.fixture.write("src/main.rs", "fn main() {}\n");
    shards.refused(2, &["this workspace is dirty, and the trees of the shards were not"]);
    shards.refused_with(&["--allow-dirty"], 2, &["this workspace is dirty"]);
    for (triple, name) in [(HOST, "gnu"), (MUSL, "musl")] {
        let dist = shards.folder(name);
        let package = ["package", "--prebuilt", &shards.prebuilt, "--shard", "--target", triple, "--dist", &dist];
        shards.fixture.run(package.iter().chain(&["--allow-dirty"])).ok();
    }
    shards.refused(2, &["the shards' tree was dirty", "--allow-dirty"]);
    shards.merge(&["--allow-dirty"]).ok();
    assert!(shards.fixture.text("dist/release.json").contains("\"dirty\": true"));
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let shards = Shards::new();
    shards.describe(|description| {
        description["git"]["branch"] = json!("other");
        description["rustc"] = json!("rustc 1.2.3");
    });
    let broken = shards.fixture.base().join("gnu/shard-broken.tar.zst");
    fs::write(&broken, "broken").unwrap();
    let gone = shards.folder("gone.tar.zst");
    shards.refused_with(
        &[&gone],
        4,
        &["4 problems", "branch", "rustc", "shard-broken.tar.zst is refused", "no shard /"],
    );
}
