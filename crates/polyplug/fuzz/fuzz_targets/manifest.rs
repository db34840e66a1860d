//! Arbitrary manifests: no text panics, mistakes lie where the text is, and what is accepted is written and read as the
//! same.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use polyplug::error::ManifestError;
use polyplug::loader::{ManifestDocument, Platform};
use polyplug_abi::identity::bundle_id;

/// Nobody guesses an id, so the right one is put in for this word.
const RIGHT_ID: &str = "RIGHT_ID";

fuzz_target!(|text: &str| {
    let text = text.replace(RIGHT_ID, &format!("{:#018x}", bundle_id("a")));
    let file = Path::new("manifest.toml");
    let manifest = match ManifestDocument::parse(&text, file) {
        Ok(manifest) => manifest,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            let ManifestError::Invalid { problems, .. } = error else { panic!("{error}") };
            assert!(!problems.is_empty());
            let lines = text.matches('\n').count() + 1;
            for problem in problems {
                assert!((1..=lines).contains(&problem.line), "{problem:?}");
                assert!(!problem.excerpt.chars().any(char::is_control), "{problem:?}");
                assert!(problem.start + problem.width <= problem.excerpt.chars().count() + 1, "{problem:?}");
            }
            return;
        }
    };
    let written = manifest.to_toml();
    assert_eq!(ManifestDocument::parse(&written, file).unwrap(), manifest, "{written}");
    assert_eq!(manifest.to_toml(), written);
    let platform = Platform { system: "linux", processor: "x86_64" };
    if let Ok(data) = manifest.for_platform(platform, Path::new("/bundle")) {
        assert!(data.file.is_relative() && !data.file.components().any(|part| part.as_os_str() == ".."), "{data:?}");
        assert_eq!(data.id, bundle_id(&data.name));
    }
});
