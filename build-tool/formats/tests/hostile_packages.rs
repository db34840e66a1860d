//! Debian packages that were tampered with: each is refused, for the reason that it should be.

mod support;

use proptest::prelude::*;
use release_formats::archive::{TarAttributes, TarWriter};
use release_formats::compress::{Codec, Compressor};
use release_formats::deb::{Control, Deb, DebOptions, DebReadError, Scripts, read_deb, write_deb};
use release_formats::packaged::UnsafeEntry;
use release_formats::payload::{Mark, Payload};
use release_formats::read_archive::{Limits, ReadError};
use std::io::Cursor;
use support::payloads::file;

type Tar = TarWriter<Compressor<Vec<u8>>>;

const CONTROL: &[u8] = b"Package: a\nVersion: 1\n";
const SUM: &[u8] = b"9a0364b9e99bb480dd25e1f0284c8555  usr/a\n";

fn tar(fill: impl FnOnce(&mut Tar)) -> Vec<u8> {
    let mut tar = TarWriter::new(Compressor::new(Vec::new(), Codec::Gzip, 1, 1).unwrap(), 0);
    fill(&mut tar);
    tar.finish().unwrap().finish().unwrap()
}

fn ar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = b"!<arch>\n".to_vec();
    for (name, content) in members {
        out.extend(format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", 0, 0, 0, "100644", content.len()).bytes());
        out.extend(*content);
        out.resize(out.len().next_multiple_of(2), b'\n');
    }
    out
}

fn read(bytes: &[u8]) -> Result<Deb, DebReadError> {
    read_deb(Cursor::new(bytes), Limits::default(), |_, _| Ok(()))
}

fn package(control: impl FnOnce(&mut Tar), data: impl FnOnce(&mut Tar)) -> Result<Deb, DebReadError> {
    let (control, data) = (tar(control), tar(data));
    read(&ar(&[("debian-binary", b"2.0\n"), ("control.tar.gz", &control), ("data.tar.gz", &data)]))
}

fn with_sums(sums: &'static [u8]) -> impl FnOnce(&mut Tar) {
    move |tar| {
        tar.file(b"./control", 0o644, CONTROL).unwrap();
        tar.file(b"./md5sums", 0o644, sums).unwrap();
    }
}

fn with_file(tar: &mut Tar) {
    tar.file(b"./usr/a", 0o644, b"content").unwrap();
}

#[test]
fn sums_are_held_against_the_files() {
    assert!(package(with_sums(SUM), with_file).is_ok());
    assert!(package(with_sums(b""), with_file).is_ok(), "a package need not have sums");
    let other = package(with_sums(SUM), |tar| tar.file(b"./usr/a", 0o644, b"Content").unwrap());
    assert!(matches!(other, Err(DebReadError::WrongSum(path)) if path == "usr/a"));
    let missing = package(with_sums(SUM), |_| ());
    assert!(matches!(missing, Err(DebReadError::Missing(path)) if path == "usr/a"));
    let more = package(with_sums(SUM), |tar| {
        with_file(tar);
        tar.file(b"./usr/b", 0o644, b"").unwrap();
    });
    assert!(matches!(more, Err(DebReadError::NoSum(path)) if path == "usr/b"));
    for sums in [&b"9a0364b9e99bb480dd25e1f0284c8555 usr/a\n"[..], b"zz0364b9e99bb480dd25e1f0284c8555  usr/a\n", b"x\n"]
    {
        assert!(matches!(package(with_sums(sums), with_file), Err(DebReadError::ControlArchive(_))));
    }
}

#[test]
fn paths_and_links_that_escape_are_refused() {
    let data = |fill: fn(&mut Tar)| match package(with_sums(b""), fill) {
        Err(DebReadError::Entry(error)) => error,
        other => panic!("{other:?}"),
    };
    let link = TarAttributes::root(0o777);
    assert!(matches!(data(|tar| tar.file(b"./../a", 0o644, b"").unwrap()), UnsafeEntry::Path { .. }));
    assert!(matches!(data(|tar| tar.file(b"/a", 0o644, b"").unwrap()), UnsafeEntry::Path { .. }));
    assert!(matches!(data(|tar| tar.file(b"./caf\xE9", 0o644, b"").unwrap()), UnsafeEntry::NotUtf8(_)));
    let error = data(|tar| tar.symlink(b"./a", b"../../etc", TarAttributes::root(0o777)).unwrap());
    assert!(matches!(error, UnsafeEntry::Link { .. }));
    let error = data(|tar| {
        tar.symlink(b"./a", b"/etc", TarAttributes::root(0o777)).unwrap();
        tar.file(b"./a/passwd", 0o644, b"").unwrap();
    });
    assert!(matches!(error, UnsafeEntry::Below { .. }));
    assert!(package(with_sums(b""), |tar| tar.symlink(b"./usr/b", b"../etc/x", link).unwrap()).is_ok());
}

#[test]
fn the_frame_must_be_that_of_a_package() {
    let (control, data) = (tar(with_sums(SUM)), tar(with_file));
    let version = ("debian-binary", &b"2.0\n"[..]);
    let (control, data) = (("control.tar.gz", &control[..]), ("data.tar.gz", &data[..]));
    assert!(read(&ar(&[version, control, data])).is_ok());
    for members in [
        &[control, version, data][..],
        &[version, data, control],
        &[version, control],
        &[version, control, data, data],
        &[("debian-binary", b"3.0\n"), control, data],
        &[version, ("control.tar.lz", control.1), data],
        &[version, ("control.tar.xz", control.1), data],
    ] {
        assert!(read(&ar(members)).is_err(), "{:?}", members.iter().map(|(name, _)| name).collect::<Vec<_>>());
    }
    let whole = ar(&[version, control, data]);
    for length in 0..whole.len() {
        assert!(read(&whole[..length]).is_err(), "cut after {length} bytes");
    }
    // A member that claims more, or less, than it is.
    let at = 8 + 60 + 4 + 48;
    for size in ["1         ", "9999999999", "-1        "] {
        let mut wrong = whole.clone();
        wrong[at..at + 10].copy_from_slice(size.as_bytes());
        assert!(read(&wrong).is_err(), "{size}");
    }
}

#[test]
fn the_control_archive_has_files_only_and_within_limits() {
    let control = |fill: fn(&mut Tar)| package(fill, with_file);
    assert!(matches!(control(|_| ()), Err(DebReadError::ControlArchive(_))));
    let folder = control(|tar| tar.directory(b"./sub").unwrap());
    assert!(matches!(folder, Err(DebReadError::ControlArchive(_))));
    let twice = control(|tar| {
        tar.file(b"./control", 0o644, CONTROL).unwrap();
        tar.file(b"control", 0o644, CONTROL).unwrap();
    });
    assert!(matches!(twice, Err(DebReadError::Entry(UnsafeEntry::Duplicate(_)))));
    let large = control(|tar| {
        tar.start_file(b"./control", 0o644, 40 << 20).unwrap();
    });
    assert!(matches!(large, Err(DebReadError::Archive(ReadError::TooMuchMetadata(_)))));
    let several = control(|tar| tar.file(b"./control", 0o644, b"Package: a\n\nPackage: b\n").unwrap());
    assert!(matches!(several, Err(DebReadError::Control(_))));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn changed_packages_never_bring_other_files(at in any::<prop::sample::Index>(), value in 1u8..) {
        let control = Control {
            package: "aa".into(), version: "1-1".into(), architecture: "all".into(),
            maintainer: "A <a@b>".into(), synopsis: "a".into(), ..Control::default()
        };
        let payload = Payload::new([file("usr/a", 0o644, b"content", Mark::None)]).unwrap();
        let options = DebOptions { codec: Codec::Xz, ..DebOptions::default() };
        let out = write_deb(Cursor::new(Vec::new()), &control, &Scripts::default(), &payload, &options);
        let mut bytes = out.unwrap().into_inner();
        let at = at.index(bytes.len());
        bytes[at] ^= value;
        let mut content = Vec::new();
        let read = read_deb(Cursor::new(&bytes), Limits::default(), |entry, from| {
            if entry.path == "usr/a" {
                from.read_to_end(&mut content)?;
            }
            Ok::<_, DebReadError>(())
        });
        // Times and owners of an ar header say nothing of the content.
        prop_assert!(read.is_err() || content == b"content");
    }
}
