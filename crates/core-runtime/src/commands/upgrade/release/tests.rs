use serde_json::{Value, json};

use super::*;

const LINUX: &str = "x86_64-unknown-linux-gnu";
const SUM: &str = "d5c3d266f59eb4bbd9a8088ccfed4632d545ad0234adf342a9635abc8f09b74c";

/// As the release tool writes it, less what is not looked at.
fn document() -> Value {
    let archive = |app: &str, target: &str| {
        json!({ "name": format!("{app}-0.2.0-{target}.tar.gz"), "kind": "archive", "app": app, "target": target,
                "size": 2_118_744, "sha256": SUM, "stamped": true })
    };
    let program = |app: &str, target: &str| {
        json!({ "name": app, "kind": "binary", "app": app, "target": target, "size": 8_359_088, "sha256": SUM,
                "stamped": true })
    };
    json!({
        "schema": 1,
        "apps": [{ "name": "other", "version": "9.0.0", "profile": "dev", "binaries": ["other"] },
                 { "name": "rust-bun", "version": "0.2.0", "profile": "dev", "binaries": ["rust-bun"] }],
        "git": { "commit": "938fbfb230fecc3fe75e8605afdcbf3bb46037fd" },
        "programs": [program("other", LINUX), program("rust-bun", LINUX), program("rust-bun", "aarch64-apple-darwin")],
        "artifacts": [
            { "name": "SBOM", "kind": "sbom", "app": null, "target": null, "size": 1, "sha256": SUM, "stamped": false },
            { "name": "rust-bun_0.2.0-1_amd64.deb", "kind": "deb", "app": "rust-bun", "target": LINUX, "size": 1,
              "sha256": SUM, "stamped": true },
            archive("other", LINUX), archive("rust-bun", LINUX), archive("rust-bun", "aarch64-apple-darwin")],
    })
}

fn offered(document: &Value, target: &str) -> Result<Offer, NoOffer> {
    offer(document.to_string().as_bytes(), target)
}

#[test]
fn the_archive_is_the_one_of_this_app_and_target() {
    let wanted = |name: &str, size| Wanted { name: name.to_owned(), size, sha256: SUM.to_owned() };
    let expected = Offer {
        version: semver::Version::new(0, 2, 0),
        archive: wanted("rust-bun-0.2.0-x86_64-unknown-linux-gnu.tar.gz", 2_118_744),
        program: wanted("rust-bun", 8_359_088),
    };
    assert_eq!(offered(&document(), LINUX), Ok(expected));
}

#[test]
fn what_there_is_is_said_where_nothing_fits() {
    let expected = NoOffer::NotForUs {
        version: semver::Version::new(0, 2, 0),
        there: "aarch64-apple-darwin, x86_64-unknown-linux-gnu".to_owned(),
    };
    assert_eq!(offered(&document(), "riscv64gc-unknown-linux-gnu"), Err(expected));
}

#[test]
fn documents_that_cannot_be_meant_are_refused() {
    let changed = |pointer: &str, value: Value| {
        let mut document = document();
        *document.pointer_mut(pointer).unwrap() = value;
        match offered(&document, LINUX) {
            Err(NoOffer::Meaningless(why)) => why,
            other => panic!("{pointer}: {other:?}"),
        }
    };
    assert_eq!(changed("/schema", json!(2)), "its schema is 2, and 1 is understood");
    assert_eq!(changed("/schema", json!("1")), "its schema is none, and 1 is understood");
    assert_eq!(changed("/apps", json!([])), "it does not release rust-bun");
    assert!(changed("/apps/1/version", json!("next")).starts_with("the version \"next\": "));
    for name in ["../rust-bun.tar.gz", "a/b", "", ".hidden", "a b", "C:\\x", "x?y", "x#y", "%2e%2e"] {
        assert_eq!(changed("/artifacts/3/name", json!(name)), format!("{name:?} is not a file's name"));
    }
    for sum in ["", "D5C3", &SUM[1..], &SUM.to_uppercase()] {
        assert_eq!(changed("/artifacts/3/sha256", json!(sum)), format!("{sum:?} is not a SHA-256"));
        assert_eq!(changed("/programs/1/sha256", json!(sum)), format!("{sum:?} is not a SHA-256"));
    }
    assert!(changed("/artifacts/3/size", json!(-1)).contains("invalid value"));
    assert!(changed("/programs", json!(null)).contains("invalid type"));
    for bytes in [&b""[..], b"[]", b"{", b"<html>", b"\xff"] {
        assert!(matches!(offer(bytes, LINUX), Err(NoOffer::Meaningless(_))), "{}", bytes.escape_ascii());
    }
}
