//! Gives each profile what it inherits. The child wins; lists are replaced as a
//! whole, `env` and `[target.*]` are joined key by key.
use std::collections::{BTreeMap, BTreeSet};

use located::nearest;

use super::error::ManifestError;
use super::kind::ErrorKind;
use super::load::{Loaded, Profiles};
use super::profile::ProfileManifest;
use super::reader::Table;

/// Resolves `inherits` among `own`. `broken` names the profiles that are there
/// but could not be read: to inherit from them is no second error.
pub(crate) fn resolve(
    own: BTreeMap<String, Loaded<ProfileManifest>>,
    broken: &[String],
    errors: &mut Vec<ManifestError>,
) -> Profiles {
    let mut in_reported_cycle = BTreeSet::new();
    let mut resolved = Profiles::new();
    for (name, child) in &own {
        let mut loaded = child.clone();
        let mut chain = vec![name.as_str()];
        let mut last = child;
        while let Some(parent) = &last.manifest.inherits {
            let Some((parent_name, found)) = own.get_key_value(parent.as_str()) else {
                // Only the profile that says it reports it, not those that inherit from that one.
                if chain.len() == 1 && !broken.iter().any(|broken| *broken == **parent) {
                    let known = own.keys().chain(broken).cloned().collect::<Vec<_>>();
                    let nearest = nearest(parent, known.iter().map(String::as_str));
                    let kind = ErrorKind::UnknownParent {
                        parent: parent.to_string(),
                        nearest: nearest.map(str::to_owned),
                        known: known.iter().filter(|known| *known != name).cloned().collect(),
                    };
                    errors.push(ManifestError::new(kind, parent.place().clone()));
                }
                break;
            };
            if let Some(start) = chain.iter().position(|seen| seen == parent_name) {
                let circle = &chain[start..];
                if circle.iter().all(|member| in_reported_cycle.insert(*member)) {
                    let names = circle.iter().copied().chain([parent_name.as_str()]);
                    let kind = ErrorKind::Cycle { chain: names.map(str::to_owned).collect() };
                    errors.push(ManifestError::new(kind, parent.place().clone()));
                }
                break;
            }
            loaded.manifest.inherit(&found.manifest);
            loaded.unset.extend(found.unset.iter().cloned());
            chain.push(parent_name);
            last = found;
        }
        // The chain has been followed: what stays is the name that this file says.
        loaded.manifest.inherits.clone_from(&child.manifest.inherits);
        resolved.insert(name.clone(), loaded);
    }
    resolved
}

/// Removes repetitions: a parent's error comes with each of its children.
pub(crate) fn once_per_place(errors: &mut Vec<ManifestError>) {
    let mut seen = BTreeSet::new();
    errors.retain(|error| {
        let place = error.place().map(|place| {
            let span = place.span();
            (place.source().path().to_owned(), span.start, span.end)
        });
        seen.insert((place, error.to_string()))
    });
}
