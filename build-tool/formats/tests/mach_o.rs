//! Signing, UUIDs, fusing and proving: of little files, changed in every way, and of real ones before
//! the programs that know the format.
#![cfg(unix)]

mod support;

use proptest::prelude::*;
use release_formats::binary::{identify, matches_target};
use release_formats::macho::{
    Difference, Entitlements, FuseError, MachO, MachOError, SignError, SignOptions, Uuid, VerifyError, check_signature,
    fuse, set_uuid, sign, slices,
};
use std::fs::{self, File};
use std::io::Cursor;
use std::path::Path;
use std::slice::from_ref;
use support::mach_o::{ARM64, Little, X86_64, lief, llvm, real, real_named};
use support::run;

const ENTITLEMENTS: &[u8] = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<plist version=\"1.0\"><dict><key>com.apple.security.cs.disable-library-validation</key><true/></dict></plist>";

fn options() -> SignOptions {
    SignOptions {
        identifier: "org.example.tool".to_owned(),
        hardened_runtime: false,
        entitlements: None,
        uuid: Uuid::Content,
    }
}

fn hardened() -> SignOptions {
    let entitlements = Some(Entitlements::parse(ENTITLEMENTS).unwrap());
    SignOptions { hardened_runtime: true, entitlements, ..options() }
}

fn signed(file: &[u8], options: &SignOptions) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    let signed = sign(&mut Cursor::new(file), &mut out, options).unwrap();
    assert_eq!(signed.length, out.get_ref().len() as u64);
    assert_eq!(signed.uuid, MachO::read(&mut out).unwrap().uuid_bytes());
    out.into_inner()
}

#[track_caller]
fn refused(file: &[u8], options: &SignOptions) -> SignError {
    sign(&mut Cursor::new(file), &mut Cursor::new(Vec::new()), options).unwrap_err()
}

fn differences(file: &[u8]) -> Vec<Difference> {
    check_signature(&mut Cursor::new(file)).unwrap().into_iter().flat_map(|report| report.differences).collect()
}

#[track_caller]
fn fused(files: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    fuse(&mut files.iter().map(Cursor::new).collect::<Vec<_>>(), &mut out).unwrap();
    out
}

fn not_fused(files: &[&[u8]]) -> FuseError {
    fuse(&mut files.iter().map(Cursor::new).collect::<Vec<_>>(), &mut Vec::new()).unwrap_err()
}

// ---- signing ---------------------------------------------------------------------------------

#[test]
fn a_signature_holds_and_says_what_was_asked_for() {
    for options in [options(), hardened()] {
        let file = signed(&Little::default().bytes(), &options);
        let reports = check_signature(&mut Cursor::new(&file)).unwrap();
        let [report] = reports.as_slice() else { panic!("{reports:?}") };
        assert_eq!(report.differences, []);
        assert_eq!(report.identifier, "org.example.tool");
        assert!(report.ad_hoc);
        assert_eq!(report.hardened_runtime, options.hardened_runtime);
        assert_eq!(report.entitlements.as_deref(), options.entitlements.as_ref().map(Entitlements::xml));
    }
}

#[test]
fn signing_again_changes_nothing_and_another_signature_is_replaced() {
    let once = signed(&Little::default().bytes(), &hardened());
    assert!(signed(&once, &hardened()) == once);
    assert!(signed(&signed(&once, &options()), &hardened()) == once);
}

#[test]
fn nothing_but_load_commands_and_signature_changes() {
    let little = Little::default();
    let (before, after) = (little.bytes(), signed(&little.bytes(), &options()));
    let commands = MachO::read(&mut Cursor::new(&after)).unwrap().header.len();
    assert_eq!(before[commands..], after[commands..before.len()]);
}

#[test]
fn the_uuid_follows_the_content_and_nothing_else() {
    let uuid = |little: &Little, options: &SignOptions| {
        let file = signed(&little.bytes(), options);
        MachO::read(&mut Cursor::new(file)).unwrap().uuid_bytes().unwrap()
    };
    let little = Little::default();
    let first = uuid(&little, &options());
    assert_eq!((first[6] >> 4, first[8] >> 6), (3, 2), "version and variant of RFC 4122");
    assert_eq!(uuid(&little, &SignOptions { identifier: "another, and longer".to_owned(), ..hardened() }), first);
    let mut other = little.clone();
    other.text[8999] ^= 1;
    assert_ne!(uuid(&other, &options()), first, "content");
    let mut other = little.clone();
    *other.linkedit.last_mut().unwrap() ^= 1;
    assert_ne!(uuid(&other, &options()), first, "content");
    assert_eq!(uuid(&little, &SignOptions { uuid: Uuid::Keep, ..options() })[0], 1);
    assert_eq!(uuid(&little, &SignOptions { uuid: Uuid::Set([7; 16]), ..options() }), [7; 16]);
    let without = Little { with_uuid: false, ..little };
    assert_eq!(MachO::read(&mut Cursor::new(signed(&without.bytes(), &options()))).unwrap().uuid_bytes(), None);
}

#[test]
fn a_uuid_is_set_in_place() {
    let mut file = Little { file_type: 10, ..Little::default() }.bytes();
    assert!(set_uuid(&mut Cursor::new(&mut file), &[9; 16]).unwrap());
    assert_eq!(MachO::read(&mut Cursor::new(&file)).unwrap().uuid_bytes(), Some([9; 16]));
    let mut without = Little { with_uuid: false, ..Little::default() }.bytes();
    assert!(!set_uuid(&mut Cursor::new(&mut without), &[9; 16]).unwrap());
}

#[test]
fn too_little_room_is_told_with_its_size_and_a_way_out() {
    for (room, free) in [(0, 0), (15, 15), (8, 8)] {
        let error = refused(&Little { room, ..Little::default() }.bytes(), &options()).to_string();
        assert!(error.contains(&format!("{free} are free")), "{error}");
        assert!(error.contains("-Wl,-headerpad,0x1000"), "{error}");
    }
    signed(&Little { room: 16, ..Little::default() }.bytes(), &options());
    // What somebody hid between load commands and sections is not overwritten.
    let mut file = Little::default().bytes();
    let commands = MachO::read(&mut Cursor::new(&file)).unwrap().header.len();
    file[commands + 10] = 1;
    assert!(matches!(refused(&file, &options()), SignError::NoRoom { room: 10, .. }));
    // A signature that is there needs no room.
    let tight = Little { room: 16, ..Little::default() };
    signed(&signed(&tight.bytes(), &options()), &hardened());
}

#[test]
fn files_that_cannot_be_signed_are_refused() {
    let file = Little::default().bytes();
    assert!(matches!(refused(b"\x7FELF....", &options()), SignError::MachO(MachOError::WrongMagic { .. })));
    assert!(matches!(refused(b"", &options()), SignError::MachO(MachOError::Truncated { .. })));
    assert!(matches!(refused(&file[..file.len() - 1], &options()), SignError::MachO(MachOError::Truncated { .. })));
    assert!(matches!(refused(&fused(from_ref(&file)), &options()), SignError::MachO(MachOError::Universal)));
    let object = Little { file_type: 1, ..Little::default() }.bytes();
    assert!(matches!(refused(&object, &options()), SignError::Kind { bits: 64, file_type: 1 }));
    let error = refused(&[&file[..], b"payload"].concat(), &options()).to_string();
    assert!(error.contains("7 bytes after __LINKEDIT would be lost"), "{error}");
    for identifier in [String::new(), "a\0b".to_owned(), "x".repeat(1025)] {
        assert!(matches!(refused(&file, &SignOptions { identifier, ..options() }), SignError::BadIdentifier(_)));
    }
}

// ---- proving ---------------------------------------------------------------------------------

#[test]
fn every_kind_of_difference_is_found() {
    let good = signed(&Little::default().bytes(), &hardened());
    let place = MachO::read(&mut Cursor::new(&good)).unwrap().signature.unwrap();
    let changed = |at: usize| {
        let mut file = good.clone();
        file[at] ^= 1;
        differences(&file)
    };
    assert!(matches!(&changed(5000)[..], [Difference::Pages { count: 1, first, .. }] if first == &[4096]));
    let at = place.offset as usize;
    let of = |needle: &[u8]| at + good[at..].windows(needle.len()).position(|window| window == needle).unwrap();
    assert_eq!(changed(of(b"<true/>") + 1), [Difference::Slot(5)]);
    assert_eq!(changed(of(b"\x01\x01\xFF") + 2), [Difference::Slot(7)]);
    // The executable segment of the code directory.
    let directory = of(b"\xFA\xDE\x0C\x02");
    assert_eq!(changed(directory + 79), [Difference::ExecutableSegment]);
    assert!(matches!(changed(directory + 35)[..], [Difference::CodeLimit { .. }]));
    assert_eq!(differences(&[&good[..], b"payload"].concat()), [Difference::Place]);
    let unsigned = check_signature(&mut Cursor::new(Little::default().bytes())).unwrap_err();
    assert!(matches!(unsigned, VerifyError::Unsigned));
}

#[test]
fn an_info_plist_within_the_program_is_signed() {
    let little = Little { section: "__info_plist", ..Little::default() };
    let file = signed(&little.bytes(), &SignOptions { uuid: Uuid::Keep, ..options() });
    assert_eq!(differences(&file), []);
    let mut changed = file.clone();
    let at = MachO::read(&mut Cursor::new(&file)).unwrap().section("__TEXT", "__info_plist").unwrap().offset;
    changed[at as usize] ^= 1;
    assert!(differences(&changed).contains(&Difference::Slot(1)), "{:?}", differences(&changed));
}

// ---- fusing ----------------------------------------------------------------------------------

#[test]
fn what_cannot_be_fused_is_named() {
    let arm = Little::default().bytes();
    let intel = Little { cpu: X86_64, subtype: 3, ..Little::default() }.bytes();
    let message = |files: &[&[u8]]| not_fused(files).to_string();
    assert!(matches!(not_fused(&[]), FuseError::NoSlices));
    assert!(matches!(not_fused(&[arm.as_slice(); 17]), FuseError::TooManySlices(17)));
    assert!(message(&[&arm, &intel, &arm]).starts_with("files 1 and 3 are both for arm64"));
    // Capability bits do not make another architecture.
    let lib64 = Little { cpu: X86_64, subtype: 0x8000_0003, ..Little::default() }.bytes();
    assert!(message(&[&intel, &lib64]).starts_with("files 1 and 2 are both for x86_64"));
    assert!(message(&[&arm, b"MZ......"]).starts_with("file 2 cannot be a slice: not a thin"));
    assert!(message(&[&fused(from_ref(&arm)), &intel]).starts_with("file 1 cannot be a slice: a universal"));
    assert!(message(&[&intel, &arm[..arm.len() - 1]]).contains("file 2 cannot be a slice: the file is truncated"));
    let library = Little { file_type: 6, cpu: X86_64, ..Little::default() }.bytes();
    assert!(message(&[&arm, &library]).contains("different kinds"), "{}", message(&[&arm, &library]));
}

#[test]
fn fused_slices_are_listed_signed_and_of_the_universal_target() {
    let little = |cpu| signed(&Little { cpu, ..Little::default() }.bytes(), &options());
    let file = fused(&[little(ARM64), little(X86_64)]);
    let all = slices(Cursor::new(&file)).unwrap();
    assert_eq!(all.iter().map(|slice| slice.cpu_type).collect::<Vec<_>>(), [X86_64, ARM64]);
    for slice in all {
        let bytes = &file[slice.offset as usize..][..slice.size as usize];
        assert!(bytes == little(slice.cpu_type));
    }
    assert_eq!(differences(&file), []);
    assert_eq!(matches_target(&identify(Cursor::new(&file)).unwrap(), "universal-apple-darwin"), Ok(()));
}

/// Holds our universal file against LLVM's, byte by byte.
#[track_caller]
fn same_as_lipo(files: &[&Path], folder: &Path) {
    let theirs = folder.join("theirs");
    let mut arguments = vec!["-create", "-output", theirs.to_str().unwrap()];
    arguments.extend(files.iter().map(|file| file.to_str().unwrap()));
    run(&llvm("lipo"), "llvm", &arguments, folder);
    let mut ours = Vec::new();
    fuse(&mut files.iter().map(|file| File::open(file).unwrap()).collect::<Vec<_>>(), &mut ours).unwrap();
    assert!(ours == fs::read(&theirs).unwrap(), "{files:?}");
}

#[test]
fn fused_files_are_those_of_llvm_lipo() {
    let folder = tempfile::tempdir().unwrap();
    let written = |name: &str, little: Little| {
        let path = folder.path().join(name);
        fs::write(&path, little.bytes()).unwrap();
        path
    };
    for kind in ["program", "dylib", "bundle"] {
        let (intel, arm) = (real_named(&format!("{kind}-x86_64")), real_named(&format!("{kind}-aarch64")));
        same_as_lipo(&[&intel, &arm], folder.path());
        same_as_lipo(&[&arm, &intel], folder.path());
        same_as_lipo(&[&arm], folder.path());
    }
    let of = |cpu, subtype| Little { cpu, subtype, ..Little::default() };
    let (arm64, arm64e) = (written("arm64", of(ARM64, 0)), written("arm64e", of(ARM64, 0x8000_0002)));
    let (intel, haswell) = (written("x86_64", of(X86_64, 0x8000_0003)), written("x86_64h", of(X86_64, 8)));
    same_as_lipo(&[&arm64e, &haswell, &arm64, &intel], folder.path());
    same_as_lipo(&[&haswell, &intel, &arm64, &arm64e], folder.path());
    // Alignment by the segments' addresses: an architecture whose page size nobody knows (PowerPC 64 has
    // a known one, arm64_32 too).
    let powerpc = written("ppc64", of(0x0100_0012, 0));
    same_as_lipo(&[&arm64, &powerpc, &intel], folder.path());
    same_as_lipo(&[&intel, &powerpc], folder.path());
}

#[test]
fn static_libraries_are_fused_as_llvm_lipo_does() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("one.c"), "int one(void) { return 1; }\n").unwrap();
    fs::write(folder.path().join("two.c"), "int two(void) { return 2; }\n").unwrap();
    let mut libraries = Vec::new();
    for cpu in ["x86_64", "aarch64"] {
        for source in ["one", "two"] {
            let (target, out) = (format!("{cpu}-macos"), format!("{source}-{cpu}.o"));
            let source = format!("{source}.c");
            let arguments = ["-m", "ziglang", "cc", "-target", &target, "-c", &source, "-o", &out];
            run("python3", "python3-pip, then pip install ziglang", &arguments, folder.path());
        }
        let (name, one, two) = (format!("lib-{cpu}.a"), format!("one-{cpu}.o"), format!("two-{cpu}.o"));
        run(&llvm("ar"), "llvm", &["--format=darwin", "rcs", &name, &one, &two], folder.path());
        libraries.push(folder.path().join(name));
    }
    same_as_lipo(&[&libraries[0], &libraries[1]], folder.path());
    same_as_lipo(&[&libraries[1], &libraries[0]], folder.path());
    let mixed = ["rcs", "mixed.a", "one-x86_64.o", "two-aarch64.o"];
    run(&llvm("ar"), "llvm", &mixed, folder.path());
    let error = not_fused(&[&fs::read(folder.path().join("mixed.a")).unwrap()]).to_string();
    assert!(error.contains("its member two-aarch64.o is for another architecture"), "{error}");
}

// ---- real files before real programs ---------------------------------------------------------

#[test]
fn real_files_are_signed_as_other_readers_understand_it() {
    let folder = tempfile::tempdir().unwrap();
    for (name, path) in real() {
        for (way, options) in [("plain", options()), ("hardened", hardened())] {
            let file = signed(&fs::read(path).unwrap(), &options);
            assert_eq!(differences(&file), [], "{name} {way}");
            let out = folder.path().join(format!("{name}-{way}"));
            fs::write(&out, &file).unwrap();
            let said = lief(&out, folder.path());
            assert!(said.trim_end().ends_with("(True, '') True"), "{name} {way}: {said}");
            let arguments = ["--macho", "--private-headers", out.to_str().unwrap()];
            let listed = run(&llvm("objdump"), "llvm", &arguments, folder.path());
            assert_eq!(listed.matches("cmd LC_CODE_SIGNATURE").count(), 1, "{name} {way}");
            assert_eq!(python_check(&out, folder.path()), hashes_of(&file), "{name} {way}");
        }
    }
}

#[test]
fn a_fused_program_is_two_architectures_to_others() {
    let folder = tempfile::tempdir().unwrap();
    let files =
        ["program-x86_64", "program-aarch64"].map(|name| signed(&fs::read(real_named(name)).unwrap(), &hardened()));
    let out = folder.path().join("universal");
    fs::write(&out, fused(&files)).unwrap();
    let said = run(&llvm("lipo"), "llvm", &["-info", out.to_str().unwrap()], folder.path());
    assert!(said.contains("x86_64 arm64"), "{said}");
    assert_eq!(lief(&out, folder.path()).matches("(True, '') True").count(), 2);
    assert_eq!(differences(&fs::read(&out).unwrap()), []);
}

fn hashes_of(file: &[u8]) -> String {
    let report = check_signature(&mut Cursor::new(file)).unwrap().remove(0);
    let pages = MachO::read(&mut Cursor::new(file)).unwrap().signature.unwrap().offset.div_ceil(4096);
    format!("{} {pages} pages, all as signed\n", report.identifier)
}

/// The same proof by a second hand: nothing of ours is in it.
fn python_check(path: &Path, folder: &Path) -> String {
    const SCRIPT: &str = "
import hashlib, struct, sys
data = open(sys.argv[1], 'rb').read()
at, place = 32, None
for _ in range(struct.unpack_from('<I', data, 16)[0]):
    command, size = struct.unpack_from('<II', data, at)
    if command == 0x1D: place = struct.unpack_from('<II', data, at + 8)
    at += size
blob = data[place[0]:sum(place)]
assert place[0] % 16 == 0 and sum(place) == len(data)
magic, length, count = struct.unpack_from('>III', blob)
assert magic == 0xFADE0CC0 and length <= len(blob)
slots = {}
for number in range(count):
    slot, start = struct.unpack_from('>II', blob, 12 + 8 * number)
    slots[slot] = blob[start:start + struct.unpack_from('>I', blob, start + 4)[0]]
directory = slots[0]
(magic, length, version, flags, hashes, name, special, pages, limit, size, kind, _, page) = struct.unpack_from('>9I4B', directory)
assert (magic, size, kind, page, limit) == (0xFADE0C02, 32, 2, 12, place[0]), (size, kind, page, limit)
assert flags in (0x2, 0x10002) and version == (0x20500 if flags & 0x10000 else 0x20400)
for number in range(pages):
    want = directory[hashes + 32 * number:][:32]
    assert hashlib.sha256(data[number * 4096:min((number + 1) * 4096, limit)]).digest() == want, number
for slot in range(1, special + 1):
    want = directory[hashes - 32 * slot:][:32]
    found = hashlib.sha256(slots[slot]).digest() if slot in slots else bytes(32)
    assert want == found, slot
assert pages == -(-limit // 4096) and slots[0x10000] == bytes.fromhex('fade0b0100000008')
print(directory[name:directory.index(0, name)].decode(), pages, 'pages, all as signed')
";
    run("python3", "python3", &["-c", SCRIPT, path.to_str().unwrap()], folder)
}

// ---- anything --------------------------------------------------------------------------------

fn everything(file: &[u8]) {
    for options in [options(), hardened()] {
        let mut out = Cursor::new(Vec::new());
        if sign(&mut Cursor::new(file), &mut out, &options).is_ok() {
            assert_eq!(differences(out.get_ref()), []);
        }
    }
    let _ = check_signature(&mut Cursor::new(file));
    let _ = slices(Cursor::new(file));
    let other = Little { cpu: X86_64, ..Little::default() }.bytes();
    let _ = fuse(&mut [Cursor::new(file), Cursor::new(&other)], &mut Vec::new());
    let _ = set_uuid(&mut Cursor::new(&mut file.to_vec()), &[1; 16]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_content_is_signed_and_proved(
        text in 0..20_000_usize, linkedit in 0..9000_usize, room in 16..5000_usize,
        intel in any::<bool>(), identifier in "[a-z.]{1,80}",
    ) {
        let cpu = if intel { X86_64 } else { ARM64 };
        let little = Little {
            cpu, room, text: support::noise(text), linkedit: support::noise(linkedit), ..Little::default()
        };
        let options = SignOptions { identifier, ..hardened() };
        let file = signed(&little.bytes(), &options);
        prop_assert_eq!(differences(&file), []);
        prop_assert!(signed(&file, &options) == file);
        prop_assert!(fused(from_ref(&file))[file_start(cpu)..] == file);
    }

    #[test]
    fn hostile_headers_do_not_panic(
        sign_first in any::<bool>(),
        changes in prop::collection::vec((0..420_usize, any::<u8>()), 1..6),
    ) {
        let mut file = Little::default().bytes();
        if sign_first {
            file = signed(&file, &options());
        }
        for (at, value) in changes {
            file[at] = value;
        }
        everything(&file);
    }

    #[test]
    fn hostile_signatures_do_not_panic(changes in prop::collection::vec((0..300_usize, any::<u8>()), 1..6)) {
        let mut file = signed(&Little::default().bytes(), &hardened());
        let at = MachO::read(&mut Cursor::new(&file)).unwrap().signature.unwrap().offset as usize;
        for (offset, value) in changes {
            file[at + offset] = value;
        }
        everything(&file);
    }
}

fn file_start(cpu: u32) -> usize {
    if cpu == ARM64 { 1 << 14 } else { 1 << 12 }
}
