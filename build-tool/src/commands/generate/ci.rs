//! The release workflow for GitHub: builds on one Linux machine, or each target
//! on its own `ci-runner`; then proves, and on a tag publishes. Facts in, text
//! out: the same workspace gives the same file, so that drift can be seen.

use std::fmt::Write as _;

use super::super::{Error, Surroundings};
use crate::cli::CiFlags;
use crate::git::GitReading;
use crate::workspace::Workspace;

/// The package that this program is.
const TOOL: &str = "build-tool";
/// The runner of every job that is not of one target.
const RUNNER: &str = "ubuntu-24.04";

// Exact versions: what a release is made with does not change by itself.
const CHECKOUT: &str = "actions/checkout@v4.2.2";
const CACHE: &str = "actions/cache@v4.2.3";
const UPLOAD: &str = "actions/upload-artifact@v4.6.2";
const DOWNLOAD: &str = "actions/download-artifact@v4.3.0";

/// What the workflow depends on.
struct Facts {
    /// The command that writes the file.
    command: String,
    /// `--all-targets`, and whatever else says which.
    targets: String,
    /// How the workflow gets this tool.
    get_tool: String,
    /// How it gets the compiler.
    get_rust: &'static str,
    /// The workspace's folder in the repository, with a slash behind it; empty where it is the repository's own.
    folder: String,
}

/// The workflow of a workspace.
pub(super) fn workflow(surroundings: &Surroundings, flags: &CiFlags) -> Result<String, Error> {
    let workspace = &surroundings.workspace;
    let tier = if flags.tier == 1 { String::new() } else { format!(" --tier {}", flags.tier) };
    let matrix = if flags.matrix { " --matrix" } else { "" };
    let has_toolchain_file =
        ["rust-toolchain.toml", "rust-toolchain"].iter().any(|name| workspace.root.join(name).is_file());
    let facts = Facts {
        command: format!("{TOOL} generate ci{matrix}{tier}"),
        targets: format!("--all-targets{tier}"),
        get_tool: get_tool(workspace),
        get_rust: if has_toolchain_file {
            "rustup toolchain install"
        } else {
            "rustup toolchain install stable --profile minimal && rustup default stable"
        },
        folder: folder_in_repository(workspace, &surroundings.git)?,
    };
    let jobs = if flags.matrix { matrix_jobs(&facts) } else { one_job(&facts) };
    Ok(head(&facts) + &jobs + &publish(&facts))
}

/// The workspace of the tool itself releases with what it is; others take the version that wrote the workflow.
fn get_tool(workspace: &Workspace) -> String {
    let own = workspace.members().into_iter().find(|package| package.name.as_str() == TOOL);
    let folder = own.and_then(|package| package.manifest_path.parent()?.strip_prefix(&workspace.root).ok());
    match folder {
        Some(folder) if folder.as_str().is_empty() => "cargo install --locked --path .".to_owned(),
        Some(folder) => format!("cargo install --locked --path {}", folder.as_str().replace('\\', "/")),
        None => format!("cargo install --locked {TOOL} --version {}", env!("CARGO_PKG_VERSION")),
    }
}

fn folder_in_repository(workspace: &Workspace, git: &GitReading) -> Result<String, Error> {
    let Some(repository) = &git.root else { return Ok(String::new()) };
    let canonical = |path: &std::path::Path| {
        std::fs::canonicalize(path).map_err(|source| Error::File { action: "find", path: path.to_owned(), source })
    };
    let (root, repository) = (canonical(&workspace.root)?, canonical(repository)?);
    let folder = root.strip_prefix(&repository).map(|folder| folder.to_string_lossy().replace('\\', "/"));
    Ok(folder.ok().filter(|folder| !folder.is_empty()).map(|folder| format!("{folder}/")).unwrap_or_default())
}

fn head(facts: &Facts) -> String {
    let mut text = format!(
        "# Written by `{command}`. To change it, change what that command is told, and run it
# again; `{command} --check` fails where this file differs.
name: release

on:
  push:
    tags: [\"v*\"]
  # By hand it does all but publish.
  workflow_dispatch:

permissions:
  contents: read

# A release that has begun is finished.
concurrency:
  group: release-${{{{ github.ref }}}}
  cancel-in-progress: false

env:
  CARGO_TERM_COLOR: always
  # Files come out of git as they went in, on Windows, too.
  GIT_CONFIG_COUNT: 1
  GIT_CONFIG_KEY_0: core.autocrlf
  GIT_CONFIG_VALUE_0: \"false\"

defaults:
  run:
    shell: bash
",
        command = facts.command
    );
    if !facts.folder.is_empty() {
        let _to_a_string = writeln!(text, "    working-directory: {}", quoted(facts.folder.trim_end_matches('/')));
    }
    text + "\njobs:\n"
}

/// The steps that every job begins with: sources, compiler, downloads, this tool.
fn begin(facts: &Facts) -> String {
    format!(
        "      - uses: {CHECKOUT}
        with:
          # Tags and history: what the version says of the commit.
          fetch-depth: 0
          persist-credentials: false
      - name: Get Rust
        run: {rust}
      # Downloads only: a release is compiled from nothing.
      - uses: {CACHE}
        with:
          path: |
            ~/.cargo/registry/index
            ~/.cargo/registry/cache
            ~/.cargo/git/db
          key: cargo-${{{{ runner.os }}}}-${{{{ hashFiles('**/Cargo.lock') }}}}
      - name: Get {TOOL}
        run: {tool}
",
        rust = facts.get_rust,
        tool = facts.get_tool
    )
}

/// What a release needs besides; as root where packages of the system may be wanted. What root would
/// leave behind in cargo's home is fetched before.
fn install(targets: &str) -> String {
    format!(
        "      - name: Get the tools and standard libraries
        run: |
          cargo fetch --locked
          if [ \"$RUNNER_OS\" = Linux ]; then as_root='sudo env'; else as_root=env; fi
          $as_root \"PATH=$PATH\" \"HOME=$HOME\" {TOOL} doctor {targets} --install
"
    )
}

fn prove_and_keep(facts: &Facts) -> String {
    format!(
        "      - name: Prove it
        run: {TOOL} verify
      - uses: {UPLOAD}
        with:
          name: release
          path: |
            {folder}dist/
            !{folder}dist/report.json
          if-no-files-found: error
          # Archives do not get smaller.
          compression-level: 0
",
        folder = facts.folder
    )
}

fn one_job(facts: &Facts) -> String {
    format!(
        "  release:
    runs-on: {RUNNER}
    timeout-minutes: 180
    steps:
{begin}{install}      - name: Release
        run: {TOOL} release {targets}
{prove}",
        begin = begin(facts),
        install = install(&facts.targets),
        targets = facts.targets,
        prove = prove_and_keep(facts),
    )
}

fn matrix_jobs(facts: &Facts) -> String {
    format!(
        "  plan:
    runs-on: {RUNNER}
    timeout-minutes: 30
    outputs:
      matrix: ${{{{ steps.plan.outputs.matrix }}}}
    steps:
{begin}      - name: Plan
        id: plan
        run: |
          matrix=$({TOOL} plan {targets} --format github-matrix)
          echo \"matrix=$matrix\" >>\"$GITHUB_OUTPUT\"

  shard:
    needs: plan
    strategy:
      # All that is wrong is seen at once.
      fail-fast: false
      matrix: ${{{{ fromJSON(needs.plan.outputs.matrix) }}}}
    runs-on: ${{{{ matrix.runner }}}}
    timeout-minutes: 120
    env:
      TARGET: ${{{{ matrix.target }}}}
      APPS: ${{{{ matrix.apps }}}}
    steps:
{begin}{install}      - name: Build the target's part
        run: {TOOL} release --target \"$TARGET\" --package \"$APPS\" --shard
      - uses: {UPLOAD}
        with:
          name: shard-${{{{ matrix.target }}}}
          path: {folder}dist/shard-*.tar.zst
          if-no-files-found: error
          compression-level: 0

  release:
    needs: shard
    runs-on: {RUNNER}
    timeout-minutes: 60
    steps:
{begin}      - uses: {DOWNLOAD}
        with:
          pattern: shard-*
          path: ${{{{ runner.temp }}}}/shards
          merge-multiple: true
      - name: Merge
        run: {TOOL} merge \"$RUNNER_TEMP/shards\" {targets}
{prove}",
        begin = begin(facts),
        install = install("--target \"$TARGET\" --package \"$APPS\""),
        targets = facts.targets,
        folder = facts.folder,
        prove = prove_and_keep(facts),
    )
}

/// The only job that may write, and it runs nothing of the workspace.
fn publish(facts: &Facts) -> String {
    // Here is no checkout, and so no such folder.
    let elsewhere =
        if facts.folder.is_empty() { "" } else { "    defaults:\n      run:\n        working-directory: .\n" };
    format!(
        "
  publish:
    if: startsWith(github.ref, 'refs/tags/')
    needs: release
    runs-on: {RUNNER}
    timeout-minutes: 30
    permissions:
      contents: write
{elsewhere}    steps:
      - uses: {DOWNLOAD}
        with:
          name: release
          path: dist
      - name: Check what arrived
        run: cd dist && sha256sum --check SHA256SUMS
      - name: Publish
        env:
          GH_TOKEN: ${{{{ github.token }}}}
          GH_REPO: ${{{{ github.repository }}}}
        run: gh release create \"$GITHUB_REF_NAME\" --verify-tag --title \"$GITHUB_REF_NAME\" --generate-notes dist/*
"
    )
}

/// A value that YAML takes for text, whatever is in it (YAML 1.2.2, section 7.3.1).
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
