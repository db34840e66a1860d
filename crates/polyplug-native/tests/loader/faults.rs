//! Whatever is wrong with a library has its own code, and words that tell what to do.

use std::fs;

use polyplug::loader::BundleLoader as _;
use polyplug_abi::AbiErrorCode;

use crate::support::{Bundle, plain_loader};

fn assert_failure(bundle: &Bundle, code: AbiErrorCode, words: &[&str]) {
    let (actual, text) = bundle.failure();
    assert_eq!(actual, code.as_u32(), "{text}");
    for words in words {
        assert!(text.contains(words), "{words:?} is not in: {text}");
    }
    assert!(text.contains("plain"), "no name of the bundle in: {text}");
}

#[test]
fn a_library_that_starts_is_loaded() {
    for arguments in [&[][..], &["-DABI=1"]] {
        let bundle = Bundle::compiled("plain.c", arguments);
        let loader = plain_loader();
        assert_eq!(loader.loader_name(), "native");
        assert!(loader.can_reload());
        drop(bundle.load_with(&loader).unwrap());
    }
}

#[test]
fn a_file_that_is_not_there_cannot_be_opened() {
    assert_failure(&Bundle::empty(), AbiErrorCode::LoadFailed, &["libplain.so", "No such file"]);
}

#[test]
fn a_file_of_no_bytes_cannot_be_opened() {
    let bundle = Bundle::empty();
    fs::write(bundle.file(), "").unwrap();
    assert_failure(&bundle, AbiErrorCode::LoadFailed, &["file too short"]);
}

#[test]
fn text_cannot_be_opened() {
    let bundle = Bundle::empty();
    fs::write(bundle.file(), "no library, and longer than a header: ".repeat(100)).unwrap();
    assert_failure(&bundle, AbiErrorCode::LoadFailed, &["invalid ELF header"]);
}

#[test]
fn a_folder_cannot_be_opened() {
    let bundle = Bundle::empty();
    fs::create_dir(bundle.file()).unwrap();
    assert_failure(&bundle, AbiErrorCode::LoadFailed, &["cannot read file data"]);
}

#[test]
fn a_library_for_another_processor_cannot_be_opened() {
    let bundle = Bundle::compiled("plain.c", &[]);
    let mut bytes = fs::read(bundle.file()).unwrap();
    // e_machine: EM_RISCV, which these tests do not run on.
    bytes[18..20].copy_from_slice(&243_u16.to_le_bytes());
    fs::write(bundle.file(), bytes).unwrap();
    assert_failure(&bundle, AbiErrorCode::LoadFailed, &["cannot open shared object file"]);
}

#[test]
fn a_library_for_windows_cannot_be_opened() {
    let bundle = Bundle::empty();
    let mut bytes = b"MZ\x90\0".to_vec();
    bytes.resize(1024, 0);
    fs::write(bundle.file(), bytes).unwrap();
    assert_failure(&bundle, AbiErrorCode::LoadFailed, &["invalid ELF header"]);
}

#[test]
fn a_library_cut_short_cannot_be_opened() {
    let bundle = Bundle::compiled("plain.c", &[]);
    let bytes = fs::read(bundle.file()).unwrap();
    fs::write(bundle.file(), &bytes[..100]).unwrap();
    assert_failure(&bundle, AbiErrorCode::LoadFailed, &["cannot be loaded"]);
}

#[test]
fn a_library_cut_short_behind_its_headers_does_not_kill_the_process() {
    let bundle = Bundle::empty();
    let source = bundle.path().join("large.c");
    // Addresses that are set when it is opened, so that its pages are touched then.
    let text = "static int n[9999] = {1}; int *p = &n[5]; int m[9999] = {1}; int *q = &n[6];
        int polyplug_init(void); int polyplug_init(void) { return *p + *q + m[1]; }\n";
    fs::write(&source, text).unwrap();
    crate::support::compile(&source, &bundle.file(), &[]);
    let bytes = fs::read(bundle.file()).unwrap();
    for percent in [5, 20, 50, 80, 95] {
        fs::write(bundle.file(), &bytes[..bytes.len() * percent / 100]).unwrap();
        assert_failure(&bundle, AbiErrorCode::LoadFailed, &["cut short"]);
    }
}

#[test]
fn a_library_with_a_symbol_that_nobody_has_cannot_be_opened() {
    let bundle = Bundle::empty();
    let source = bundle.path().join("unresolved.c");
    fs::write(&source, "extern int nobody_has_this(void); int (*p)(void); int f(void) { return nobody_has_this(); }")
        .unwrap();
    crate::support::compile(&source, &bundle.file(), &[]);
    assert_failure(&bundle, AbiErrorCode::LoadFailed, &["undefined symbol: nobody_has_this"]);
}

#[test]
fn a_library_without_the_entry_is_told_as_such() {
    let bundle = Bundle::compiled("plain.c", &["-DNO_ENTRY"]);
    assert_failure(&bundle, AbiErrorCode::EntryMissing, &["libplain.so", "polyplug_init"]);
}

#[test]
fn a_library_for_another_version_of_the_abi_is_not_started() {
    let bundle = Bundle::compiled("plain.c", &["-DABI=2", "-DINIT_CODE=300"]);
    assert_failure(&bundle, AbiErrorCode::AbiMismatch, &["version 2", "version 1"]);
}

#[test]
fn an_initialisation_that_fails_is_told_in_its_own_code_and_words() {
    let bundle = Bundle::compiled("plain.c", &["-DINIT_CODE=300", "-DINIT_MESSAGE=\"no licence in /etc/licence\""]);
    let (code, text) = bundle.failure();
    assert_eq!(code, 300);
    assert!(text.contains("no licence in /etc/licence"), "{text}");
}

#[test]
fn a_static_message_is_read_before_the_library_is_closed() {
    let bundle = Bundle::compiled("plain.c", &["-DINIT_CODE=1", "-DSTATIC_MESSAGE=\"static words\""]);
    assert_failure(&bundle, AbiErrorCode::Failed, &["static words"]);
}

#[test]
fn an_initialisation_that_fails_without_a_word_is_told_with_its_code() {
    let bundle = Bundle::compiled("plain.c", &["-DINIT_CODE=3"]);
    assert_failure(&bundle, AbiErrorCode::Panicked, &["returned 3 (Panicked)", "did not say why"]);
    assert_eq!(Bundle::compiled("plain.c", &["-DINIT_CODE=4000"]).failure().0, 4000);
}
