//! Everything that the matrix needs, generated and compiled once.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use polyplugc::api::read_api;
use polyplugc::bundle::read_bundle;
use polyplugc::generate::{Language, Side, generate};
use polyplugc::input::{SourceFile, read};
use tempfile::TempDir;

use crate::support::{fixture, run};

/// Bundles and hosts, by what they are made with.
pub(crate) struct Built {
    folder: TempDir,
    /// Folders of bundles that provide `test.Echo`.
    pub(crate) echoes: Vec<(&'static str, PathBuf)>,
    /// Folders of bundles that provide `test.Relay`.
    pub(crate) relays: Vec<(&'static str, PathBuf)>,
}

/// Compilers with their language and its files' extension.
const COMPILERS: [(&str, Language, &str); 4] = [
    ("gcc", Language::C, "c"),
    ("clang", Language::C, "c"),
    ("g++", Language::Cpp, "cpp"),
    ("clang++", Language::Cpp, "cpp"),
];
const SCRIPTS: [(&str, Language); 2] = [("lua", Language::Lua), ("js", Language::JavaScript)];

pub(crate) fn built() -> &'static Built {
    static BUILT: OnceLock<Built> = OnceLock::new();
    BUILT.get_or_init(build)
}

impl Built {
    /// The library that is a host in C or C++.
    pub(crate) fn host(&self, compiler: &str) -> PathBuf {
        self.folder.path().join(format!("host-{compiler}")).join(library())
    }

    /// The folder of a host's programs in a scripting language.
    pub(crate) fn script_host(&self, language: &str) -> PathBuf {
        self.folder.path().join(format!("host-{language}"))
    }
}

/// What libraries are called here: the same on every system.
fn library() -> &'static str {
    "library"
}

fn build() -> Built {
    let folder = tempfile::tempdir().unwrap();
    let mut built = Built { folder, echoes: Vec::new(), relays: Vec::new() };
    let root = built.folder.path().to_owned();
    for (compiler, language, extension) in COMPILERS {
        let host = root.join(format!("host-{compiler}"));
        write_host(language, &host);
        compile(compiler, &fixture(extension).join("host").with_extension(extension), &host);
        for plugin in ["echo", "relay"] {
            let bundle = write_bundle(plugin, compiler, "native", library(), language, &root);
            compile(compiler, &fixture(extension).join(plugin).with_extension(extension), &bundle);
            built.add(plugin, compiler, bundle);
        }
    }
    for (script, language) in SCRIPTS {
        let host = root.join(format!("host-{script}"));
        write_host(language, &host);
        for program in ["prepare", "check"] {
            let program = Path::new(program).with_extension(script);
            std::fs::copy(fixture(script).join(&program), host.join(&program)).unwrap();
        }
        for plugin in ["echo", "relay"] {
            let file = format!("{plugin}.{script}");
            let bundle = write_bundle(plugin, script, script, &file, language, &root);
            std::fs::copy(fixture(script).join(&file), bundle.join(&file)).unwrap();
            built.add(plugin, script, bundle);
        }
    }
    // Cargo builds the libraries of the crates that a test depends on, and puts them beside it.
    let libraries = std::env::current_exe().unwrap().parent().unwrap().to_owned();
    for plugin in ["echo", "relay"] {
        let bundle = write_bundle(plugin, "rust", "native", library(), Language::Rust, &root);
        let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
        let from = libraries.join(format!("{prefix}polyplugc_test_{plugin}{suffix}"));
        std::fs::copy(&from, bundle.join(library())).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
        built.add(plugin, "rust", bundle);
    }
    built
}

impl Built {
    /// A bundle's folder of its own, to be changed: a copy of that of `test.Echo` in a language.
    pub(crate) fn copy_of_echo(&self, name: &str, to: &Path) {
        let (_, folder) = self.echoes.iter().find(|(echo, _)| *echo == name).unwrap();
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }

    fn add(&mut self, plugin: &str, name: &'static str, bundle: PathBuf) {
        let list = if plugin == "echo" { &mut self.echoes } else { &mut self.relays };
        list.push((name, bundle));
    }
}

/// Writes what is generated for a host.
fn write_host(language: Language, to: &Path) {
    std::fs::create_dir(to).unwrap();
    let api = read_api(&read(&fixture("api.toml")).unwrap()).unwrap();
    for file in generate(Side::Host(&api), language) {
        std::fs::write(to.join(file.name), file.text).unwrap();
    }
}

/// Writes what is generated for a plugin's bundle, whose folder it gives back.
fn write_bundle(plugin: &str, made_with: &str, loader: &str, file: &str, language: Language, root: &Path) -> PathBuf {
    let to = root.join(format!("{plugin}-{made_with}"));
    std::fs::create_dir(&to).unwrap();
    let template = fixture("..").join(format!("rust-{plugin}")).join("bundle.toml");
    let text = std::fs::read_to_string(&template).unwrap();
    let text = text.replace("loader = \"native\"", &format!("loader = \"{loader}\""));
    let text = text.replace("file = \"library\"", &format!("file = \"{file}\""));
    // As if it lay where the template lies: its API is named from there.
    let bundle = read_bundle(&SourceFile::new("bundle.toml", template, text)).unwrap();
    for file in generate(Side::Guest(&bundle), language) {
        std::fs::write(to.join(file.name), file.text).unwrap();
    }
    to
}

/// Compiles a source file with what is generated in `folder` into a library there.
fn compile(compiler: &str, source: &Path, folder: &Path) {
    let standard = if compiler.ends_with("++") { "-std=c++11" } else { "-std=c99" };
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../polyplug-abi/include");
    run(Command::new(compiler)
        .args([standard, "-pedantic", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared"])
        .args(["-fvisibility=hidden", "-I"])
        .arg(include)
        .arg("-I")
        .arg(folder)
        .arg(source)
        .arg("-o")
        .arg(folder.join(library())));
}
