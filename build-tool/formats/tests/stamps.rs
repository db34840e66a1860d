//! Stamps and identities: in real binaries of this host, and in bytes that only look like one.

use build_info::{ELF_SECTION, MAGIC, SLOT_SIZE};
use proptest::prelude::*;
use release_formats::binary::{Architecture, BinaryFormat, BinaryKind, identify, matches_target};
use release_formats::checksums::{Checksums, Sha256Sum};
use release_formats::stamp::{Stamp, StampError, find_slot, read_stamp, read_stamps, write_stamp};
use std::io::Cursor;

fn stamp() -> Stamp {
    Stamp {
        version: "1.2.3".to_owned(),
        git_hash: "abc".to_owned(),
        git_branch: "main".to_owned(),
        git_dirty: true,
        build_time: "2026-01-02T03:04:05Z".to_owned(),
        build_profile: "release".to_owned(),
        build_target: "x86_64-unknown-linux-gnu".to_owned(),
        rust_version: "rustc 1.95.0".to_owned(),
    }
}

fn slot() -> Vec<u8> {
    build_info::encode(&["", "", "", "false", "", "", "", ""]).unwrap().to_vec()
}

/// A little ELF file (System V ABI, "Object Files") with these sections and no program.
fn elf(sections: &[(&str, &[u8])]) -> Vec<u8> {
    let mut names = b"\0.shstrtab\0".to_vec();
    let mut content = Vec::new();
    let mut headers = vec![[0_u64; 3]];
    for (name, bytes) in sections {
        headers.push([names.len() as u64, 64 + content.len() as u64, bytes.len() as u64]);
        names.extend_from_slice(name.as_bytes());
        names.push(0);
        content.extend_from_slice(bytes);
    }
    headers.push([1, 64 + content.len() as u64, names.len() as u64]);
    content.extend_from_slice(&names);
    content.resize(content.len().next_multiple_of(8), 0);

    let mut file = b"\x7FELF\x02\x01\x01".to_vec();
    file.resize(16, 0);
    for half in [3_u16, 62] {
        file.extend_from_slice(&half.to_le_bytes());
    }
    file.extend_from_slice(&1_u32.to_le_bytes());
    for word in [0, 0, 64 + content.len() as u64] {
        file.extend_from_slice(&word.to_le_bytes());
    }
    file.extend_from_slice(&0_u32.to_le_bytes());
    let count = headers.len() as u16;
    for half in [64, 56, 0, 64, count, count - 1] {
        file.extend_from_slice(&half.to_le_bytes());
    }
    file.extend_from_slice(&content);
    for (at, [name, offset, size]) in headers.into_iter().enumerate() {
        let kind = if at == 0 {
            0_u32
        } else if at == usize::from(count) - 1 {
            3
        } else {
            1
        };
        file.extend_from_slice(&(name as u32).to_le_bytes());
        file.extend_from_slice(&kind.to_le_bytes());
        for word in [0, 0, offset, size, 0, 1, 0] {
            file.extend_from_slice(&u64::to_le_bytes(word));
        }
    }
    file
}

#[test]
fn what_is_written_is_read_and_nothing_else_changes() {
    let mut file = elf(&[(".other", &slot()), (ELF_SECTION, &[&[0; 16][..], &slot()].concat())]);
    let before = file.clone();
    write_stamp(&mut Cursor::new(&mut file), &stamp()).unwrap();
    assert_eq!(read_stamp(&file).unwrap(), Some(stamp()));
    assert_eq!(read_stamps(Cursor::new(&file)).unwrap(), [Some(stamp())]);
    let at = find_slot(&file).unwrap().unwrap().offset as usize;
    assert_eq!(file[..at], before[..at]);
    assert_eq!(file[at + SLOT_SIZE..], before[at + SLOT_SIZE..]);
}

#[test]
fn a_file_without_a_slot_is_not_an_error_until_it_is_to_be_stamped() {
    let mut file = elf(&[(ELF_SECTION, b"no magic")]);
    assert_eq!(read_stamp(&file).unwrap(), None);
    let error = write_stamp(&mut Cursor::new(&mut file), &stamp()).unwrap_err();
    assert!(matches!(error, StampError::NoSlot), "{error}");
}

#[test]
fn odd_slots_are_refused() {
    let two = elf(&[(ELF_SECTION, &[slot(), slot()].concat())]);
    assert!(matches!(find_slot(&two), Err(StampError::TwoSlots)));
    let two = elf(&[(ELF_SECTION, &slot()), (ELF_SECTION, &slot())]);
    assert!(matches!(find_slot(&two), Err(StampError::TwoSlots)));
    let truncated = elf(&[(ELF_SECTION, &slot()[..SLOT_SIZE - 1])]);
    assert!(matches!(find_slot(&truncated), Err(StampError::Malformed(_))));
    let large = elf(&[(ELF_SECTION, &vec![0; 100_000])]);
    assert!(matches!(find_slot(&large), Err(StampError::SectionTooLarge(100_000))));
    assert!(matches!(find_slot(b"#!/bin/sh\n"), Err(StampError::NotABinary)));
    assert!(matches!(find_slot(b""), Err(StampError::NotABinary)));
}

#[test]
fn a_long_value_names_its_field_and_leaves_the_file_alone() {
    let mut file = elf(&[(ELF_SECTION, &slot())]);
    let before = file.clone();
    let long = Stamp { git_branch: "b".repeat(257), ..stamp() };
    let error = write_stamp(&mut Cursor::new(&mut file), &long).unwrap_err();
    assert_eq!(error.to_string(), "git_branch is 257 bytes long, the slot has room for 256");
    assert_eq!(file, before);
}

#[test]
fn this_test_is_an_executable_of_this_host() {
    let file = std::fs::File::open(std::env::current_exe().unwrap()).unwrap();
    let identity = identify(file).unwrap();
    assert_eq!(identity.kind, BinaryKind::Executable);
    assert_eq!(matches_target(&identity, build_info::TARGET), Ok(()));
    assert!(matches_target(&identity, "s390x-unknown-linux-gnu").is_err());
    assert!(matches_target(&identity, "x86_64-unknown-uefi").is_err());
}

#[test]
fn the_little_elf_is_a_library() {
    let identity = identify(Cursor::new(elf(&[]))).unwrap();
    assert_eq!(identity.format, BinaryFormat::Elf);
    assert_eq!(identity.kind, BinaryKind::DynamicLibrary);
    assert_eq!(identity.architectures, [Architecture::X86_64]);
}

fn text(limit: usize) -> impl Strategy<Value = String> {
    // At most four bytes a character.
    prop::collection::vec(any::<char>(), 0..=limit / 4).prop_map(|all| all.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_stamp_that_fits_comes_back(
        (version, git_hash, git_branch) in (text(128), text(64), text(256)),
        (build_time, build_profile, build_target) in (text(64), text(64), text(128)),
        rust_version in text(128),
        git_dirty in any::<bool>(),
    ) {
        let stamp = Stamp {
            version, git_hash, git_branch, git_dirty, build_time, build_profile, build_target,
            rust_version,
        };
        let mut file = elf(&[(ELF_SECTION, &slot())]);
        write_stamp(&mut Cursor::new(&mut file), &stamp).unwrap();
        prop_assert_eq!(read_stamp(&file).unwrap(), Some(stamp));
    }

    #[test]
    fn hostile_slots_do_not_panic(payload in prop::collection::vec(any::<u8>(), 0..1100)) {
        let section = [&MAGIC[..], &payload].concat();
        let _ = read_stamp(&elf(&[(ELF_SECTION, &section)]));
    }

    #[test]
    fn hostile_headers_do_not_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut file = elf(&[(ELF_SECTION, &slot()), (".text", b"x")]);
        for (at, value) in changes {
            // The slot itself is the other property's matter.
            let at = at.index(file.len() - SLOT_SIZE);
            let at = if at < 64 { at } else { at + SLOT_SIZE };
            file[at] = value;
        }
        let _ = read_stamp(&file);
        let _ = identify(Cursor::new(&file));
    }

    #[test]
    fn any_checksums_come_back(sums in prop::collection::btree_map("[^/\0]{1,20}", any::<[u8; 32]>(), 0..8)) {
        let sums = Checksums(sums.into_iter().map(|(name, sum)| (name, Sha256Sum(sum))).collect());
        prop_assert_eq!(sums.to_string().parse(), Ok(sums));
    }

    #[test]
    fn hostile_checksums_do_not_panic(text in "[0-9a-f]{60,66}[ *\\\\]{0,3}.{0,10}\n?") {
        let _ = text.parse::<Checksums>();
    }
}

/// Programs of a dozen lines that use `build_info!()`, linked by lld with fat LTO, dead-stripping
/// and strip for systems that this host is not: what a linker of that system leaves of the slot.
const FOREIGN: [(&str, &[u8]); 2] = [
    ("x86_64-pc-windows-msvc", include_bytes!("fixtures/slot-x86_64-pc-windows-msvc.exe")),
    ("aarch64-apple-darwin", include_bytes!("fixtures/slot-aarch64-apple-darwin")),
];

#[test]
fn pe_and_mach_o_are_stamped_too() {
    for (triple, original) in FOREIGN {
        let identity = identify(Cursor::new(original)).unwrap();
        assert_eq!(matches_target(&identity, triple), Ok(()));
        let development = read_stamp(original).unwrap().unwrap();
        assert_eq!((&*development.version, &*development.build_target), ("4.5.6", triple));
        let mut file = original.to_vec();
        write_stamp(&mut Cursor::new(&mut file), &stamp()).unwrap();
        assert_eq!(read_stamp(&file).unwrap(), Some(stamp()), "{triple}");
        let at = find_slot(original).unwrap().unwrap().offset as usize;
        assert_eq!(file.len(), original.len(), "{triple}");
        assert_eq!(file[..at], original[..at], "{triple}");
        assert_eq!(file[at + SLOT_SIZE..], original[at + SLOT_SIZE..], "{triple}");
    }
}

#[test]
fn a_wrong_pe_checksum_is_not_left_behind() {
    let mut file = FOREIGN[0].1.to_vec();
    let header = u32::from_le_bytes(file[0x3C..0x40].try_into().unwrap()) as usize;
    let checksum = header + 88..header + 92;
    file[checksum.clone()].copy_from_slice(&[1, 2, 3, 4]);
    write_stamp(&mut Cursor::new(&mut file), &stamp()).unwrap();
    assert_eq!(file[checksum], [0; 4]);
}

#[test]
fn a_universal_file_is_read_slice_by_slice_and_not_stamped() {
    let slice = FOREIGN[1].1;
    // One slice is enough (`fat.h`): magic, count; type, subtype, offset, size, alignment.
    let mut file = Vec::new();
    for word in [0xCAFE_BABE, 1, 0x0100_000C, 0, 1 << 14, slice.len() as u32, 14] {
        file.extend_from_slice(&u32::to_be_bytes(word));
    }
    file.resize(1 << 14, 0);
    file.extend_from_slice(slice);
    assert_eq!(read_stamps(Cursor::new(&file)).unwrap(), [read_stamp(slice).unwrap()]);
    assert_eq!(matches_target(&identify(Cursor::new(&file)).unwrap(), "aarch64-apple-darwin"), Ok(()));
    let error = write_stamp(&mut Cursor::new(&mut file), &stamp()).unwrap_err();
    assert!(matches!(error, StampError::Universal), "{error}");
}
