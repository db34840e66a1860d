//! The one place where what this core cannot do itself is handed on: to a JavaScript engine, to a package manager.
//! A crate or a bundle that can do it registers a [`Provider`]; nothing else changes.

use std::ffi::{OsStr, OsString};
use std::fmt::{self, Debug};
use std::path::Path;

use miette::Diagnostic;

use crate::cli::{
    AddOptions, BuildOptions, EngineOptions, InstallOptions, RemoveOptions, ReplOptions, TestOptions, UpdateOptions,
};
use crate::context::Context;
use crate::error::Result;
use crate::exit::{self, Ending};

/// What has to be provided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Whatever runs, tests or bundles JavaScript.
    Engine,
    /// Whatever fetches packages and writes lockfiles.
    PackageManager,
    /// Whatever finds bundles of plugins.
    Plugins,
}

/// What is to be done.
#[derive(Clone, Copy, Debug)]
pub enum Task<'a> {
    /// Run a JavaScript or TypeScript file.
    RunFile {
        /// The file; it is there.
        file: &'a Path,
        /// What it gets.
        args: &'a [OsString],
        /// How it is run.
        options: &'a EngineOptions,
    },
    /// `build`
    Build(&'a BuildOptions),
    /// `test`
    Test(&'a TestOptions),
    /// `repl`, `-e` and `-p`
    Repl(&'a ReplOptions),
    /// `install`
    Install(&'a InstallOptions),
    /// `add`
    Add(&'a AddOptions),
    /// `remove`
    Remove(&'a RemoveOptions),
    /// `update`
    Update(&'a UpdateOptions),
    /// `bunx` of what is neither installed nor linked: fetch it and run its command.
    RunPackage {
        /// The package, perhaps with `@` and a range.
        package: &'a str,
        /// Its command.
        command: &'a OsStr,
        /// What that gets.
        args: &'a [OsString],
    },
    /// `pm bundles`
    ListBundles {
        /// As JSON.
        json: bool,
    },
}

/// Somebody who can do some of it.
pub trait Provider: Debug + Send + Sync {
    /// A name for messages.
    fn name(&self) -> &str;
    /// Whether it does tasks of this kind: all of them, since it is asked before the task is looked at.
    fn takes(&self, need: Need) -> bool;
    /// Does it.
    ///
    /// # Errors
    ///
    /// Whatever goes wrong; [`JSError`](crate::error::JSError) for what a script did.
    fn perform(&self, context: &Context, task: Task<'_>) -> Result<Ending>;
}

/// Providers, in the order in which they are asked.
#[derive(Debug, Default)]
pub struct Providers(Vec<Box<dyn Provider>>);

/// Nobody provides what a command needs.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{task} needs {need}, and none is installed")]
#[diagnostic(help("{remedy}"))]
pub struct NoProvider {
    /// What could not be done, as in `running app.ts`.
    pub task: String,
    /// What it needs.
    pub need: Need,
    /// What the user can do about it.
    pub remedy: String,
}

/// A provider is there, and something keeps it from doing what is asked.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum ProviderError {
    /// It does everything but this.
    #[error("{task}: {provider} does not support {what}")]
    #[diagnostic(help("{remedy}"))]
    Unsupported {
        /// What could not be done.
        task: String,
        /// Who could not.
        provider: String,
        /// What it cannot.
        what: String,
        /// What the user can do about it.
        remedy: String,
    },
    /// It cannot be brought to life.
    #[error("{task}: {provider} cannot be loaded: {why}")]
    #[diagnostic(help("`rust-bun pm bundles` lists the bundles and what is wrong with them"))]
    Unloadable {
        /// What could not be done.
        task: String,
        /// Who could not.
        provider: String,
        /// Why.
        why: String,
    },
    /// It did not even begin.
    #[error("{task}: {why}")]
    Failed {
        /// What could not be done.
        task: String,
        /// Why.
        why: String,
    },
    /// A value cannot be meant.
    #[error("{what} cannot be {value:?}")]
    #[diagnostic(help("{wanted}"))]
    Value {
        /// Which.
        what: String,
        /// The value.
        value: String,
        /// What would be right.
        wanted: String,
    },
}

impl ProviderError {
    /// The exit code for it.
    #[must_use]
    pub fn exit_code(&self) -> i32 {
        match self {
            Self::Unsupported { .. } => exit::NOT_FOUND,
            Self::Unloadable { .. } => exit::NOT_EXECUTABLE,
            Self::Failed { .. } => exit::FAILURE,
            Self::Value { .. } => exit::USAGE,
        }
    }
}

impl NoProvider {
    /// For this task, with what can always be said. Whoever looked for a provider knows more, and says it in
    /// [`remedy`](Self::remedy).
    #[must_use]
    pub fn of(task: &Task<'_>) -> Self {
        let need = task.need();
        Self { task: task.to_string(), need, remedy: need.remedy().to_owned() }
    }
}

impl Providers {
    /// Nobody: every task ends with [`NoProvider`].
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds one, to be asked after those that are there.
    pub fn register(&mut self, provider: Box<dyn Provider>) {
        log::debug!("provider: {}", provider.name());
        self.0.push(provider);
    }

    /// Lets the first provider that takes it do the task.
    ///
    /// # Errors
    ///
    /// [`NoProvider`] where there is none; otherwise what the provider gives.
    pub fn perform(&self, context: &Context, task: Task<'_>) -> Result<Ending> {
        let need = task.need();
        let Some(provider) = self.0.iter().find(|provider| provider.takes(need)) else {
            return Err(NoProvider::of(&task).into());
        };
        log::debug!("{task}: by {}", provider.name());
        provider.perform(context, task)
    }
}

impl Task<'_> {
    /// What it takes.
    #[must_use]
    pub fn need(&self) -> Need {
        match self {
            Self::RunFile { .. } | Self::Build(_) | Self::Test(_) | Self::Repl(_) => Need::Engine,
            Self::Install(_) | Self::Add(_) | Self::Remove(_) | Self::Update(_) | Self::RunPackage { .. } => {
                Need::PackageManager
            }
            Self::ListBundles { .. } => Need::Plugins,
        }
    }
}

/// As the beginning of a sentence.
impl fmt::Display for Task<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RunFile { file, .. } => write!(f, "running {}", file.display()),
            Self::Build(_) => f.write_str("`build`"),
            Self::Test(_) => f.write_str("`test`"),
            Self::Repl(options) if options.eval.is_some() || options.print.is_some() => f.write_str("running code"),
            Self::Repl(_) => f.write_str("`repl`"),
            Self::Install(_) => f.write_str("`install`"),
            Self::Add(_) => f.write_str("`add`"),
            Self::Remove(_) => f.write_str("`remove`"),
            Self::Update(_) => f.write_str("`update`"),
            Self::RunPackage { package, .. } => write!(f, "fetching {package}"),
            Self::ListBundles { .. } => f.write_str("`pm bundles`"),
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Engine => "a JavaScript engine",
            Self::PackageManager => "a package manager",
            Self::Plugins => "support for plugins",
        })
    }
}

impl Need {
    fn remedy(self) -> &'static str {
        match self {
            Self::Engine => {
                "rust-bun has none of its own: it comes as a bundle that provides runtime.Engine@1, and `rust-bun pm bundles` \
                 lists those that there are. Scripts of package.json, commands and files with a #! line run without it"
            }
            Self::PackageManager => {
                "this version of rust-bun fetches no packages itself; let another package manager fill node_modules: \
                 `run`, `bunx` and `pm` work with what is there, and `link` takes packages from this machine"
            }
            Self::Plugins => "this build of rust-bun has none; the released one has",
        }
    }
}
