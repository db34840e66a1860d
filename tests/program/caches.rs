//! sccache, with a stand-in that counts its calls: when it is used, and that
//! it changes no byte.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::{Fixture, sums};

/// Runs whatever it is given, and counts.
const STAND_IN: &str = r#"#!/bin/sh
log="$(dirname "$0")/calls"
if [ "$1" = --show-stats ]; then
    misses=$(wc -l < "$log" 2>/dev/null || echo 0)
    echo "{\"stats\":{\"cache_hits\":{\"counts\":{}},\"cache_misses\":{\"counts\":{\"Rust\":$misses}}}}"
    exit 0
fi
[ "$1" = --version ] && echo "sccache 0.0.0" && exit 0
case "$*" in *--crate-name\ plain*) echo "$*" >> "$log" ;; esac
exec "$@"
"#;

fn with_stand_in(script: &str) -> Fixture {
    let mut fixture = Fixture::plain();
    let folder = fixture.base().join("stand-in");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("sccache"), script).unwrap();
    fs::set_permissions(folder.join("sccache"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = fixture.command([""; 0]).get_envs().find(|(key, _)| *key == "PATH").unwrap().1.unwrap().to_owned();
    let folders = [folder].into_iter().chain(std::env::split_paths(&path));
    fixture.set_env("PATH", std::env::join_paths(folders).unwrap());
    fixture
}

fn calls(fixture: &Fixture) -> usize {
    fs::read_to_string(fixture.base().join("stand-in/calls")).unwrap_or_default().lines().count()
}

#[test]
fn sccache_is_used_where_it_is_installed_and_said_and_counted() {
    let fixture = with_stand_in(STAND_IN);
    let run = fixture.release().says(&["compiling through sccache"]).prints(&["sccache: 0 hits, 1 misses"]);
    assert_eq!(calls(&fixture), 1, "{run}");
    assert!(fixture.text("dist/report.json").contains("\"misses\": 1"), "{}", fixture.text("dist/report.json"));
    let through = sums(&fixture.dist());
    fs::remove_dir_all(fixture.path("target")).unwrap();
    fixture.write("profiles/release.toml", "schema = 1\nsccache = \"off\"\n");
    fixture.release().never_says(&["sccache"]);
    assert_eq!(calls(&fixture), 1);
    assert_eq!(sums(&fixture.dist()), through);
}

#[test]
fn an_sccache_that_does_not_work_fails_no_release_that_can_do_without() {
    let fixture = with_stand_in("#!/bin/sh\necho 'sccache: command not found' >&2\nexit 127\n");
    fixture.release().says(&["does not answer: compiling without it"]);
    fixture.run(["verify"]).ok();
    fixture.write("profiles/release.toml", "schema = 1\nsccache = \"required\"\n");
    fixture.run(["release"]).exits(3).says(&["sccache", "cargo install sccache"]);
}
