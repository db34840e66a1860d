//! A host in C, and the same compiled as C++, with the shared and the static library, under valgrind.

use std::path::{Path, PathBuf};
use std::process::Command;

use polyplug_abi::identity::bundle_id;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where Cargo puts the libraries that it builds for these tests.
fn libraries() -> PathBuf {
    std::env::current_exe().unwrap().parent().unwrap().to_owned()
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{out}{err}", output.status);
}

fn compiler(name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.args(arguments).args(["-g", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-I"]);
    command.arg(root().join("include")).arg("-I").arg(root().join("../polyplug-abi/include"));
    command
}

fn write_manifest(bundle: &Path, name: &str, rest: &str) {
    std::fs::create_dir_all(bundle).unwrap();
    let manifest = format!(
        "name = \"{name}\"\nid = \"0x{:016x}\"\nversion = \"1.0.0\"\nloader = \"native\"\nfile = \"libplugin.so\"\n{rest}",
        bundle_id(name)
    );
    std::fs::write(bundle.join("manifest.toml"), manifest).unwrap();
}

/// Folders with the bundle of plugin.c, and with one that cannot be.
fn folders(folder: &Path) -> (PathBuf, PathBuf) {
    let (good, broken) = (folder.join("good"), folder.join("broken"));
    let sum = good.join("sum");
    let needs =
        "provides = [\"test.Sum@1\"]\n\n[[dependencies]]\nkind = \"host_contract\"\ncontract = \"host.Adder@1\"\n";
    write_manifest(&sum, "sum", needs);
    run(compiler("cc", &["-std=c99", "-shared", "-fPIC", "-fvisibility=hidden"])
        .arg("-o")
        .arg(sum.join("libplugin.so"))
        .arg(root().join("tests/plugin.c")));
    let lonely = broken.join("lonely");
    write_manifest(&lonely, "lonely", "provides = []\n\n[[dependencies]]\ncontract = \"test.Nobody@1\"\n");
    std::fs::copy(sum.join("libplugin.so"), lonely.join("libplugin.so")).unwrap();
    (good, broken)
}

/// Which library a host is linked with.
#[derive(PartialEq)]
enum Linked {
    Shared,
    Static,
}

fn assert_works(name: &str, arguments: &[&str], linked: Linked) {
    let folder = tempfile::tempdir().unwrap();
    let (good, broken) = folders(folder.path());
    let host = folder.path().join("host");
    let mut link = compiler(name, arguments);
    link.arg("-o").arg(&host).arg(root().join("tests/host.c"));
    if linked == Linked::Static {
        link.args(["-x", "none"]).arg(libraries().join("libpolyplug_c.a")).args(["-lm", "-ldl", "-lpthread"]);
    } else {
        link.arg("-L").arg(libraries()).arg("-lpolyplug_c").arg(format!("-Wl,-rpath,{}", libraries().display()));
    }
    run(&mut link);
    run(Command::new("valgrind")
        .args(["--quiet", "--error-exitcode=99", "--leak-check=full", "--errors-for-leak-kinds=definite,indirect"])
        .arg(host)
        .args([good, broken]));
}

#[test]
fn a_host_in_c_works_with_the_shared_library() {
    assert_works("gcc", &["-std=c99"], Linked::Shared);
    assert_works("clang", &["-std=c17"], Linked::Shared);
}

#[test]
fn a_host_in_cpp_works_with_the_shared_library() {
    assert_works("g++", &["-std=c++11", "-x", "c++"], Linked::Shared);
    assert_works("clang++", &["-std=c++17", "-x", "c++"], Linked::Shared);
}

#[test]
fn a_host_in_c_works_with_the_static_library() {
    assert_works("gcc", &["-std=c11"], Linked::Static);
}
