//! What the tests of generated code share.

#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::process::Command;

/// A file of the fixture.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture").join(name)
}

/// The fixture's bundle: it provides both contracts, and calls the host and another bundle.
pub(crate) fn bundle_toml(name: &str, loader: &str, file: &str) -> String {
    format!(
        r#"[bundle]
name = "{name}"
version = "1.0.0"
api = "api.toml"
loader = "{loader}"
file = "{file}"
multiple = ["test.Echo@1"]

[[plugin]]
name = "echo"
version = "0.9.0"
implements = ["test.Echo@1"]

[[dependency]]
kind = "host_contract"
contract = "host.Desk@1"
min_version = "1.1"
"#
    )
}

/// Runs a program, which has to succeed; what it said is given back, and shown if it fails.
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{said}\n{complained}", output.status);
    said
}
