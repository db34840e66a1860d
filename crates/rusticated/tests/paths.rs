//! Paths and strings do what std's do: every function is called on strings of many shapes, here and in std.
#![allow(unsafe_code, reason = "strings of the system are made from encoded bytes")]
use std::ffi::OsStr as StdStr;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path as StdPath;

use proptest::prelude::*;
use rusticated::ffi::{OsStr, OsString};
use rusticated::path::{Component, Path, PathBuf, is_separator};

/// Pieces that paths are made of; the last ones mean something on Windows only.
const PIECES: &[&str] = &[
    "/",
    "/",
    "/",
    ".",
    ".",
    "..",
    "a",
    "b",
    "A",
    ".c",
    "d.e",
    "f.tar.gz",
    "é",
    "'",
    "\\",
    "\\",
    "\\\\",
    "\\\\?\\",
    "\\\\.\\",
    "C:",
    "c:",
    "UNC\\",
    "server\\share",
    "COM1",
    ":",
];

/// Encoded bytes of a string that the system could have.
fn string() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => proptest::sample::select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => foreign(),
    ];
    proptest::collection::vec(piece, 0..7).prop_map(|pieces| {
        // Put together by std, so that halves of pairs join where they have to.
        let mut whole = std::ffi::OsString::new();
        for piece in pieces {
            // SAFETY: text, or what std encoded.
            whole.push(unsafe { StdStr::from_encoded_bytes_unchecked(&piece) });
        }
        whole.into_encoded_bytes()
    })
}

#[cfg(not(windows))]
fn foreign() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..4)
}

#[cfg(windows)]
fn foreign() -> impl Strategy<Value = Vec<u8>> {
    use std::os::windows::ffi::OsStringExt;
    let unit = prop_oneof![any::<u16>(), 0xD800..0xE000u16];
    proptest::collection::vec(unit, 0..4).prop_map(|units| std::ffi::OsString::from_wide(&units).into_encoded_bytes())
}

fn theirs(bytes: &[u8]) -> &StdPath {
    // SAFETY: made by std.
    StdPath::new(unsafe { StdStr::from_encoded_bytes_unchecked(bytes) })
}

fn ours(bytes: &[u8]) -> &Path {
    // SAFETY: the encoding is the same as std's.
    Path::new(unsafe { OsStr::from_encoded_bytes_unchecked(bytes) })
}

/// What can be compared across the two libraries.
trait Encoded {
    fn encoded(&self) -> Vec<u8>;
}

macro_rules! encoded {
    ($($type:ty: |$value:ident| $string:expr;)*) => {$(
        impl Encoded for $type {
            fn encoded(&self) -> Vec<u8> {
                let $value = self;
                $string.as_encoded_bytes().to_vec()
            }
        }
    )*};
}

encoded! {
    &StdStr: |string| string;
    &OsStr: |string| string;
    std::ffi::OsString: |string| string;
    OsString: |string| string;
    &StdPath: |path| path.as_os_str();
    &Path: |path| path.as_os_str();
    std::path::PathBuf: |path| path.as_os_str();
    PathBuf: |path| path.as_os_str();
    std::path::Component<'_>: |part| part.as_os_str();
    Component<'_>: |part| part.as_os_str();
}

fn bytes(value: Option<impl Encoded>) -> Option<Vec<u8>> {
    value.map(|value| value.encoded())
}

fn all(values: impl Iterator<Item = impl Encoded>) -> Vec<Vec<u8>> {
    values.map(|value| value.encoded()).collect()
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// `C:.` and the like: from the end, std takes the dot for a part of the prefix, from the beginning it does not.
fn has_dot_behind_drive(path: &[u8]) -> bool {
    cfg!(windows) && matches!(path, [_, b':', b'.'] | [_, b':', b'.', b'/' | b'\\', ..])
}

/// Changes a path in both libraries, and gives what came of it in each.
fn changed<R>(
    start: &[u8],
    our: impl FnOnce(&mut PathBuf) -> R,
    their: impl FnOnce(&mut std::path::PathBuf) -> R,
) -> ((R, Vec<u8>), (R, Vec<u8>)) {
    let (mut own, mut std) = (ours(start).to_path_buf(), theirs(start).to_path_buf());
    let results = (our(&mut own), their(&mut std));
    ((results.0, own.encoded()), (results.1, std.encoded()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn parts_are_those_of_std(path in string()) {
        prop_assume!(!has_dot_behind_drive(&path));
        let (own, std) = (ours(&path), theirs(&path));
        prop_assert_eq!(all(own.components()), all(std.components()));
        prop_assert_eq!(all(own.components().rev()), all(std.components().rev()));
        prop_assert_eq!(all(own.iter()), all(std.iter()));
        prop_assert_eq!(all(own.ancestors()), all(std.ancestors()));
        prop_assert_eq!(bytes(own.parent()), bytes(std.parent()));
        prop_assert_eq!(bytes(own.file_name()), bytes(std.file_name()));
        prop_assert_eq!(bytes(own.file_stem()), bytes(std.file_stem()));
        prop_assert_eq!(bytes(own.extension()), bytes(std.extension()));
        prop_assert_eq!(bytes(own.file_prefix()), bytes(std.file_prefix()));
        prop_assert_eq!(own.is_absolute(), std.is_absolute());
        prop_assert_eq!(own.is_relative(), std.is_relative());
        prop_assert_eq!(own.has_root(), std.has_root());
        prop_assert_eq!(format!("{:?}", own.components()), format!("{:?}", std.components()));
        prop_assert_eq!(format!("{:?}", own.iter()), format!("{:?}", std.iter()));
    }

    #[test]
    fn what_components_leave_is_what_std_leaves(
        path in string(),
        turns in proptest::collection::vec(any::<bool>(), 0..9),
    ) {
        prop_assume!(!has_dot_behind_drive(&path));
        let (mut own, mut std) = (ours(&path).components(), theirs(&path).components());
        for front in turns {
            let parts = if front {
                (bytes(own.next()), bytes(std.next()))
            } else {
                (bytes(own.next_back()), bytes(std.next_back()))
            };
            prop_assert_eq!(parts.0, parts.1);
            prop_assert_eq!(own.as_path().encoded(), std.as_path().encoded());
        }
    }

    #[test]
    fn two_paths_relate_as_in_std(a in string(), b in string()) {
        let (own, std) = ((ours(&a), ours(&b)), (theirs(&a), theirs(&b)));
        prop_assert_eq!(own.0 == own.1, std.0 == std.1);
        prop_assert_eq!(own.0.cmp(own.1), std.0.cmp(std.1));
        prop_assert_eq!(own.0.starts_with(own.1), std.0.starts_with(std.1));
        prop_assert_eq!(own.0.ends_with(own.1), std.0.ends_with(std.1));
        prop_assert_eq!(bytes(own.0.strip_prefix(own.1).ok()), bytes(std.0.strip_prefix(std.1).ok()));
        prop_assert_eq!(own.0.join(own.1).encoded(), std.0.join(std.1).encoded());
        if own.0 == own.1 {
            prop_assert_eq!(hash(own.0), hash(own.1));
        }
    }

    #[test]
    fn a_path_relates_to_its_own_ends_as_in_std(path in string(), cut in any::<prop::sample::Index>()) {
        let parts: Vec<_> = theirs(&path).components().collect();
        let cut = cut.index(parts.len() + 1);
        let (head, tail): (std::path::PathBuf, std::path::PathBuf) =
            (parts[..cut].iter().collect(), parts[cut..].iter().collect());
        let (head, tail) = (head.encoded(), tail.encoded());
        prop_assert_eq!(ours(&path).starts_with(ours(&head)), theirs(&path).starts_with(theirs(&head)));
        prop_assert_eq!(ours(&path).ends_with(ours(&tail)), theirs(&path).ends_with(theirs(&tail)));
        prop_assert_eq!(
            bytes(ours(&path).strip_prefix(ours(&head)).ok()),
            bytes(theirs(&path).strip_prefix(theirs(&head)).ok())
        );
        let longer = [path.as_slice(), if cfg!(windows) { b"\\." } else { b"/." }].concat();
        prop_assert_eq!(ours(&path) == ours(&longer), theirs(&path) == theirs(&longer));
        if ours(&path) == ours(&longer) {
            prop_assert_eq!(hash(ours(&path)), hash(ours(&longer)));
        }
    }

    #[test]
    fn changes_are_those_of_std(path in string(), other in string()) {
        let (own, std) = changed(&path, |path| path.push(ours(&other)), |path| path.push(theirs(&other)));
        prop_assert_eq!(own, std);
        let (own, std) = changed(&path, PathBuf::pop, std::path::PathBuf::pop);
        prop_assert_eq!(own, std);
        let (own, std) =
            changed(&path, |path| path.set_file_name(ours(&other)), |path| path.set_file_name(theirs(&other)));
        prop_assert_eq!(own, std);
        prop_assert_eq!(
            ours(&path).with_file_name(ours(&other)).encoded(),
            theirs(&path).with_file_name(theirs(&other)).encoded()
        );
        // A separator in an extension panics: see below.
        if !String::from_utf8_lossy(&other).chars().any(is_separator) {
            let (own, std) =
                changed(&path, |path| path.set_extension(ours(&other)), |path| path.set_extension(theirs(&other)));
            prop_assert_eq!(own, std);
            let (own, std) =
                changed(&path, |path| path.add_extension(ours(&other)), |path| path.add_extension(theirs(&other)));
            prop_assert_eq!(own, std);
            // std's with_extension makes `..` of `..a` and nothing, its set_extension `.`: the latter is right.
            let (own, _) = changed(&path, |path| path.set_extension(ours(&other)), |_| false);
            prop_assert_eq!(ours(&path).with_extension(ours(&other)).encoded(), own.1);
        }
    }

    #[test]
    fn strings_show_and_convert_as_in_std(string in string()) {
        let (own, std) = (ours(&string).as_os_str(), theirs(&string).as_os_str());
        prop_assert_eq!(own.to_str(), std.to_str());
        prop_assert_eq!(own.to_string_lossy(), std.to_string_lossy());
        prop_assert_eq!(format!("{own:?}"), format!("{std:?}"));
        prop_assert_eq!(format!("{}", own.display()), format!("{}", std.display()));
        if own.to_str().is_some() {
            // The width of what is not Unicode is left alone.
            prop_assert_eq!(format!("{:>9}", own.display()), format!("{:>9}", std.display()));
        }
        prop_assert_eq!(own.len(), std.len());
        prop_assert_eq!(own.is_ascii(), std.is_ascii());
        prop_assert_eq!(own.to_ascii_uppercase().encoded(), std.to_ascii_uppercase().encoded());
        prop_assert_eq!(own.to_os_string().into_string().ok(), std.to_os_string().into_string().ok());
        prop_assert_eq!(own.to_os_string().into_boxed_os_str().into_os_string(), own);
        prop_assert_eq!(ours(&string).to_path_buf().into_boxed_path().into_path_buf().encoded(), string);
    }

    #[test]
    fn strings_put_together_are_those_of_std(a in string(), b in string()) {
        let (mut own, mut std) = (ours(&a).as_os_str().to_os_string(), theirs(&a).as_os_str().to_os_string());
        own.push(ours(&b));
        std.push(theirs(&b));
        prop_assert_eq!(own.encoded(), std.encoded());
        prop_assert_eq!(own.cmp(&OsString::from(ours(&b))), std.cmp(&std::ffi::OsString::from(theirs(&b))));
    }
}

#[cfg(windows)]
proptest! {
    #[test]
    fn wide_strings_are_encoded_as_in_std(
        units in proptest::collection::vec(prop_oneof![any::<u16>(), 0xD800..0xE000u16], 0..9),
    ) {
        use std::os::windows::ffi::{OsStrExt, OsStringExt};
        let (own, std) = (OsString::from_wide(&units), std::ffi::OsString::from_wide(&units));
        prop_assert_eq!(own.encoded(), std.encoded());
        prop_assert_eq!(own.encode_wide().collect::<Vec<_>>(), std.encode_wide().collect::<Vec<_>>());
        prop_assert_eq!(own.encode_wide().collect::<Vec<_>>(), units);
    }
}

#[test]
#[should_panic(expected = "extension cannot contain path separators: \"a/b\"")]
fn an_extension_with_a_separator_panics() {
    Path::new("name").with_extension("a/b");
}

#[cfg(not(windows))]
#[test]
fn all_bytes_are_a_string_where_strings_are_bytes() {
    let every: Vec<u8> = (0..=255).collect();
    assert_eq!(OsStr::from_bytes(&every).as_bytes(), every);
    assert_eq!(OsString::from_vec(every.clone()).into_vec(), every);
}
