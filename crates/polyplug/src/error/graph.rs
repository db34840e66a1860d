//! Bundles that do not fit together: what is missing, there twice, waits for itself or is too old.

use std::fmt::Write as _;
use std::path::PathBuf;

use polyplug_abi::types::Version;
use polyplug_abi::{AbiErrorCode, DependencyKind};

use super::quoted;

/// Why bundles cannot be put in an order. Whatever is there of a kind is told at once.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GraphError {
    /// Bundles that have one name.
    #[error("{}", lines(duplicates))]
    DuplicateBundle {
        /// All of them, by name.
        duplicates: Vec<DuplicateBundle>,
    },
    /// Two names have one hash.
    #[error("{what} `{first}` and `{second}` have the same id {id:#018x}; one of them needs another name")]
    ContractIdCollision {
        /// What they are.
        what: &'static str,
        /// A name.
        first: String,
        /// Another.
        second: String,
        /// Their hash.
        id: u64,
    },
    /// Contracts that more than one bundle provides, though not all of these allow for others.
    #[error("{}", lines(duplicates))]
    DuplicateProvider {
        /// All of them, by their first provider.
        duplicates: Vec<DuplicateProvider>,
    },
    /// Dependencies that nobody provides.
    #[error("{}", lines(missing))]
    MissingCapability {
        /// All of them, by dependent.
        missing: Vec<MissingCapability>,
    },
    /// Bundles that wait for each other.
    #[error("{}", cycle(participants))]
    Cycle {
        /// Each depends on the next, and the last on the first, which is the first by name.
        participants: Vec<CycleStep>,
    },
}

/// Several bundles of one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuplicateBundle {
    /// The name.
    pub name: String,
    /// Their folders, in the order in which they were found.
    pub folders: Vec<PathBuf>,
}

/// A contract with several providers, which it may not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuplicateProvider {
    /// The contract, as in `x.Y@1`.
    pub contract: String,
    /// Its providers by name.
    pub bundles: Vec<String>,
    /// Those of them whose manifest does not list it in `multiple`.
    pub exclusive: Vec<String>,
}

/// A dependency that nobody provides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingCapability {
    /// The bundle that depends on it.
    pub dependent: String,
    /// Of a bundle or of the host.
    pub kind: DependencyKind,
    /// The contract, as in `x.Y@1`.
    pub contract: String,
    /// The bundle that has to provide it, if the manifest names one.
    pub bundle: Option<String>,
    /// What there is instead, in words; empty if there is nothing like it.
    pub similar: Vec<String>,
}

/// One of the participants of a cycle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CycleStep {
    /// The bundle.
    pub bundle: String,
    /// The contract that it depends on, of the next.
    pub contract: String,
}

impl GraphError {
    /// The code for it at the boundary.
    #[must_use]
    pub fn code(&self) -> u32 {
        match self {
            Self::DuplicateBundle { .. } => AbiErrorCode::DuplicateBundle,
            Self::ContractIdCollision { .. } => AbiErrorCode::ContractIdCollision,
            Self::DuplicateProvider { .. } => AbiErrorCode::DuplicateProvider,
            Self::MissingCapability { .. } => AbiErrorCode::MissingCapability,
            Self::Cycle { .. } => AbiErrorCode::DependencyCycle,
        }
        .as_u32()
    }
}

/// Dependencies whose providers are too old.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", lines(too_old))]
pub struct VersionError {
    /// All of them, by dependent.
    pub too_old: Vec<TooOld>,
}

impl VersionError {
    /// The code for it at the boundary.
    #[must_use]
    pub fn code(&self) -> u32 {
        AbiErrorCode::VersionMismatch.as_u32()
    }
}

/// A dependency whose provider is too old.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooOld {
    /// The bundle that depends on it.
    pub dependent: String,
    /// Of a bundle or of the host.
    pub kind: DependencyKind,
    /// The contract's name.
    pub contract: String,
    /// The least version that would do.
    pub required: Version,
    /// Who provides it, and in which version; `host` for a contract of the host. The newest first.
    pub found: Vec<(String, Version)>,
}

impl std::fmt::Display for TooOld {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { dependent, contract, required, .. } = self;
        let kind = kind_of(self.kind);
        write!(
            f,
            "bundle `{dependent}` needs {kind} `{contract}` of at least version {}.{}",
            required.major, required.minor
        )?;
        for (index, (provider, version)) in self.found.iter().enumerate() {
            let link = if index == 0 { "; there is " } else { ", " };
            match self.kind {
                DependencyKind::GuestContract => write!(f, "{link}{version} of `{provider}`")?,
                DependencyKind::HostContract => write!(f, "{link}{version} of the host")?,
            }
        }
        Ok(())
    }
}

impl std::fmt::Display for DuplicateBundle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let folders: Vec<String> = self.folders.iter().map(|folder| folder.display().to_string()).collect();
        write!(
            f,
            "there are {} bundles with the name `{}`; keep one of {}",
            folders.len(),
            self.name,
            folders.join(", ")
        )
    }
}

impl std::fmt::Display for DuplicateProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let verb = if self.exclusive.len() == 1 { "does" } else { "do" };
        write!(
            f,
            "the contract `{}` is provided by {}; that is allowed if all of them list it in `multiple`, which {} {verb} not",
            self.contract,
            quoted(&self.bundles),
            quoted(&self.exclusive),
        )
    }
}

impl std::fmt::Display for MissingCapability {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { dependent, contract, bundle, similar, .. } = self;
        write!(f, "bundle `{dependent}` needs {} `{contract}`", kind_of(self.kind))?;
        match (self.kind, bundle) {
            (DependencyKind::GuestContract, None) => write!(f, ", which no bundle provides")?,
            (DependencyKind::GuestContract, Some(bundle)) => {
                write!(f, " of bundle `{bundle}`, but no bundle of that name provides it")?
            }
            (DependencyKind::HostContract, _) => write!(f, ", which this host does not provide")?,
        }
        if !similar.is_empty() {
            write!(f, "; there is {}", similar.join(", "))?;
        }
        Ok(())
    }
}

/// What a contract is called in messages.
fn kind_of(kind: DependencyKind) -> &'static str {
    match kind {
        DependencyKind::GuestContract => "the contract",
        DependencyKind::HostContract => "the host contract",
    }
}

/// One a line.
fn lines<T: std::fmt::Display>(items: &[T]) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join("\n")
}

fn cycle(participants: &[CycleStep]) -> String {
    let mut text = match participants {
        [one] => {
            return format!(
                "bundle `{}` depends on itself: it needs `{}`, which it provides",
                one.bundle, one.contract
            );
        }
        several => format!("{} bundles depend on each other in a circle:", several.len()),
    };
    let next = participants.iter().skip(1).chain(participants.first());
    for (step, next) in participants.iter().zip(next) {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n`{}` needs `{}` of `{}`", step.bundle, step.contract, next.bundle);
    }
    text
}
