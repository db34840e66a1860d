//! The matrix of a GitHub workflow: one job a target, each on its own runner.

use serde_json::{Value, json};

use crate::release::Release;

/// `{"include": [{"target": …, "runner": …, "apps": …}]}`, as `strategy.matrix` takes it.
pub fn github_matrix(release: &Release) -> Value {
    let jobs = release.targets.values().map(|target| {
        let apps = release.apps.iter().filter(|app| app.targets.contains(&target.triple));
        json!({
            "target": target.triple,
            "runner": target.ci_runner,
            "backend": target.backend.name(),
            "apps": apps.map(|app| app.name.as_str()).collect::<Vec<_>>().join(","),
        })
    });
    json!({ "include": jobs.collect::<Vec<_>>() })
}
