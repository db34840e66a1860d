//! A contract that a script calls: found when it is first needed and when something changed, and called with values.
// It calls functions of other plugins and of the host through the C ABI.
#![allow(unsafe_code)]

use std::cell::RefCell;
use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

use polyplug_abi::identity::{guest_contract_id, host_contract_id};
use polyplug_abi::types::StringView;
use polyplug_abi::{
    AbiErrorCode, DispatchKind, GuestContractHandle, GuestInstance, HostContractHandle, InstanceHandle,
};

use crate::connection::{Connection, Held};
use crate::declared;
use crate::fault::Fault;
use crate::marshal::{Failure, Machine, Reason, value_from_c, value_to_c};
use crate::memory::{Borrowed, Memory};
use crate::naming;
use crate::signature::{Signature, Struct};

/// A contract that a script calls.
#[derive(Debug)]
pub struct Remote {
    connection: Arc<Connection>,
    of_host: bool,
    id: u64,
    /// As in `text.Case@1`.
    contract: Box<str>,
    min_version: u32,
    signatures: Box<[Signature]>,
    state: RefCell<State>,
}

#[derive(Debug, Default)]
struct State {
    held: Option<(u64, Held)>,
    /// What the runtime's counter said when `held` was found.
    revision: u64,
    /// How many calls of `held` there are. It stays what it is as long as there is one.
    under_way: u32,
    closed: bool,
}

/// Why a call of a contract gave nothing.
#[derive(Debug)]
pub enum RemoteFailure<E> {
    /// The call failed, or could not be made: a code and why, to become an error of the script.
    Call(Fault),
    /// The machine failed.
    Machine(E),
}

impl<E> From<Fault> for RemoteFailure<E> {
    fn from(fault: Fault) -> Self {
        Self::Call(fault)
    }
}

impl Remote {
    /// Declares a contract of a bundle or of the host, and looks whether it is there.
    ///
    /// # Errors
    ///
    /// A name, version or signature that is none; a contract that is not there, or not in that version, or that the
    /// bundle's manifest does not name.
    pub fn new<S: AsRef<str>>(
        connection: Arc<Connection>,
        of_host: bool,
        contract: &str,
        min_version: Option<&str>,
        signatures: impl IntoIterator<Item = S>,
    ) -> Result<Self, Fault> {
        connection.open()?;
        let (name, major) = naming::contract(contract)?;
        let min_version = min_version.map_or(Ok(0), |text| naming::least_version(text, major))?;
        let id = if of_host { host_contract_id(name, major) } else { guest_contract_id(name, major) };
        let signatures = signatures
            .into_iter()
            .map(|text| {
                text.as_ref()
                    .parse()
                    .map_err(|error| Fault::new(AbiErrorCode::InvalidArgument, format!("{contract}: {error}")))
            })
            .collect::<Result<_, _>>()?;
        let made = Self {
            connection,
            of_host,
            id,
            contract: contract.into(),
            min_version,
            signatures,
            state: RefCell::default(),
        };
        if of_host {
            made.find_host()?;
        } else {
            made.find_guest()?;
        }
        Ok(made)
    }

    /// As in `text.Case@1`.
    #[must_use]
    pub fn contract(&self) -> &str {
        &self.contract
    }

    /// Gives its instance back. Calls are errors from now on.
    pub fn close(&self) {
        let mut state = self.state.borrow_mut();
        state.closed = true;
        // A call that is under way gives it back when it ends.
        if state.under_way == 0
            && let Some((number, _)) = state.held.take()
        {
            self.connection.no_longer_used(number);
        }
    }

    /// Calls a function.
    ///
    /// # Errors
    ///
    /// What the function says, values that do not fit, and a contract that is no longer there.
    pub fn call<M: Machine>(
        &self,
        machine: &M,
        number: u32,
        arguments: &[M::Value],
    ) -> Result<Option<M::Value>, RemoteFailure<M::Error>> {
        let Some(signature) = self.signatures.get(number as usize) else {
            return Err(Fault::new(
                AbiErrorCode::FunctionNotAvailable,
                format!("{} was declared with {} functions; {number} is none", self.contract, self.signatures.len()),
            )
            .into());
        };
        let params = &signature.params;
        if arguments.len() != params.fields().len() {
            let (wanted, got) = (params.fields().len(), arguments.len());
            let fault = Fault::new(AbiErrorCode::InvalidArgument, format!("{got} arguments instead of {wanted}"));
            return Err(fault.at(self.place(number)).into());
        }
        let under_way = self.begin()?;
        let mut arena = self.connection.arenas.borrow();
        let mut memory = Memory::new();
        let args = memory.of(params.size());
        for (place, (field, value)) in params.fields().iter().zip(arguments).enumerate() {
            // SAFETY: memory of the layout's size and alignment, and an arena of our own.
            let written =
                unsafe { value_to_c(machine, &field.kind, value, args.add(field.offset), &mut *arena.as_mut_ptr()) };
            written.map_err(|failure| self.told(failure, number, || parameter(params, place)))?;
        }
        let mut result = Memory::new();
        let kind = signature.result.as_ref();
        let out = kind.map_or(ptr::null_mut(), |kind| result.of(kind.size()));
        let args = if params.fields().is_empty() { ptr::null() } else { args };
        // SAFETY: the instance is held until `under_way` goes, and the arguments are laid out as declared. That this is
        // what the contract declares, the script says; it cannot be checked, for the ABI has no description of it.
        let code = unsafe { self.dispatch(&under_way.held, number, args, out, &mut arena)? };
        if code != 0 {
            let message = message(&mut arena);
            let message = if message.is_empty() { format!("code {code}") } else { message };
            return Err(Fault { code, message }.at(self.place(number)).into());
        }
        // SAFETY: the function succeeded, so what it returns lies there, with views of its arena or its own memory.
        let value = kind.map(|kind| unsafe { value_from_c(machine, kind, out) }).transpose();
        value.map_err(|failure| self.told(failure, number, || "what it returned".to_owned()))
    }

    /// # Safety
    ///
    /// `held` is held, and the memory is laid out as the function wants it.
    unsafe fn dispatch(
        &self,
        held: &Held,
        number: u32,
        args: *const u8,
        out: *mut u8,
        arena: &mut Borrowed<'_>,
    ) -> Result<u32, Fault> {
        let broken = |what: &str| Fault::new(AbiErrorCode::InvalidPointer, what).at(self.place(number));
        // SAFETY: an interface stays as long as its instance.
        let interface = unsafe { *held.interface() };
        if number >= interface.function_count {
            let count = interface.function_count;
            let fault = Fault::new(AbiErrorCode::FunctionNotAvailable, format!("the contract has {count} functions"));
            return Err(fault.at(self.place(number)));
        }
        let (args, out, arena) = (args.cast::<c_void>(), out.cast::<c_void>(), arena.as_mut_ptr());
        match DispatchKind::from_u32(interface.dispatch) {
            Some(DispatchKind::Native) if !interface.functions.is_null() => {
                // SAFETY: the table has as many functions as the interface says.
                let function = unsafe { *interface.functions.add(number as usize) };
                // SAFETY: the caller's promise.
                Ok(unsafe { function(held.instance(), args, out, arena) })
            }
            Some(DispatchKind::Vm) => {
                let call = interface.call.ok_or_else(|| broken("it has no entry"))?;
                // SAFETY: the caller's promise.
                Ok(unsafe { call(interface.context, number, held.instance(), args, out, arena) })
            }
            _ => Err(broken("it has no functions")),
        }
    }

    /// The instance to call, held until the result is dropped.
    fn begin(&self) -> Result<UnderWay<'_>, Fault> {
        self.connection.open()?;
        let revision = self.connection.revision();
        {
            let mut state = self.state.borrow_mut();
            if state.closed {
                return Err(Fault::new(AbiErrorCode::NotFound, format!("{} was closed", self.contract)));
            }
            if let Some((_, held)) = state.held
                && (state.revision == revision || state.under_way > 0 || self.of_host)
            {
                state.under_way += 1;
                return Ok(UnderWay { remote: self, held });
            }
        }
        self.find_anew(revision)
    }

    #[cold]
    fn find_anew(&self, revision: u64) -> Result<UnderWay<'_>, Fault> {
        // While other code runs in here, `state` is not borrowed: it may call this script, and that this contract.
        let made = if self.of_host { self.make_host() } else { self.make_guest() };
        let made = made.and_then(|made| self.as_declared(made));
        let mut state = self.state.borrow_mut();
        match made {
            Ok(None) => {}
            Ok(Some(made)) => {
                let number = self.connection.hold(made);
                if state.under_way > 0 || state.closed {
                    self.connection.no_longer_used(number);
                } else if let Some((old, _)) = state.held.replace((number, made)) {
                    self.connection.no_longer_used(old);
                }
            }
            Err(fault) => {
                // The last one to hold a bundle that is gone would keep its code.
                if state.under_way == 0
                    && let Some((old, _)) = state.held.take()
                {
                    self.connection.no_longer_used(old);
                }
                return Err(fault);
            }
        }
        let Some((_, held)) = state.held else {
            return Err(Fault::new(AbiErrorCode::NotFound, format!("{} was closed", self.contract)));
        };
        if state.under_way == 0 {
            state.revision = revision;
        }
        state.under_way += 1;
        Ok(UnderWay { remote: self, held })
    }

    /// What was made, if its provider is no script that declares other functions; else that is given back.
    fn as_declared(&self, made: Option<Held>) -> Result<Option<Held>, Fault> {
        let Some(held) = made else { return Ok(None) };
        // SAFETY: an interface stays as long as its instance.
        let context = unsafe { (*held.interface()).context };
        declared::check(&self.contract, context.addr(), &self.signatures).inspect_err(|_| {
            let number = self.connection.hold(held);
            self.connection.no_longer_used(number);
        })?;
        Ok(Some(held))
    }

    fn find_guest(&self) -> Result<GuestContractHandle, Fault> {
        let mut handle = GuestContractHandle::default();
        let (table, host) = (self.connection.table(), self.connection.host());
        // SAFETY: the table is valid.
        let code = unsafe { (table.find_guest_contract)(host, self.id, self.min_version, &raw mut handle) };
        if code == 0 { Ok(handle) } else { Err(self.connection.fault(code, &self.contract)) }
    }

    /// A new instance; none if the one that is held is of the very contract that serves now.
    fn make_guest(&self) -> Result<Option<Held>, Fault> {
        let handle = self.find_guest()?;
        let (table, host) = (self.connection.table(), self.connection.host());
        let mut interface = ptr::null();
        // SAFETY: the table is valid. The interface is compared, not read.
        let code = unsafe { (table.resolve_guest_contract)(host, handle, &raw mut interface) };
        let held = self.state.borrow().held;
        if code == 0 && held.is_some_and(|(_, held)| held.interface() == interface) {
            return Ok(None);
        }
        let mut made =
            GuestInstance { handle: InstanceHandle::default(), interface: ptr::null(), instance: ptr::null_mut() };
        // SAFETY: the table is valid.
        let code = unsafe { (table.create_guest_instance)(host, handle, &raw mut made) };
        if code == 0 { Ok(Some(Held::Guest(made))) } else { Err(self.connection.fault(code, &self.contract)) }
    }

    fn find_host(&self) -> Result<HostContractHandle, Fault> {
        let mut handle = HostContractHandle::default();
        let (table, host) = (self.connection.table(), self.connection.host());
        // SAFETY: the table is valid.
        let code = unsafe { (table.get_host_contract)(host, self.id, self.min_version, &raw mut handle) };
        if code == 0 { Ok(handle) } else { Err(self.connection.fault(code, &self.contract)) }
    }

    fn make_host(&self) -> Result<Option<Held>, Fault> {
        let handle = self.find_host()?;
        let (table, host) = (self.connection.table(), self.connection.host());
        let mut interface = ptr::null();
        // SAFETY: the table is valid.
        let code = unsafe { (table.resolve_host_contract_interface)(host, handle, &raw mut interface) };
        if code != 0 {
            return Err(self.connection.fault(code, &self.contract));
        }
        // SAFETY: valid as long as the runtime.
        let known = unsafe { *interface };
        let Some(create) = known.create else {
            return Ok(Some(Held::Host { interface, instance: known.context }));
        };
        let mut arena = self.connection.arenas.borrow();
        let mut instance = ptr::null_mut();
        // SAFETY: as the contract's interface says it wants to be called.
        let code = unsafe { create(known.context, host, arena.as_mut_ptr(), &raw mut instance) };
        if code == 0 {
            Ok(Some(Held::Host { interface, instance }))
        } else {
            Err(Fault { code, message: message(&mut arena) }.at(format!("{}: making an instance", self.contract)))
        }
    }

    fn place(&self, number: u32) -> String {
        function(&self.contract, number, self.signatures.get(number as usize))
    }

    #[cold]
    fn told<E>(&self, failure: Failure<E>, number: u32, place: impl FnOnce() -> String) -> RemoteFailure<E> {
        match failure.reason() {
            Reason::Value(error) => RemoteFailure::Call(error.fault(place()).at(self.place(number))),
            Reason::Machine(error) => RemoteFailure::Machine(error),
        }
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        self.close();
    }
}

/// A function, for messages.
pub(crate) fn function(contract: &str, number: u32, signature: Option<&Signature>) -> String {
    match signature {
        Some(signature) if !signature.name.is_empty() => format!("{contract}, function {number} `{}`", signature.name),
        _ => format!("{contract}, function {number}"),
    }
}

/// A parameter, for messages.
pub(crate) fn parameter(params: &Struct, place: usize) -> String {
    match params.fields().get(place) {
        Some(field) if !field.name.is_empty() => format!("parameter `{}`", field.name),
        _ => format!("parameter {}", place + 1),
    }
}

/// What the callee said.
fn message(arena: &mut Borrowed<'_>) -> String {
    // SAFETY: our own arena; the callee set the message to text in it, or that is static, or left it empty.
    let message: StringView = unsafe { (*arena.as_mut_ptr()).message };
    // SAFETY: as above.
    String::from_utf8_lossy(unsafe { message.as_bytes() }.unwrap_or_default()).into_owned()
}

/// A call, for as long as it lasts.
struct UnderWay<'a> {
    remote: &'a Remote,
    held: Held,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let mut state = self.remote.state.borrow_mut();
        state.under_way -= 1;
        if state.under_way == 0
            && state.closed
            && let Some((number, _)) = state.held.take()
        {
            self.remote.connection.no_longer_used(number);
        }
    }
}
