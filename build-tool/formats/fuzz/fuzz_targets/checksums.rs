//! What is parsed must be written as a text that parses to the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use release_formats::checksums::Checksums;

fuzz_target!(|text: &str| {
    if let Ok(sums) = text.parse::<Checksums>() {
        assert_eq!(sums.to_string().parse(), Ok(sums));
    }
});
