//! A contract that a script provides: the functions of the C ABI through which others reach its functions and objects.
// It is called through the C ABI, and reads and writes what its callers point at.
#![allow(unsafe_code)]

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::mem::ManuallyDrop;
use std::ptr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use polyplug_abi::identity::{guest_contract_id, host_contract_id};
use polyplug_abi::types::{LogLevel, Version};
use polyplug_abi::{AbiErrorCode, CallArena, ContractInterface, DispatchKind, HostApi, SINGLETON};

use crate::connection::Connection;
use crate::declared;
use crate::description::Description;
use crate::fault::{FIRST_OWN_CODE, Fault, at_boundary, usable};
use crate::lock::{Inside, Locked};
use crate::marshal::{Reason, readable, value_to_c};
use crate::remote::function;
use crate::signature::Signature;
use crate::virtual_machine::{Arguments, FailureOf, VirtualMachine};

/// A contract that a script provides. Boxed, for its address is what callers get.
pub struct Served<V: VirtualMachine> {
    machine: Arc<Locked<V>>,
    connection: Arc<Connection>,
    contract: String,
    version: Version,
    singleton: bool,
    signatures: Arc<[Signature]>,
    /// The machine's own: only to be touched inside of its lock.
    parts: ManuallyDrop<Parts<V::Kept>>,
    /// Instances that ended while the machine could not be entered.
    ended: Mutex<Vec<usize>>,
    any_ended: AtomicBool,
}

struct Parts<K> {
    functions: Vec<K>,
    create: Option<K>,
    destroy: Option<K>,
    /// By the instance's number less one.
    objects: RefCell<Vec<Option<Rc<K>>>>,
    free: RefCell<Vec<usize>>,
    /// The instance that all get, and how many have it: the runtime makes singletons of bundles once, those of hosts
    /// nobody but this.
    shared: Cell<Option<(usize, usize)>>,
}

// SAFETY: `parts` is reached inside of the machine's lock only; everything else may be shared.
unsafe impl<V: VirtualMachine> Send for Served<V> {}
// SAFETY: as above.
unsafe impl<V: VirtualMachine> Sync for Served<V> {}

impl<V: VirtualMachine> Served<V> {
    /// Takes a contract from a script that runs in this machine.
    ///
    /// # Safety
    ///
    /// What is kept in the description is of this machine, and the caller is inside of its lock, or has it for itself.
    #[must_use]
    pub unsafe fn new(
        machine: Arc<Locked<V>>,
        connection: Arc<Connection>,
        description: Description<V::Kept>,
    ) -> Box<Self> {
        let served = Box::new(Self {
            machine,
            connection,
            contract: description.contract,
            version: description.version,
            singleton: description.singleton,
            signatures: description.signatures.into(),
            parts: ManuallyDrop::new(Parts {
                functions: description.functions,
                create: description.create,
                destroy: description.destroy,
                objects: RefCell::default(),
                free: RefCell::default(),
                shared: Cell::new(None),
            }),
            ended: Mutex::default(),
            any_ended: AtomicBool::new(false),
        });
        declared::note(ptr::from_ref(&*served).addr(), &served.signatures);
        served
    }

    /// The contract's name, without the major.
    #[must_use]
    pub fn contract(&self) -> &str {
        &self.contract
    }

    /// What the runtime is to be told of it. It holds the address of this.
    #[must_use]
    pub fn interface(&self, of_host: bool) -> ContractInterface {
        let id = if of_host { host_contract_id } else { guest_contract_id };
        ContractInterface {
            contract_id: id(&self.contract, self.version.major),
            version: self.version,
            dispatch: DispatchKind::Vm as u32,
            // A script's list is not that long.
            function_count: self.signatures.len() as u32,
            flags: if self.singleton { SINGLETON } else { 0 },
            reserved: 0,
            functions: ptr::null(),
            call: Some(call::<V>),
            context: ptr::from_ref(self).cast_mut().cast(),
            create: Some(create::<V>),
            destroy: Some(destroy::<V>),
        }
    }

    /// Runs in the machine, and gives back what the script no longer uses when it is left for good.
    #[inline]
    fn inside<R>(&self, run: impl FnOnce(&Inside<'_, V>) -> Result<R, Box<Fault>>) -> Result<R, Box<Fault>> {
        let inside = self.machine.enter()?;
        if self.any_ended.load(Ordering::Acquire) {
            self.end_late(&inside);
        }
        let result = run(&inside);
        let last = inside.depth() == 1;
        drop(inside);
        if last {
            self.connection.give_back();
        }
        result
    }

    #[inline]
    fn call(
        &self,
        machine: &Inside<'_, V>,
        number: u32,
        instance: usize,
        args: *const u8,
        out: *mut u8,
        arena: *mut CallArena,
    ) -> Result<(), Box<Fault>> {
        let (Some(kept), Some(signature)) =
            (self.parts.functions.get(number as usize), self.signatures.get(number as usize))
        else {
            return Err(self.no_such_function(number));
        };
        let params = &signature.params;
        let result = signature.result.as_ref();
        if !params.fields().is_empty() && !readable(args, params.align())
            || result.is_some_and(|kind| !readable(out, kind.align()))
        {
            return Err(self.unreadable(number));
        }
        let object = self.object(instance)?;
        // SAFETY: whoever called the contract says that its arguments lie there; they are read during the call only.
        let arguments = unsafe { Arguments::new(signature, args) };
        let called = machine.invoke(kept, &object, &arguments, |value| {
            let Some(kind) = result else { return Ok(()) };
            let mut none = CallArena::NONE;
            // SAFETY: the caller's arena, and room for a result, as the ABI promises.
            unsafe {
                let arena = usable(arena).unwrap_or(&mut none);
                value_to_c(machine.values(), kind, value, out, arena)
            }
            .map_err(|failure| failure.named(|| "what it returned".to_owned()))
        });
        called.map_err(|failure| self.told(machine, failure, number))
    }

    #[cold]
    fn told(&self, machine: &Inside<'_, V>, failure: FailureOf<V>, number: u32) -> Box<Fault> {
        let fault = match failure.reason() {
            Reason::Value(error) => error.into_fault(),
            Reason::Machine(error) => machine.fault(error),
        };
        // What a script chose to say, it says to its callers word for word.
        if fault.code >= FIRST_OWN_CODE {
            return Box::new(fault);
        }
        Box::new(fault.at(function(&self.contract, number, self.signatures.get(number as usize))))
    }

    #[cold]
    fn no_such_function(&self, number: u32) -> Box<Fault> {
        let message = format!("{} has {} functions; {number} is none", self.contract, self.signatures.len());
        Box::new(Fault::new(AbiErrorCode::FunctionNotAvailable, message))
    }

    #[cold]
    fn unreadable(&self, number: u32) -> Box<Fault> {
        let fault = Fault::new(AbiErrorCode::InvalidPointer, "args or out is null or not aligned");
        Box::new(fault.at(function(&self.contract, number, self.signatures.get(number as usize))))
    }

    #[cold]
    fn no_instance(&self) -> Box<Fault> {
        let message = format!("this is no instance of {}", self.contract);
        Box::new(Fault::new(AbiErrorCode::InvalidPointer, message))
    }

    #[inline]
    fn object(&self, instance: usize) -> Result<Rc<V::Kept>, Box<Fault>> {
        let objects = self.parts.objects.borrow();
        let found = instance.checked_sub(1).and_then(|place| objects.get(place)).and_then(Option::as_ref);
        found.map(Rc::clone).ok_or_else(|| self.no_instance())
    }

    fn create(&self, machine: &Inside<'_, V>) -> Result<usize, Box<Fault>> {
        if self.singleton
            && let Some((instance, count)) = self.parts.shared.get()
        {
            self.parts.shared.set(Some((instance, count + 1)));
            return Ok(instance);
        }
        let object = machine
            .create(self.parts.create.as_ref())
            .map_err(|error| machine.fault(error).at(format!("{}, making an instance", self.contract)))?;
        let mut objects = self.parts.objects.borrow_mut();
        let place = self.parts.free.borrow_mut().pop().unwrap_or_else(|| {
            objects.push(None);
            objects.len() - 1
        });
        objects[place] = Some(Rc::new(object));
        if self.singleton {
            self.parts.shared.set(Some((place + 1, 1)));
        }
        Ok(place + 1)
    }

    fn end(&self, machine: &Inside<'_, V>, instance: usize) {
        let Some(place) = instance.checked_sub(1) else { return };
        match self.parts.shared.get() {
            Some((shared, count)) if shared == instance && count > 1 => {
                self.parts.shared.set(Some((shared, count - 1)));
                return;
            }
            Some((shared, _)) if shared == instance => self.parts.shared.set(None),
            _ => {}
        }
        let object = self.parts.objects.borrow_mut().get_mut(place).and_then(Option::take);
        let Some(object) = object else { return };
        if let Some(destroy) = &self.parts.destroy
            && let Err(error) = machine.destroy(destroy, &object)
        {
            let fault = machine.fault(error).at(format!("{}, ending an instance", self.contract));
            self.connection.log(LogLevel::Error, "script", &fault.message);
        }
        if let Some(kept) = Rc::into_inner(object) {
            machine.forget(kept);
        }
        self.parts.free.borrow_mut().push(place);
    }

    #[cold]
    fn end_late(&self, machine: &Inside<'_, V>) {
        self.any_ended.store(false, Ordering::Release);
        for instance in std::mem::take(&mut *self.ended.lock()) {
            self.end(machine, instance);
        }
    }
}

impl<V: VirtualMachine> Drop for Served<V> {
    fn drop(&mut self) {
        declared::forget(ptr::from_ref(self).addr());
        let machine = Arc::clone(&self.machine);
        // Where the machine cannot be entered, what is kept in it stays until it ends itself.
        if let Ok(inside) = machine.enter() {
            self.end_late(&inside);
            // SAFETY: inside of the lock, and never again.
            unsafe { ManuallyDrop::drop(&mut self.parts) };
        }
    }
}

/// The contract behind a context.
///
/// # Safety
///
/// `context` is what [`Served::interface`] told, and the contract is still there.
unsafe fn served<'a, V: VirtualMachine>(context: *mut c_void) -> Result<&'a Served<V>, Box<Fault>> {
    let served: *const Served<V> = context.cast();
    if readable(served.cast(), align_of::<Served<V>>()) {
        // SAFETY: the caller's promise.
        return Ok(unsafe { &*served });
    }
    Err(Box::new(Fault::new(AbiErrorCode::InvalidPointer, "the context is null or not aligned")))
}

/// [`polyplug_abi::CallGuest`]
unsafe extern "C" fn call<V: VirtualMachine>(
    context: *mut c_void,
    function: u32,
    instance: *mut c_void,
    args: *const c_void,
    out: *mut c_void,
    arena: *mut CallArena,
) -> u32 {
    // SAFETY: what the ABI promises of the arguments.
    unsafe {
        at_boundary(arena, || {
            let served = served::<V>(context)?;
            served.inside(|machine| served.call(machine, function, instance.addr(), args.cast(), out.cast(), arena))
        })
    }
}

/// [`polyplug_abi::CreateInstance`]
unsafe extern "C" fn create<V: VirtualMachine>(
    context: *mut c_void,
    _host: *const HostApi,
    arena: *mut CallArena,
    out: *mut *mut c_void,
) -> u32 {
    // SAFETY: what the ABI promises of the arguments.
    unsafe {
        at_boundary(arena, || {
            let served = served::<V>(context)?;
            if !readable(out.cast(), align_of::<*mut c_void>()) {
                return Err(Box::new(Fault::new(AbiErrorCode::InvalidPointer, "out is null or not aligned")));
            }
            let number = served.inside(|machine| served.create(machine))?;
            out.write(ptr::without_provenance_mut(number));
            Ok(())
        })
    }
}

/// [`polyplug_abi::DestroyInstance`]
unsafe extern "C" fn destroy<V: VirtualMachine>(context: *mut c_void, instance: *mut c_void) {
    // SAFETY: what the ABI promises of the arguments. There is nobody to tell what goes wrong.
    unsafe {
        at_boundary(ptr::null_mut(), || {
            let served = served::<V>(context)?;
            let ended = served.inside(|machine| {
                served.end(machine, instance.addr());
                Ok(())
            });
            if ended.is_err() {
                // Its thread is not to wait now: whoever enters next ends it.
                served.ended.lock().push(instance.addr());
                served.any_ended.store(true, Ordering::Release);
            }
            Ok(())
        });
    }
}
