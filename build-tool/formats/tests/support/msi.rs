//! A package with something of everything.

use release_formats::msi::{Msi, MsiArchitecture, MsiScope, Shortcut, read_msi, write_msi};
use release_formats::payload::{Content, Mark, Node, NodeKind, Payload};
use release_formats::read_archive::{ArchivedEntry, Limits, ReadError};
use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use super::{MTIME, noise};

pub(crate) fn node(path: &str, kind: NodeKind) -> Node {
    let (owner, group) = ("root".to_owned(), "root".to_owned());
    Node { path: path.to_owned(), kind, mode: 0o644, owner, group, mark: Mark::None }
}

pub(crate) fn file(path: &str, content: &[u8]) -> Node {
    node(path, NodeKind::File(Content::Bytes(content.to_vec())))
}

pub(crate) fn files() -> Vec<Node> {
    vec![
        file("bin/hello-tool.exe", &noise(3 << 20)),
        file("README.md", b"hello\n"),
        file("share/doc/a longer name than eight.txt", b"long"),
        file("share/doc/a longer name than nine.txt", &noise(70_000)),
        file("share/empty", b""),
        node("plugins/none yet", NodeKind::Directory),
    ]
}

pub(crate) fn msi() -> Msi {
    Msi {
        name: "Hello Tool".to_owned(),
        version: "1.2.3-rc.1".to_owned(),
        manufacturer: "Example & Sons".to_owned(),
        upgrade_code: None,
        architecture: MsiArchitecture::X64,
        scope: MsiScope::Machine,
        install_folder: "Hello Tool".to_owned(),
        path: Some("bin".to_owned()),
        shortcuts: vec![Shortcut {
            name: "Hello Tool 1.0".to_owned(),
            target: "bin/hello-tool.exe".to_owned(),
            arguments: "--say [this]".to_owned(),
            description: "Says hello".to_owned(),
        }],
        start_menu_folder: Some("Hello Tool".to_owned()),
        icon: Some(icon()),
        summary: "Says hello".to_owned(),
        contact: Some("hello@example.com".to_owned()),
        homepage: Some("https://example.com/hello".to_owned()),
        help: Some("https://example.com/help".to_owned()),
        licence: Some("Do [what] {you} like.\n\nNo warranty.\n".to_owned()),
        time: MTIME,
        level: Some(1),
        threads: 2,
    }
}

/// Bytes that nothing makes smaller, the same every time.
pub(crate) fn random(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let bytes = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    });
    bytes.take(length).collect()
}

/// One picture of one pixel: header, entry, bitmap header, one pixel, its mask.
pub(crate) fn icon() -> Vec<u8> {
    let mut icon = vec![0, 0, 1, 0, 1, 0, 1, 1, 0, 0, 1, 0, 32, 0, 48, 0, 0, 0, 22, 0, 0, 0];
    icon.extend([40, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 32, 0]);
    icon.resize(22 + 40, 0);
    icon.extend([0, 0, 255, 255, 0, 0, 0, 0]);
    icon
}

pub(crate) fn written(msi: &Msi, nodes: impl IntoIterator<Item = Node>) -> Vec<u8> {
    write_msi(Cursor::new(Vec::new()), msi, &Payload::new(nodes).unwrap()).unwrap().into_inner()
}

/// Every entry with its content.
pub(crate) fn contents(bytes: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, ReadError> {
    let mut all = BTreeMap::new();
    read_msi(Cursor::new(bytes), Limits::default(), |entry: &ArchivedEntry, content: &mut dyn Read| {
        let mut bytes = Vec::new();
        content.take(entry.size).read_to_end(&mut bytes)?;
        all.insert(String::from_utf8(entry.name.clone()).unwrap(), bytes);
        Ok::<_, ReadError>(())
    })?;
    Ok(all)
}
