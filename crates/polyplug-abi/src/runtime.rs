//! How a host sets a runtime up, and what it is told of reloads.

use core::ffi::c_void;

use crate::types::{LogLevel, StringView};

/// Takes a message of the log. May be called from any thread, may not call the runtime; the views live for the call.
pub type LogCallback = unsafe extern "C" fn(user_data: *mut c_void, level: u32, scope: StringView, message: StringView);

/// How strictly versions are compared. Compatible is: the same major, and at least the minor that is required.
#[repr(u32)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Compatibility {
    /// What is not compatible is an error.
    #[default]
    Strict = 0,
    /// … is a warning.
    Relaxed = 1,
    /// … is nobody's business.
    Yolo = 2,
}

impl Compatibility {
    /// The mode of a number that came over the boundary.
    #[must_use]
    pub const fn from_u32(value: u32) -> Option<Self> {
        Some(match value {
            0 => Self::Strict,
            1 => Self::Relaxed,
            2 => Self::Yolo,
            _ => return None,
        })
    }
}

/// What a runtime is built with. 40 bytes on 64-bit targets.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct RuntimeConfig {
    /// Takes the log; absent: nobody reads it.
    pub log: Option<LogCallback>,
    /// What `log` gets first.
    pub log_user_data: *mut c_void,
    /// The least important [`LogLevel`] that is wanted, as a number; 0 for none.
    pub log_max_level: u32,
    /// 1: bundles may be reloaded. 0: `reload_bundle` ends with
    /// [`ReloadDisabled`](crate::AbiErrorCode::ReloadDisabled).
    pub hot_reload_enabled: u32,
    /// What the reload callback gets first.
    pub on_reload_user_data: *mut c_void,
    /// How long the runtime waits for a plugin to end what the runtime itself asks it to end (singletons, the bundle), in
    /// milliseconds. Then it goes on without, and keeps the plugin's memory.
    pub teardown_timeout_ms: u32,
    /// Zero.
    pub reserved: u32,
}

impl Default for RuntimeConfig {
    fn default() -> Self {
        Self {
            log: None,
            log_user_data: core::ptr::null_mut(),
            log_max_level: LogLevel::Info as u32,
            hot_reload_enabled: 0,
            on_reload_user_data: core::ptr::null_mut(),
            teardown_timeout_ms: 5_000,
            reserved: 0,
        }
    }
}

// SAFETY: addresses that the host hands over to be used from any thread, as `LogCallback` says.
unsafe impl Send for RuntimeConfig {}
// SAFETY: as above.
unsafe impl Sync for RuntimeConfig {}

/// Where a reload or an unload stands.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReloadPhaseType {
    /// The new one is about to be loaded; the old one serves.
    Preparing = 0,
    /// The new one serves; the old one is let go when its last instance is.
    Reloaded = 1,
    /// The old one serves on.
    Failed = 2,
    /// The bundle is about to be withdrawn.
    Unloading = 3,
}

/// What a reload callback is told. 48 bytes on 64-bit targets. Views live for the call.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ReloadPhase {
    /// Which phase.
    pub phase_type: ReloadPhaseType,
    /// Of which bundle.
    pub bundle_id: u64,
    /// Its name.
    pub bundle_name: StringView,
    /// Why it failed; otherwise empty.
    pub reason: StringView,
}
