//! What a runtime consists of. The host's [`Runtime`](super::Runtime) owns it; a call that is under way, and a bundle
//! that is ending, keep it a little longer.

use std::collections::HashMap;
use std::ffi::c_void;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use polyplug_abi::runtime::{Compatibility, ReloadPhase, ReloadPhaseType, RuntimeConfig};
use polyplug_abi::types::{LogLevel, StringView};
use polyplug_abi::{AbiErrorCode, SupportedLanguage};

use super::gate::Gate;
use super::instances::Instances;
use super::last_error::LastError;
use super::memory::Memory;
use super::names::Names;
use super::published::Published;
use super::registry::Registry;
use super::scope::{Caller, Scope};
use super::teardown::Teardowns;
use super::turn::{Refused, Taken, Turn};
use super::view::View;
use crate::error::{Failure, RuntimeError};
use crate::loader::BundleLoader;
use crate::logger::LoggerHandle;
use crate::panics::caught;

/// A closure that is told of reloads and unloads.
pub(crate) type ReloadCallback = Arc<dyn Fn(*mut c_void, ReloadPhase) + Send + Sync>;

/// What a runtime is built with.
pub(crate) struct Settings {
    pub(crate) compatibility: Compatibility,
    pub(crate) config: RuntimeConfig,
    pub(crate) logger: LoggerHandle,
    pub(crate) on_reload: Option<ReloadCallback>,
    pub(crate) host_language: SupportedLanguage,
}

/// The parts of a runtime. No lock in it is held while code of a plugin, a loader or the host runs.
pub(crate) struct Core {
    /// The number of this runtime; none is used twice.
    pub(crate) id: u64,
    pub(crate) settings: Settings,
    /// What `find` reads.
    pub(crate) view: Published<View>,
    /// Raised by every load, reload and unload.
    pub(crate) revision: AtomicU64,
    /// What there is, for those who change it.
    registry: Mutex<Registry>,
    /// Who changes it.
    lifecycle: Turn,
    pub(crate) loaders: Mutex<HashMap<String, Arc<dyn BundleLoader>>>,
    pub(crate) instances: Instances,
    pub(crate) memory: Memory,
    pub(crate) last_error: LastError,
    pub(crate) names: Names,
    pub(crate) teardowns: Teardowns,
    host: OnceLock<Arc<Scope>>,
    /// All tables that are open; none once the runtime has ended, and none is opened then.
    scopes: Mutex<Option<Vec<Arc<Scope>>>>,
    /// The way to the host's reload callback.
    reload_gate: Gate,
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Core {
    /// A runtime without bundles.
    pub(crate) fn new(settings: Settings) -> Result<Arc<Self>, Failure> {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let core = Arc::new(Self {
            id: LAST.fetch_add(1, Ordering::Relaxed) + 1,
            settings,
            view: Published::new(View::default()),
            revision: AtomicU64::new(0),
            registry: Mutex::default(),
            lifecycle: Turn::default(),
            loaders: Mutex::default(),
            instances: Instances::default(),
            memory: Memory::default(),
            last_error: LastError::default(),
            names: Names::default(),
            teardowns: Teardowns::default(),
            host: OnceLock::new(),
            scopes: Mutex::new(Some(Vec::new())),
            reload_gate: Gate::default(),
        });
        let host = core.open_scope(Caller::Host)?;
        core.host.get_or_init(|| host);
        Ok(core)
    }

    /// The host as a caller.
    pub(crate) fn host(&self) -> &Arc<Scope> {
        self.host.get().unwrap_or_else(|| unreachable!("`new` sets it"))
    }

    /// Gives a caller its table.
    pub(crate) fn open_scope(self: &Arc<Self>, caller: Caller) -> Result<Arc<Scope>, Failure> {
        // In one step with adding it to those that are closed at the end: a table has the address of this.
        let mut scopes = lock(&self.scopes);
        let scopes = scopes.as_mut().ok_or_else(gone)?;
        let scope = Scope::open(self, caller)
            .ok_or_else(|| Failure::new(AbiErrorCode::OutOfMemory, "there are too many bundles in this process"))?;
        scopes.push(Arc::clone(&scope));
        Ok(scope)
    }

    /// A table was retired.
    pub(crate) fn forget_scope(&self, scope: &Arc<Scope>) {
        if let Some(scopes) = &mut *lock(&self.scopes) {
            scopes.retain(|open| !Arc::ptr_eq(open, scope));
        }
    }

    /// Closes all tables that are open: calls through them end with a code from now on. No more are opened.
    pub(crate) fn close_scopes(&self) {
        let open = lock(&self.scopes).take();
        for scope in open.into_iter().flatten() {
            // A bundle that still has one has not ended and may call for ever; the host's may be somebody else's later.
            if matches!(scope.caller, Caller::Host) { scope.retire() } else { scope.close() }
        }
    }

    /// The registry. Not to be held while foreign code runs.
    pub(crate) fn registry(&self) -> MutexGuard<'_, Registry> {
        lock(&self.registry)
    }

    /// Waits until nobody else loads, reloads or unloads.
    pub(crate) fn take_lifecycle_turn(&self, what: &'static str) -> Result<Taken<'_>, RuntimeError> {
        let turn = self.lifecycle.take(None).map_err(|refused| RuntimeError::Reentrant {
            what,
            why: match refused {
                Refused::Circle => {
                    "another thread is within a load, a reload or an unload, and waits for what this thread is in; try again"
                }
                Refused::Own | Refused::TimedOut => "this thread is within a load, a reload or an unload already",
            },
        })?;
        self.teardowns.look_after(self);
        Ok(turn)
    }

    /// The same for the end of the runtime, which goes on without it after a while.
    pub(crate) fn take_last_lifecycle_turn(&self) -> Result<Taken<'_>, Refused> {
        self.lifecycle.take(Some(Instant::now() + self.teardown_timeout()))
    }

    /// How long a plugin may take to end.
    pub(crate) fn teardown_timeout(&self) -> Duration {
        Duration::from_millis(self.settings.config.teardown_timeout_ms.into())
    }

    /// Calls no callback of the host any more: what those need may be gone with the runtime.
    pub(crate) fn leave_host_alone(&self) {
        self.reload_gate.close(Some(Instant::now() + self.teardown_timeout()));
        self.settings.logger.close();
    }

    /// Tells callers that what they found may hold no longer.
    pub(crate) fn raise_revision(&self) {
        self.revision.fetch_add(1, Ordering::AcqRel);
    }

    /// Writes to the log.
    pub(crate) fn log(&self, level: LogLevel, scope: &str, message: impl FnOnce() -> String) {
        self.settings.logger.log(level, scope, message);
    }

    /// Makes a failure the last error, and writes it to the log.
    pub(crate) fn report(&self, scope: &str, failure: Failure) {
        self.report_at(LogLevel::Error, scope, failure);
    }

    /// The same for what callers may well expect, such as that nobody provides what they look for.
    pub(crate) fn report_at(&self, level: LogLevel, scope: &str, failure: Failure) {
        self.log(level, scope, || failure.message.clone());
        self.last_error.set(failure.message);
    }

    /// Tells the host how far a reload or an unload is.
    pub(crate) fn tell_phase(&self, phase: ReloadPhaseType, bundle_id: u64, name: &str, reason: &str) {
        let level = if phase == ReloadPhaseType::Failed { LogLevel::Error } else { LogLevel::Info };
        self.log(level, "reload", || match phase {
            ReloadPhaseType::Preparing => format!("bundle `{name}` is about to be reloaded"),
            ReloadPhaseType::Reloaded => format!("bundle `{name}` was reloaded"),
            ReloadPhaseType::Failed => format!("bundle `{name}` was not reloaded, the old one serves on: {reason}"),
            ReloadPhaseType::Unloading => format!("bundle `{name}` is about to be unloaded"),
        });
        let Some(callback) = &self.settings.on_reload else { return };
        let Some(_inside) = self.reload_gate.enter() else { return };
        let phase = ReloadPhase {
            phase_type: phase,
            bundle_id,
            bundle_name: StringView::new(name),
            reason: StringView::new(reason),
        };
        let user_data = self.settings.config.on_reload_user_data;
        if caught(|| callback(user_data, phase)).is_none() {
            self.log(LogLevel::Error, "reload", || "the reload callback panicked".to_owned());
        }
    }
}

/// The runtime has ended.
pub(crate) fn gone() -> Failure {
    Failure::new(AbiErrorCode::StaleHandle, "the runtime has ended")
}

/// A lock that a panic elsewhere does not make useless: what it guards is whole between any two statements.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
