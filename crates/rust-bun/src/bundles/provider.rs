//! `pm bundles`, and what to say where no bundle provides something.

use core_runtime::context::Context;
use core_runtime::error::Result;
use core_runtime::exit::{self, Ending};
use core_runtime::providers::{Need, NoProvider, Provider, Task};

use super::{Listing, list};

/// Lists bundles.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bundles;

impl Provider for Bundles {
    fn name(&self) -> &str {
        "bundles"
    }

    fn takes(&self, need: Need) -> bool {
        need == Need::Plugins
    }

    fn perform(&self, context: &Context, task: Task<'_>) -> Result<Ending> {
        let Task::ListBundles { json } = task else { return Err(NoProvider::of(&task).into()) };
        let listing = list(context);
        if json {
            let text = serde_json::to_string_pretty(&listing.json()).map_err(std::io::Error::other)?;
            context.report.result(text)?;
        } else {
            context.report.result(listing.tree())?;
        }
        // So that scripts can ask.
        Ok(if listing.is_flawed() { Ending::Code(exit::FAILURE) } else { Ending::SUCCESS })
    }
}

impl Listing {
    /// The error for a task that no bundle was found for.
    #[must_use]
    pub fn no_provider(&self, task: &Task<'_>, contract: &str) -> NoProvider {
        NoProvider { remedy: self.remedy(contract), ..NoProvider::of(task) }
    }

    fn remedy(&self, contract: &str) -> String {
        let mut text = format!("no bundle provides {contract}; looked in");
        for searched in &self.searched {
            let absent = if searched.is_there { "" } else { ", not there" };
            text.push_str(&format!("\n  {} ({}{absent})", searched.folder.path.display(), searched.folder.origin));
        }
        let broken = self.bundles().filter(|bundle| bundle.manifest.is_err()).count();
        if broken > 0 {
            text.push_str(&format!("\n{broken} of the bundles there cannot be used: `rust-bun pm bundles` says why"));
        }
        text.push_str(&format!(
            "\na bundle is a folder with a manifest.toml: put one into any of these folders, or name the folder that it is in \
             in {}. Scripts of package.json, commands and files with a #! line run without one",
            super::VARIABLE
        ));
        text
    }
}
