//! The library behind the `build-tool` program, its modules in pipeline order.
pub mod manifest;
