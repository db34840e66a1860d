//! Tells the code whether AddressSanitizer is compiled in: stable compilers have no `cfg` for it.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(address_sanitizer)");
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let by_flag = flags.split('\u{1f}').any(|flag| {
        flag.trim_start_matches("-Z").trim_start_matches("-C").strip_prefix("sanitizer=").is_some_and(has_address)
    });
    // Cargo says it itself where the compiler does.
    if by_flag || env::var("CARGO_CFG_SANITIZE").is_ok_and(|list| has_address(&list)) {
        println!("cargo::rustc-cfg=address_sanitizer");
    }
}

fn has_address(list: &str) -> bool {
    list.split(',').any(|sanitizer| sanitizer == "address")
}
