//! What is switched on and off: by the build, then the environment, then the command line.

use crate::build_environment::BuildEnvironment;

/// The switches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeatureFlags {
    /// Fetch what is imported and not installed. For a package manager.
    pub enable_auto_install: bool,
    /// Run macros while bundling. For a JavaScript engine.
    pub enable_macro: bool,
    /// Bundle with the engine's own bundler.
    pub enable_bun_native_bundler: bool,
    /// Install anew whatever is there.
    pub force_bun_install: bool,
    /// This program is from the canary channel.
    pub is_canary: bool,
    /// Use vector instructions.
    pub enable_simd: bool,
    /// Compiled with AddressSanitizer. Only the build decides it.
    pub enable_asan: bool,
    /// Log what the code does, for those who work on it.
    pub enable_logs: bool,
    /// Write down what is run after it was transformed. For a JavaScript engine.
    pub dump_source: bool,
}

impl FeatureFlags {
    /// What holds where nobody says otherwise.
    #[must_use]
    pub fn of_build(build: &BuildEnvironment) -> Self {
        Self {
            enable_auto_install: true,
            enable_macro: true,
            enable_bun_native_bundler: true,
            force_bun_install: false,
            is_canary: build.version.pre.split('.').next() == Some("canary"),
            enable_simd: cfg!(any(target_arch = "x86_64", target_arch = "aarch64")),
            enable_asan: cfg!(address_sanitizer),
            enable_logs: build.is_debug,
            dump_source: false,
        }
    }
}
