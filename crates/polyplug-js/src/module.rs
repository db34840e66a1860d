//! The module `polyplug` as JavaScript sees it. The functions here give back `[true, value]`, or `[false, code, message]`;
//! `module.js` makes exceptions of that.
// It hands values of the library to our own and back.
#![allow(unsafe_code)]

use std::sync::{Arc, Weak};

use polyplug_abi::AbiErrorCode;
use polyplug_script::connection::{Bundle, Connection};
use polyplug_script::fault::Fault;
use polyplug_script::host::Provide;
use polyplug_script::lock::Locked;
use polyplug_script::naming;
use polyplug_script::remote::{Remote, RemoteFailure};
use rquickjs::class::{JsClass, Readable, Trace, Tracer};
use rquickjs::context::EvalOptions;
use rquickjs::function::{Constructor, Opt};
use rquickjs::{Array, Class, Ctx, Function, IntoJs, JsLifetime, Object, Persistent, Result, Value};

use crate::error::JsError;
use crate::imports::Exported;
use crate::machine::JsMachine;
use crate::value::JsValue;
use crate::values::Values;

const MODULE: &str = include_str!("module.js");

/// What the module is made for.
pub(crate) struct Setting {
    pub(crate) connection: Arc<Connection>,
    /// The bundle, or a host program.
    pub(crate) bundle: Option<Bundle>,
    /// Takes what a host program provides.
    pub(crate) provide: Option<Provide<JsMachine>>,
}

/// Makes the module of a machine, which is behind its lock already.
pub(crate) fn fill(machine: &JsMachine, locked: &Weak<Locked<JsMachine>>, setting: Setting) -> Result<()> {
    let context = machine.context();
    let module = module(&context, locked, setting)?;
    // SAFETY: the value is of this context, which stays longer.
    machine.set_module(unsafe { taken(&context, module.as_value()) });
    let exported = Exported(Persistent::save(&context, module.into_value()));
    context.store_userdata(exported).map_err(|_| rquickjs::Error::Unknown)?;
    Ok(())
}

fn module<'js>(context: &Ctx<'js>, locked: &Weak<Locked<JsMachine>>, setting: Setting) -> Result<Object<'js>> {
    let native = Object::new(context.clone())?;
    let Setting { connection, bundle, provide } = setting;
    fill_common(context, &native, &connection)?;
    if let Some(provide) = provide {
        fill_host(context, &native, &connection)?;
        let locked = Weak::clone(locked);
        let provide = move |context: Ctx<'js>, description: Value<'js>| {
            let provided = match locked.upgrade() {
                // SAFETY: the value is of this context, which stays longer.
                Some(locked) => provide(&locked, &unsafe { taken(&context, &description) }),
                None => Err(Fault::new(AbiErrorCode::NotFound, "the host program is gone")),
            };
            answer(&context, provided)
        };
        native.set("provide", Function::new(context.clone(), provide)?)?;
    }
    let mut options = EvalOptions::default();
    options.filename = Some("polyplug".to_owned());
    let make: Function<'js> = context.eval_with_options(MODULE, options)?;
    let module: Object<'js> = make.call((native,))?;
    if let Some(bundle) = bundle {
        module.set("bundle", bundle_object(context, &bundle)?)?;
    }
    Ok(module)
}

fn fill_common<'js>(context: &Ctx<'js>, native: &Object<'js>, connection: &Arc<Connection>) -> Result<()> {
    for (name, of_host) in [("guest", false), ("host", true)] {
        let connection = Arc::clone(connection);
        let find =
            move |context: Ctx<'js>, contract: String, least: Opt<Option<String>>, signatures: Opt<Vec<String>>| {
                let signatures = signatures.0.unwrap_or_default();
                let least = least.0.flatten();
                let remote = Remote::new(Arc::clone(&connection), of_host, &contract, least.as_deref(), signatures);
                let object = remote.map(|remote| Class::instance(context.clone(), Contract(remote)));
                match object {
                    Ok(object) => answer(&context, Ok(object?)),
                    Err(fault) => answer::<()>(&context, Err(fault)),
                }
            };
        native.set(name, Function::new(context.clone(), find)?)?;
    }
    native.set("call", Function::new(context.clone(), call)?)?;
    let close = |contract: Class<'js, Contract>| contract.borrow().0.close();
    native.set("close", Function::new(context.clone(), close)?)?;
    let connection = Arc::clone(connection);
    let log = move |context: Ctx<'js>, level: String, scope: String, message: String| {
        let logged = naming::log_level(&level).map(|level| connection.log(level, &scope, &message));
        answer(&context, logged)
    };
    native.set("log", Function::new(context.clone(), log)?)
}

fn call<'js>(
    context: Ctx<'js>,
    contract: Class<'js, Contract>,
    number: f64,
    arguments: Array<'js>,
) -> Result<Array<'js>> {
    // SAFETY: the context stays longer than this call.
    let values = unsafe { Values::new(context.as_raw()) };
    let list = arguments
        .iter::<Value<'js>>()
        // SAFETY: as above.
        .map(|value| value.map(|value| unsafe { taken(&context, &value) }))
        .collect::<Result<Vec<_>>>()?;
    // A number that is none of a function is told as such.
    let number =
        if number.fract() == 0.0 && (0.0..4_294_967_295.0).contains(&number) { number as u32 } else { u32::MAX };
    let remote = contract.borrow();
    let result = match remote.0.call(&values, number, &list) {
        Ok(value) => value,
        Err(RemoteFailure::Call(fault)) | Err(RemoteFailure::Machine(JsError::Fault(fault))) => {
            let answer = answer::<()>(&context, Err(fault))?;
            answer.set(3, remote.0.contract())?;
            return Ok(answer);
        }
        Err(RemoteFailure::Machine(JsError::Thrown(thrown))) => {
            // SAFETY: the reference goes over to the library.
            let thrown = unsafe { Value::from_raw(context.clone(), thrown.into_raw()) };
            return Err(context.throw(thrown));
        }
    };
    let answer = Array::new(context.clone())?;
    answer.set(0, true)?;
    if let Some(value) = result {
        // SAFETY: the reference goes over to the library.
        answer.set(1, unsafe { Value::from_raw(context, value.into_raw()) })?;
    }
    Ok(answer)
}

fn fill_host<'js>(context: &Ctx<'js>, native: &Object<'js>, connection: &Arc<Connection>) -> Result<()> {
    let of = Arc::clone(connection);
    let load = move |context: Ctx<'js>, folder: String| answer(&context, of.load_bundle(&folder));
    let of = Arc::clone(connection);
    let reload = move |context: Ctx<'js>, name: String| answer(&context, of.reload_bundle(&name));
    let of = Arc::clone(connection);
    let unload = move |context: Ctx<'js>, name: String, cascade: Opt<bool>| {
        answer(&context, of.unload_bundle(&name, cascade.0.unwrap_or(false)))
    };
    let of = Arc::clone(connection);
    let bundles = move |context: Ctx<'js>| match of.bundles() {
        Ok(list) => {
            let list = list.iter().map(|bundle| bundle_object(&context, bundle)).collect::<Result<Vec<_>>>()?;
            answer(&context, Ok(list))
        }
        Err(fault) => answer::<()>(&context, Err(fault)),
    };
    native.set("load_bundle", Function::new(context.clone(), load)?)?;
    native.set("reload_bundle", Function::new(context.clone(), reload)?)?;
    native.set("unload_bundle", Function::new(context.clone(), unload)?)?;
    native.set("bundles", Function::new(context.clone(), bundles)?)
}

fn bundle_object<'js>(context: &Ctx<'js>, bundle: &Bundle) -> Result<Object<'js>> {
    let object = Object::new(context.clone())?;
    object.set("name", bundle.name.as_str())?;
    object.set("version", bundle.version.to_string())?;
    Ok(object)
}

/// `[true, value]`, or `[false, code, message]`.
fn answer<'js, T: IntoJs<'js>>(context: &Ctx<'js>, result: std::result::Result<T, Fault>) -> Result<Array<'js>> {
    let answer = Array::new(context.clone())?;
    match result {
        Ok(value) => {
            answer.set(0, true)?;
            answer.set(1, value)?;
        }
        Err(fault) => {
            answer.set(0, false)?;
            // As a number of JavaScript: as a `u32` it would be taken for an `i32`, and large codes be negative.
            answer.set(1, f64::from(fault.code))?;
            answer.set(2, fault.message)?;
        }
    }
    Ok(answer)
}

/// A value of the library as one of ours.
///
/// # Safety
///
/// The context stays longer than the result.
unsafe fn taken<'js>(context: &Ctx<'js>, value: &Value<'js>) -> JsValue {
    // SAFETY: the value is of this context; the caller's promise is the rest.
    unsafe { JsValue::shared(context.as_raw(), value.as_raw()) }
}

/// The contract that an object of a script stands for.
struct Contract(Remote);

// SAFETY: nothing in it has the lifetime of a context.
unsafe impl<'js> JsLifetime<'js> for Contract {
    type Changed<'to> = Contract;
}

impl<'js> Trace<'js> for Contract {
    fn trace<'a>(&self, _: Tracer<'a, 'js>) {}
}

impl<'js> JsClass<'js> for Contract {
    const NAME: &'static str = "Contract";
    type Mutable = Readable;

    fn constructor(_: &Ctx<'js>) -> Result<Option<Constructor<'js>>> {
        Ok(None)
    }
}
