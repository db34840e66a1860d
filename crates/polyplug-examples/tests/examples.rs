//! The examples do what their README says: bundles and hosts in C compile with gcc and with clang without a warning, and
//! run under valgrind without an error.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn run(command: &mut Command) -> (String, String) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{out}{err}", output.status);
    (out.into_owned(), err.into_owned())
}

fn compiler(name: &str) -> Command {
    let mut command = Command::new(name);
    command.args(["-std=gnu99", "-g", "-O1", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-I"]);
    command.arg(root().join("../polyplug-abi/include"));
    command
}

/// The four bundles, compiled.
fn bundles(name: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for bundle in ["greeter", "upper", "title", "letter"] {
        let (from, to) = (root().join("bundles").join(bundle), folder.path().join(bundle));
        std::fs::create_dir(&to).unwrap();
        std::fs::copy(from.join("manifest.toml"), to.join("manifest.toml")).unwrap();
        run(compiler(name)
            .args(["-shared", "-fPIC", "-fvisibility=hidden", "-o"])
            .arg(to.join(format!("lib{bundle}{}", std::env::consts::DLL_SUFFIX)))
            .arg(from.join(format!("{bundle}.c"))));
    }
    folder
}

/// host.c with libpolyplug_c, which Cargo builds for these tests and puts beside them.
fn c_host(name: &str, folder: &Path) -> PathBuf {
    let libraries = std::env::current_exe().unwrap().parent().unwrap().to_owned();
    let host = folder.join("host");
    run(compiler(name)
        .arg("-I")
        .arg(root().join("../polyplug-c/include"))
        .arg(root().join("host.c"))
        .arg("-L")
        .arg(&libraries)
        .arg("-lpolyplug_c")
        .arg(format!("-Wl,-rpath,{}", libraries.display()))
        .arg("-o")
        .arg(&host));
    host
}

const SAID: &str = "Hello, C
Hello, world
code 8: whom shall I greet? The name is empty
2 greeted
*** DEPENDENCIES ***
Yours,
the third bundle
";

#[test]
fn the_host_and_the_bundles_in_c_run_under_valgrind_without_an_error() {
    for name in ["gcc", "clang"] {
        let folder = bundles(name);
        let programs = tempfile::tempdir().unwrap();
        let host = c_host(name, programs.path());
        let (out, _) = run(Command::new("valgrind")
            .args(["--quiet", "--error-exitcode=99", "--leak-check=full", "--errors-for-leak-kinds=definite,indirect"])
            .arg(host)
            .arg(folder.path()));
        assert_eq!(out, SAID, "{name}");
    }
}

#[test]
fn the_host_in_rust_calls_the_bundles_in_c() {
    let folder = bundles("cc");
    let (out, err) = run(Command::new(env!("CARGO_BIN_EXE_rust_host")).arg(folder.path()));
    // Providers first.
    let listed = "greeter 1.0.0\nupper 1.0.0\ntitle 1.0.0\nletter 1.0.0\n";
    assert_eq!(out.replace("Hello, Rust", "Hello, C"), format!("{listed}{}", SAID.replace("2 greeted\n", "")), "{err}");
}

#[test]
fn a_library_is_built_anew_and_reloaded_while_the_host_runs() {
    let folder = bundles("cc");
    let (out, _) = run(Command::new(env!("CARGO_BIN_EXE_hot_reload"))
        .arg(folder.path())
        .arg(root().join("bundles/greeter/greeter.c"))
        .arg(root().join("../polyplug-abi/include")));
    let expected = "Hello, world
Preparing greeter
Reloaded greeter
Good evening, world
Hello, world
Preparing greeter
Failed greeter: it says why below
not reloaded, code 21
Good evening, world
";
    assert_eq!(out, expected);
}

#[test]
fn a_folder_with_a_link_of_the_chain_missing_is_told_by_name() {
    let folder = bundles("cc");
    std::fs::remove_dir_all(folder.path().join("upper")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_rust_host")).arg(folder.path()).output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(err.contains("title") && err.contains("text.Upper"), "{err}");
}
