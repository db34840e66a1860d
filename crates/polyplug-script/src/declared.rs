//! What scripts that provide contracts have declared, so that scripts that call them are held to it. With that, no script
//! can make another read or write what it should not. Contracts of compiled code have no such list: those who add such
//! code promise that it is called as it was made.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use parking_lot::Mutex;
use polyplug_abi::AbiErrorCode;

use crate::fault::Fault;
use crate::remote::function;
use crate::signature::{Signature, Struct, Type};

/// By the context of the contract's interface.
static DECLARED: LazyLock<Mutex<HashMap<usize, Arc<[Signature]>>>> = LazyLock::new(Mutex::default);

/// Notes the functions of a contract that a script provides.
pub(crate) fn note(context: usize, signatures: &Arc<[Signature]>) {
    DECLARED.lock().insert(context, Arc::clone(signatures));
}

/// The contract is gone.
pub(crate) fn forget(context: usize) {
    DECLARED.lock().remove(&context);
}

/// Whether a caller declares a contract as its provider does. Names do not matter.
pub(crate) fn check(contract: &str, context: usize, callers: &[Signature]) -> Result<(), Fault> {
    let Some(providers) = DECLARED.lock().get(&context).map(Arc::clone) else { return Ok(()) };
    for (number, (caller, provider)) in (0..).zip(callers.iter().zip(&*providers)) {
        let results = match (&caller.result, &provider.result) {
            (Some(caller), Some(provider)) => same(caller, provider),
            (None, None) => true,
            _ => false,
        };
        if !results || !same_fields(&caller.params, &provider.params) {
            let message = format!("it is declared as `{caller}`, and provided as `{provider}`");
            return Err(Fault::new(AbiErrorCode::ContractMismatch, message).at(function(
                contract,
                number,
                Some(provider),
            )));
        }
    }
    Ok(())
}

fn same(left: &Type, right: &Type) -> bool {
    match (left, right) {
        (Type::Array(left), Type::Array(right)) => same(left, right),
        (Type::Struct(left), Type::Struct(right)) => same_fields(left, right),
        _ => left == right,
    }
}

fn same_fields(left: &Struct, right: &Struct) -> bool {
    left.fields().len() == right.fields().len()
        && left.fields().iter().zip(right.fields()).all(|(left, right)| same(&left.kind, &right.kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signatures(texts: &[&str]) -> Arc<[Signature]> {
        texts.iter().map(|text| text.parse().expect("a signature")).collect()
    }

    #[test]
    fn callers_declare_what_is_provided_by_whatever_names() {
        let provided = ["f(a:{x:f32,y:[string]},b:u64)->bytes", "g()"];
        let context = 0x1001;
        note(context, &signatures(&provided));
        let fits = |callers: &[&str]| check("t.T@1", context, &signatures(callers)).is_ok();
        assert!(fits(&provided));
        assert!(fits(&["({l:f32,m:[string]},u64)->bytes"]), "a caller may leave out what it does not call");
        for other in ["({x:f32,y:[bytes]},u64)->bytes", "({x:f32,y:[string]},i64)->bytes", "({x:f32,y:[string]},u64)"] {
            assert!(!fits(&[other]), "{other}");
        }
        assert!(!fits(&[provided[0], "g(u8)"]));
        assert!(!fits(&[provided[0], "g()->u8"]));
        forget(context);
        assert!(fits(&["g(u8)"]), "of compiled code nothing is known");
    }
}
