//! Build metadata.
