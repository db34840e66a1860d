//! A QuickJS context as a virtual machine: how functions are called, with which limits, and what becomes of errors.
// The call itself is made through QuickJS's C interface, for its lock is not entered twice by the library's.
#![allow(unsafe_code)]

use std::cell::{Cell, OnceCell};
use std::mem::MaybeUninit;
use std::rc::Rc;
use std::time::{Duration, Instant};

use polyplug_abi::AbiErrorCode;
use polyplug_script::Limits;
use polyplug_script::fault::Fault;
use polyplug_script::marshal::{Failure, Reason};
use polyplug_script::virtual_machine::{Arguments, VirtualMachine};
use rquickjs::{Context, Ctx, Module, Runtime, qjs};

use crate::error::{JsError, thrown_fault};
use crate::value::JsValue;
use crate::values::Values;

/// How much stack a script may use, in bytes: what a thread of its host has left in any case.
const STACK: usize = 512 * 1024;
/// Arguments of a call, with its object, that need no memory of their own.
const FEW: usize = 8;

type Failed = Failure<JsError>;

/// A QuickJS context. Its parts go in this order.
pub(crate) struct JsMachine {
    /// What `create` of a contract gets.
    module: OnceCell<JsValue>,
    values: Values,
    limits: Limits,
    /// How many calls from outside are in each other.
    nested: Cell<u32>,
    /// When the outermost has to end.
    deadline: Rc<Cell<Option<Instant>>>,
    context: Context,
    pub(crate) runtime: Runtime,
    raw_runtime: *mut qjs::JSRuntime,
}

impl JsMachine {
    /// A context with the language, and nothing of the system.
    pub(crate) fn new(limits: Limits) -> Result<Self, Fault> {
        let failed = |error: rquickjs::Error| Fault::new(AbiErrorCode::OutOfMemory, error.to_string());
        let runtime = Runtime::new().map_err(failed)?;
        if let Some(memory) = limits.memory {
            runtime.set_memory_limit(memory);
        }
        runtime.set_max_stack_size(STACK);
        let deadline = Rc::new(Cell::new(None));
        if limits.load_time.is_some() || limits.call_time.is_some() {
            let deadline = Rc::clone(&deadline);
            runtime.set_interrupt_handler(Some(Box::new(move || over(&deadline))));
        }
        let context = Context::full(&runtime).map_err(failed)?;
        // SAFETY: the values go before the context, and are used inside of the machine's lock only.
        let values = unsafe { Values::new(context.as_raw()) };
        // SAFETY: the context is alive.
        let raw_runtime = unsafe { qjs::JS_GetRuntime(values.context()) };
        Ok(Self {
            raw_runtime,
            module: OnceCell::new(),
            values,
            limits,
            nested: Cell::new(0),
            deadline,
            context,
            runtime,
        })
    }

    /// The context, for what the library does.
    pub(crate) fn context(&self) -> Ctx<'_> {
        // SAFETY: the context is alive as long as this. The library's own way would lock, and fail, where a script is
        // called by what it calls; the machine's lock is held by whoever has this.
        unsafe { Ctx::from_raw(self.context.as_raw()) }
    }

    /// Sets what `create` of a contract gets.
    pub(crate) fn set_module(&self, module: JsValue) {
        let _ = self.module.set(module);
    }

    /// Runs something of the script, that has to end in a time if it is the outermost.
    #[inline]
    pub(crate) fn limited<R>(
        &self,
        time: Option<Duration>,
        run: impl FnOnce() -> Result<R, Failed>,
    ) -> Result<R, Failed> {
        let nested = self.nested.get();
        self.nested.set(nested + 1);
        let _left = Left(self);
        if nested == 0 {
            if let Some(time) = time {
                self.deadline.set(Instant::now().checked_add(time));
            }
            // It may be another thread than the last time.
            // SAFETY: the runtime is alive, and no script of it runs.
            unsafe { qjs::JS_UpdateStackTop(self.raw_runtime) };
        }
        let result = run();
        // SAFETY: the runtime is alive.
        if nested == 0 && unsafe { qjs::JS_IsJobPending(self.raw_runtime) } {
            self.run_jobs()?;
        }
        result.map_err(|failure| self.in_time(failure))
    }

    /// Runs a file's text as a module, and gives what it exports as `default`.
    pub(crate) fn run(&self, name: &str, source: &str) -> Result<JsValue, Fault> {
        let ran = self.limited(self.limits.load_time, || {
            let context = self.context();
            let told = |error: rquickjs::Error| Failure::machine(self.library_error(&error));
            let module = Module::declare(context.clone(), name, source).map_err(told)?;
            let (module, promise) = module.eval().map_err(told)?;
            // SAFETY: a value of this context.
            self.settled(unsafe { JsValue::shared(context.as_raw(), promise.as_value().as_raw()) })?;
            let exported: rquickjs::Value<'_> = module.namespace().and_then(|all| all.get("default")).map_err(told)?;
            // SAFETY: a value of this context.
            Ok(unsafe { JsValue::shared(context.as_raw(), exported.as_raw()) })
        });
        ran.map_err(|failure| self.fault(machine_error(failure)))
    }

    /// Runs something that may run the script, with the limit of loading.
    pub(crate) fn within_load_time<R>(&self, run: impl FnOnce() -> Result<R, Fault>) -> Result<R, Fault> {
        let ran =
            self.limited(self.limits.load_time, || run().map_err(|fault| Failure::machine(JsError::Fault(fault))));
        ran.map_err(|failure| self.fault(machine_error(failure)))
    }

    /// What the library says of an error; the exception of the script, if there is one.
    fn library_error(&self, error: &rquickjs::Error) -> JsError {
        if error.is_exception() {
            self.values.exception()
        } else {
            JsError::Fault(Fault::new(AbiErrorCode::Failed, error.to_string()))
        }
    }

    /// Says of a failure that came after the deadline that it is because of that.
    fn in_time(&self, failure: Failed) -> Failed {
        if over(&self.deadline) {
            return Failure::machine(JsError::Fault(Fault::new(
                AbiErrorCode::TimedOut,
                "the script took longer than its limit",
            )));
        }
        // Told while the script is still allowed to run: to become text, an exception may have to.
        failure.map_machine(|error| JsError::Fault(self.fault(error)))
    }

    /// Runs what promises wait for.
    #[cold]
    fn run_jobs(&self) -> Result<(), Failed> {
        let runtime = self.raw_runtime;
        // SAFETY: the runtime is alive.
        while unsafe { qjs::JS_IsJobPending(runtime) } {
            let mut context = std::ptr::null_mut();
            // SAFETY: as above. A job that throws has nobody to tell; its exception is taken away.
            if unsafe { qjs::JS_ExecutePendingJob(runtime, &raw mut context) } < 0 {
                drop(self.values.exception());
            }
            if over(&self.deadline) {
                return Err(self.in_time(Failure::machine(JsError::Fault(Fault::new(AbiErrorCode::TimedOut, "")))));
            }
        }
        Ok(())
    }

    /// Calls a function with an object and so many arguments. `argument` makes them one after another.
    #[inline]
    fn call(
        &self,
        function: &JsValue,
        object: &JsValue,
        count: usize,
        argument: impl FnMut(usize) -> Result<JsValue, Failed>,
    ) -> Result<JsValue, Failed> {
        let result = if count == 0 {
            let mut only = object.raw();
            // SAFETY: one argument, of this context.
            unsafe { self.call_raw(function, 1, &raw mut only) }
        } else {
            self.call_with(function, object, count, argument)?
        };
        let value = self.values.checked(result).map_err(Failure::machine)?;
        self.settled(value)
    }

    /// # Safety
    ///
    /// From `first` on there are so many values of this context. Their references are not taken.
    #[inline]
    unsafe fn call_raw(&self, function: &JsValue, count: usize, first: *mut qjs::JSValue) -> qjs::JSValue {
        // SAFETY: the function is of this context; the rest is the caller's promise.
        unsafe { qjs::JS_Call(self.values.context(), function.raw(), qjs::JS_UNDEFINED, count as i32, first) }
    }

    fn call_with(
        &self,
        function: &JsValue,
        object: &JsValue,
        count: usize,
        mut argument: impl FnMut(usize) -> Result<JsValue, Failed>,
    ) -> Result<qjs::JSValue, Failed> {
        let mut list =
            List { values: &self.values, few: [const { MaybeUninit::uninit() }; FEW], many: Vec::new(), count: 0 };
        // The caller keeps the object.
        list.push(object.raw());
        for place in 0..count {
            list.push(argument(place)?.into_raw());
        }
        // SAFETY: so many were pushed.
        Ok(unsafe { self.call_raw(function, list.count, list.start()) })
    }

    /// What a promise became; anything else as it is.
    #[inline]
    pub(crate) fn settled(&self, value: JsValue) -> Result<JsValue, Failed> {
        // SAFETY: it reads the value's kind.
        if value.is_object() && unsafe { qjs::JS_IsPromise(value.raw()) } { self.wait_for(&value) } else { Ok(value) }
    }

    #[cold]
    fn wait_for(&self, promise: &JsValue) -> Result<JsValue, Failed> {
        self.run_jobs()?;
        let context = self.values.context();
        // SAFETY: a promise of this context; its result is a reference for us.
        let (state, result) = unsafe {
            let state = qjs::JS_PromiseState(context, promise.raw());
            (state, self.values.checked(qjs::JS_PromiseResult(context, promise.raw())))
        };
        match (state, result) {
            (qjs::JSPromiseStateEnum_JS_PROMISE_FULFILLED, result) => result.map_err(Failure::machine),
            (qjs::JSPromiseStateEnum_JS_PROMISE_REJECTED, Ok(thrown)) => Err(Failure::machine(JsError::Thrown(thrown))),
            _ => Err(Failure::machine(JsError::Fault(Fault::new(
                AbiErrorCode::Failed,
                "the promise that was returned does not settle: there is nothing left that could do so",
            )))),
        }
    }
}

/// Whether it is too late.
fn over(deadline: &Cell<Option<Instant>>) -> bool {
    deadline.get().is_some_and(|deadline| Instant::now() >= deadline)
}

/// Ends [`JsMachine::limited`], on a panic, too.
struct Left<'a>(&'a JsMachine);

impl Drop for Left<'_> {
    #[inline]
    fn drop(&mut self) {
        let nested = self.0.nested.get() - 1;
        self.0.nested.set(nested);
        if nested == 0 {
            self.0.deadline.set(None);
        }
    }
}

/// The arguments of a call, behind the object that it is made for.
struct List<'a> {
    values: &'a Values,
    few: [MaybeUninit<qjs::JSValue>; FEW],
    /// All of them, where there are more.
    many: Vec<qjs::JSValue>,
    count: usize,
}

impl List<'_> {
    #[inline]
    fn push(&mut self, value: qjs::JSValue) {
        if self.count < FEW {
            self.few[self.count] = MaybeUninit::new(value);
        } else {
            if self.count == FEW {
                // SAFETY: all of them were written.
                self.many.extend(self.few.iter().map(|one| unsafe { one.assume_init() }));
            }
            self.many.push(value);
        }
        self.count += 1;
    }

    #[inline]
    fn start(&mut self) -> *mut qjs::JSValue {
        if self.count > FEW { self.many.as_mut_ptr() } else { self.few.as_mut_ptr().cast() }
    }
}

impl Drop for List<'_> {
    #[inline]
    fn drop(&mut self) {
        let start = self.start();
        for place in 1..self.count {
            // SAFETY: so many were written, and their references are of this list; only the first is borrowed.
            unsafe {
                let value = *start.add(place);
                if qjs::JS_VALUE_HAS_REF_COUNT(value) {
                    qjs::JS_FreeValue(self.values.context(), value);
                }
            }
        }
    }
}

impl VirtualMachine for JsMachine {
    type Values = Values;
    type Kept = JsValue;

    fn values(&self) -> &Values {
        &self.values
    }

    fn keep(&self, value: &JsValue) -> Result<JsValue, JsError> {
        Ok(value.clone())
    }

    fn is_function(&self, value: &JsValue) -> bool {
        // SAFETY: the value is of this context.
        value.is_object() && unsafe { qjs::JS_IsFunction(self.values.context(), value.raw()) }
    }

    #[inline]
    fn invoke(
        &self,
        function: &JsValue,
        object: &JsValue,
        arguments: &Arguments<'_>,
        result: impl FnOnce(&JsValue) -> Result<(), Failed>,
    ) -> Result<(), Failed> {
        self.limited(self.limits.call_time, || {
            let make = |place| arguments.value(&self.values, place);
            result(&self.call(function, object, arguments.count(), make)?)
        })
    }

    fn create(&self, create: Option<&JsValue>) -> Result<JsValue, JsError> {
        let made = self.limited(self.limits.call_time, || match (create, self.module.get()) {
            (Some(create), Some(module)) => {
                self.call(create, module, 0, |_| Err(Failure::machine(self.values.exception())))
            }
            // SAFETY: the context is alive.
            _ => self.values.checked(unsafe { qjs::JS_NewObject(self.values.context()) }).map_err(Failure::machine),
        });
        made.map_err(machine_error)
    }

    fn destroy(&self, destroy: &JsValue, object: &JsValue) -> Result<(), JsError> {
        let ended = self.limited(self.limits.call_time, || {
            self.call(destroy, object, 0, |_| Err(Failure::machine(self.values.exception())))
        });
        ended.map(drop).map_err(machine_error)
    }

    fn fault(&self, error: JsError) -> Fault {
        match error {
            JsError::Fault(fault) => fault,
            JsError::Thrown(thrown) => thrown_fault(&self.values, &thrown),
        }
    }
}

/// The error of the machine that a failure is.
pub(crate) fn machine_error(failure: Failed) -> JsError {
    match failure.reason() {
        Reason::Machine(error) => error,
        Reason::Value(error) => JsError::Fault(error.into_fault()),
    }
}
