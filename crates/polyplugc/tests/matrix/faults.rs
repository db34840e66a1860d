//! What providers in languages that are compiled say of values that are none, of pointers that cannot be, and of panics.

use polyplug::{Arena, Runtime};
use polyplug_abi::AbiErrorCode;
use polyplug_abi::types::{ArrayView, StringView, Version};
use polyplug_native::NativeLoader;

use crate::built::built;
use crate::rust_host;

/// Numbers of functions of `test.Echo`.
const IS_MERRY: u32 = 4;
const SHOUT: u32 = 5;
const SUM: u32 = 7;
const FAIL: u32 = 14;

#[repr(C)]
struct FailArguments {
    code: u32,
    message: StringView,
}

/// Calls a function of each compiled provider with an argument, and holds its code and message against what is right.
fn fails<A>(providers: &[&str], function: u32, arguments: *const A, code: AbiErrorCode, words: &str) {
    for (name, folder) in built().echoes.iter().filter(|(name, _)| providers.contains(name)) {
        // SAFETY: the libraries of these tests keep to the ABI.
        let runtime = Runtime::builder().loader(unsafe { NativeLoader::new() }).build().unwrap();
        let _desk = rust_host::prepare(&runtime);
        runtime.load_bundle(folder).unwrap();
        let echo = runtime.create(runtime.find("test.Echo", Version::new(1, 2, 0)).unwrap()).unwrap();
        let mut out = [0_u64; 4];
        let mut arena = Arena::new();
        // SAFETY: room for any of the results; the arguments are such as the test says, null among them.
        let called = unsafe { echo.call(function, arguments.cast(), out.as_mut_ptr().cast(), &mut arena) };
        let failure = called.expect_err(name);
        assert_eq!(failure.code, code.as_u32(), "{name}: {}", failure.message);
        assert!(failure.message.contains(words), "{name}: {}", failure.message);
    }
}

const COMPILED: [&str; 5] = ["gcc", "clang", "g++", "clang++", "rust"];

#[test]
fn a_number_that_is_none_of_the_enumeration_is_an_invalid_argument() {
    fails(&COMPILED, IS_MERRY, &3_u8, AbiErrorCode::InvalidArgument, "`mood`: ");
}

#[test]
fn text_that_is_not_utf_8_is_told() {
    for bytes in [&b"a\xff"[..], b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"] {
        let text = StringView { ptr: bytes.as_ptr(), len: bytes.len() };
        fails(&COMPILED, SHOUT, &text, AbiErrorCode::InvalidUtf8, "`text`: ");
    }
}

#[test]
fn pointers_that_cannot_be_are_told() {
    let nowhere = ArrayView { items: std::ptr::null(), len: 1 };
    fails(&COMPILED, SUM, &nowhere, AbiErrorCode::InvalidPointer, "`values`: ");
    let unaligned = ArrayView { items: std::ptr::without_provenance(0x1001), len: 1 };
    fails(&COMPILED, SUM, &unaligned, AbiErrorCode::InvalidPointer, "`values`: ");
    let endless = ArrayView { items: std::ptr::without_provenance(0x1000), len: usize::MAX };
    fails(&COMPILED, SUM, &endless, AbiErrorCode::InvalidPointer, "`values`: ");
    fails::<ArrayView>(&COMPILED, SUM, std::ptr::null(), AbiErrorCode::InvalidPointer, "the arguments");
    fails(&COMPILED, SUM, std::ptr::without_provenance::<ArrayView>(1), AbiErrorCode::InvalidPointer, "the arguments");
}

#[test]
fn panics_and_exceptions_end_at_the_boundary() {
    let arguments = FailArguments { code: 0, message: StringView::new("for the test") };
    fails(&["rust", "g++", "clang++"], FAIL, &arguments, AbiErrorCode::Panicked, "for the test");
}
