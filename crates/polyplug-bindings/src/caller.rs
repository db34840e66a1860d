//! Callers of contracts. A guest contract is looked up again when something was loaded, reloaded or unloaded since the
//! last call; a host contract stays what it is.

use std::cell::Cell;
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicU64, Ordering};

use polyplug_abi::types::StringView;
use polyplug_abi::{
    AbiErrorCode, CallArena, ContractInterface, DispatchKind, GuestContractHandle, GuestInstance, HostContractHandle,
    InstanceHandle,
};

use crate::arena::with_arena;
use crate::{Arena, CallError, Decode, Host};

/// Calls a guest contract. Holds one instance of it, so what it calls stays; one thread at a time.
///
/// When something was loaded, reloaded or unloaded since the last call, the contract is found anew; only if something
/// else provides it now, the instance is given back and one of the new provider is made. While a call is under way that
/// waits: a call from inside of it still goes to the old instance.
#[derive(Debug)]
pub struct GuestCaller<'r> {
    host: Host<'r>,
    contract: u64,
    min_version: u32,
    bound: Cell<Option<Bound>>,
    revision: Cell<u64>,
    /// How many calls are under way.
    calls: Cell<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Bound {
    contract: GuestContractHandle,
    instance: GuestInstance,
}

// SAFETY: contracts may be called from any thread. (Not `Sync`: the cells are one thread's at a time.)
unsafe impl Send for GuestCaller<'_> {}

impl<'r> GuestCaller<'r> {
    /// Finds the contract and makes an instance.
    ///
    /// # Errors
    ///
    /// The contract is not there, not in this version, or its instance cannot be made.
    pub fn open(host: Host<'r>, contract: u64, min_version: u32) -> Result<Self, CallError> {
        let (bound, revision, calls) = (Cell::new(None), Cell::new(0), Cell::new(0));
        let caller = Self { host, contract, min_version, bound, revision, calls };
        caller.find(caller.current_revision()?)?;
        Ok(caller)
    }

    fn current_revision(&self) -> Result<u64, CallError> {
        // SAFETY: the promise to `Host::from_raw`.
        let counter = unsafe { (self.host.api().revision_counter)(self.host.as_ptr()) };
        if counter.is_null() || !counter.is_aligned() {
            return Err(CallError::abi(AbiErrorCode::InvalidPointer, "the runtime has no revision counter"));
        }
        // SAFETY: the runtime's counter, which is read atomically and stays as long as the runtime.
        Ok(unsafe { AtomicU64::from_ptr(counter.cast_mut()) }.load(Ordering::Acquire))
    }

    /// What to call. Nothing is given back while a call is under way.
    fn current(&self) -> Result<Bound, CallError> {
        let revision = self.current_revision()?;
        match self.bound.get() {
            Some(bound) if revision == self.revision.get() || self.calls.get() > 0 => Ok(bound),
            _ => self.find(revision),
        }
    }

    #[cold]
    fn find(&self, revision: u64) -> Result<Bound, CallError> {
        let (host, api) = (self.host.as_ptr(), self.host.api());
        let mut contract = GuestContractHandle::default();
        // SAFETY: the promise to `Host::from_raw`, here and below; every pointer is of a local value.
        let found = self
            .host
            .check(unsafe { (api.find_guest_contract)(host, self.contract, self.min_version, &raw mut contract) });
        if let Err(error) = found {
            self.give_back(self.bound.take());
            return Err(error);
        }
        let mut interface = std::ptr::null();
        // SAFETY: as above.
        self.host.check(unsafe { (api.resolve_guest_contract)(host, contract, &raw mut interface) })?;
        if let Some(bound) = self.bound.get()
            && bound.contract == contract
            && std::ptr::eq(bound.instance.interface, interface)
        {
            self.revision.set(revision);
            return Ok(bound);
        }
        self.give_back(self.bound.take());
        let mut instance = GuestInstance {
            handle: InstanceHandle::default(),
            interface: std::ptr::null(),
            instance: std::ptr::null_mut(),
        };
        // SAFETY: as above.
        self.host.check(unsafe { (api.create_guest_instance)(host, contract, &raw mut instance) })?;
        let bound = Bound { contract, instance };
        self.revision.set(revision);
        // Whoever ended the old instance or made the new one may have called this caller, which then made one, too. While
        // that ends, its end may call this caller: that is to go to the new one, which is held for the call to come.
        self.calls.set(self.calls.get() + 1);
        let _under_way = UnderWay(&self.calls);
        self.give_back(self.bound.replace(Some(bound)));
        Ok(bound)
    }

    fn give_back(&self, bound: Option<Bound>) {
        if let Some(bound) = bound {
            // SAFETY: the promise to `Host::from_raw`; the instance was this one's own, and no call of it is under way.
            // What the runtime has to say of it is in its log.
            unsafe { (self.host.api().destroy_guest_instance)(self.host.as_ptr(), &raw const bound.instance) };
        }
    }

    /// Calls a function; `arguments` makes the struct of its arguments.
    ///
    /// # Errors
    ///
    /// The contract is gone, the arguments do not fit into memory, the function failed, or its result is none.
    ///
    /// # Safety
    ///
    /// `A` is the C struct of the function's parameters, or `()` if it has none; `R` stands for its result, or is `()`.
    pub unsafe fn call<A: Copy, R: for<'a> Decode<'a>>(
        &self,
        function: u32,
        arguments: impl FnOnce(&mut Arena<'_>) -> Result<A, CallError>,
    ) -> Result<R, CallError> {
        let bound = self.current()?;
        self.calls.set(self.calls.get() + 1);
        let _under_way = UnderWay(&self.calls);
        // SAFETY: the instance keeps its interface; the rest is the caller's promise.
        unsafe { call(&*bound.instance.interface, bound.instance.instance, function, arguments) }
    }
}

impl Drop for GuestCaller<'_> {
    fn drop(&mut self) {
        self.give_back(self.bound.take());
    }
}

struct UnderWay<'c>(&'c Cell<u32>);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// Calls a host contract.
#[derive(Debug)]
pub struct HostCaller<'r> {
    host: Host<'r>,
    interface: *const ContractInterface,
    instance: *mut c_void,
}

// SAFETY: contracts may be called from any thread, from several at once; nothing here changes.
unsafe impl Send for HostCaller<'_> {}
// SAFETY: as above.
unsafe impl Sync for HostCaller<'_> {}

impl<'r> HostCaller<'r> {
    /// Finds the contract and, where its provider makes instances, makes one.
    ///
    /// # Errors
    ///
    /// The contract is not there, not in this version, or its instance cannot be made.
    pub fn open(host: Host<'r>, contract: u64, min_version: u32) -> Result<Self, CallError> {
        let api = host.api();
        let mut handle = HostContractHandle::default();
        // SAFETY: the promise to `Host::from_raw`, here and below; every pointer is of a local value.
        host.check(unsafe { (api.get_host_contract)(host.as_ptr(), contract, min_version, &raw mut handle) })?;
        let mut interface = std::ptr::null();
        // SAFETY: as above.
        host.check(unsafe { (api.resolve_host_contract_interface)(host.as_ptr(), handle, &raw mut interface) })?;
        // SAFETY: valid as long as the runtime.
        let found = unsafe { &*interface };
        let mut instance = found.context;
        if let Some(create) = found.create {
            with_arena(|arena| {
                // SAFETY: the provider's function, called as the ABI says.
                let code = unsafe { create(found.context, host.as_ptr(), arena, &raw mut instance) };
                outcome(code, arena)
            })?;
        }
        Ok(Self { host, interface, instance })
    }

    /// Calls a function; `arguments` makes the struct of its arguments.
    ///
    /// # Errors
    ///
    /// The arguments do not fit into memory, the function failed, or its result is none.
    ///
    /// # Safety
    ///
    /// As [`GuestCaller::call`].
    pub unsafe fn call<A: Copy, R: for<'a> Decode<'a>>(
        &self,
        function: u32,
        arguments: impl FnOnce(&mut Arena<'_>) -> Result<A, CallError>,
    ) -> Result<R, CallError> {
        // SAFETY: the interface is valid as long as the runtime; the rest is the caller's promise.
        unsafe { call(&*self.interface, self.instance, function, arguments) }
    }

    /// The host's table, as it was given to [`open`](Self::open).
    #[must_use]
    pub fn host(&self) -> Host<'r> {
        self.host
    }
}

impl Drop for HostCaller<'_> {
    fn drop(&mut self) {
        // SAFETY: valid as long as the runtime.
        let interface = unsafe { &*self.interface };
        if let (Some(_), Some(destroy)) = (interface.create, interface.destroy) {
            // SAFETY: this one's own instance; no call of it is under way.
            unsafe { destroy(interface.context, self.instance) };
        }
    }
}

/// What a code means, with the words that the callee left in the arena.
fn outcome(code: u32, arena: &CallArena) -> Result<(), CallError> {
    if code == 0 {
        return Ok(());
    }
    let StringView { ptr, len } = arena.message;
    // SAFETY: a callee that returns a code other than 0 has set the message, in the arena or static.
    let message = unsafe { StringView { ptr, len }.as_bytes() }.unwrap_or_default();
    Err(CallError::new(code, String::from_utf8_lossy(message)))
}

/// Calls a function of an interface.
///
/// # Safety
///
/// `A` and `R` are the function's; `instance` is one of the interface's.
unsafe fn call<A: Copy, R: for<'a> Decode<'a>>(
    interface: &ContractInterface,
    instance: *mut c_void,
    function: u32,
    arguments: impl FnOnce(&mut Arena<'_>) -> Result<A, CallError>,
) -> Result<R, CallError> {
    if function >= interface.function_count {
        let message = "the contract's provider is older: it has no function with this number";
        return Err(CallError::abi(AbiErrorCode::FunctionNotAvailable, message));
    }
    with_arena(|arena| {
        let arguments = arguments(&mut Arena::for_arguments(arena))?;
        let mut result = MaybeUninit::<<R as Decode<'_>>::Raw>::zeroed();
        let args = if size_of::<A>() == 0 { std::ptr::null() } else { (&raw const arguments).cast() };
        let empty = size_of::<<R as Decode<'_>>::Raw>() == 0;
        let out = if empty { std::ptr::null_mut() } else { result.as_mut_ptr().cast() };
        // SAFETY: the function is there, and gets what the caller promises that it takes.
        let code = unsafe {
            if interface.dispatch == DispatchKind::Native as u32 {
                (*interface.functions.add(function as usize))(instance, args, out, arena)
            } else if let Some(entry) = interface.call {
                entry(interface.context, function, instance, args, out, arena)
            } else {
                let message = "the contract's provider has no entry";
                return Err(CallError::abi(AbiErrorCode::InvalidPointer, message));
            }
        };
        outcome(code, arena)?;
        // SAFETY: a function that succeeded has written its result, which lies in the arena or lives longer; it was
        // zero before, which every raw value may be.
        unsafe { R::decode(result.assume_init()) }
    })
}
