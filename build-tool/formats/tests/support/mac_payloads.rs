//! Payloads for the tests of installers for macOS.

use super::noise;
use release_formats::payload::{Content, Mark, Node, NodeKind, Payload};
use std::path::Path;

pub(crate) fn node(path: &str, kind: NodeKind, mode: u32, owner: &str, group: &str) -> Node {
    Node { path: path.to_owned(), kind, mode, owner: owner.to_owned(), group: group.to_owned(), mark: Mark::None }
}

pub(crate) fn file(path: &str, content: &[u8], mode: u32) -> Node {
    node(path, NodeKind::File(Content::Bytes(content.to_vec())), mode, "root", "wheel")
}

pub(crate) fn directory(path: &str, mode: u32) -> Node {
    node(path, NodeKind::Directory, mode, "root", "root")
}

pub(crate) fn link(path: &str, target: &str) -> Node {
    node(path, NodeKind::Symlink(target.to_owned()), 0o777, "root", "wheel")
}

/// A little of everything: large and empty files, folders with and without a node, links, odd names.
pub(crate) fn sample() -> Payload {
    let mut nodes = vec![
        file("usr/local/bin/tool", &noise(3 << 20), 0o755),
        file("usr/local/bin/empty", b"", 0o644),
        file("usr/local/share/doc/tool/ünïcode 漢字 가.txt", b"name", 0o600),
        file("usr/local/share/Readme", b"large letter\n", 0o644),
        file("usr/local/share/zeros", &vec![0; 3 << 20], 0o644),
        directory("usr/local/share/nothing in it", 0o700),
        link("usr/local/bin/alias", "tool"),
        link("Applications", "/Applications"),
        node("var/tool", NodeKind::Directory, 0o775, "daemon", "admin"),
    ];
    let deep = format!("deep/{}{}", "folder-in-a-folder/".repeat(30), "n".repeat(200));
    nodes.push(file(&deep, b"deep", 0o644));
    Payload::new(nodes).unwrap()
}

/// Many small files in some folders, names of very different lengths, some in other scripts.
pub(crate) fn many_files(count: usize) -> Payload {
    let nodes = (0..count).map(|number| {
        let word = ["a", "Zebra", "ﬁle", "Straße", "Ωmega", "привет", "日本語", "e\u{301}te"][number % 8];
        let name = format!("share/{:02}/{word}-{number}{}", number % 37, "x".repeat(number % 90));
        file(&name, format!("{number}\n").repeat(number % 50).as_bytes(), 0o644)
    });
    Payload::new(nodes.chain([link("share/link", "00")])).unwrap()
}

/// One large file of zeros that takes no room on the disk.
pub(crate) fn large_sparse_file(folder: &Path, size: u64) -> Payload {
    let path = folder.join("large");
    std::fs::File::create(&path).unwrap().set_len(size).unwrap();
    let large = node("large", NodeKind::File(Content::File(path)), 0o644, "root", "wheel");
    Payload::new([large, file("small", b"small", 0o644)]).unwrap()
}

/// The most memory that this process has had, in MiB.
pub(crate) fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}
