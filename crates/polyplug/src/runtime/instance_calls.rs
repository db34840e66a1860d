//! Making instances and giving them back. Plugins are called without any lock held.

// Finds bundles by address.
#![allow(unsafe_code)]

use polyplug_abi::{AbiErrorCode, DependencyKind, GuestInstance};

use super::bundle::{Address, BundleUse};
use super::contract_slots::Handle;
use super::core::Core;
use super::instances::{Instance, NotTaken};
use super::pin::pin;
use super::scope::{Caller, Scope};
use super::singleton::NotMade;
use super::teardown::Teardown;
use crate::error::Failure;

impl Core {
    /// Makes an instance, or gives a singleton's.
    pub(crate) fn create_instance(&self, scope: &Scope, handle: Handle) -> Result<GuestInstance, Failure> {
        let (bundle, ordinal) = self.use_of(scope, handle)?;
        // A tenant's number is that of one of its bundle's contracts.
        let contract = bundle.contracts.get(ordinal as usize).ok_or_else(stale)?;
        let address = if contract.is_singleton() {
            contract.singleton().get_or_make(|| contract.create(&bundle)).map_err(|why| match why {
                NotMade::Failed(failure) => failure,
                NotMade::Recursive => Failure::new(
                    AbiErrorCode::Reentrant,
                    format!(
                        "the singleton of `{}` is being made by whoever asks for it, or waits for that",
                        contract.registered.reference
                    ),
                ),
            })?
        } else {
            contract.create(&bundle)?
        };
        let interface = std::ptr::from_ref(contract.interface());
        let (handle, address) = match self.instances.add(Instance { bundle, ordinal, address, owner: scope.place() }) {
            Ok(handle) => (handle, address),
            Err(instance) => {
                self.end_instances(vec![instance]);
                return Err(Failure::new(AbiErrorCode::OutOfMemory, "there are too many instances"));
            }
        };
        Ok(GuestInstance { handle, interface, instance: address.0 })
    }

    /// A use of the bundle behind a handle, and which of its contracts is meant.
    fn use_of(&self, scope: &Scope, handle: Handle) -> Result<(BundleUse, u32), Failure> {
        let found = {
            let _pin = pin();
            self.tenant(scope, handle, DependencyKind::GuestContract).map(|tenant| {
                // SAFETY: the registry has a use of a tenant's bundle; before it ends that, it vacates the slot and waits
                // for this pin.
                (unsafe { BundleUse::another(tenant.bundle) }, tenant.ordinal)
            })
        };
        found.map_err(|miss| miss.describe(scope, None, 0))
    }

    /// Gives an instance back. If that was the last use of a bundle that was withdrawn, the host waits for its end.
    pub(crate) fn destroy_instance(&self, scope: &Scope, given: GuestInstance) -> Result<(), Failure> {
        let is_it = |instance: &Instance| {
            let interface =
                instance.bundle.contracts.get(instance.ordinal as usize).map(|it| std::ptr::from_ref(it.interface()));
            interface == Some(given.interface) && instance.address == Address(given.instance)
        };
        let instance = self.instances.take(given.handle, is_it).map_err(|why| match why {
            NotTaken::Stale => {
                Failure::new(AbiErrorCode::StaleHandle, "this instance was given back before, or never was")
            }
            NotTaken::Mixed => Failure::new(
                AbiErrorCode::InvalidArgument,
                "the handle is of another instance than the interface and the address beside it",
            ),
        })?;
        let Some(teardown) = self.end_instance(instance) else { return Ok(()) };
        match scope.caller {
            Caller::Host => teardown.wait(self),
            // A plugin may be what the end of that bundle waits for.
            Caller::Bundle(_) => {
                self.teardowns.add(teardown);
                Ok(())
            }
        }
    }

    /// Ends an instance that was taken out.
    pub(crate) fn end_instance(&self, instance: Instance) -> Option<Teardown> {
        let Instance { bundle, ordinal, address, .. } = instance;
        if let Some(contract) = bundle.contracts.get(ordinal as usize).filter(|contract| !contract.is_singleton()) {
            // SAFETY: it was made by this contract, and taken out of the table of those that are out, which happens once.
            unsafe { contract.destroy(address) };
        }
        bundle.end()
    }

    /// Ends all that somebody who is gone did not give back.
    pub(crate) fn end_instances(&self, instances: Vec<Instance>) {
        for instance in instances {
            if let Some(teardown) = self.end_instance(instance) {
                self.teardowns.add(teardown);
            }
        }
    }

    /// The same for a bundle that has ended.
    pub(crate) fn end_instances_of(&self, scope: &Scope) {
        self.end_instances(self.instances.take_all_of(Some(scope.place())));
    }
}

fn stale() -> Failure {
    Failure::new(AbiErrorCode::StaleHandle, "the handle's contract was withdrawn; it has to be found anew")
}
