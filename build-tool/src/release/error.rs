//! What can be wrong with a release before anything runs. Collected, shown at
//! its place in a manifest where it has one.

use std::path::PathBuf;

use located::LocatedError;
use miette::Diagnostic;

use crate::manifest::package::FileKind;
use crate::manifest::target::Installer;

/// One thing that is wrong; the fields are what the message names.
#[allow(missing_docs, reason = "each field is named for its part of the message above it")]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Diagnostic)]
pub enum Problem {
    /// A profile that neither `profiles/` nor cargo knows.
    #[error("there is no profile `{name}`")]
    #[diagnostic(help("{}profiles: {}; a new one is a file profiles/{name}.toml", did_you_mean(nearest), known.join(", ")))]
    UnknownProfile { name: String, nearest: Option<String>, known: Vec<String> },
    /// A Cargo profile that `Cargo.toml` does not define.
    #[error("Cargo.toml has no [profile.{name}]")]
    #[diagnostic(help("{}Cargo profiles: {}", did_you_mean(nearest), known.join(", ")))]
    UnknownCargoProfile { name: String, nearest: Option<String>, known: Vec<String> },
    /// A triple that nobody knows.
    #[error("there is no target `{triple}`")]
    #[diagnostic(help(
        "{}`rustc --print target-list` names all that rustc knows; a target of your own is a file profiles/targets/{triple}.toml with `spec = \"TRIPLE\"`",
        did_you_mean(nearest)
    ))]
    UnknownTarget { triple: String, nearest: Option<String> },
    /// A `spec` that rustc does not know.
    #[error("rustc knows no target `{spec}`")]
    #[diagnostic(help("{}`rustc --print target-list` names all that it knows", did_you_mean(nearest)))]
    UnknownSpec { spec: String, nearest: Option<String> },
    /// A target that rustc does not know, and that names none it knows.
    #[error("rustc knows no target `{triple}`, and its manifest does not say what to compile for")]
    #[diagnostic(help("{}or say which of rustc's targets it is: spec = \"TRIPLE\"", did_you_mean(nearest)))]
    NoSpec { triple: String, nearest: Option<String> },
    /// A standard library that is no package.
    #[error("there is no package `{name}` in this workspace to be the standard library")]
    #[diagnostic(help("{}it has to be a member, with a library named `std`", did_you_mean(nearest)))]
    UnknownStd { name: String, nearest: Option<String> },
    /// A package that is no standard library.
    #[error("package `{package}` cannot be a standard library: {}", match library {
        Some(library) => format!("its library is named `{library}`"),
        None => "it has no library".to_owned(),
    })]
    #[diagnostic(help("programs look for `std`: write to its Cargo.toml [lib] name = \"std\""))]
    NotStd { package: String, library: Option<String> },
    /// A feature that the standard library does not have.
    #[error("package `{package}` has no feature `{name}`")]
    #[diagnostic(help("{}features: {}", did_you_mean(nearest), list(known)))]
    UnknownStdFeature { package: String, name: String, nearest: Option<String>, known: Vec<String> },
    /// An app or package that is not there.
    #[error("there is no app or package `{name}` in this workspace")]
    #[diagnostic(help("{}apps: {}", did_you_mean(nearest), list(known)))]
    UnknownPackage { name: String, nearest: Option<String>, known: Vec<String> },
    /// A package that is not an app.
    #[error("package `{name}` is not released: its Cargo.toml says `publish = false`")]
    #[diagnostic(help("a package manifest makes it an app: write packaging/{name}.toml with the line `schema = 1`"))]
    NotPublished { name: String },
    /// A package that is not built by default.
    #[error("package `{name}` is not released: it is not among the workspace's default members")]
    #[diagnostic(help("a package manifest makes it an app: write packaging/{name}.toml with the line `schema = 1`"))]
    NotDefault { name: String },
    /// A package with nothing to run.
    #[error("package `{name}` has no binary to release{}", required(needs))]
    #[diagnostic(help(
        "add src/main.rs or a [[bin]] to it{}; a library with a C interface is released when packaging/{name}.toml says `cdylib = true` or `staticlib = true`",
        switch_on(needs)
    ))]
    NoBinary { name: String, needs: Vec<String> },
    /// No app at all.
    #[error("there is nothing to release in this workspace: no default member has a binary that may be published")]
    #[diagnostic(help("{}", nothing_advice(unpublished)))]
    NoApps { unpublished: Vec<String> },
    /// A binary that the package does not have.
    #[error("package `{package}` has no binary `{name}`")]
    #[diagnostic(help("{}its binaries: {}", did_you_mean(nearest), list(known)))]
    UnknownBinary { package: String, name: String, nearest: Option<String>, known: Vec<String> },
    /// A binary whose features only some of the targets switch on.
    #[error("binary `{name}` of package `{package}` needs {}, which only some of the targets switch on", needs.join(", "))]
    #[diagnostic(help(
        "an app has the same programs on all of its targets: switch the features on for all, or name the targets in its package manifest"
    ))]
    BinaryForSome { package: String, name: String, needs: Vec<String> },
    /// A library kind that the package does not build.
    #[error("package `{package}` builds no {kind}")]
    #[diagnostic(help("add to its Cargo.toml: [lib] crate-type = [\"{kind}\", \"rlib\"]"))]
    NoLibrary { package: String, kind: &'static str },
    /// A dynamic library for a target that makes none.
    #[error("{package} is to be a dynamic library, and Rust makes none for {}", triples.join(", "))]
    #[diagnostic(help(
        "it links programs there statically, and such programs load no libraries: `targets` in the package manifest can name the others"
    ))]
    LinkedStatically { package: String, triples: Vec<String> },
    /// The package of a bundle that is not there.
    #[error("there is no package `{name}` in this workspace to make a bundle's library of")]
    #[diagnostic(help("{}it has to be a member, with a library of crate-type \"cdylib\"", did_you_mean(nearest)))]
    UnknownBundlePackage { name: String, nearest: Option<String> },
    /// A bundle's manifest with mistakes.
    #[error("the bundle's manifest is broken\n  {mistakes}")]
    #[diagnostic(help("`polyplugc generate --bundle` writes manifests; docs/polyplug.md has their keys"))]
    BadBundle { mistakes: String },
    /// A bundle's manifest that names another library than the one that is compiled.
    #[error("the manifest of bundle `{bundle}` does not name its library\n  {}", wrong.join("\n  "))]
    #[diagnostic(help("write to it: {right}"))]
    BundleFile { bundle: String, wrong: Vec<String>, right: String },
    /// Two bundles of one name.
    #[error("two bundles are called `{name}`: those of packages {} and {}", packages.0, packages.1)]
    #[diagnostic(help("programs find a bundle by its name: give one of them another, and the `id` that goes with it"))]
    DuplicateBundle { name: String, packages: (String, String) },
    /// An app whose targets were all left out.
    #[error("app `{name}` is released for {} only, and none of them was asked for", only.join(", "))]
    #[diagnostic(help("ask for one: --target {}", only.first().map_or("TRIPLE", String::as_str)))]
    NoTarget { name: String, only: Vec<String> },
    /// An app that did not choose another standard library.
    #[error("app `{name}` is not for {}: what brings its own standard library is only for apps that say so", triples.join(", "))]
    #[diagnostic(help("write to packaging/{name}.toml: targets = [\"{}\"]", triples.join("\", \"")))]
    NotForOwnStd { name: String, triples: Vec<String> },
    /// A target with its own standard library that no app has chosen.
    #[error("no app is for {triple}: what brings its own standard library is only for apps that say so")]
    #[diagnostic(help("write to the package manifest of one, packaging/APP.toml: targets = [\"{triple}\"]"))]
    NobodyFor { triple: String },
    /// A feature that nobody has.
    #[error("none of the apps has a feature `{name}`")]
    #[diagnostic(help("{}features: {}", did_you_mean(nearest), list(known)))]
    UnknownFeature { name: String, nearest: Option<String>, known: Vec<String> },
    /// A stage that is not there or is needed.
    #[error("--skip cannot name `{name}`")]
    #[diagnostic(help("{}stages that can be skipped: {}", did_you_mean(nearest), known.join(", ")))]
    UnknownStage { name: String, nearest: Option<String>, known: Vec<String> },
    /// Two apps of one name.
    #[error("two apps are called `{name}`: packages {} and {}", packages.0, packages.1)]
    #[diagnostic(help("give one of them another name: `name = \"…\"` in its package manifest"))]
    DuplicateApp { name: String, packages: (String, String) },
    /// A glob that finds nothing.
    #[error("`{glob}` matches no file")]
    #[diagnostic(help(
        "globs are relative to the workspace's root; files that are made must be there before the release"
    ))]
    NoMatch { glob: String },
    /// A glob that is none.
    #[error("`{glob}` is not a glob: {reason}")]
    #[diagnostic(help("for example `completions/*` or `man/**/*.1`"))]
    BadGlob { glob: String, reason: String },
    /// A file that leads out of the workspace.
    #[error("{} leads out of the workspace, to {}", path.display(), leads_to.display())]
    #[diagnostic(help(
        "a release holds only what the workspace holds: copy the file into it, or take it out of the package"
    ))]
    Outside { path: PathBuf, leads_to: PathBuf },
    /// A file that cannot be read.
    #[error("cannot read {}: {reason}", path.display())]
    #[diagnostic(help("mend its permissions, or take it out of the package"))]
    Unreadable { path: PathBuf, reason: String },
    /// Two files for one place.
    #[error("two files would be packed as `{destination}`: {} and {}", sources.0.display(), sources.1.display())]
    #[diagnostic(help("give one of them another `destination`"))]
    DuplicateFile { destination: String, sources: (PathBuf, PathBuf) },
    /// Two things for one place of an installer.
    #[error("two things would be installed as `{path}` by the {format}: {} and {}", sources.0, sources.1)]
    #[diagnostic(help("give one of them another `destination`, or keep it out of this installer with `formats`"))]
    InstalledTwice { format: Installer, path: String, sources: (String, String) },
    /// Something below a file.
    #[error("`{path}` would be installed by the {format} below `{above}`, which is no directory")]
    #[diagnostic(help("give one of them another `destination`"))]
    InstalledBelow { format: Installer, path: String, above: String },
    /// A path that no writer takes.
    #[error("the {format} cannot be made: {reason}")]
    #[diagnostic(help("mend its `destination`, or keep it out of this installer with `formats`"))]
    NotInstallable { format: Installer, reason: String },
    /// A file whose name should tell its place.
    #[error("`{name}` cannot be of the kind `{kind}`: {reason}")]
    #[diagnostic(help("rename it, or say where it goes: destination = \"/usr/share/…\""))]
    Unplaceable { name: String, kind: FileKind, reason: &'static str },
    /// An installer without a place for what its manifest says.
    #[error("a {format} has no place for the kind `{kind}`{}", at_path(destination))]
    #[diagnostic(help(
        "take {format} out of `formats`, or give it an entry of its own with another `destination`: paths of a whole system are for deb, rpm, apk and pkg, paths in the product's folder for msi and dmg"
    ))]
    NoPlace { format: Installer, kind: FileKind, destination: Option<String> },
    /// A file that the manifest names.
    #[error("there is no file `{path}`")]
    #[diagnostic(help(
        "paths are relative to the workspace's root; files that are made must be there before the release"
    ))]
    NoFile { path: String },
    /// Something that a format does not allow.
    #[error("the {format} of app `{app}` cannot be made: {reason}")]
    #[diagnostic(help("{advice}"))]
    Installer { format: Installer, app: String, reason: String, advice: String },
    /// A program that the app does not have.
    #[error("app `{app}` has no program `{name}` to run")]
    #[diagnostic(help("{}its programs: {}", did_you_mean(nearest), list(known)))]
    UnknownProgram { app: String, name: String, nearest: Option<String>, known: Vec<String> },
    /// Nothing that could print files.
    #[error("no program of app `{app}` can run on this machine, so it cannot print the files of [[generated]]\n  {}", reasons.join("\n  "))]
    #[diagnostic(help(
        "release for this machine's target, too (--target {host},…), install what is missing, set a `runner` in the target's manifest, or leave them out: --skip generate"
    ))]
    NothingRuns { app: String, host: String, reasons: Vec<String> },
    /// Changed files.
    #[error("the tree is dirty: {} tracked file{} differ{} from HEAD\n  {}", files.len(), plural(files), third_person(files), shown(files))]
    #[diagnostic(help(
        "commit or stash them, or release the tree as it is: --allow-dirty (the version then says -dirty)"
    ))]
    Dirty { files: Vec<String> },
    /// A time that is none.
    #[error("SOURCE_DATE_EPOCH is `{value}`, not a number of seconds since 1970")]
    #[diagnostic(help("unset it to use the commit's time, or: export SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)"))]
    BadEpoch { value: String },
    /// Cargo's configuration cannot be read.
    #[error("cannot read cargo's configuration: {reason}")]
    #[diagnostic(help("mend the .cargo/config.toml that is named"))]
    CargoConfig { reason: String },
    /// A prebuilt binary that is missing.
    #[error("there is no prebuilt {}", path.display())]
    #[diagnostic(help("the folder of --prebuilt holds one folder for every target: {layout}"))]
    NoPrebuilt { path: PathBuf, layout: String },
    /// A backend that cannot build the target.
    #[error("backend `{name}` cannot build for {triple}")]
    #[diagnostic(help("it is for {serves}; leave the key out, and the first that can work here is taken"))]
    WrongBackend { name: String, triple: String, serves: &'static str },
    /// Two targets, profiles and so on with settings that one file cannot hold.
    #[error("app `{app}` cannot be stamped: {reason}")]
    #[diagnostic(help("shorten the value; the slot in the binary has a fixed size"))]
    Unstampable { app: String, reason: String },
}

fn did_you_mean(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or_else(String::new, |name| format!("did you mean `{name}`? "))
}

fn at_path(destination: &Option<String>) -> String {
    destination.as_ref().map_or_else(String::new, |path| format!(" at `{path}`"))
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn required(needs: &[String]) -> String {
    if needs.is_empty() {
        String::new()
    } else {
        format!(" with these features (its binaries need {})", needs.join(", "))
    }
}

fn switch_on(needs: &[String]) -> String {
    if needs.is_empty() {
        String::new()
    } else {
        format!(", or switch its features on: --features {}", needs.join(","))
    }
}

fn nothing_advice(unpublished: &[String]) -> String {
    match unpublished.first() {
        Some(first) => format!(
            "packages with a binary, but `publish = false` or not default: {}; a package manifest makes one an app: \
             write packaging/{first}.toml with the line `schema = 1`",
            unpublished.join(", ")
        ),
        None => "add a program: src/main.rs or a [[bin]] in a member".to_owned(),
    }
}

fn plural(files: &[String]) -> &'static str {
    if files.len() == 1 { "" } else { "s" }
}

fn third_person(files: &[String]) -> &'static str {
    if files.len() == 1 { "s" } else { "" }
}

fn shown(files: &[String]) -> String {
    const LIMIT: usize = 10;
    let mut text = files.iter().take(LIMIT).cloned().collect::<Vec<_>>().join("\n  ");
    if files.len() > LIMIT {
        text += &format!("\n  … and {} more", files.len() - LIMIT);
    }
    text
}

/// Everything that is wrong with a release.
#[derive(Debug, thiserror::Error)]
#[error("{}", headline(errors))]
pub struct ReleaseErrors {
    /// The errors, in the order in which they were found.
    pub errors: Vec<LocatedError<Problem>>,
}

fn headline(errors: &[LocatedError<Problem>]) -> String {
    format!("the release cannot be made as asked: {} problem{}", errors.len(), if errors.len() == 1 { "" } else { "s" })
}

impl Diagnostic for ReleaseErrors {
    fn related(&self) -> Option<Box<dyn Iterator<Item = &dyn Diagnostic> + '_>> {
        Some(Box::new(self.errors.iter().map(|error| error as &dyn Diagnostic)))
    }
}
