//! `dev`: build and run an app at the desk. Ordinary cargo in the ordinary
//! target folder, so that it shares everything with `cargo build`; errors as
//! cargo prints them, once; and on change again.

mod choose;
mod settings;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use cargo_metadata::{Message, Package};
use miette::Diagnostic;

use super::watch::Watcher;
use super::{Error, UsageError, read_manifests};
use crate::cli::DevFlags;
use crate::event::Event;
use crate::exit;
use crate::release;
use crate::report::Reporter;
use crate::tool::{Background, Invocation, Launcher, ToolError, signals};
use crate::toolchain::cargo_build::{StderrLine, stderr_line};
use crate::toolchain::cargo_program;
use crate::workspace::{Access, Workspace};
use choose::{Choice, Chosen};
use settings::Settings;

/// `dev` cannot go on.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum DevError {
    /// The folder cannot be watched.
    #[error("cannot watch {}", folder.display())]
    #[diagnostic(help("on Linux the limit of watched folders may be reached: sysctl fs.inotify.max_user_watches"))]
    Watch {
        /// The folder.
        folder: PathBuf,
        /// The system's reason.
        #[source]
        source: notify::Error,
    },
    /// cargo failed; it has said why.
    #[error("the build failed; cargo's own words are above")]
    Build,
}

/// One round of work: what to build, and what to do with it.
struct Desk<'a> {
    workspace: Workspace,
    app: Option<Chosen>,
    /// The one package whose tests run, where one was named.
    tested: Option<String>,
    settings: Settings,
    flags: &'a DevFlags,
    launcher: &'a Launcher,
    reporter: &'a Reporter,
}

/// Builds and runs, once or on every change.
pub(super) fn run(folder: &Path, flags: &DevFlags, dry_run: bool, reporter: &Reporter) -> Result<u8, Error> {
    let launcher = Launcher::guarded();
    signals::watch(&launcher, || {
        let desk = Desk::open(folder, flags, &launcher, reporter)?;
        if dry_run {
            reporter.would(&desk.describe());
            return Ok(exit::DONE);
        }
        if flags.watch { desk.watch(folder) } else { desk.once(folder) }
    })
}

/// A program's own exit code is ours.
fn status_code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return exit::signalled(signal);
    }
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(exit::STEP_FAILED)
}

impl<'a> Desk<'a> {
    fn open(folder: &Path, flags: &'a DevFlags, launcher: &'a Launcher, reporter: &'a Reporter) -> Result<Self, Error> {
        // At the desk cargo may write the lock file, as `cargo build` does.
        let access = Access { locked: false, offline: flags.offline };
        let workspace = Workspace::read(launcher, &cargo_program(), folder, access)?;
        let manifests = read_manifests(&workspace)?;
        let profile = release::profile(&flags.profile, &manifests, &workspace)?;
        let settings = Settings::of(profile, launcher, &workspace)?;
        let choice = Choice { workspace: &workspace, manifests: &manifests };
        let name = flags.package.as_deref();
        let app = if flags.test { None } else { Some(choice.app(name, folder)?) };
        let tested = name.filter(|_| flags.test).map(|name| choice.tested(name)).transpose()?;
        Ok(Self { workspace, app, tested, settings, flags, launcher, reporter })
    }

    /// Builds and runs, or tests, once.
    fn once(&self, folder: &Path) -> Result<u8, Error> {
        if self.flags.test {
            let passed = self.test(&self.members())?;
            return Ok(if passed { exit::DONE } else { exit::STEP_FAILED });
        }
        let Some(program) = self.build(&self.members_for_app())? else { return Err(DevError::Build.into()) };
        self.reporter.end_live();
        Ok(status_code(self.launcher.foreground(&self.program(&program, folder))?))
    }

    fn describe(&self) -> String {
        let packages = if self.flags.test { self.members() } else { self.members_for_app() };
        let verb = if self.flags.test { "test" } else { "build" };
        let mut text = format!("would {verb} with profile {}: {}\n", self.settings.profile.name, packages.join(", "));
        text += &format!("  {}\n", self.cargo(verb, &packages).command_line());
        if let Some(app) = &self.app {
            text += &format!("would run {} {:?}\n", app.binary, self.flags.args);
        }
        if self.flags.watch {
            text += "and again whenever a file changes that git does not ignore\n";
        }
        text
    }

    /// All members, or the one that was named.
    fn members(&self) -> Vec<String> {
        let members = self.workspace.members().into_iter().map(|package| package.name.to_string());
        members.filter(|name| self.tested.as_ref().is_none_or(|wanted| wanted == name)).collect()
    }

    /// The app's package and what it builds on in this workspace, in the order of building.
    fn members_for_app(&self) -> Vec<String> {
        let Some(app) = &self.app else { return self.members() };
        let members = self.workspace.members();
        let package = members.iter().find(|package| package.name.as_str() == app.package);
        package.map_or_else(Vec::new, |package| {
            self.workspace.local_dependencies(&package.id).iter().map(|p| p.name.to_string()).collect()
        })
    }

    fn cargo(&self, verb: &str, packages: &[String]) -> Invocation {
        let mut call = Invocation::new(cargo_program(), format!("{verb} {}", packages.join(", ")))
            .arg(verb)
            .args(["--profile", &self.settings.profile.cargo_profile])
            .args(["--color", if self.reporter.color() { "always" } else { "never" }])
            .env("CARGO_TERM_PROGRESS_WHEN", "always")
            .env("CARGO_TERM_PROGRESS_WIDTH", "100")
            .cwd(&self.workspace.root);
        if self.flags.offline {
            call = call.arg("--offline");
        }
        let members = self.workspace.members();
        let built = |package: &&Package| match &self.app {
            Some(app) => package.name.as_str() == app.package,
            None => packages.iter().any(|name| name == package.name.as_str()),
        };
        call = self.settings.apply(call, members.into_iter().filter(built));
        match (&self.app, verb) {
            (Some(app), "build") => call
                .args(["-p", &app.package, "--bin", &app.binary])
                .args(["--message-format", "json-render-diagnostics"]),
            _ => packages.iter().fold(call, |call, package| call.args(["-p", package])),
        }
    }

    /// Builds; the program's path if that went well. A failed compile is no error of ours: the next change may mend it.
    fn build(&self, packages: &[String]) -> Result<Option<PathBuf>, Error> {
        let mut program = None;
        let outcome = self.launcher.stream(
            &self.cargo("build", packages),
            &mut |line| {
                if let Ok(Message::CompilerArtifact(artifact)) = serde_json::from_str(line) {
                    program = artifact.executable.map(PathBuf::from).or(program.take());
                }
            },
            &mut |line| self.narrate(line),
        );
        match outcome {
            Ok(()) => Ok(program),
            Err(ToolError::Failed { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Runs the tests of these packages; whether they passed.
    fn test(&self, packages: &[String]) -> Result<bool, Error> {
        let call = self.cargo("test", packages);
        let out = &mut |line: &str| self.reporter.result(&format!("{line}\n"));
        match self.launcher.stream(&call, out, &mut |line| self.narrate(line)) {
            Ok(()) => Ok(true),
            Err(ToolError::Failed { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn narrate(&self, line: &str) {
        let step = || "dev".to_owned();
        match stderr_line(line) {
            StderrLine::Progress { done, total, current } => {
                let (targets, current) = (vec!["dev".to_owned()], current.to_owned());
                self.reporter.event(&Event::Units { step: step(), targets, done, total, current });
            }
            StderrLine::Waiting(text) => self.reporter.event(&Event::Note { text }),
            StderrLine::Status => {}
            StderrLine::Diagnostic => {
                self.reporter.event(&Event::ToolOutput { step: step(), line: line.to_owned() });
            }
        }
    }

    fn program(&self, program: &Path, folder: &Path) -> Invocation {
        let name = self.app.as_ref().map_or("the program", |app| &app.binary);
        Invocation::new(program, format!("run {name}")).args(&self.flags.args).cwd(folder)
    }

    /// Builds and runs on every change, until a signal comes.
    fn watch(mut self, folder: &Path) -> Result<u8, Error> {
        let mut watcher = Watcher::new(&self.workspace.root, &self.workspace.target_directory)?;
        let mut packages = if self.flags.test { self.members() } else { self.members_for_app() };
        let mut running: Option<Background<'a>> = None;
        loop {
            self.reporter.say(&format!("building {}", packages.join(" → ")));
            if self.flags.test {
                let passed = self.test(&packages);
                self.after(passed.map(drop))?;
            } else if let Some(program) = self.after(self.build(&packages))?.flatten() {
                self.stop(running.take());
                running = Some(self.launcher.background(&self.program(&program, folder))?);
                self.reporter.say(&format!("running {}", program.display()));
            }
            self.reporter.say("waiting for changes");
            packages = loop {
                let changed = watcher.changed(|| self.launcher.cancelled().is_some());
                if let Some(signal) = self.launcher.cancelled() {
                    self.stop(running.take());
                    return Ok(exit::signalled(signal));
                }
                if changed.iter().any(|path| is_manifest(path)) {
                    // What the workspace consists of may have changed; while it is broken, the old one stands.
                    if let Ok(fresh) = Self::open(folder, self.flags, self.launcher, self.reporter) {
                        self = fresh;
                    }
                }
                let affected = self.affected(&changed);
                if !affected.is_empty() {
                    self.reporter.say(&format!("changed: {}", shown(&changed, &self.workspace.root)));
                    break affected;
                }
            };
        }
    }

    /// A signal while cargo ran is the end of the loop, which asks for it itself.
    fn after<T>(&self, result: Result<T, Error>) -> Result<Option<T>, Error> {
        match result {
            Err(Error::Tool(ToolError::Cancelled { .. })) => Ok(None),
            other => other.map(Some),
        }
    }

    fn stop(&self, running: Option<Background<'a>>) {
        if let Some(Err(error)) = running.map(Background::stop) {
            self.reporter.say(&format!("warning: the program may still be running: {error}"));
        }
    }

    /// The members that a change concerns: those whose files changed, and those that build on them, in the order of building.
    fn affected(&self, changed: &BTreeSet<PathBuf>) -> Vec<String> {
        let members = self.workspace.members();
        let root_manifests = ["Cargo.toml", "Cargo.lock"].map(|name| self.workspace.root.join(name));
        let everything = changed.iter().any(|path| root_manifests.contains(path));
        let touched: BTreeSet<&str> = members
            .iter()
            .filter(|package| {
                everything || changed.iter().any(|path| owner(&members, path) == Some(package.name.as_str()))
            })
            .map(|package| package.name.as_str())
            .collect();
        let considered = if self.flags.test { self.members() } else { self.members_for_app() };
        let depends = |name: &String| {
            let package = members.iter().find(|package| package.name.as_str() == name.as_str());
            package.is_some_and(|package| {
                let locals = match self.flags.test {
                    true => self.workspace.local_test_dependencies(&package.id),
                    false => self.workspace.local_dependencies(&package.id),
                };
                locals.iter().any(|local| touched.contains(local.name.as_str()))
            })
        };
        let affected: BTreeSet<String> = considered.into_iter().filter(depends).collect();
        in_building_order(&self.workspace, &affected)
    }
}

fn in_building_order(workspace: &Workspace, wanted: &BTreeSet<String>) -> Vec<String> {
    let mut order = Vec::new();
    for package in workspace.members() {
        for local in workspace.local_dependencies(&package.id) {
            let name = local.name.to_string();
            if wanted.contains(&name) && !order.contains(&name) {
                order.push(name);
            }
        }
    }
    order
}

/// The member in whose folder a file lies, the innermost one.
fn owner<'p>(members: &[&'p Package], path: &Path) -> Option<&'p str> {
    let folder = |package: &Package| package.manifest_path.parent().map(|folder| folder.as_std_path().to_owned());
    members
        .iter()
        .filter(|package| folder(package).is_some_and(|folder| path.starts_with(folder)))
        .max_by_key(|package| package.manifest_path.as_str().len())
        .map(|package| package.name.as_str())
}

fn is_manifest(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "toml" || extension == "lock")
}

fn shown(changed: &BTreeSet<PathBuf>, root: &Path) -> String {
    let mut names = changed.iter().map(|path| path.strip_prefix(root).unwrap_or(path).display().to_string());
    let first: Vec<String> = names.by_ref().take(3).collect();
    match names.count() {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}
