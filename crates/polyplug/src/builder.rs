//! Building a runtime: its parts are put together, the plugin folders are scanned, and what is found is loaded, providers
//! first.

// A configuration has functions of the host, by address.
#![allow(unsafe_code)]

use std::collections::HashMap;
use std::ffi::c_void;
use std::path::PathBuf;
use std::sync::Arc;

use polyplug_abi::SupportedLanguage;
use polyplug_abi::runtime::{Compatibility, ReloadPhase, RuntimeConfig};
use polyplug_abi::types::LogLevel;

use crate::compatibility::{CapabilityGraph, check_versions};
use crate::error::{LoaderError, RuntimeError};
use crate::host_contract::HostContract;
use crate::loader::{BundleLoader, ManifestData, scan_dirs};
use crate::logger::{LoggerClosure, LoggerHandle};
use crate::runtime::Runtime;
use crate::runtime::core::{Core, ReloadCallback, Settings};

/// Makes a [`Runtime`].
pub struct RuntimeBuilder {
    plugin_dirs: Vec<PathBuf>,
    loaders: Vec<Box<dyn BundleLoader>>,
    host_contracts: Vec<HostContract>,
    compatibility: Compatibility,
    /// A closure that takes the log; without one, the configuration says who does.
    logger: Option<LoggerHandle>,
    on_reload: Option<ReloadCallback>,
    config: RuntimeConfig,
    host_language: SupportedLanguage,
}

impl std::fmt::Debug for RuntimeBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RuntimeBuilder")
            .field("plugin_dirs", &self.plugin_dirs)
            .field("compatibility", &self.compatibility)
            .field("config", &self.config)
            .field("host_language", &self.host_language)
            .finish_non_exhaustive()
    }
}

impl RuntimeBuilder {
    /// With default settings: no folders, no loaders, strict compatibility, nobody who reads the log, a host in Rust.
    #[must_use]
    pub fn new() -> Self {
        Self {
            plugin_dirs: Vec::new(),
            loaders: Vec::new(),
            host_contracts: Vec::new(),
            compatibility: Compatibility::default(),
            logger: None,
            on_reload: None,
            config: RuntimeConfig::default(),
            host_language: SupportedLanguage::Rust,
        }
    }

    /// Adds a folder whose immediate subfolders are scanned for bundles.
    #[must_use]
    pub fn plugin_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.plugin_dirs.push(path.into());
        self
    }

    /// Adds a loader. Two of one name make [`build`](Self::build) fail.
    #[must_use]
    pub fn loader(mut self, loader: impl BundleLoader + 'static) -> Self {
        self.loaders.push(Box::new(loader));
        self
    }

    /// Adds a contract that the host provides, so that bundles that are found while building can depend on it.
    #[must_use]
    pub fn host_contract(mut self, contract: HostContract) -> Self {
        self.host_contracts.push(contract);
        self
    }

    /// How strictly versions are compared; strict unless this says otherwise.
    #[must_use]
    pub fn compatibility(mut self, compatibility: Compatibility) -> Self {
        self.compatibility = compatibility;
        self
    }

    /// Has a closure take the log, all levels of it: level, scope (`registry`, `loader`, `reload`), message.
    ///
    /// It may be called from any thread. What it logs itself, by way of the runtime, is dropped. A later
    /// [`config`](Self::config) takes its place, so that comes first.
    #[must_use]
    pub fn logger(mut self, logger: impl Fn(LogLevel, &str, &str) + Send + Sync + 'static) -> Self {
        self.logger = Some(LoggerHandle::from_closure(LoggerClosure::new(logger), LogLevel::Trace));
        self
    }

    /// Has a closure told of every reload and unload: with [`RuntimeConfig::on_reload_user_data`] as it was given, and
    /// how far it is. `Reloaded` comes after the swap, before the old library is closed.
    #[must_use]
    pub fn on_reload(mut self, callback: impl Fn(*mut c_void, ReloadPhase) + Send + Sync + 'static) -> Self {
        self.on_reload = Some(Arc::new(callback));
        self
    }

    /// Allows bundles to be reloaded, or not; as [`RuntimeConfig::hot_reload_enabled`].
    #[must_use]
    pub fn hot_reload(mut self, enabled: bool) -> Self {
        self.config.hot_reload_enabled = enabled.into();
        self
    }

    /// How many milliseconds a plugin may take to end; as [`RuntimeConfig::teardown_timeout_ms`].
    #[must_use]
    pub fn teardown_timeout_ms(mut self, limit: u32) -> Self {
        self.config.teardown_timeout_ms = limit;
        self
    }

    /// Replaces the whole configuration, and with it a [`logger`](Self::logger) that was given before.
    ///
    /// # Safety
    ///
    /// `log`, if there is one, may be called from any thread with `log_user_data`, as long as the runtime is there.
    #[must_use]
    pub unsafe fn config(mut self, config: RuntimeConfig) -> Self {
        self.config = config;
        self.logger = None;
        self
    }

    /// What the host is written in; Rust unless this says otherwise.
    #[must_use]
    pub fn host_language(mut self, language: SupportedLanguage) -> Self {
        self.host_language = language;
        self
    }

    /// Builds it.
    ///
    /// # Errors
    ///
    /// Two loaders have one name; the bundles that were found do not fit together; one of them cannot be loaded. A bundle
    /// whose manifest is broken is a warning in the log.
    pub fn build(self) -> Result<Arc<Runtime>, RuntimeError> {
        // SAFETY: `config` was promised that its function may be called as long as the runtime is there, which is as
        // long as its parts log.
        let logger = self.logger.unwrap_or_else(|| unsafe { LoggerHandle::from_config(&self.config) });
        let core = Core::new(Settings {
            compatibility: self.compatibility,
            config: self.config,
            logger: logger.clone(),
            on_reload: self.on_reload,
            host_language: self.host_language,
        })?;
        let runtime = Arc::new(Runtime { core });
        let parts = Parts {
            loaders: self.loaders,
            host_contracts: self.host_contracts,
            plugin_dirs: self.plugin_dirs,
            compatibility: self.compatibility,
            logger,
        };
        match parts.put_into(&runtime) {
            Ok(()) => Ok(runtime),
            Err(error) => {
                runtime.core.log(LogLevel::Error, "builder", || format!("the runtime is not built: {error}"));
                Err(error)
            }
        }
    }
}

impl Default for RuntimeBuilder {
    fn default() -> Self {
        Self::new()
    }
}

/// What goes into a runtime, in the order of its fields.
struct Parts {
    loaders: Vec<Box<dyn BundleLoader>>,
    host_contracts: Vec<HostContract>,
    plugin_dirs: Vec<PathBuf>,
    compatibility: Compatibility,
    logger: LoggerHandle,
}

impl Parts {
    fn put_into(self, runtime: &Runtime) -> Result<(), RuntimeError> {
        for loader in self.loaders {
            runtime.core.add_loader(loader)?;
        }
        for contract in self.host_contracts {
            runtime.provide(contract)?;
        }
        let scan = scan_dirs(&self.plugin_dirs);
        scan.log(&self.logger);
        if scan.found.is_empty() {
            return Ok(());
        }
        load_all(runtime, scan.found, self.compatibility, &self.logger)
    }
}

/// Loads what was found, providers first, on the path of an explicit load.
fn load_all(
    runtime: &Runtime,
    found: Vec<(PathBuf, ManifestData)>,
    compatibility: Compatibility,
    logger: &LoggerHandle,
) -> Result<(), RuntimeError> {
    let graph = CapabilityGraph::from_manifests_with_logger(&found, logger.clone())?;
    // What is too old and may pass is told when the bundle is loaded, once.
    check_versions(&found, compatibility, LoggerHandle::none())?;
    let order = graph.topological_order()?;
    let mut manifests: HashMap<String, ManifestData> =
        found.into_iter().map(|(_, manifest)| (manifest.name.clone(), manifest)).collect();
    for name in order {
        // The order has every name once.
        let Some(manifest) = manifests.remove(&name) else { continue };
        runtime.load_manifest(manifest, compatibility).map_err(|error| match error {
            RuntimeError::Loader(error) => RuntimeError::Loader(error),
            other => {
                let (code, error) = (other.code(), other.to_string());
                RuntimeError::Loader(LoaderError::InitFailed { bundle: name, error, code })
            }
        })?;
    }
    Ok(())
}
