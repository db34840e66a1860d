//! How scripts describe the contracts that they provide: a list of plugins, or one host contract.

use polyplug_abi::AbiErrorCode;
use polyplug_abi::types::Version;

use crate::fault::Fault;
use crate::marshal::Machine;
use crate::naming;
use crate::signature::{Signature, Struct, Type};
use crate::virtual_machine::{ErrorOf, ValueOf, VirtualMachine};

/// How many plugins a bundle may have, and functions a contract.
const MAX_LIST: usize = 4_096;

const OF_CONTRACT: [&str; 7] =
    ["contract", "contract_version", "singleton", "signatures", "create", "destroy", "functions"];
const OF_PLUGIN: [&str; 2] = ["name", "version"];

/// A contract that a script provides.
#[derive(Debug)]
pub struct Description<K> {
    /// Its name, without the major.
    pub contract: String,
    /// Its version.
    pub version: Version,
    /// Whether there is one instance for all.
    pub singleton: bool,
    /// The shapes of the functions.
    pub signatures: Vec<Signature>,
    /// The functions, one for each shape.
    pub functions: Vec<K>,
    /// Makes the object of an instance.
    pub create: Option<K>,
    /// Is told when it is no longer needed.
    pub destroy: Option<K>,
}

/// A plugin of a bundle.
#[derive(Debug)]
pub struct Plugin<K> {
    /// Its name.
    pub name: String,
    /// Its version, if it has one of its own.
    pub version: Option<Version>,
    /// What it provides.
    pub contract: Description<K>,
}

/// The plugins that a script gives back.
///
/// # Errors
///
/// Anything that is no list of plugins; the message says what of which is wrong.
pub fn plugins<V: VirtualMachine>(machine: &V, list: &ValueOf<V>) -> Result<Vec<Plugin<V::Kept>>, Fault> {
    let reader = Reader { machine, known: known(&[&OF_PLUGIN, &OF_CONTRACT]) };
    reader.list(list, "the script's result", "a list of plugins", |place, plugin| {
        let number = format!("plugin {}", place + 1);
        reader.object(plugin, &number)?;
        let name = reader.text(plugin, "name", &number)?;
        let place = format!("plugin `{name}`");
        let version = reader.optional_text(plugin, "version", &place)?;
        let version = version.map(|text| naming::version(&text).map_err(|fault| fault.at(&place))).transpose()?;
        let contract = reader.contract(plugin, &place)?;
        Ok(Plugin { name, version, contract })
    })
}

/// The host contract that a script describes.
///
/// # Errors
///
/// Anything else; the message says what is wrong.
pub fn host_contract<V: VirtualMachine>(machine: &V, value: &ValueOf<V>) -> Result<Description<V::Kept>, Fault> {
    let reader = Reader { machine, known: known(&[&OF_CONTRACT]) };
    reader.object(value, "the contract")?;
    reader.contract(value, "the contract")
}

fn known(keys: &[&[&str]]) -> Struct {
    // Only the names count: they are what may be there.
    Struct::new(keys.concat().into_iter().map(|name| (name.into(), Type::Bool)))
}

struct Reader<'a, V> {
    machine: &'a V,
    known: Struct,
}

impl<V: VirtualMachine> Reader<'_, V> {
    fn contract(&self, value: &ValueOf<V>, place: &str) -> Result<Description<V::Kept>, Fault> {
        let contract = self.text(value, "contract", place)?;
        let place = &format!("{place}, contract `{contract}`");
        if contract.is_empty() || contract.contains('@') {
            return Err(wrong(place, "the contract's name is without `@` and major"));
        }
        let version = self.text(value, "contract_version", place)?;
        let version = naming::version(&version).map_err(|fault| fault.at(place))?;
        let singleton = match self.field(value, "singleton", place)? {
            None => false,
            Some(flag) => {
                let flag = self.values().boolean(&flag);
                flag.ok_or_else(|| wrong(place, "`singleton` is neither true nor false"))?
            }
        };
        let wanted = self.field(value, "signatures", place)?;
        let wanted = wanted.ok_or_else(|| wrong(place, "`signatures` is missing"))?;
        let signatures: Vec<Signature> = self.list(&wanted, place, "a list of signatures", |_, one| {
            let text = self.as_text(one).ok_or_else(|| wrong(place, "a signature is no text"))?;
            text.parse().map_err(|error| wrong(place, &format!("{error}")))
        })?;
        let given = self.field(value, "functions", place)?;
        let given = given.ok_or_else(|| wrong(place, "`functions` is missing"))?;
        let functions = self.list(&given, place, "a list of functions", |number, one| {
            if self.machine.is_function(one) {
                self.machine.keep(one).map_err(|error| self.failed(error, place))
            } else {
                Err(wrong(place, &format!("function {number} is no function")))
            }
        })?;
        if functions.len() != signatures.len() {
            let (functions, signatures) = (functions.len(), signatures.len());
            return Err(wrong(place, &format!("{functions} functions, but {signatures} signatures")));
        }
        let create = self.function(value, "create", place)?;
        let destroy = self.function(value, "destroy", place)?;
        Ok(Description { contract, version, singleton, signatures, functions, create, destroy })
    }

    fn values(&self) -> &V::Values {
        self.machine.values()
    }

    fn failed(&self, error: ErrorOf<V>, place: &str) -> Fault {
        self.machine.fault(error).at(place)
    }

    fn object(&self, value: &ValueOf<V>, place: &str) -> Result<(), Fault> {
        if !self.values().is_object(value) {
            let found = self.values().type_name(value);
            return Err(wrong(place, &format!("{found} where the description of a contract should be")));
        }
        match self.values().field_beside(value, &self.known).map_err(|error| self.failed(error, place))? {
            None => Ok(()),
            Some(name) => {
                let names: Vec<_> = self.known.fields().iter().map(|field| &*field.name).collect();
                Err(wrong(place, &format!("the key `{name}` is none of {}", names.join(", "))))
            }
        }
    }

    fn field(&self, value: &ValueOf<V>, name: &str, place: &str) -> Result<Option<ValueOf<V>>, Fault> {
        self.values().field(value, name).map_err(|error| self.failed(error, place))
    }

    fn as_text(&self, value: &ValueOf<V>) -> Option<String> {
        let copied = self.values().text(value, |bytes| String::from_utf8(bytes.to_vec()).ok());
        copied.ok().flatten().flatten()
    }

    fn optional_text(&self, value: &ValueOf<V>, name: &str, place: &str) -> Result<Option<String>, Fault> {
        let there = self.field(value, name, place)?;
        there.map(|there| self.as_text(&there).ok_or_else(|| wrong(place, &format!("`{name}` is no text")))).transpose()
    }

    fn text(&self, value: &ValueOf<V>, name: &str, place: &str) -> Result<String, Fault> {
        let there = self.optional_text(value, name, place)?;
        there.filter(|text| !text.is_empty()).ok_or_else(|| wrong(place, &format!("`{name}` is missing")))
    }

    fn function(&self, value: &ValueOf<V>, name: &str, place: &str) -> Result<Option<V::Kept>, Fault> {
        match self.field(value, name, place)? {
            None => Ok(None),
            Some(there) if self.machine.is_function(&there) => {
                let kept = self.machine.keep(&there).map_err(|error| self.failed(error, place))?;
                Ok(Some(kept))
            }
            Some(_) => Err(wrong(place, &format!("`{name}` is no function"))),
        }
    }

    fn list<R>(
        &self,
        value: &ValueOf<V>,
        place: &str,
        wanted: &str,
        mut each: impl FnMut(usize, &ValueOf<V>) -> Result<R, Fault>,
    ) -> Result<Vec<R>, Fault> {
        let count = self.values().item_count(value).map_err(|error| self.failed(error, place))?;
        let Some(count) = count else {
            return Err(wrong(place, &format!("{} where {wanted} should be", self.values().type_name(value))));
        };
        if count > MAX_LIST {
            return Err(wrong(place, &format!("{wanted} of {count}; the most are {MAX_LIST}")));
        }
        (0..count)
            .map(|number| {
                let item = self.values().item(value, number).map_err(|error| self.failed(error, place))?;
                each(number, &item)
            })
            .collect()
    }
}

fn wrong(place: &str, what: &str) -> Fault {
    Fault::new(AbiErrorCode::InitFailed, what).at(place)
}
