//! Packages of which one part is changed, put together again with the right checksums.
#![no_main]

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::{GzEncoder, ZlibEncoder};
use libfuzzer_sys::fuzz_target;
use release_formats::pkg::{HostArchitecture, Package, PkgOptions, read_pkg, write_pkg};
use release_formats::read_archive::ReadError;
use release_formats::xar::Xar;
use release_formats_fuzz::{LIMITS, change, payload, within_memory};
use sha1::{Digest, Sha1};
use std::io::{Cursor, Read, Write};
use std::sync::LazyLock;

/// Paths and contents; payload and scripts without their gzip.
static BASE: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
    let word = |word: &str| word.to_owned();
    let package = Package {
        identifier: word("a.b"),
        version: word("1"),
        title: word("c"),
        minimum_os: Some(word("11.0")),
        architectures: vec![HostArchitecture::Arm64],
        install_location: word("/"),
        preinstall: Some(b"#!/bin/sh\n".to_vec()),
        postinstall: None,
        licence: Some(word("free")),
        readme: None,
    };
    let options = PkgOptions { mtime: 0, level: None, threads: 1, scratch: std::env::temp_dir() };
    let package = write_pkg(Vec::new(), &package, &payload(), &options).unwrap();
    let mut xar = Xar::open(Cursor::new(package), LIMITS).unwrap();
    let entries = xar.entries().to_vec();
    let part = |entry: &release_formats::xar::XarEntry| {
        let mut bytes = xar.bytes(entry, LIMITS.total_size).unwrap();
        if is_gzip(&entry.path) {
            let packed = std::mem::take(&mut bytes);
            GzDecoder::new(&*packed).read_to_end(&mut bytes).unwrap();
        }
        (entry.path.clone(), bytes)
    };
    let parts: Vec<_> = entries.iter().map(part).collect();
    let whole = assemble(&parts, &[]);
    read_pkg(Cursor::new(whole), LIMITS, |_, _| Ok::<_, ReadError>(())).unwrap();
    parts
});

fn is_gzip(path: &str) -> bool {
    path.ends_with("/Payload") || path.ends_with("/Scripts")
}

/// A xar of these files, its table of contents changed by the input.
fn assemble(parts: &[(String, Vec<u8>)], table_changes: &[u8]) -> Vec<u8> {
    let (mut heap, mut table, mut folder) = (vec![0; 20], String::new(), "");
    for (path, content) in parts {
        let content = if is_gzip(path) {
            let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
            gzip.write_all(content).unwrap();
            gzip.finish().unwrap()
        } else {
            content.clone()
        };
        let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
        if above != folder {
            table += if folder.is_empty() { "" } else { "</file>" };
            table += &format!("<file><name>{above}</name><type>directory</type>");
            folder = above;
        }
        let sum: String = Sha1::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
        let (length, offset) = (content.len(), heap.len());
        table += &format!(
            "<file><name>{name}</name><type>file</type><data><length>{length}</length><offset>{offset}</offset>\
             <size>{length}</size><encoding style='application/octet-stream'/>\
             <extracted-checksum style='sha1'>{sum}</extracted-checksum>\
             <archived-checksum style='sha1'>{sum}</archived-checksum></data></file>"
        );
        heap.extend(content);
    }
    let end = if folder.is_empty() { "" } else { "</file>" };
    let table = format!(
        "<xar><toc><checksum style='sha1'><offset>0</offset><size>20</size></checksum>{table}{end}</toc></xar>"
    );
    let table = change(table.as_bytes(), table_changes);
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&table).unwrap();
    let packed = packed.finish().unwrap();
    heap[..20].copy_from_slice(&Sha1::digest(&packed));
    let mut xar = b"xar!\0\x1C\0\x01".to_vec();
    xar.extend((packed.len() as u64).to_be_bytes());
    xar.extend((table.len() as u64).to_be_bytes());
    xar.extend(1_u32.to_be_bytes());
    [xar, packed, heap].concat()
}

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, input)) = bytes.split_first() else { return };
    let mut parts = BASE.clone();
    let choice = usize::from(*choice) % (parts.len() + 1);
    let package = match parts.get_mut(choice) {
        Some((_, content)) => {
            *content = change(content, input);
            assemble(&parts, &[])
        }
        None => assemble(&parts, input),
    };
    within_memory(&package, || {
        let _ = read_pkg(Cursor::new(&package), LIMITS, |_, _| Ok::<_, ReadError>(()));
    });
});
