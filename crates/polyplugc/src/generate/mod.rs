//! What is generated: for a host from an API, for a guest from a bundle; the same input gives the same bytes.

mod c;
mod cpp;
mod javascript;
mod lua;
mod rust;
mod text;

use crate::bundle::{Bundle, manifest};
use crate::model::{Api, Contract};
use polyplug_abi::DependencyKind;
use polyplug_abi::types::Version;

/// A language that code is generated for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Rust, with the crate polyplug-bindings.
    Rust,
    /// C99, with polyplug.h and its companions.
    C,
    /// C++11, with polyplug.hpp.
    Cpp,
    /// Lua 5.4, as the Lua loader runs it.
    Lua,
    /// JavaScript modules, as the JavaScript loader runs them.
    JavaScript,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Rust, Self::C, Self::Cpp, Self::Lua, Self::JavaScript];
}

/// For whom code is generated.
#[derive(Clone, Copy, Debug)]
pub enum Side<'a> {
    /// A host: calls what guests provide, provides what hosts do.
    Host(&'a Api),
    /// A bundle: provides what it implements, calls what it depends on.
    Guest(&'a Bundle),
}

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// Its name, without a folder.
    pub name: &'static str,
    /// What is in it.
    pub text: String,
}

/// The files of one side in one language.
pub fn generate(side: Side<'_>, language: Language) -> Vec<OutputFile> {
    let (host, guest, text) = match language {
        Language::Rust => ("host.rs", "guest.rs", rust::generate(side)),
        Language::C => ("host.h", "guest.h", c::generate(side)),
        Language::Cpp => ("host.hpp", "guest.hpp", cpp::generate(side)),
        Language::Lua => ("host.lua", "guest.lua", lua::generate(side)),
        Language::JavaScript => ("host.js", "guest.js", javascript::generate(side)),
    };
    match side {
        Side::Host(_) => vec![OutputFile { name: host, text }],
        Side::Guest(bundle) => {
            let manifest = OutputFile { name: "manifest.toml", text: manifest(bundle) };
            vec![OutputFile { name: guest, text }, manifest]
        }
    }
}

/// A contract that the generated code calls.
#[derive(Clone, Copy)]
struct Called<'a> {
    contract: &'a Contract,
    kind: DependencyKind,
    /// The least version.
    least: Version,
}

/// A contract that the generated code provides.
#[derive(Clone, Copy)]
struct Provided<'a> {
    contract: &'a Contract,
    /// The plugin, by its place in the bundle; none for hosts.
    plugin: Option<usize>,
}

impl<'a> Side<'a> {
    fn api(self) -> &'a Api {
        match self {
            Side::Host(api) => api,
            Side::Guest(bundle) => &bundle.api,
        }
    }

    fn called(self) -> Vec<Called<'a>> {
        match self {
            Side::Host(api) => {
                let called = |contract: &'a Contract| {
                    let least = Version::new(contract.version.major, contract.version.minor, 0);
                    Called { contract, kind: DependencyKind::GuestContract, least }
                };
                api.guest_contracts.iter().map(called).collect()
            }
            Side::Guest(bundle) => {
                let called = bundle.dependencies.iter().map(|dependency| Called {
                    contract: bundle.contract_of(dependency),
                    kind: dependency.kind,
                    least: dependency.min_version,
                });
                called.collect()
            }
        }
    }

    fn provided(self) -> Vec<Provided<'a>> {
        match self {
            Side::Host(api) => api.host_contracts.iter().map(|contract| Provided { contract, plugin: None }).collect(),
            Side::Guest(bundle) => {
                let of_plugin = |(place, plugin): (usize, &'a crate::bundle::Plugin)| {
                    plugin.implements.iter().map(move |index| Provided {
                        contract: &bundle.api.guest_contracts[*index],
                        plugin: Some(place),
                    })
                };
                bundle.plugins.iter().enumerate().flat_map(of_plugin).collect()
            }
        }
    }

    /// What the header comment says that the file is.
    fn about(self) -> String {
        match self {
            Side::Host(_) => {
                "What a host has of the API: types, callers of guest contracts, host contracts.".to_owned()
            }
            Side::Guest(bundle) => {
                format!("What the bundle `{}` has of its API: types, its contracts, callers.", bundle.name)
            }
        }
    }
}
