//! Libraries that do what they may not.

use polyplug_abi::AbiErrorCode;
use polyplug_abi::types::Version;

use crate::bundles::{Bundles, assert_refused, call, faults, runtime};

#[test]
fn a_bundle_that_registers_twice_is_refused_whether_it_minds_or_not() {
    let bundles = Bundles::new();
    for arguments in [&["-DTWICE"][..], &["-DTWICE", "-DIGNORES"]] {
        let bundle = bundles.compiled("twice", arguments);
        assert_refused(&bundle, AbiErrorCode::AlreadyRegistered, &["twice", "test.Faults"]);
    }
}

#[test]
fn a_bundle_that_registers_too_few_functions_is_refused() {
    let bundle = Bundles::new();
    assert_refused(
        &bundle.compiled("few", &["-DFUNCTIONS=1"]),
        AbiErrorCode::FunctionCountMismatch,
        &["few", "test.Faults", "1", "2"],
    );
}

#[test]
fn a_bundle_that_registers_nothing_is_refused() {
    let bundles = Bundles::new();
    assert_refused(&bundles.compiled("nothing", &["-DNOTHING"]), AbiErrorCode::ContractMismatch, &["test.Faults"]);
}

#[test]
fn a_bundle_that_registers_what_its_manifest_does_not_name_is_refused() {
    let bundles = Bundles::new();
    let bundle = bundles.compiled("other", &["-DNAME=\"test.Unnamed\""]);
    assert_refused(&bundle, AbiErrorCode::ContractMismatch, &["test.Unnamed"]);
}

#[test]
fn a_bundle_that_asks_for_what_it_did_not_declare_is_refused() {
    let bundles = Bundles::new();
    for argument in ["-DUNDECLARED", "-DUNDECLARED_HOST"] {
        assert_refused(
            &bundles.compiled("undeclared", &[argument]),
            AbiErrorCode::UndeclaredDependency,
            &["undeclared"],
        );
    }
}

#[test]
fn a_bundle_that_loads_others_while_it_starts_is_refused() {
    let bundles = Bundles::new();
    assert_refused(&bundles.compiled("reentrant", &["-DREENTRANT"]), AbiErrorCode::Reentrant, &["load_bundle"]);
}

#[test]
fn a_bundle_that_registers_null_or_an_unaligned_address_is_refused() {
    let bundles = Bundles::new();
    for argument in ["-DNO_INTERFACE", "-DUNALIGNED"] {
        assert_refused(&bundles.compiled("pointers", &[argument]), AbiErrorCode::InvalidPointer, &["interface"]);
    }
}

#[test]
fn a_panic_in_init_is_a_code_and_its_words() {
    let bundles = Bundles::new();
    assert_refused(&bundles.in_rust("panics", "panic in init"), AbiErrorCode::Panicked, &["a panic in init"]);
}

#[test]
fn a_panic_in_create_or_in_a_call_is_a_code_and_its_words() {
    let bundles = Bundles::new();
    let (runtime, _) = runtime();
    let panicked = AbiErrorCode::Panicked.as_u32();
    let id = runtime.load_bundle(&bundles.in_rust("creates", "panic in create")).unwrap();
    let handle = runtime.find("test.Faults", Version::new(1, 0, 0)).unwrap();
    let error = runtime.create(handle).unwrap_err();
    assert_eq!(error.code(), panicked);
    assert!(error.to_string().contains("a panic in create"), "{error}");
    runtime.unload_bundle(id, false).unwrap();

    runtime.load_bundle(&bundles.in_rust("calls", "")).unwrap();
    let guest = faults(&runtime);
    assert_eq!(call(&guest, 0).unwrap(), 42);
    let failure = call(&guest, 1).unwrap_err();
    assert_eq!((failure.code, failure.message.as_str()), (panicked, "a panic in a call"));
    assert_eq!(call(&guest, 0).unwrap(), 42);
}
