//! Arbitrary archives; the first byte chooses the format. What passes is held against a file system of the
//! simplest kind: a map of paths, in which no file may come to lie outside, below a link or on another.
#![no_main]

use std::collections::BTreeMap;
use std::io::Cursor;

use core_runtime::archive::{Error, Format, Kind, Limits, read};
use libfuzzer_sys::fuzz_target;

const FORMATS: [Format; 5] = [Format::Tar, Format::TarGz, Format::TarXz, Format::TarZst, Format::Zip];

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, archive)) = bytes.split_first() else { return };
    let format = FORMATS[usize::from(*choice) % FORMATS.len()];
    let limits = Limits { entries: 100, unpacked: 1 << 22, names: 1 << 16 };
    let (mut paths, mut unpacked) = (BTreeMap::new(), 0);
    let all = read(Cursor::new(archive), format, limits, |entry, content| {
        let path = String::from_utf8_lossy(&entry.path).into_owned();
        assert!(!path.starts_with('/') && path.split('/').all(|part| !matches!(part, "" | "." | "..")), "{path:?}");
        let is_folder = entry.kind == Kind::Folder;
        if let Kind::File { size, .. } = entry.kind {
            // Every other one is left to the reader.
            if paths.len() % 2 == 0 {
                let read = content.read_to_end(&mut Vec::new())?;
                assert_eq!(read as u64, size);
            }
            unpacked += size;
        }
        let before = paths.insert(entry.path.clone(), is_folder);
        assert!(before.is_none_or(|before| before && is_folder), "{path:?} twice");
        Ok::<_, Error>(())
    });
    assert!(paths.len() <= 100 && unpacked <= 1 << 22);
    if all.is_ok() {
        for path in paths.keys() {
            for (at, _) in path.iter().enumerate().filter(|&(_, &byte)| byte == b'/') {
                assert_ne!(paths.get(&path[..at]), Some(&false), "{:?} below a file or link", path.escape_ascii());
            }
        }
    }
});
