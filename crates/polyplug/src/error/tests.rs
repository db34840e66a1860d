//! The words and the codes of errors.

use polyplug_abi::AbiErrorCode;

use super::*;

/// The code's name and the words.
fn shown(error: &RuntimeError) -> String {
    let code = match AbiErrorCode::from_u32(error.code()) {
        Some(code) => format!("{code:?}"),
        None => error.code().to_string(),
    };
    format!("{code}: {error}")
}

fn failed(code: u32) -> RuntimeError {
    LoaderError::InitFailed { bundle: "a".to_owned(), error: "no display".to_owned(), code }.into()
}

#[test]
fn every_error_of_runtime_and_loaders_has_its_code_and_says_what_is_wrong() {
    let bundle = || "a".to_owned();
    let loaders = [
        LoaderError::DuplicateLoader { loader_name: "lua".to_owned() },
        LoaderError::LoaderNotFound { bundle: bundle(), loader_name: "lua".to_owned(), there: Vec::new() },
        LoaderError::LoaderNotFound { bundle: bundle(), loader_name: "lua".to_owned(), there: vec!["js".to_owned()] },
        LoaderError::LoaderNotFound {
            bundle: bundle(),
            loader_name: "lua".to_owned(),
            there: ["js", "native", "wasm"].map(str::to_owned).into(),
        },
        LoaderError::LoadFailed { bundle: bundle(), file: "a.so".into(), error: "invalid ELF header".to_owned() },
        LoaderError::EntryMissing { bundle: bundle(), file: "a.so".into(), symbol: "polyplug_init".to_owned() },
        LoaderError::AbiMismatch { bundle: bundle(), found: 2, expected: 1 },
        LoaderError::ContractMismatch { bundle: bundle(), error: "`x.Y@1` was not registered".to_owned() },
        LoaderError::FunctionCountMismatch { bundle: bundle(), contract: "x.Y@1".to_owned(), found: 1, expected: 2 },
    ];
    let mut all: Vec<RuntimeError> = loaders.into_iter().map(RuntimeError::from).collect();
    all.extend([
        failed(AbiErrorCode::Panicked.as_u32()),
        RuntimeError::BundleNotFound { bundle: bundle() },
        RuntimeError::InUse { bundle: bundle(), dependents: vec!["b".to_owned(), "c".to_owned()] },
        RuntimeError::ReloadDisabled { bundle: bundle() },
        RuntimeError::ReloadUnsupported { bundle: bundle(), loader: "native".to_owned() },
        RuntimeError::Reentrant { what: "load_bundle", why: "a bundle is being loaded by this thread" },
    ]);
    insta::assert_snapshot!(all.iter().map(shown).collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_plugins_own_code_goes_through_and_a_failure_with_the_code_of_success_is_one() {
    assert_eq!(failed(4_711).code(), 4_711);
    assert_eq!(failed(0).code(), AbiErrorCode::InitFailed.as_u32());
}
