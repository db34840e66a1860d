//! A payload with one of everything, for the tests of installers.

use super::noise;
use release_formats::payload::{Content, Mark, Node, NodeKind, Payload};

pub(crate) fn node(path: &str, mode: u32, kind: NodeKind, mark: Mark) -> Node {
    Node { path: path.into(), kind, mode, owner: "root".into(), group: "root".into(), mark }
}

pub(crate) fn file(path: &str, mode: u32, content: &[u8], mark: Mark) -> Node {
    node(path, mode, NodeKind::File(Content::Bytes(content.to_vec())), mark)
}

pub(crate) fn long_name() -> String {
    format!("usr/share/hello/{}/{}", "deep/".repeat(20).trim_end_matches('/'), "n".repeat(120))
}

/// Programs, configuration, documents, links, an empty directory, a long name.
pub(crate) fn nodes(config: &str) -> Vec<Node> {
    let link = |path: &str, target: &str| node(path, 0o777, NodeKind::Symlink(target.into()), Mark::None);
    vec![
        file("usr/bin/hello", 0o755, b"#!/bin/sh\necho hello\n", Mark::None),
        file("usr/share/hello/data", 0o644, &noise(300_000), Mark::None),
        file("usr/share/hello/ünïcode name", 0o640, b"x", Mark::None),
        file("etc/hello.conf", 0o644, config.as_bytes(), Mark::ConfigNoReplace),
        node("var/lib/hello", 0o750, NodeKind::Directory, Mark::None),
        link("usr/bin/hi", "hello"),
        link("usr/share/hello/far", &format!("../{}", "x".repeat(150))),
        file(&long_name(), 0o644, b"long", Mark::None),
    ]
}

pub(crate) fn payload() -> Payload {
    Payload::new(nodes("setting = 1\n")).unwrap()
}
