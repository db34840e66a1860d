//! Hits and misses of sccache, for the summary and the report.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::tool::{Invocation, Launcher};

/// How often the cache could help.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct CacheCounts {
    /// Compiles that were found.
    pub hits: u64,
    /// Compiles that were not.
    pub misses: u64,
}

impl CacheCounts {
    /// What came since `before`.
    pub fn since(self, before: Self) -> Self {
        Self { hits: self.hits.saturating_sub(before.hits), misses: self.misses.saturating_sub(before.misses) }
    }
}

#[derive(Deserialize)]
struct Answer {
    stats: Stats,
}

#[derive(Deserialize)]
struct Stats {
    cache_hits: Counts,
    cache_misses: Counts,
}

#[derive(Deserialize)]
struct Counts {
    counts: std::collections::BTreeMap<String, u64>,
}

/// The server's counts since its start; `None` where it does not answer as documented.
pub fn counts(launcher: &Launcher, sccache: &Path) -> Option<CacheCounts> {
    let ask = Invocation::new(sccache, "ask sccache for its counts").args(["--show-stats", "--stats-format", "json"]);
    let answer: Answer = serde_json::from_slice(&launcher.read(&ask).ok()?).ok()?;
    Some(CacheCounts {
        hits: answer.stats.cache_hits.counts.values().sum(),
        misses: answer.stats.cache_misses.counts.values().sum(),
    })
}
