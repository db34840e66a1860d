//! What `find` reads: who provides which contract, as one value that is replaced as a whole.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::slice;
use std::sync::Arc;

use polyplug_abi::types::Version;

use super::contract_slots::Handle;

/// All contracts that can be found.
#[derive(Clone, Debug, Default)]
pub(crate) struct View {
    /// Of bundles.
    guests: ById<Providers>,
    /// Of the host.
    hosts: ById<Provider>,
}

/// Somebody who provides a contract.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Provider {
    pub(crate) handle: Handle,
    pub(crate) version: Version,
    /// The bundle's id; 0 for the host.
    pub(crate) bundle: u64,
}

/// Those of one contract: as a rule there is one, and then nothing is allocated or counted.
#[derive(Clone, Debug)]
enum Providers {
    One(Provider),
    /// Never empty.
    Several(Arc<[Provider]>),
}

type ById<T> = HashMap<u64, T, BuildHasherDefault<Id>>;

/// Ids are hashes already.
#[derive(Clone, Copy, Debug, Default)]
struct Id(u64);

impl Hasher for Id {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, id: u64) {
        self.0 = id;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl View {
    /// Who provides a contract, in load order.
    #[inline]
    pub(crate) fn guests(&self, contract_id: u64) -> &[Provider] {
        match self.guests.get(&contract_id) {
            None => &[],
            Some(Providers::One(provider)) => slice::from_ref(provider),
            Some(Providers::Several(providers)) => providers,
        }
    }

    /// What the host provides.
    pub(crate) fn host(&self, contract_id: u64) -> Option<&Provider> {
        self.hosts.get(&contract_id)
    }

    /// Adds a provider behind those that are there.
    pub(crate) fn add_guest(&mut self, contract_id: u64, provider: Provider) {
        self.change(contract_id, |providers| providers.push(provider));
    }

    /// Removes a provider.
    pub(crate) fn remove_guest(&mut self, contract_id: u64, handle: Handle) {
        self.change(contract_id, |providers| providers.retain(|provider| provider.handle != handle));
    }

    /// Puts a provider where another was.
    pub(crate) fn replace_guest(&mut self, contract_id: u64, old: Handle, new: Provider) {
        self.change(contract_id, |providers| {
            for provider in providers.iter_mut().filter(|provider| provider.handle == old) {
                *provider = new;
            }
        });
    }

    /// Adds a contract of the host.
    pub(crate) fn add_host(&mut self, contract_id: u64, provider: Provider) {
        self.hosts.insert(contract_id, provider);
    }

    fn change(&mut self, contract_id: u64, change: impl FnOnce(&mut Vec<Provider>)) {
        let mut providers = self.guests(contract_id).to_vec();
        change(&mut providers);
        match *providers {
            [] => self.guests.remove(&contract_id),
            [one] => self.guests.insert(contract_id, Providers::One(one)),
            _ => self.guests.insert(contract_id, Providers::Several(providers.into())),
        };
    }
}

/// Whether a version does where `required` (packed; 0 for any) is asked for: the same major, and at least the minor.
#[inline]
pub(crate) fn does(provided: Version, required: u32) -> bool {
    let required = if required == 0 { return true } else { Version::from_packed(required) };
    provided.major == required.major && provided.minor >= required.minor
}
