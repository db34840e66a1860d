//! Contracts that a Rust host provides to plugins.

// Closures are called by other languages, by address.
#![allow(unsafe_code)]

use std::any::Any;
use std::ffi::c_void;
use std::ptr;

use polyplug_abi::types::{StringView, Version};
use polyplug_abi::{AbiErrorCode, CallArena, DispatchKind, HostContractInterface, identity};

use crate::error::Failure;
use crate::panics::caught;
use crate::runtime::registration::check_interface;

/// A contract of the host, ready to be [provided](crate::runtime::Runtime::provide).
#[derive(Debug)]
pub struct HostContract {
    pub(crate) name: String,
    pub(crate) interface: HostContractInterface,
    pub(crate) owner: Owner,
}

/// What has to be there as long as plugins may call a contract.
#[derive(Default)]
pub(crate) struct Owner(Vec<Box<dyn Any + Send + Sync>>);

impl std::fmt::Debug for Owner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Owner({})", self.0.len())
    }
}

/// Functions that plugins have the address of. Dropped, they are gone.
#[derive(Debug)]
struct OwnedFunctions(*mut HostFunctions);

// SAFETY: it owns closures that are `Send` and `Sync`.
unsafe impl Send for OwnedFunctions {}
// SAFETY: as above.
unsafe impl Sync for OwnedFunctions {}

impl Drop for OwnedFunctions {
    fn drop(&mut self) {
        // SAFETY: it came from a box; whoever drops this shows that nobody calls the functions any more.
        drop(unsafe { Box::from_raw(self.0) });
    }
}

/// A function of a contract: its parameters, room for its result, and the caller's arena. It returns a code.
type HostFunction = dyn Fn(*const c_void, *mut c_void, *mut CallArena) -> u32 + Send + Sync;

/// The functions of a contract, in the order of their numbers.
#[derive(Default)]
pub struct HostFunctions(Vec<Box<HostFunction>>);

impl std::fmt::Debug for HostFunctions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HostFunctions({})", self.0.len())
    }
}

impl HostFunctions {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next function. A panic of it is `Panicked` for its caller.
    ///
    /// # Safety
    ///
    /// It reads its parameters and writes its result as the contract that it is added for lays them out, for this number;
    /// plugins rely on that. And plugins call it so, scripts included, which declare it themselves.
    #[must_use]
    pub unsafe fn function(
        mut self,
        function: impl Fn(*const c_void, *mut c_void, *mut CallArena) -> u32 + Send + Sync + 'static,
    ) -> Self {
        self.0.push(Box::new(function));
        self
    }
}

impl HostContract {
    /// A contract whose functions are closures. They stay as long as the runtime.
    #[must_use]
    pub fn new(name: &str, version: Version, functions: HostFunctions) -> Self {
        let function_count = u32::try_from(functions.0.len()).unwrap_or(u32::MAX);
        let functions = Box::into_raw(Box::new(functions));
        let interface = HostContractInterface {
            contract_id: identity::host_contract_id(name, version.major),
            version,
            dispatch: DispatchKind::Vm as u32,
            function_count,
            flags: 0,
            reserved: 0,
            functions: ptr::null(),
            call: Some(call),
            context: functions.cast(),
            create: None,
            destroy: None,
        };
        Self { name: name.to_owned(), interface, owner: Owner::default() }.keeping(OwnedFunctions(functions))
    }

    /// A contract with an interface of one's own, as generated code has it.
    ///
    /// # Safety
    ///
    /// All that it points at is what [`ContractInterface`](polyplug_abi::ContractInterface) says, and stays as long as
    /// the runtime.
    ///
    /// # Errors
    ///
    /// The interface says something that cannot be.
    pub unsafe fn from_interface(name: &str, interface: HostContractInterface) -> Result<Self, Failure> {
        // SAFETY: the caller's promise.
        unsafe { check_interface(&interface, name) }?;
        Ok(Self { name: name.to_owned(), interface, owner: Owner::default() })
    }

    /// Keeps something as long as plugins may call the contract, along with what is kept already: what its interface points
    /// at, say.
    ///
    /// It is dropped when the runtime is gone, and no plugin is there any more.
    #[must_use]
    pub fn keeping(mut self, owner: impl Any + Send + Sync) -> Self {
        self.owner.0.push(Box::new(owner));
        self
    }
}

/// The entry of contracts whose functions are closures.
unsafe extern "C" fn call(
    context: *mut c_void,
    function: u32,
    _instance: *mut c_void,
    args: *const c_void,
    out: *mut c_void,
    arena: *mut CallArena,
) -> u32 {
    // SAFETY: the context of `HostContract::new`, which is freed when no plugin is there any more.
    let functions = unsafe { &*context.cast::<HostFunctions>() };
    let Some(function) = functions.0.get(function as usize) else {
        return AbiErrorCode::FunctionNotAvailable.as_u32();
    };
    caught(|| function(args, out, arena)).unwrap_or_else(|| {
        // SAFETY: the caller's arena, if there is one.
        if let Some(arena) = unsafe { arena.as_mut() } {
            arena.message = StringView::new("the host panicked in this function");
        }
        AbiErrorCode::Panicked.as_u32()
    })
}
