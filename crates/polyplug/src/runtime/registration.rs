//! What a bundle registers while it is being loaded, held against what its manifest promises.

// Plugins hand over structs and strings by address.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::str;

use polyplug_abi::types::StringView;
use polyplug_abi::{AbiErrorCode, ContractInterface, DispatchKind, PluginDescriptor, SINGLETON, identity};

use crate::error::{Failure, LoaderError, RuntimeError};
use crate::loader::{ManifestData, Provided};

/// No contract has more functions; a number above this is not one that somebody meant.
const FUNCTION_LIMIT: u32 = 65_536;

/// What a bundle has registered so far.
#[derive(Debug, Default)]
pub(crate) struct Registrations {
    promised: Vec<Provided>,
    contracts: Vec<Registered>,
    /// The first registration that was refused: a plugin that goes on all the same is not what it should be.
    refused: Option<Failure>,
}

/// A contract that was registered.
#[derive(Debug)]
pub(crate) struct Registered {
    /// The contract, as in `x.Y@1`.
    pub(crate) reference: String,
    /// The plugin that registered it.
    pub(crate) plugin: String,
    pub(crate) interface: ContractInterface,
}

impl Registrations {
    /// Nothing yet, of what a manifest promises.
    pub(crate) fn of(manifest: &ManifestData) -> Self {
        Self { promised: manifest.provides.clone(), ..Self::default() }
    }

    /// Registers a contract.
    ///
    /// # Safety
    ///
    /// The descriptor's views and the interface's table of functions, where not null, can be read.
    pub(crate) unsafe fn register(
        &mut self,
        descriptor: PluginDescriptor,
        interface: ContractInterface,
    ) -> Result<(), Failure> {
        // SAFETY: the caller's promise.
        let registered = unsafe { read(descriptor, interface) }.and_then(|registered| self.admit(registered));
        if let Err(failure) = &registered {
            self.refused.get_or_insert_with(|| failure.clone());
        }
        registered
    }

    fn admit(&mut self, registered: Registered) -> Result<(), Failure> {
        let Registered { reference, interface, .. } = &registered;
        let promised =
            self.promised.iter().find(|promised| promised.id() == interface.contract_id).ok_or_else(|| {
                let message = format!("the contract `{reference}` is not among those that the manifest provides");
                Failure::new(AbiErrorCode::ContractMismatch, message)
            })?;
        if interface.version.minor < promised.version.minor {
            return Err(Failure::new(
                AbiErrorCode::VersionMismatch,
                format!(
                    "the contract `{reference}` is registered in version {}, older than the manifest's {}",
                    interface.version, promised.version
                ),
            ));
        }
        if let Some(expected) = promised.function_count.filter(|expected| *expected != interface.function_count) {
            return Err(Failure::new(
                AbiErrorCode::FunctionCountMismatch,
                format!(
                    "the contract `{reference}` is registered with {} functions; the manifest says that there are {expected}",
                    interface.function_count
                ),
            ));
        }
        if let Some(first) = self.contracts.iter().find(|first| first.interface.contract_id == interface.contract_id) {
            return Err(Failure::new(
                AbiErrorCode::AlreadyRegistered,
                format!("the contract `{reference}` was registered before, by plugin `{}`", first.plugin),
            ));
        }
        self.contracts.push(registered);
        Ok(())
    }

    /// All that was registered, if that is what was promised.
    pub(crate) fn complete(self, bundle: &str) -> Result<Vec<Registered>, RuntimeError> {
        if let Some(refused) = self.refused {
            let error = format!("it went on although a registration was refused: {}", refused.message);
            return Err(LoaderError::InitFailed { bundle: bundle.to_owned(), error, code: refused.code }.into());
        }
        let missing: Vec<String> = self
            .promised
            .iter()
            .filter(|promised| !self.contracts.iter().any(|there| there.interface.contract_id == promised.id()))
            .map(|promised| format!("`{}`", promised.reference()))
            .collect();
        if !missing.is_empty() {
            let error = format!("it did not register {}, which the manifest promises", missing.join(", "));
            return Err(LoaderError::ContractMismatch { bundle: bundle.to_owned(), error }.into());
        }
        Ok(self.contracts)
    }
}

/// Checks what can be told without a manifest.
///
/// # Safety
///
/// As [`Registrations::register`].
unsafe fn read(descriptor: PluginDescriptor, interface: ContractInterface) -> Result<Registered, Failure> {
    // SAFETY: the caller's promise.
    let plugin = unsafe { text(descriptor.name, "the plugin's name") }?;
    // SAFETY: as above.
    let contract = unsafe { text(descriptor.contract_name, "the contract's name") }?;
    let reference = format!("{contract}@{}", interface.version.major);
    let expected = identity::guest_contract_id(contract, interface.version.major);
    if interface.contract_id != expected {
        return Err(Failure::new(
            AbiErrorCode::InvalidArgument,
            format!(
                "the contract `{reference}` has the id {expected:#018x}; the interface says {:#018x}",
                interface.contract_id
            ),
        ));
    }
    // SAFETY: the caller's promise.
    unsafe { check_interface(&interface, &reference) }?;
    Ok(Registered { reference, plugin: plugin.to_owned(), interface })
}

/// Checks what an interface says of itself.
///
/// # Safety
///
/// Its table of functions, if not null, can be read.
pub(crate) unsafe fn check_interface(interface: &ContractInterface, reference: &str) -> Result<(), Failure> {
    let invalid = |code, what: &str| Err(Failure::new(code, format!("the interface of `{reference}`: {what}")));
    let count = interface.function_count;
    if interface.flags & !SINGLETON != 0 || interface.reserved != 0 || interface.version.reserved != 0 {
        return invalid(
            AbiErrorCode::InvalidArgument,
            "flags and reserved fields that are not defined have to be zero",
        );
    }
    if count > FUNCTION_LIMIT {
        return invalid(AbiErrorCode::InvalidArgument, &format!("{count} functions are more than {FUNCTION_LIMIT}"));
    }
    match DispatchKind::from_u32(interface.dispatch) {
        None => {
            let what = format!("there is no dispatch {}; native is 0, a virtual machine's is 1", interface.dispatch);
            invalid(AbiErrorCode::InvalidArgument, &what)
        }
        Some(DispatchKind::Vm) if interface.call.is_none() => {
            invalid(AbiErrorCode::InvalidPointer, "the entry `call` is null")
        }
        Some(DispatchKind::Vm) => Ok(()),
        Some(DispatchKind::Native) if count == 0 => Ok(()),
        Some(DispatchKind::Native) => {
            let functions = interface.functions.cast::<*const c_void>();
            if functions.is_null() || !functions.is_aligned() {
                return invalid(AbiErrorCode::InvalidPointer, "the table of functions is null or unaligned");
            }
            // SAFETY: the caller's promise; so many functions are in it, each as large as an address.
            match (0..count as usize).find(|index| unsafe { functions.add(*index).read() }.is_null()) {
                Some(index) => invalid(AbiErrorCode::InvalidPointer, &format!("function {index} is null")),
                None => Ok(()),
            }
        }
    }
}

/// The text of a view; not empty.
///
/// # Safety
///
/// If it is not null, so many bytes can be read.
pub(crate) unsafe fn text<'a>(view: StringView, what: &str) -> Result<&'a str, Failure> {
    // SAFETY: the caller's promise.
    let bytes = unsafe { view.as_bytes() }.ok_or_else(|| {
        Failure::new(AbiErrorCode::InvalidPointer, format!("{what} is null, or has more bytes than there can be"))
    })?;
    let text = str::from_utf8(bytes)
        .map_err(|error| Failure::new(AbiErrorCode::InvalidUtf8, format!("{what} is not UTF-8: {error}")))?;
    if text.is_empty() {
        return Err(Failure::new(AbiErrorCode::InvalidArgument, format!("{what} is empty")));
    }
    Ok(text)
}
