//! What a host in C builds a runtime with.

use std::ffi::c_void;
use std::path::PathBuf;

use polyplug::HostContract;
use polyplug_abi::runtime::{Compatibility, ReloadPhase, RuntimeConfig};
use polyplug_abi::types::StringView;
use polyplug_abi::{AbiErrorCode, HostContractInterface, SupportedLanguage};

/// Is told of reloads and unloads, and gets the configuration's `on_reload_user_data` first. From any thread; `phase` is
/// valid for the call.
pub type OnReload = unsafe extern "C" fn(user_data: *mut c_void, phase: *const ReloadPhase);

/// A contract that the host provides: bundles that are found in the folders may depend on it. 24 bytes on 64-bit targets.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ProvidedContract {
    /// Its name without its version, as in `host.Canvas`.
    pub name: StringView,
    /// The functions. What this points at has to stay until the runtime is destroyed; the struct itself is copied.
    pub interface: *const HostContractInterface,
}

/// What a runtime is built with. Set up by [`polyplug_runtime_options_init`]. 96 bytes on 64-bit targets.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct RuntimeOptions {
    /// How many bytes the caller's struct has: later versions of it may have more, which zeros leave as they were.
    pub size: usize,
    /// Folders whose immediate subfolders are bundles; null if there is none.
    pub plugin_folders: *const StringView,
    /// How many.
    pub plugin_folder_count: usize,
    /// Log, reloading, time limits.
    pub config: RuntimeConfig,
    /// A [`Compatibility`].
    pub compatibility: u32,
    /// A [`SupportedLanguage`]: C, unless it is set.
    pub host_language: u32,
    /// Is told of reloads; may be absent.
    pub on_reload: Option<OnReload>,
    /// What the host provides; null if there is nothing. More may be registered later, for bundles that are loaded then.
    pub host_contracts: *const ProvidedContract,
    /// How many.
    pub host_contract_count: usize,
}

impl Default for RuntimeOptions {
    fn default() -> Self {
        Self {
            size: size_of::<Self>(),
            plugin_folders: std::ptr::null(),
            plugin_folder_count: 0,
            config: RuntimeConfig::default(),
            compatibility: Compatibility::default() as u32,
            host_language: SupportedLanguage::C as u32,
            on_reload: None,
            host_contracts: std::ptr::null(),
            host_contract_count: 0,
        }
    }
}

/// Fills in what a runtime has unless it is told otherwise: no folders, nobody who reads the log, no reloading, strict
/// versions. `size` is `sizeof` of the caller's struct. Returns a [`AbiErrorCode`]: 0, or that `options` or `size` is none.
///
/// # Safety
///
/// `options` is null, or points at `size` bytes that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn polyplug_runtime_options_init(options: *mut RuntimeOptions, size: usize) -> u32 {
    if options.is_null() || !options.is_aligned() {
        return AbiErrorCode::InvalidPointer.as_u32();
    }
    if size < size_of::<RuntimeOptions>() {
        return AbiErrorCode::InvalidArgument.as_u32();
    }
    // SAFETY: the caller's promise; it is aligned and large enough.
    unsafe {
        options.cast::<u8>().write_bytes(0, size);
        options.write(RuntimeOptions { size, ..RuntimeOptions::default() });
    }
    AbiErrorCode::Ok.as_u32()
}

/// Options, checked.
pub(crate) struct Checked {
    pub(crate) plugin_folders: Vec<PathBuf>,
    pub(crate) config: RuntimeConfig,
    pub(crate) compatibility: Compatibility,
    pub(crate) host_language: SupportedLanguage,
    pub(crate) on_reload: Option<OnReload>,
    pub(crate) host_contracts: Vec<HostContract>,
}

/// Why options are none, with the code for it.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) u32, pub(crate) String);

fn refused(code: AbiErrorCode, words: impl Into<String>) -> Refused {
    Refused(code.as_u32(), words.into())
}

/// # Safety
///
/// `options` is null, or points at as many bytes as its `size` says; and what it points at is there.
pub(crate) unsafe fn checked(options: *const RuntimeOptions) -> Result<Checked, Refused> {
    if options.is_null() || !options.is_aligned() {
        return Err(refused(AbiErrorCode::InvalidPointer, "`options` is null or unaligned"));
    }
    let known = size_of::<RuntimeOptions>();
    // SAFETY: the caller's promise; the size is always there.
    let size = unsafe { (*options).size };
    if size < known || size > 64 * 1024 {
        let words = format!(
            "`options.size` is {size}, and options have {known} bytes: set them up with polyplug_runtime_options_init"
        );
        return Err(refused(AbiErrorCode::InvalidArgument, words));
    }
    // SAFETY: the caller's promise.
    let (options, beyond) =
        unsafe { (*options, std::slice::from_raw_parts(options.cast::<u8>().add(known), size - known)) };
    if beyond.iter().any(|byte| *byte != 0) {
        return Err(refused(
            AbiErrorCode::InvalidArgument,
            "`options` asks for something that this version does not have",
        ));
    }

    // SAFETY: the caller's promise.
    let folders = unsafe { list(options.plugin_folders, options.plugin_folder_count, "plugin_folders") }?;
    let plugin_folders = folders
        .iter()
        // SAFETY: the caller's promise.
        .map(|folder| unsafe { text(*folder, "a plugin folder") }.map(PathBuf::from))
        .collect::<Result<_, _>>()?;
    // SAFETY: the caller's promise.
    let provided = unsafe { list(options.host_contracts, options.host_contract_count, "host_contracts") }?;
    let host_contracts = provided
        .iter()
        // SAFETY: the caller's promise.
        .map(|contract| unsafe { host_contract(contract) })
        .collect::<Result<_, _>>()?;
    let compatibility = Compatibility::from_u32(options.compatibility)
        .ok_or_else(|| refused(AbiErrorCode::InvalidArgument, "`compatibility` is none of 0, 1 and 2"))?;
    let host_language = match options.host_language {
        0 => SupportedLanguage::Rust,
        1 => SupportedLanguage::C,
        2 => SupportedLanguage::Cpp,
        3 => SupportedLanguage::Lua,
        4 => SupportedLanguage::JavaScript,
        _ => return Err(refused(AbiErrorCode::InvalidArgument, "`host_language` is not between 0 and 4")),
    };
    Ok(Checked {
        plugin_folders,
        config: options.config,
        compatibility,
        host_language,
        on_reload: options.on_reload,
        host_contracts,
    })
}

/// # Safety
///
/// If `items` is not null, so many are there during `'a`.
unsafe fn list<'a, T>(items: *const T, count: usize, name: &str) -> Result<&'a [T], Refused> {
    if count == 0 {
        return Ok(&[]);
    }
    if items.is_null() || !items.is_aligned() || count > isize::MAX as usize / size_of::<T>() {
        let words = format!("`{name}` is null or unaligned, or says that there are more than memory can have");
        return Err(refused(AbiErrorCode::InvalidPointer, words));
    }
    // SAFETY: the caller's promise; pointer and length are such as a slice may have.
    Ok(unsafe { std::slice::from_raw_parts(items, count) })
}

/// # Safety
///
/// If `view.ptr` is not null, its bytes are there during `'a`.
unsafe fn text<'a>(view: StringView, what: &str) -> Result<&'a str, Refused> {
    // SAFETY: the caller's promise.
    let bytes = unsafe { view.as_bytes() }
        .ok_or_else(|| refused(AbiErrorCode::InvalidPointer, format!("the name of {what} is null or too long")))?;
    std::str::from_utf8(bytes)
        .map_err(|_| refused(AbiErrorCode::InvalidUtf8, format!("the name of {what} is not UTF-8")))
}

/// # Safety
///
/// The name is there, and the interface is as its documentation says.
unsafe fn host_contract(contract: &ProvidedContract) -> Result<HostContract, Refused> {
    // SAFETY: the caller's promise.
    let name = unsafe { text(contract.name, "a host contract") }?;
    let interface = contract.interface;
    if interface.is_null() || !interface.is_aligned() {
        let words = format!("the interface of the host contract `{name}` is null or unaligned");
        return Err(refused(AbiErrorCode::InvalidPointer, words));
    }
    // SAFETY: the caller's promise.
    unsafe { HostContract::from_interface(name, *interface) }.map_err(|failure| Refused(failure.code, failure.message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(options: &RuntimeOptions) -> AbiErrorCode {
        // SAFETY: it is a whole struct, and what it points at is null, static, or impossible.
        unsafe { checked(options) }
            .err()
            .map_or(Some(AbiErrorCode::Ok), |Refused(code, _)| AbiErrorCode::from_u32(code))
            .unwrap()
    }

    #[test]
    fn options_that_were_set_up_are_taken() {
        let mut options = RuntimeOptions { size: 0, ..RuntimeOptions::default() };
        // SAFETY: a whole struct.
        assert_eq!(unsafe { polyplug_runtime_options_init(&raw mut options, size_of::<RuntimeOptions>()) }, 0);
        assert_eq!(code(&options), AbiErrorCode::Ok);
        assert_eq!(options.config.teardown_timeout_ms, RuntimeConfig::default().teardown_timeout_ms);
    }

    #[test]
    fn bytes_of_a_later_version_are_taken_if_they_are_zero() {
        #[repr(C)]
        struct Later(RuntimeOptions, u64);
        let mut later = Later(RuntimeOptions { size: size_of::<Later>(), ..RuntimeOptions::default() }, 0);
        // SAFETY: a whole struct, of the size that it says.
        assert!(unsafe { checked((&raw const later).cast()) }.is_ok());
        later.1 = 1;
        assert_eq!(code(&later.0), AbiErrorCode::InvalidArgument);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let good = RuntimeOptions::default();
        assert_eq!(code(&RuntimeOptions { size: 0, ..good }), AbiErrorCode::InvalidArgument);
        assert_eq!(code(&RuntimeOptions { size: usize::MAX, ..good }), AbiErrorCode::InvalidArgument);
        assert_eq!(code(&RuntimeOptions { compatibility: 3, ..good }), AbiErrorCode::InvalidArgument);
        assert_eq!(code(&RuntimeOptions { host_language: 9, ..good }), AbiErrorCode::InvalidArgument);
        assert_eq!(code(&RuntimeOptions { plugin_folder_count: 1, ..good }), AbiErrorCode::InvalidPointer);
        let view = StringView { ptr: std::ptr::null(), len: 1 };
        let folders = RuntimeOptions { plugin_folders: &raw const view, plugin_folder_count: 1, ..good };
        assert_eq!(code(&folders), AbiErrorCode::InvalidPointer);
        let bytes = b"\xff";
        let view = StringView { ptr: bytes.as_ptr(), len: 1 };
        let folders = RuntimeOptions { plugin_folders: &raw const view, plugin_folder_count: 1, ..good };
        assert_eq!(code(&folders), AbiErrorCode::InvalidUtf8);
        assert_eq!(code(&RuntimeOptions { host_contract_count: 1, ..good }), AbiErrorCode::InvalidPointer);
        let contract = ProvidedContract { name: StringView::new("x.Y"), interface: std::ptr::null() };
        let contracts = RuntimeOptions { host_contracts: &raw const contract, host_contract_count: 1, ..good };
        assert_eq!(code(&contracts), AbiErrorCode::InvalidPointer);
        // SAFETY: null is allowed.
        assert!(unsafe { checked(std::ptr::null()) }.is_err());
        // SAFETY: as above.
        assert_ne!(unsafe { polyplug_runtime_options_init(std::ptr::null_mut(), size_of::<RuntimeOptions>()) }, 0);
    }
}
