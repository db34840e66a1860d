//! What the loader of a scripting language does for contracts that its scripts provide.
// It reads arguments that lie in C memory.
#![allow(unsafe_code)]

use crate::fault::Fault;
use crate::marshal::{Failure, Machine, value_from_c};
use crate::remote::parameter;
use crate::signature::Signature;

/// What a virtual machine does with functions and objects of a script.
pub trait VirtualMachine: 'static {
    /// How it makes and takes apart values.
    type Values: Machine;
    /// A function or an object that stays until it is dropped.
    type Kept;

    /// How it makes and takes apart values.
    fn values(&self) -> &Self::Values;

    /// Keeps a value.
    ///
    /// # Errors
    ///
    /// No memory.
    fn keep(&self, value: &ValueOf<Self>) -> Result<Self::Kept, ErrorOf<Self>>;

    /// Lets go of what was kept.
    fn forget(&self, kept: Self::Kept) {
        drop(kept);
    }

    /// Whether a value can be called.
    fn is_function(&self, value: &ValueOf<Self>) -> bool;

    /// Calls a function with an object and arguments, and hands what it returns to `result`.
    ///
    /// # Errors
    ///
    /// What the script throws, and what `arguments` and `result` say.
    fn invoke(
        &self,
        function: &Self::Kept,
        object: &Self::Kept,
        arguments: &Arguments<'_>,
        result: impl FnOnce(&ValueOf<Self>) -> Result<(), FailureOf<Self>>,
    ) -> Result<(), FailureOf<Self>>;

    /// Makes an instance's object: what `create` returns, or an empty one.
    ///
    /// # Errors
    ///
    /// What the script throws.
    fn create(&self, create: Option<&Self::Kept>) -> Result<Self::Kept, ErrorOf<Self>>;

    /// Tells a script that an instance's object is no longer needed.
    ///
    /// # Errors
    ///
    /// What the script throws.
    fn destroy(&self, destroy: &Self::Kept, object: &Self::Kept) -> Result<(), ErrorOf<Self>>;

    /// The fault for an error of the machine, with the script's traceback.
    fn fault(&self, error: ErrorOf<Self>) -> Fault;
}

/// A value of a machine.
pub type ValueOf<V> = <<V as VirtualMachine>::Values as Machine>::Value;
/// An error of a machine.
pub type ErrorOf<V> = <<V as VirtualMachine>::Values as Machine>::Error;
/// Why a value of a machine could not be moved.
pub type FailureOf<V> = Failure<ErrorOf<V>>;

/// The arguments of a call, still in C memory.
#[derive(Debug)]
pub struct Arguments<'a> {
    signature: &'a Signature,
    at: *const u8,
}

impl<'a> Arguments<'a> {
    /// # Safety
    ///
    /// Those of the signature lie at `at` for as long as this lives.
    pub(crate) unsafe fn new(signature: &'a Signature, at: *const u8) -> Self {
        Self { signature, at }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.signature.params.fields().len()
    }

    /// Whether something is to be returned.
    #[must_use]
    pub fn has_result(&self) -> bool {
        self.signature.result.is_some()
    }

    /// The value of one.
    ///
    /// # Errors
    ///
    /// It cannot be a value of its type.
    pub fn value<M: Machine>(&self, machine: &M, place: usize) -> Result<M::Value, Failure<M::Error>> {
        let field = &self.signature.params.fields()[place];
        // SAFETY: as `new` asks.
        unsafe { value_from_c(machine, &field.kind, self.at.add(field.offset)) }
            .map_err(|failure| failure.named(|| parameter(&self.signature.params, place)))
    }
}
