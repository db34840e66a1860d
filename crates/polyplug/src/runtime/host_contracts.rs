//! Contracts that the host provides. They stay as long as the runtime.

use std::ptr;
use std::sync::Arc;

use polyplug_abi::{AbiErrorCode, HostContractInterface, identity};

use super::contract_slots::{self, Tenant};
use super::core::Core;
use super::pin::READERS;
use super::registry::HostContract;
use super::view::Provider;
use crate::error::Failure;
use crate::host_contract::Owner;

impl Core {
    /// Adds a contract, whose interface was checked but for its id.
    pub(crate) fn add_host_contract(
        &self,
        name: &str,
        interface: HostContractInterface,
        owner: Owner,
    ) -> Result<(), Failure> {
        let reference = format!("{name}@{}", interface.version.major);
        let id = identity::host_contract_id(name, interface.version.major);
        if interface.contract_id != id {
            return Err(Failure::new(
                AbiErrorCode::InvalidArgument,
                format!(
                    "the host contract `{reference}` has the id {id:#018x}; the interface says {:#018x}",
                    interface.contract_id
                ),
            ));
        }
        let interface = Arc::new(interface);
        let mut registry = self.registry();
        registry.check_open()?;
        registry
            .check_name("contracts", id, &reference)
            .map_err(|error| Failure::new(AbiErrorCode::ContractIdCollision, error.to_string()))?;
        if registry.hosts.contains_key(&id) {
            let message = format!("the host contract `{reference}` was registered before");
            return Err(Failure::new(AbiErrorCode::AlreadyRegistered, message));
        }
        let tenant = Tenant {
            runtime: self.id,
            contract_id: id,
            interface: Arc::as_ptr(&interface),
            bundle: ptr::null(),
            provider: 0,
            ordinal: 0,
        };
        let handle = contract_slots::occupy(tenant)
            .ok_or_else(|| Failure::new(AbiErrorCode::OutOfMemory, "there are too many contracts in this process"))?;
        let provider = Provider { handle, version: interface.version, bundle: 0 };
        let replaced = self.change_view(|view| view.add_host(id, provider));
        registry.keep_name(id, reference);
        registry.hosts.insert(id, HostContract { handle, interface, _owner: owner });
        drop(registry);
        replaced.end(&READERS);
        self.raise_revision();
        Ok(())
    }
}
