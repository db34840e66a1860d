//! What the tests of RPM packages share: a package with everything in it.

use super::noise;
use release_formats::compress::Codec;
use release_formats::payload::{Content, Mark, Node, NodeKind, Payload};
use release_formats::rpm::{Change, Comparison, Dependency, Metadata, RpmOptions, Script, Scripts, write_rpm};
use std::io::Cursor;
use std::path::Path;

pub(crate) const MTIME: u64 = 1_700_000_002;

pub(crate) fn node(path: &str, kind: NodeKind, mode: u32, mark: Mark) -> Node {
    let (owner, group) = ("root".to_owned(), "root".to_owned());
    Node { path: path.to_owned(), kind, mode, owner, group, mark }
}

pub(crate) fn bytes(content: &[u8]) -> NodeKind {
    NodeKind::File(Content::Bytes(content.to_vec()))
}

/// An ELF program of this machine: one of its own.
pub(crate) fn program() -> Vec<u8> {
    std::fs::read("/bin/true").or_else(|_| std::fs::read("/usr/bin/true")).unwrap()
}

/// `conf` is the content of the file of configuration.
pub(crate) fn payload(conf: &str) -> Payload {
    let text = |content: &str| bytes(content.as_bytes());
    Payload::new([
        node("usr/bin/tool", bytes(&program()), 0o755, Mark::None),
        node("usr/bin/t", NodeKind::Symlink("tool".to_owned()), 0, Mark::None),
        node("usr/lib/tool", NodeKind::Directory, 0o755, Mark::None),
        // Sorts between the directory and what is in it.
        node("usr/lib/tool-data", bytes(&noise(3 << 20)), 0o644, Mark::None),
        node("usr/lib/tool/empty", text(""), 0o600, Mark::None),
        node("etc/tool.conf", text(conf), 0o640, Mark::ConfigNoReplace),
        node("etc/tool.defaults", text("default\n"), 0o644, Mark::Config),
        node("usr/share/doc/tool", NodeKind::Directory, 0o755, Mark::None),
        node("usr/share/doc/tool/README.md", text("hello\n"), 0o644, Mark::Documentation),
        node("usr/share/licenses/tool", NodeKind::Directory, 0o755, Mark::None),
        node("usr/share/licenses/tool/LICENSE", text("do\n"), 0o644, Mark::Licence),
        node("usr/share/man/man1/tool.1.gz", bytes(&man_page()), 0o644, Mark::Documentation),
        node("var/lib/tool", NodeKind::Directory, 0o750, Mark::None),
    ])
    .unwrap()
}

fn man_page() -> Vec<u8> {
    let page = ".TH TOOL 1\n.SH NAME\ntool \\- does things\n";
    let mut gzip = release_formats::compress::Compressor::new(Vec::new(), Codec::Gzip, 9, 1).unwrap();
    std::io::Write::write_all(&mut gzip, page.as_bytes()).unwrap();
    gzip.finish().unwrap()
}

pub(crate) fn metadata() -> Metadata {
    let text = |text: &str| text.to_owned();
    let script = |name: &str| {
        let text = format!("echo {name} $1 >> /scripts.log\n");
        Some(Script { interpreter: "/bin/sh".to_owned(), text })
    };
    Metadata {
        name: text("tool"),
        epoch: Some(2),
        version: text("1.0.0~rc.1"),
        release: text("1"),
        architecture: text("x86_64"),
        summary: text("Does useful things"),
        description: text("The tool does useful things.\n\nIt does them well, & <fast>."),
        licence: text("MIT OR Apache-2.0"),
        homepage: Some(text("https://example.org/tool")),
        vendor: Some(text("Example")),
        packager: Some(text("A. Packager <packager@example.org>")),
        group: Some(text("Applications/System")),
        provides: vec![Dependency::versioned("tool-abi", Comparison::Equal, "3")],
        requires: vec![
            Dependency::any("libc.so.6(GLIBC_2.34)(64bit)"),
            Dependency::any("libc.so.6()(64bit)"),
            Dependency::any("libc.so.6(GLIBC_2.4)(64bit)"),
            Dependency::any("/usr/bin/tool"),
            Dependency { for_scripts: true, ..Dependency::versioned("helper", Comparison::GreaterOrEqual, "1:2.0") },
        ],
        conflicts: vec![Dependency::versioned("old-tool", Comparison::Less, "1.0-3")],
        obsoletes: vec![Dependency::versioned("older-tool", Comparison::LessOrEqual, "0.9")],
        recommends: vec![Dependency::any("tool-extras")],
        suggests: vec![Dependency::versioned("other", Comparison::Greater, "4")],
        scripts: Scripts { pre: script("pre"), post: script("post"), preun: script("preun"), postun: script("postun") },
        changelog: vec![
            Change {
                time: 1_699_963_200,
                author: text("A. Packager <packager@example.org> - 2:1.0.0~rc.1-1"),
                text: text("- Faster"),
            },
            Change {
                time: 1_690_027_200,
                author: text("A. Packager <packager@example.org> - 2:0.9-1"),
                text: text("- First"),
            },
        ],
    }
}

pub(crate) fn options(codec: Codec, threads: usize) -> RpmOptions {
    // Low levels: the fastest, and with the smallest blocks, so that there are several.
    RpmOptions { codec, level: Some(1), mtime: MTIME, threads }
}

pub(crate) fn write(metadata: &Metadata, payload: &Payload, options: &RpmOptions) -> Vec<u8> {
    write_rpm(Cursor::new(Vec::new()), metadata, payload, options).unwrap().into_inner()
}

/// The package of everything, as a file of its conventional name in a folder.
pub(crate) fn write_into(folder: &Path, metadata: &Metadata, conf: &str) -> String {
    let path = folder.join(metadata.file_name());
    std::fs::write(&path, write(metadata, &payload(conf), &options(Codec::Zstd, 2))).unwrap();
    path.to_str().unwrap().to_owned()
}
