//! The state of the repository: dirty, missing, shallow, detached, without a
//! commit, and a workspace that is only a part of it.

use std::process::Command;

use serde_json::Value;

use crate::support::{Fixture, HOST, Run, files, sums};

fn git_of(fixture: &Fixture) -> Value {
    let description: Value = serde_json::from_str(&fixture.text("dist/release.json")).unwrap();
    description["git"].clone()
}

fn stamp(fixture: &Fixture) -> String {
    fixture.run(["build", "-q"]).ok();
    Run::of(Command::new(fixture.path(format!("target/build-tool/{HOST}/release/hello")))).ok().stdout
}

#[test]
fn a_dirty_tree_is_refused_and_its_files_are_listed() {
    let fixture = Fixture::full();
    fixture.write("hello/README.md", "changed\n").write("plain/src/main.rs", "fn main() { }\n");
    fixture.write("untracked.txt", "harmless\n");
    let failed = fixture.run(["release"]).exits(2);
    failed.says(&["dirty: 2", "hello/README.md", "plain/src/main.rs", "--allow-dirty"]).never_says(&["untracked.txt"]);
    assert!(files(&fixture.dist()).is_empty() && !fixture.path("target").exists());
}

#[test]
fn a_staged_change_is_dirty_too() {
    let fixture = Fixture::plain();
    fixture.write("README.md", "new\n");
    fixture.git(&["add", "README.md"]);
    fixture.run(["release"]).exits(2).says(&["README.md"]);
}

#[test]
fn a_dirty_tree_is_released_on_request_and_says_so_in_every_version() {
    let fixture = Fixture::full();
    fixture.write("hello/README.md", "changed\n");
    fixture.run(["release", "--allow-dirty"]).ok();
    assert_eq!(git_of(&fixture)["dirty"], true);
    let told = stamp(&fixture);
    assert!(told.contains("git_dirty: true\n"), "{told}");
    fixture.run(["verify"]).ok();
    fixture.run(["verify", "--rebuild"]).ok();
}

#[test]
fn untracked_files_do_not_make_a_tree_dirty() {
    let fixture = Fixture::plain();
    fixture.write("notes.txt", "mine\n");
    fixture.release();
    assert_eq!(git_of(&fixture)["dirty"], false);
}

#[test]
fn without_git_the_metadata_says_unknown() {
    let fixture = Fixture::full();
    std::fs::remove_dir_all(fixture.path(".git")).unwrap();
    fixture.release();
    let git = git_of(&fixture);
    assert_eq!((&git["commit"], &git["branch"]), (&"unknown".into(), &"unknown".into()));
    let told = stamp(&fixture);
    assert!(told.contains("git_hash: unknown\n") && told.contains("build_time: unknown\n"), "{told}");
    fixture.run(["verify", "--rebuild"]).ok();
}

#[test]
fn a_repository_before_its_first_commit_says_unknown() {
    let fixture = Fixture::plain();
    std::fs::remove_dir_all(fixture.path(".git")).unwrap();
    fixture.git(&["init", "--quiet"]);
    fixture.release();
    assert_eq!(git_of(&fixture)["commit"], "unknown");
}

#[test]
fn a_shallow_clone_makes_the_same_release() {
    let fixture = Fixture::full();
    fixture.commit("second").commit("third");
    fixture.release();
    let whole = sums(&fixture.dist());
    let clone = fixture.base().join("clone");
    let url = format!("file://{}", fixture.root().display());
    fixture.git(&["clone", "--quiet", "--depth", "1", &url, clone.to_str().unwrap()]);
    let run = fixture.run(["-C", clone.to_str().unwrap(), "release"]).ok();
    assert_eq!(sums(&clone.join("dist")), whole, "{run}");
    fixture.run(["-C", clone.to_str().unwrap(), "verify", "--rebuild"]).ok();
}

#[test]
fn a_detached_head_is_released() {
    let fixture = Fixture::full();
    let commit = fixture.git(&["rev-parse", "HEAD"]);
    fixture.commit("second");
    fixture.git(&["checkout", "--quiet", &commit]);
    fixture.release();
    assert_eq!((&git_of(&fixture)["commit"], &git_of(&fixture)["branch"]), (&commit.into(), &"HEAD".into()));
    fixture.run(["verify", "--rebuild"]).ok();
}

#[test]
fn a_tag_is_what_describe_says() {
    let fixture = Fixture::plain();
    fixture.git(&["tag", "v1.2.3"]);
    fixture.release();
    assert_eq!(git_of(&fixture)["describe"], "v1.2.3");
    fixture.commit("later");
    fixture.release();
    let expected = format!("v1.2.3-1-g{}", fixture.short_commit());
    assert_eq!(git_of(&fixture)["describe"], expected.as_str());
}

#[test]
fn a_linked_worktree_knows_its_own_branch() {
    let fixture = Fixture::full();
    let other = fixture.base().join("other");
    fixture.git(&["worktree", "add", "--quiet", "-b", "topic", other.to_str().unwrap()]);
    fixture.run(["-C", other.to_str().unwrap(), "release"]).ok();
    let description: Value = serde_json::from_slice(&std::fs::read(other.join("dist/release.json")).unwrap()).unwrap();
    assert_eq!(description["git"]["branch"], "topic");
}

#[test]
fn a_workspace_in_a_sub_folder_of_the_repository_is_rebuilt_from_it() {
    let fixture = Fixture::empty("repository");
    fixture
        .write("README.md", "the repository's\n")
        .write("rust/Cargo.toml", "[package]\nname = \"plain\"\nversion = \"1.2.3\"\nedition = \"2024\"\n")
        .write("rust/src/main.rs", "fn main() { println!(\"{}\", file!()); }\n")
        .write(".gitignore", "target/\ndist/\n");
    let mut cargo = Command::new("cargo");
    cargo.args(["generate-lockfile", "--quiet", "--offline", "--manifest-path", "rust/Cargo.toml"]);
    Run::of(fixture.in_place(cargo)).ok();
    fixture.commit("first");
    fixture.run(["-C", "rust", "release"]).ok();
    fixture.run(["-C", "rust", "verify", "--rebuild"]).ok();
}

#[test]
fn sources_in_folders_called_target_or_dist_are_built_again_too() {
    let fixture = Fixture::plain();
    fixture
        .write("src/main.rs", "mod dist;\nmod target;\nfn main() { println!(\"{}{}\", dist::SAID, target::SAID); }\n")
        .write("src/dist/mod.rs", "pub const SAID: &str = \"dist\";\n")
        .write("src/target/mod.rs", "pub const SAID: &str = \"target\";\n");
    fixture.run(["release", "--allow-dirty"]).ok();
    fixture.run(["verify", "--rebuild"]).ok();
    std::fs::remove_dir_all(fixture.path(".git")).unwrap();
    fixture.release();
    fixture.run(["verify", "--rebuild"]).ok();
}

#[test]
fn a_release_that_cannot_be_built_again_is_not_verified() {
    let fixture = Fixture::plain();
    std::fs::remove_dir_all(fixture.path(".git")).unwrap();
    fixture.release();
    fixture.write("src/main.rs", "fn main() { no such thing }\n");
    fixture.run(["verify", "--rebuild"]).exits(4).says(&["could not be built again"]);
}

/// A workspace whose program takes in a file of a submodule.
fn with_submodule() -> Fixture {
    let fixture = Fixture::plain();
    let other = Fixture::empty("other");
    other.write("said.txt", "said\n").commit("first");
    let url = other.root().to_str().unwrap();
    fixture.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", url, "sub"]);
    fixture.write("src/main.rs", "fn main() { print!(include_str!(\"../sub/said.txt\")); }\n").commit("submodule");
    fixture
}

#[test]
fn a_changed_submodule_is_dirty_and_its_untracked_files_are_not() {
    let fixture = with_submodule();
    fixture.write("sub/notes.txt", "mine\n");
    fixture.release();
    fixture.write("sub/said.txt", "changed\n");
    fixture.run(["release"]).exits(2).says(&["dirty: 1", "sub"]);
    fixture.git(&["-C", "sub", "commit", "--quiet", "--all", "--message", "second"]);
    fixture.run(["release"]).exits(2).says(&["dirty: 1", "sub"]);
    fixture.git(&["add", "sub"]);
    fixture.run(["release"]).exits(2).says(&["dirty: 1", "sub"]);
    fixture.commit("the submodule's second");
    fixture.release();
}

#[test]
fn a_release_with_a_submodule_is_built_again_from_both_repositories() {
    let fixture = with_submodule();
    fixture.release();
    fixture.run(["verify", "--rebuild"]).ok();
    fixture.git(&["submodule", "--quiet", "deinit", "--force", "sub"]);
    std::fs::remove_dir_all(fixture.path(".git/modules")).unwrap();
    fixture.run(["verify", "--rebuild"]).exits(2).says(&["the submodule sub", "git submodule update --init"]);
}

#[test]
fn a_repository_that_ignores_the_workspace_lends_it_no_commit() {
    let fixture = Fixture::plain();
    let inner = fixture.path("scratch/inner");
    fixture
        .write(".gitignore", "/target/\n/dist/\n/scratch/\n")
        .write(
            "scratch/inner/Cargo.toml",
            "[package]\nname = \"inner\"\nversion = \"1.2.3\"\nedition = \"2024\"\n[workspace]\n",
        )
        .write("scratch/inner/src/main.rs", "fn main() {}\n")
        .write("scratch/inner/Cargo.lock", "version = 4\n\n[[package]]\nname = \"inner\"\nversion = \"1.2.3\"\n")
        .commit("around");
    fixture.run(["-C", inner.to_str().unwrap(), "release"]).ok();
    let description: Value = serde_json::from_slice(&std::fs::read(inner.join("dist/release.json")).unwrap()).unwrap();
    assert_eq!(description["git"]["commit"], "unknown");
    fixture.run(["-C", inner.to_str().unwrap(), "verify", "--rebuild"]).ok();
}
