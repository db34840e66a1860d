//! The instances that are out: each is a use of its bundle, and is given back once.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use polyplug_abi::InstanceHandle;

use super::bundle::{Address, BundleUse};

/// So many other places become free before one is used again.
const REST: usize = 64;

/// All instances of a runtime.
#[derive(Debug, Default)]
pub(crate) struct Instances(Mutex<Table>);

#[derive(Debug, Default)]
struct Table {
    places: Vec<Place>,
    free: VecDeque<u32>,
}

#[derive(Debug, Default)]
struct Place {
    /// Odd while there is a tenant.
    generation: u32,
    tenant: Option<Instance>,
}

/// An instance that is out.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) bundle: BundleUse,
    /// Which of the bundle's contracts it is of.
    pub(crate) ordinal: u32,
    pub(crate) address: Address,
    /// The table of whoever asked for it.
    pub(crate) owner: u32,
}

/// Why an instance is not given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotTaken {
    /// It was given back before, or never was.
    Stale,
    /// The handle is one instance's, the rest is not.
    Mixed,
}

impl Instances {
    /// Takes it down. `None` if there are four billion.
    pub(crate) fn add(&self, instance: Instance) -> Result<InstanceHandle, Instance> {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let index = if table.free.len() > REST { table.free.pop_front() } else { None };
        let index = match index {
            Some(index) => index,
            None => {
                let Ok(index) = u32::try_from(table.places.len()) else { return Err(instance) };
                table.places.push(Place::default());
                index
            }
        };
        let place = &mut table.places[index as usize];
        place.generation += 1;
        place.tenant = Some(instance);
        Ok(InstanceHandle { index, generation: place.generation })
    }

    /// Takes an instance out, if `is_it` finds that it is the one that is meant.
    pub(crate) fn take(
        &self,
        handle: InstanceHandle,
        is_it: impl FnOnce(&Instance) -> bool,
    ) -> Result<Instance, NotTaken> {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = table.places.get_mut(handle.index as usize).ok_or(NotTaken::Stale)?;
        if place.generation != handle.generation {
            return Err(NotTaken::Stale);
        }
        match &place.tenant {
            None => return Err(NotTaken::Stale),
            Some(instance) if !is_it(instance) => return Err(NotTaken::Mixed),
            Some(_) => {}
        }
        table.vacate(handle.index).ok_or(NotTaken::Stale)
    }

    /// Takes all instances out that somebody has asked for; `None` for everybody.
    pub(crate) fn take_all_of(&self, owner: Option<u32>) -> Vec<Instance> {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let theirs: Vec<u32> = (0..)
            .zip(&table.places)
            .filter(|(_, place)| {
                place.tenant.as_ref().is_some_and(|instance| owner.is_none_or(|owner| instance.owner == owner))
            })
            .map(|(index, _)| index)
            .collect();
        theirs.into_iter().filter_map(|index| table.vacate(index)).collect()
    }
}

impl Table {
    fn vacate(&mut self, index: u32) -> Option<Instance> {
        let place = self.places.get_mut(index as usize)?;
        let instance = place.tenant.take()?;
        place.generation += 1;
        // A place whose numbers are used up rests for ever.
        if place.generation < u32::MAX - 1 {
            self.free.push_back(index);
        }
        Some(instance)
    }
}
