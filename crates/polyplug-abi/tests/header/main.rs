//! The C header: it is what the sources of this crate say, C and C++ compilers take it, and C sees every struct as Rust
//! does. `POLYPLUG_WRITE_HEADERS=1 cargo test -p polyplug-abi --test header` writes it anew.

mod arena;
mod caller;
mod compilers;
mod generate;
mod layouts;
