//! The JSON Schema of the manifests, for editors, from the types that read them.
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::package::PackageManifest;
use super::profile::ProfileManifest;
use super::target::TargetManifest;

/// One JSON Schema (draft 2020-12) for all manifests. An editor takes its
/// `#/$defs/profile-manifest`, `target-manifest` or `package-manifest`.
pub fn schema() -> Value {
    let mut generator = SchemaGenerator::new(SchemaSettings::draft2020_12());
    let manifests = [
        generator.subschema_for::<ProfileManifest>(),
        generator.subschema_for::<TargetManifest>(),
        generator.subschema_for::<PackageManifest>(),
    ];
    let definitions = generator.take_definitions(true);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "build-tool manifests",
        "anyOf": manifests,
        "$defs": definitions,
    })
}
