//! Profile manifests, `profiles/*.toml`: how to compile. A key that is absent
//! leaves the workspace's own Cargo profile as it is.
use std::collections::BTreeMap;

use located::Located;

use super::declare::{choices, table};
use super::reader::Check;
use super::text::Expanded;
use super::values::{CodegenUnits, DebugLevel, Lto, OptLevel, SchemaNumber};

table! {
    /// How to compile.
    pub struct ProfileManifest as "profile manifest" {
        /// The version of this file's format.
        schema: Located<SchemaNumber> = "1",
        /// Another profile of this folder, for what is not said here. Lists replace its lists; env and target tables join its own.
        inherits: Option<Located<String>> = "\"release\"",
        /// The profile of Cargo.toml that this one starts from.
        cargo_profile: Option<Located<String>> = "\"release\"",
        /// How much to optimise: numbers are for speed, letters for size.
        opt_level: Option<Located<OptLevel>> = "3",
        /// Link-time optimisation; false is within each crate only.
        lto: Option<Located<Lto>> = "\"thin\"",
        /// Into how many parts a crate is cut: fewer are slower to compile and faster to run.
        codegen_units: Option<Located<CodegenUnits>> = "1",
        /// What a panic does.
        panic: Option<Located<PanicStrategy>> = "\"abort\"",
        /// How much debug information to make.
        debug: Option<Located<DebugLevel>> = "false",
        /// Whether debug information is taken out of the binaries and shipped apart.
        split_debug: Option<Located<bool>> = "false",
        /// What the strip stage removes from the binaries.
        strip: Option<Located<Strip>> = "\"symbols\"",
        /// Cargo features to switch on.
        features: Option<Vec<Located<String>>> = "[]",
        /// Whether the default features are on.
        default_features: Option<Located<bool>> = "true",
        /// Whether all features are on.
        all_features: Option<Located<bool>> = "false",
        /// The compiler cache: "auto" uses it where it is installed.
        sccache: Option<Located<Sccache>> = "\"auto\"",
        /// Environment variables of the compilation; ${NAME} takes one from outside.
        env: BTreeMap<String, Located<Expanded>> = "{}",
        /// What is added for one target.
        target: BTreeMap<String, Located<TargetAdditions>> = "[target.x86_64-unknown-linux-gnu]",
    }
}

table! {
    /// What a profile adds for one target.
    pub struct TargetAdditions as "target table of a profile" {
        /// Cargo features to switch on besides the profile's.
        features: Option<Vec<Located<String>>> = "[]",
        /// Flags for rustc besides the target's.
        rustflags: Option<Vec<Located<Expanded>>> = "[]",
        /// Environment variables besides the profile's.
        env: BTreeMap<String, Located<Expanded>> = "{}",
    }
}

choices! {
    /// What a panic does.
    pub enum PanicStrategy {
        /// Unwinds the stack.
        Unwind = "unwind",
        /// Ends the process.
        Abort = "abort",
    }
}

choices! {
    /// What the strip stage removes.
    pub enum Strip {
        /// Nothing.
        None = "none",
        /// Debug information.
        Debuginfo = "debuginfo",
        /// Debug information and symbols.
        Symbols = "symbols",
    }
}

choices! {
    /// When the compiler cache is used.
    pub enum Sccache {
        /// Where it is installed.
        Auto = "auto",
        /// Never.
        Off = "off",
        /// Always; its absence is an error.
        Required = "required",
    }
}

impl Check for ProfileManifest {}

impl Check for TargetAdditions {}

impl PanicStrategy {
    /// The value as Cargo's configuration takes it.
    pub fn to_toml_value(self) -> toml::Value {
        self.as_str().into()
    }
}

impl ProfileManifest {
    /// The keys of `[profile.*]` that this manifest sets in Cargo's configuration,
    /// in a fixed order. Stripping and splitting are stages of their own.
    pub fn cargo_settings(&self) -> Vec<(&'static str, toml::Value)> {
        [
            ("opt-level", self.opt_level.as_ref().map(|value| value.to_toml_value())),
            ("lto", self.lto.as_ref().map(|value| value.to_toml_value())),
            ("codegen-units", self.codegen_units.as_ref().map(|value| i64::from(value.0).into())),
            ("panic", self.panic.as_ref().map(|value| value.to_toml_value())),
            ("debug", self.debug.as_ref().map(|value| value.to_toml_value())),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect()
    }
}
