//! The example with generated code: it is up to date, and its five plugins do the same for its host.

use std::path::{Path, PathBuf};
use std::process::Command;

use polyplugc::api::read_api;
use polyplugc::bundle::read_bundle;
use polyplugc::generate::{Language, Side, generate};
use polyplugc::input::read;

const LANGUAGES: [(&str, Language); 5] = [
    ("rust", Language::Rust),
    ("c", Language::C),
    ("cpp", Language::Cpp),
    ("lua", Language::Lua),
    ("js", Language::JavaScript),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{out}{err}", output.status);
    out.into_owned()
}

/// Where the generated files of a language lie.
fn folder(language: &str) -> PathBuf {
    let folder = root().join("generated").join(language);
    if language == "rust" { folder.join("src") } else { folder }
}

#[test]
fn the_generated_code_is_up_to_date() {
    let api = read_api(&read(&root().join("generated/api.toml")).unwrap()).unwrap();
    let host = root().join("src/bin/generated_host");
    let mut files: Vec<_> =
        generate(Side::Host(&api), Language::Rust).into_iter().map(|file| (host.join(file.name), file.text)).collect();
    for (name, language) in LANGUAGES {
        let bundle = read(&root().join("generated").join(name).join("bundle.toml")).unwrap();
        let generated = generate(Side::Guest(&read_bundle(&bundle).unwrap()), language);
        files.extend(generated.into_iter().map(|file| (folder(name).join(file.name), file.text)));
    }
    for (path, text) in files {
        let there = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(there == text, "{} is not what is generated; generated/README.md says how to", path.display());
    }
}

const SAID: &str = "  Hello, Ada.
  HELLO, ADA! HELLO, ADA!
  journal: greeted Grace
  journal: greeted Edsger
  Hello, Grace.
  Hello, Edsger.
  code 300: whom shall I greet?
";

#[test]
fn a_plugin_in_each_language_does_the_same() {
    let built = tempfile::tempdir().unwrap();
    let libraries = std::env::current_exe().unwrap().parent().unwrap().to_owned();
    let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    for (name, _) in LANGUAGES {
        let to = built.path().join(name);
        std::fs::create_dir(&to).unwrap();
        let from = folder(name);
        std::fs::copy(from.join("manifest.toml"), to.join("manifest.toml")).unwrap();
        match name {
            "rust" => {
                let library = format!("{prefix}generated_greeter{suffix}");
                std::fs::copy(libraries.join(&library), to.join(&library)).unwrap();
            }
            "c" | "cpp" => {
                let (compiler, standard) = if name == "c" { ("cc", "-std=c99") } else { ("c++", "-std=c++11") };
                run(Command::new(compiler)
                    .args([standard, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-shared", "-fPIC", "-I"])
                    .arg(root().join("../polyplug-abi/include"))
                    .arg("-o")
                    .arg(to.join(format!("{prefix}greeter{suffix}")))
                    .arg(from.join("greeter").with_extension(name)));
            }
            script => {
                for file in ["guest", "greeter"] {
                    let file = Path::new(file).with_extension(script);
                    std::fs::copy(from.join(&file), to.join(&file)).unwrap();
                }
            }
        }
        let out = run(Command::new(env!("CARGO_BIN_EXE_generated_host")).arg(&to));
        assert_eq!(out, format!("greeter-{name}:\n{SAID}"), "{name}");
    }
}
