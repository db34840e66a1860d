//! Bundles of plugins: compiled along with their app, finished as its programs are, and packed where it finds them.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use polyplug::loader::ManifestData;
use polyplug_abi::identity::bundle_id;
use release_formats::macho::check_signature;
use release_formats::stamp::read_stamp;
use serde_json::{Value, json};

use crate::support::{Fixture, HOST, Run, assert_same, bytes_of, entries, files, tool};

const FOLDER: &str = "lib/app/bundles/words";
const WORDS: &str = "use std::panic::catch_unwind;\n\
    #[unsafe(no_mangle)]\n\
    pub extern \"C\" fn length_of_version() -> usize {\n    \
    catch_unwind(|| build_info::build_info!().version.len()).unwrap_or(0)\n}\n";
const ENTRY: &str =
    "[[bundles]]\npackage = \"words\"\nmanifest = \"words/manifest.toml\"\nfiles = [\"words/lists/**\"]\n";

fn manifest(file: &str) -> String {
    let id = bundle_id("words");
    format!(
        "name = \"words\"\nid = \"{id:#018x}\"\nversion = \"0.5.0\"\nloader = \"native\"\nfile = {file}\n\
         provides = [\"text.Words@1\"]\n"
    )
}

const FILES: &str = r#"{ linux = "libwords.so", macos = "libwords.dylib", windows = "words.dll" }"#;

/// `app` 1.2.3 with a bundle of `words` 0.5.0; committed.
fn fixture() -> Fixture {
    let fixture = Fixture::empty("workspace");
    let dependency = "[dependencies]\nbuild-info = { path = \"../crates/build-info\" }\n";
    fixture
        .workspace(&["app", "words", "crates/build-info"], "default-members = [\"app\"]")
        .build_info()
        .member("app", dependency, "fn main() { println!(\"{}\", build_info::build_info!().version_string()); }")
        .write(
            "words/Cargo.toml",
            format!(
                "[package]\nname = \"words\"\nversion = \"0.5.0\"\nedition = \"2024\"\n[lib]\n\
                 crate-type = [\"cdylib\"]\n{dependency}"
            ),
        )
        .write("words/src/lib.rs", WORDS)
        .write("words/manifest.toml", manifest(FILES))
        .write("words/src/bin/own.rs", "compile_error!(\"nobody ships this\");\n")
        .write("words/lists/de/short", "ja\n")
        .write("packaging/app.toml", format!("schema = 1\nmaintainer = \"Ada <ada@example.org>\"\n{ENTRY}"))
        .write("profiles/release.toml", "schema = 1\nstrip = \"symbols\"\n")
        .lock()
        .commit("first");
    fixture
}

/// Calls a function of a library that lies in a bundle, and which the bundle's manifest names.
fn length_of_version(bundle: &Path) -> String {
    let library = ManifestData::read(bundle).unwrap().resolve_file().unwrap();
    let call = "import ctypes, sys; print(ctypes.CDLL(sys.argv[1]).length_of_version())";
    tool("python3", &["-c", call, library.to_str().unwrap()]).trim().to_owned()
}

fn unpacked(fixture: &Fixture, folder: &str, target: &str) -> PathBuf {
    let into = fixture.base().join(folder);
    fs::create_dir_all(&into).unwrap();
    let archive = fixture.dist().join(format!("app-1.2.3-{target}.tar.gz"));
    tool("tar", &["-xf", archive.to_str().unwrap(), "--strip-components=1", "-C", into.to_str().unwrap()]);
    into
}

#[test]
fn a_release_has_the_bundle_where_the_program_finds_it() {
    let fixture = fixture();
    fixture.release();
    let folder = format!("app-1.2.3-{HOST}");
    let listed = entries(&fixture.dist().join(format!("{folder}.tar.gz")));
    // Of the last one's path, what the glob names outright stays behind.
    for file in ["libwords.so", "manifest.toml", "de/short"] {
        assert!(listed.contains(&format!("{folder}/{FOLDER}/{file}")), "no {file} in {listed:?}");
    }
    let bundle = unpacked(&fixture, "unpacked", HOST).join(FOLDER);
    assert_eq!(length_of_version(&bundle), "5");
    // Its library is stripped, and stamped with the version of its own package.
    let library = fs::read(bundle.join("libwords.so")).unwrap();
    let stamp = read_stamp(&library).unwrap().unwrap();
    assert_eq!((stamp.version.as_str(), stamp.git_hash), ("0.5.0", fixture.short_commit()));
    let symbols = tool("nm", &["--dynamic", "--defined-only", bundle.join("libwords.so").to_str().unwrap()]);
    assert!(symbols.contains("length_of_version"), "{symbols}");
    let sections = tool("readelf", &["--sections", "--wide", bundle.join("libwords.so").to_str().unwrap()]);
    assert!(!sections.contains(".symtab") && !sections.contains(".debug_"), "{sections}");
    // release.json tells of it.
    let description: Value = serde_json::from_str(&fixture.text("dist/release.json")).unwrap();
    let told = json!([{ "name": "words", "version": "0.5.0", "folder": FOLDER }]);
    assert_eq!(description["apps"][0]["bundles"], told);
    let programs = description["programs"].as_array().unwrap();
    let of_bundle = programs.iter().find(|program| program["name"] == "libwords.so").unwrap();
    let told = (&of_bundle["kind"], &of_bundle["folder"], &of_bundle["stamped"]);
    assert_eq!(told, (&json!("cdylib"), &json!(FOLDER), &json!(true)));
    fixture.run(["verify"]).ok();
    // Nothing has changed.
    fixture.release().prints(&["0 run"]);
    fixture.run(["verify", "--rebuild"]).ok().prints(&["every byte the same"]);
    // Another file of the bundle makes other archives, and compiles nothing.
    fixture.write("words/lists/de/short", "nein\n").commit("words");
    fixture.release();
    let bundle = unpacked(&fixture, "unpacked", HOST).join(FOLDER);
    assert_eq!(fs::read_to_string(bundle.join("de/short")).unwrap(), "nein\n");
}

#[test]
fn an_installed_bundle_lies_beside_the_program_and_goes_with_it() {
    let fixture = fixture();
    fixture.write("words/build.rs", "fn main() { println!(\"cargo::rustc-link-lib=stdc++\"); }\n").write(
        "words/src/lib.rs",
        format!(
            "{WORDS}unsafe extern \"C\" {{ fn _ZSt9terminatev() -> !; }}\n\
             #[unsafe(no_mangle)]\npub extern \"C\" fn end() {{ unsafe {{ _ZSt9terminatev() }} }}\n"
        ),
    );
    fixture.commit("a library that needs more than the program");
    fixture.release();
    let (deb, rpm) = (fixture.dist().join("app_1.2.3-1_amd64.deb"), fixture.dist().join("app-1.2.3-1.x86_64.rpm"));
    let (deb, rpm) = (deb.to_str().unwrap(), rpm.to_str().unwrap());
    let folder = fixture.base().join("deb");
    tool("dpkg-deb", &["--extract", deb, folder.to_str().unwrap()]);
    assert_eq!(length_of_version(&folder.join("usr").join(FOLDER)), "5");
    let listed = tool("dpkg-deb", &["--contents", deb]);
    let library = listed.lines().find(|line| line.ends_with("/libwords.so")).unwrap();
    assert!(library.starts_with("-rw-r--r-- root/root"), "{library}");
    let depends = tool("dpkg-deb", &["--field", deb, "Depends"]);
    assert!(depends.contains("libstdc++6 (>= "), "{depends}");
    let found = tool("lintian", &["--fail-on", "none", deb]);
    // This fixture has no man page and a made-up changelog.
    let known = |line: &&str| line.contains("no-manual-page") || line.contains("initial-upload-closes-no-bugs");
    assert_eq!(found.lines().filter(|line| !known(line)).filter(|line| line.contains("bundles")).count(), 0, "{found}");

    assert!(tool("rpm", &["--query", "--requires", "--package", rpm]).contains("libstdc++.so.6"));
    let root = fixture.base().join("rpm");
    let manage = |arguments: &[&str]| {
        let root = ["--root", root.to_str().unwrap(), "--dbpath", "/var/lib/rpm", "--nodeps"];
        tool("rpm", &[&root, arguments].concat())
    };
    manage(&["--install", rpm]);
    assert_eq!(length_of_version(&root.join("usr").join(FOLDER)), "5");
    assert_eq!(manage(&["--verify", "app"]), "");
    manage(&["--erase", "app"]);
    assert!(!root.join("usr/lib/app").exists(), "an empty folder is left");
}

#[test]
fn split_symbols_of_a_bundle_are_found_by_its_path() {
    let fixture = fixture();
    fixture.write("profiles/release.toml", "schema = 1\nstrip = \"symbols\"\ndebug = true\nsplit-debug = true\n");
    fixture.commit("symbols");
    fixture.release();
    let symbols = entries(&fixture.dist().join(format!("app-1.2.3-{HOST}-debug.tar.gz")));
    assert!(symbols.contains(&format!("app-1.2.3-{HOST}-debug/{FOLDER}/libwords.so.debug")), "{symbols:?}");
    let deb = fixture.dist().join("app-dbgsym_1.2.3-1_amd64.deb");
    let listed = tool("dpkg-deb", &["--contents", deb.to_str().unwrap()]);
    let bundle = unpacked(&fixture, "unpacked", HOST).join(FOLDER).join("libwords.so");
    let notes = tool("readelf", &["--notes", bundle.to_str().unwrap()]);
    let id = notes.split("Build ID: ").nth(1).unwrap().split_whitespace().next().unwrap();
    let by_id = format!(".build-id/{}/{}.debug", &id[..2], &id[2..]);
    assert!(listed.contains(&by_id) || listed.contains(&format!("{FOLDER}/libwords.so.debug")), "{listed}");
    fixture.run(["verify"]).ok();
}

#[test]
fn what_was_built_elsewhere_and_what_shards_hold_makes_the_same_release() {
    let fixture = fixture();
    fixture.release();
    let released = bytes_of(&fixture.dist());
    let shards = fixture.base().join("shards");
    let shards = shards.to_str().unwrap();
    fixture.run(["release", "--shard", "--dist", shards]).ok();
    fixture.run(["merge", shards, "--dist", "dist"]).ok();
    assert_same(&fixture.dist(), &released, "merged");

    let prebuilt = fixture.base().join("prebuilt").join(HOST);
    fs::create_dir_all(&prebuilt).unwrap();
    let linked = fixture.path("target").join(HOST).join("release");
    for name in ["app", "libwords.so"] {
        fs::copy(linked.join(name), prebuilt.join(name)).unwrap();
    }
    let from = fixture.base().join("prebuilt");
    fixture.run(["package", "--prebuilt", from.to_str().unwrap()]).ok();
    for name in ["app_1.2.3-1_amd64.deb", "app-1.2.3-1.x86_64.rpm"] {
        assert!(fs::read(fixture.dist().join(name)).unwrap() == released[name], "{name} is another");
    }
    fs::remove_file(prebuilt.join("libwords.so")).unwrap();
    fixture.run(["package", "--prebuilt", from.to_str().unwrap()]).exits(2).says(&[&format!("{HOST}/libwords.so")]);
}

#[test]
fn a_build_prints_the_library_and_a_plan_shows_what_goes_where() {
    let fixture = fixture();
    let plan = fixture.run(["plan", "--format", "json"]).ok().json();
    assert_eq!(plan["apps"][0]["files"], json!([format!("{FOLDER}/de/short"), format!("{FOLDER}/manifest.toml")]));
    let deb = plan["installers"].as_array().unwrap().iter();
    let deb = deb.clone().find(|installer| installer["file"].as_str().unwrap().ends_with(".deb")).unwrap();
    let nodes = deb["contents"].as_array().unwrap().iter();
    let nodes: Vec<String> =
        nodes.map(|node| format!("{} {}", node["mode"].as_str().unwrap(), node["path"].as_str().unwrap())).collect();
    for file in ["de/short", "libwords.so", "manifest.toml"] {
        assert!(nodes.contains(&format!("0644 usr/{FOLDER}/{file}")), "{nodes:?}");
    }
    let built = fixture.run(["build"]).ok().stdout;
    assert!(built.contains(&format!("target/build-tool/{HOST}/release/{FOLDER}/libwords.so\n")), "{built}");
}

#[test]
fn what_is_wrong_with_bundles_is_shown_at_once_while_planning() {
    let fixture = fixture();
    let broken = manifest(FILES).replace("provides", "provide").replace("0.5.0", "five");
    let twice = manifest(FILES);
    fixture
        .write("words/broken.toml", broken)
        .write("words/other.toml", manifest("\"libother.so\""))
        .write("words/tampered.toml", manifest(FILES).replace("name = \"words\"", "name = \"swords\""))
        .write("words/twice.toml", twice)
        .write(
            "packaging/app.toml",
            "schema = 1\nbundles = [\n\
             { package = \"wrods\", manifest = \"words/manifest.toml\" },\n\
             { package = \"app\", manifest = \"words/manifest.toml\" },\n\
             { package = \"words\", manifest = \"words/missing.toml\" },\n\
             { package = \"words\", manifest = \"words/broken.toml\" },\n\
             { package = \"words\", manifest = \"words/tampered.toml\" },\n\
             { package = \"words\", manifest = \"words/other.toml\" },\n\
             { package = \"words\", manifest = \"words/twice.toml\" },\n\
             { package = \"words\", manifest = \"words/manifest.toml\", files = [\"nothing/*\", \"words/manifest.toml\", \"../*\"] },\n]\n",
        )
        .commit("mistakes");
    let failed = fixture.run(["plan"]).exits(2);
    failed.says(&["packaging/app.toml:10:", "leads out of the workspace"]);
    let text = fixture.text("packaging/app.toml").replace(", \"../*\"", "");
    fixture.write("packaging/app.toml", text).commit("one less");
    fixture.run(["plan"]).exits(2).says(&[
        "packaging/app.toml:3:",
        "no package `wrods`",
        "did you mean `words`?",
        "packaging/app.toml:4:",
        "package `app` builds no cdylib",
        "no file `words/missing.toml`",
        "words/broken.toml:3:11: `five` is not a version",
        "did you mean `provides`?",
        "words/tampered.toml:2:6",
        "packaging/app.toml:8:",
        "linux-x86_64: `libother.so`, and it is compiled as `libwords.so`",
        "file = { linux = \"libwords.so\" }",
        "two bundles are called `words`",
        "packaging/app.toml:10:",
        "`nothing/*` matches no file",
    ]);
}

#[test]
fn no_other_file_of_the_archive_takes_the_place_of_a_bundles_file() {
    let fixture = fixture();
    let files: String = ["libwords.so", "manifest.toml"]
        .map(|file| format!("[[files]]\nsource = \"words/src/lib.rs\"\ndestination = \"{FOLDER}/{file}\"\n"))
        .concat();
    fixture.write("packaging/app.toml", format!("schema = 1\n{ENTRY}{files}")).commit("two for one place");
    fixture.run(["plan"]).exits(2).says(&[
        "packaging/app.toml:4:",
        "two files would be packed as `lib/app/bundles/words/libwords.so`",
        "and the library of words",
        "two files would be packed as `lib/app/bundles/words/manifest.toml`",
    ]);
}

#[test]
fn a_bundles_manifest_has_to_name_the_library_of_each_target() {
    let fixture = fixture();
    let targets = ["plan", "--target", HOST, "x86_64-pc-windows-msvc", "aarch64-apple-darwin"];
    fixture.run(targets).ok();
    fixture.write("words/manifest.toml", manifest("{ linux = \"libwords.so\", windows = \"libwords.dll\" }"));
    fixture.commit("mistakes");
    fixture.run(["plan"]).ok();
    fixture.run(targets).exits(2).says(&[
        "windows-x86_64: `libwords.dll`, and it is compiled as `words.dll`",
        "macos-aarch64: no file, and it is compiled as `libwords.dylib`",
        "file = { linux = \"libwords.so\", macos = \"libwords.dylib\", windows = \"words.dll\" }",
    ]);
}

#[test]
fn a_target_that_makes_no_dynamic_libraries_is_named_while_planning() {
    let fixture = fixture();
    let musl = ["plan", "--target", HOST, "x86_64-unknown-linux-musl"];
    fixture.run(musl).exits(2).says(&[
        "words is to be a dynamic library, and Rust makes none for x86_64-unknown-linux-musl",
        "packaging/app.toml:4:",
        "`targets` in the package manifest",
    ]);
    let dynamic =
        "schema = 1\ntriple = \"x86_64-unknown-linux-musl\"\nrustflags = [\"-Ctarget-feature=-crt-static\"]\n";
    fixture.write("profiles/targets/x86_64-unknown-linux-musl.toml", dynamic).commit("dynamic");
    fixture.run(musl).ok();
}

#[test]
fn an_apps_features_do_not_depend_on_whose_bundles_are_released_beside_it() {
    let fixture = Fixture::empty("workspace");
    let library = "[package]\nname = \"words\"\nversion = \"0.5.0\"\nedition = \"2024\"\n[lib]\n\
                   crate-type = [\"cdylib\"]\n[dependencies]\nshared = { path = \"../shared\", features = [\"loud\"] }\n";
    let dependency = "[dependencies]\nshared = { path = \"../shared\" }\n";
    fixture
        .workspace(&["app", "other", "shared", "words"], "default-members = [\"app\", \"other\"]")
        .write("words/Cargo.toml", library)
        .write("words/src/lib.rs", "pub use shared::say;\n")
        .write("words/manifest.toml", manifest(FILES))
        .write(
            "shared/Cargo.toml",
            "[package]\nname = \"shared\"\nversion = \"1.0.0\"\nedition = \"2024\"\n[features]\nloud = []\n",
        )
        .write("shared/src/lib.rs", "pub fn say() { println!(\"{}\", cfg!(feature = \"loud\")); }\n")
        .member("app", dependency, "fn main() { shared::say(); }")
        .member("other", dependency, "fn main() { shared::say(); }")
        .write(
            "packaging/app.toml",
            "schema = 1\n[[bundles]]\npackage = \"words\"\nmanifest = \"words/manifest.toml\"\n",
        )
        .lock()
        .commit("first");
    let plan = fixture.run(["plan", "--format", "json"]).ok().json();
    let compiles = plan["steps"].as_array().unwrap().iter().filter(|step| step["stage"] == "compile");
    let whys: Vec<_> = compiles.map(|step| step["why"].as_str().unwrap()).collect();
    assert_eq!(whys.len(), 2, "{whys:?}");
    assert!(whys.iter().any(|why| why.contains("shared would get other features")), "{whys:?}");
}

#[test]
#[ignore = "slow: compiles and links for four foreign targets"]
fn libraries_for_windows_and_macos_are_linked_without_their_sdks() {
    let fixture = fixture();
    let targets = ["x86_64-pc-windows-msvc", "aarch64-pc-windows-msvc", "aarch64-apple-darwin", "x86_64-apple-darwin"];
    fixture.run([&["release", "--target"], &targets[..]].concat()).ok();
    for target in [targets[2], targets[3], "universal-apple-darwin"] {
        let library = unpacked(&fixture, target, target).join(FOLDER).join("libwords.dylib");
        let path = library.to_str().unwrap();
        let name = tool("llvm-objdump-22", &["--macho", "--dylib-id", path]);
        assert!(name.ends_with("\n@rpath/libwords.dylib\n"), "{name}");
        assert!(tool("llvm-nm-22", &["--extern-only", "--defined-only", path]).contains(" _length_of_version\n"));
        let reports = check_signature(&mut File::open(&library).unwrap()).unwrap();
        assert!(reports.iter().all(|report| report.ad_hoc && report.differences.is_empty()), "{reports:?}");
        let bytes = fs::read(&library).unwrap();
        let own = fixture.base().to_str().unwrap().as_bytes();
        assert!(!bytes.windows(own.len()).any(|part| part == own), "{target} names this machine's folders");
    }
    for target in &targets[..2] {
        let into = fixture.base().join(target);
        let archive = fixture.dist().join(format!("app-1.2.3-{target}.zip"));
        tool("unzip", &["-q", archive.to_str().unwrap(), "-d", into.to_str().unwrap()]);
        let bundle = into.join(format!("app-1.2.3-{target}")).join(FOLDER);
        assert_eq!(files(&bundle), ["de", "manifest.toml", "words.dll"]);
        let headers = tool("llvm-objdump-22", &["--private-headers", bundle.join("words.dll").to_str().unwrap()]);
        let exports: Vec<&str> = headers.split("Export Table:").nth(1).unwrap().lines().skip(4).collect();
        let exports: Vec<&str> = exports.into_iter().take_while(|line| !line.trim().is_empty()).collect();
        assert!(exports.len() == 1 && exports[0].ends_with(" length_of_version"), "{headers}");
    }
    let msi = fixture.dist().join("app-1.2.3-x86_64-pc-windows-msvc.msi");
    let into = fixture.base().join("msi");
    tool("msiextract", &["--directory", into.to_str().unwrap(), msi.to_str().unwrap()]);
    assert!(into.join("app").join(FOLDER).join("words.dll").is_file());
    fixture.run(["verify"]).ok();
    let before = bytes_of(&fixture.dist());
    let elsewhere = fixture.base().join("elsewhere");
    fixture.git(&["clone", "--quiet", ".", elsewhere.to_str().unwrap()]);
    let mut again = fixture.command([&["release", "--target"], &targets[..]].concat());
    again.current_dir(&elsewhere);
    Run::of(again).ok();
    assert_same(&elsewhere.join("dist"), &before, "from another folder");
}
