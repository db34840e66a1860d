//! `pm version`: prints the version, or raises it by npm's rules, with a commit and a tag.

use semver::{BuildMetadata, Prerelease, Version};

use super::Error;
use super::git::Git;
use crate::commands::run::script;
use crate::context::Context;
use crate::error::Result;
use crate::exit::Ending;
use crate::package::document::Value;
use crate::package::edit::Edit;
use crate::package::folders;
use crate::package::key::Key;
use crate::package::{PackageJson, document};

/// How the version is changed.
#[derive(Debug)]
pub(super) struct Change<'a> {
    pub(super) preid: Option<&'a str>,
    pub(super) git: bool,
    pub(super) message: &'a str,
    pub(super) allow_same: bool,
    pub(super) dry_run: bool,
}

pub(super) fn run(context: &Context, new: Option<&str>, change: &Change<'_>) -> Result<Ending> {
    let project = folders::project(&context.environment.cwd)?;
    let old = project.version()?;
    let Some(word) = new else {
        context.report.result(old.ok_or_else(|| no_version(&project))?)?;
        return Ok(Ending::SUCCESS);
    };
    let new = next(&project, old, word, change.preid)?.to_string();
    if old == Some(new.as_str()) && !change.allow_same {
        return Err(Error::SameVersion { version: new }.into());
    }
    // Only where the repository is the package's: a tag v1.2.3 of a whole workspace would say too much.
    let git = (change.git && project.folder().join(".git").exists())
        .then(|| Git::of(context, project.folder()))
        .transpose()?;
    let tag = format!("v{new}");
    if let Some(git) = &git {
        git.check_clean()?;
        git.check_free(&tag)?;
    }
    if change.dry_run {
        context.report.result(&tag)?;
        return Ok(Ending::SUCCESS);
    }
    for event in ["preversion", "version", "postversion"] {
        // As it stands at this point: the scripts see the version in their variables.
        let package = PackageJson::read(project.path())?;
        let ending = script::run_alone(context, &package, event)?;
        if !ending.is_success() {
            return Ok(ending);
        }
        match (event, &git) {
            ("preversion", _) => write(&package, &new)?,
            ("version", Some(git)) => git.commit(project.path(), &tag, &change.message.replace("%s", &new))?,
            _ => {}
        }
    }
    context.report.result(tag)?;
    Ok(Ending::SUCCESS)
}

fn write(package: &PackageJson, version: &str) -> Result<()> {
    let mut edit = Edit::of(package);
    edit.set(&Key::parse("version")?, &Value::String(version.to_owned()))?;
    Ok(edit.save()?)
}

fn no_version(project: &PackageJson) -> Error {
    Error::NoVersion { path: project.path().to_owned() }
}

/// The version that `word` says, or that it makes of the old one.
fn next(project: &PackageJson, old: Option<&str>, word: &str, preid: Option<&str>) -> Result<Version> {
    let bad = |word: &str, why: semver::Error| Error::BadVersion { word: word.to_owned(), why: why.to_string() };
    let Some(step) = Step::of(word) else {
        return Ok(Version::parse(word.trim_start_matches(['v', '='])).map_err(|why| bad(word, why))?);
    };
    let old = old.ok_or_else(|| no_version(project))?;
    let old = Version::parse(old).map_err(|why| located(project, old, &why))?;
    Ok(raised(&old, step, preid).map_err(|why| bad(preid.unwrap_or_default(), why))?)
}

fn located(project: &PackageJson, old: &str, why: &semver::Error) -> crate::package::Error {
    let span = project.root().get("version").map_or(0..0, |node| node.span.clone());
    let what = format!("the version {} of {} cannot be raised: {why}", document::quoted(old), project.path().display());
    project.wrong(span, what, "this version", "versions are three numbers, as in 1.2.3 or 1.2.3-beta.0")
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Major,
    Minor,
    Patch,
    PreMajor,
    PreMinor,
    PrePatch,
    Prerelease,
}

impl Step {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "major" => Self::Major,
            "minor" => Self::Minor,
            "patch" => Self::Patch,
            "premajor" => Self::PreMajor,
            "preminor" => Self::PreMinor,
            "prepatch" => Self::PrePatch,
            "prerelease" => Self::Prerelease,
            _ => return None,
        })
    }
}

/// As `npm version` counts: a prerelease of 2.0.0 becomes 2.0.0 with major, not 3.0.0.
fn raised(old: &Version, step: Step, preid: Option<&str>) -> Result<Version, semver::Error> {
    let Version { major, minor, patch, .. } = *old;
    let was_pre = !old.pre.is_empty();
    let (major, minor, patch) = match step {
        Step::Major if was_pre && minor == 0 && patch == 0 => (major, 0, 0),
        Step::Major | Step::PreMajor => (major.saturating_add(1), 0, 0),
        Step::Minor if was_pre && patch == 0 => (major, minor, 0),
        Step::Minor | Step::PreMinor => (major, minor.saturating_add(1), 0),
        Step::Patch | Step::Prerelease if was_pre => (major, minor, patch),
        Step::Patch | Step::PrePatch | Step::Prerelease => (major, minor, patch.saturating_add(1)),
    };
    let pre = match step {
        Step::Major | Step::Minor | Step::Patch => Prerelease::EMPTY,
        Step::Prerelease if was_pre => Prerelease::new(&raised_pre(old.pre.as_str(), preid))?,
        _ => Prerelease::new(&first_pre(preid))?,
    };
    Ok(Version { major, minor, patch, pre, build: BuildMetadata::EMPTY })
}

fn first_pre(preid: Option<&str>) -> String {
    preid.map_or_else(|| "0".to_owned(), |preid| format!("{preid}.0"))
}

fn raised_pre(old: &str, preid: Option<&str>) -> String {
    let mut parts: Vec<String> = old.split('.').map(str::to_owned).collect();
    let belongs =
        preid.is_none_or(|preid| parts[0] == preid && parts.get(1).is_some_and(|part| part.parse::<u64>().is_ok()));
    if !belongs {
        return first_pre(preid);
    }
    match parts.iter_mut().rev().find_map(|part| part.parse::<u64>().ok().map(|number| (part, number))) {
        Some((part, number)) => *part = number.saturating_add(1).to_string(),
        None => parts.push("0".to_owned()),
    }
    parts.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From npm's own table of increments.
    #[test]
    fn versions_are_raised_as_npm_does() {
        for (old, step, preid, new) in [
            ("1.2.3", "major", None, "2.0.0"),
            ("1.2.3", "minor", None, "1.3.0"),
            ("1.2.3", "patch", None, "1.2.4"),
            ("1.2.3-tag", "major", None, "2.0.0"),
            ("2.0.0-1", "major", None, "2.0.0"),
            ("1.2.0-0", "patch", None, "1.2.0"),
            ("1.2.0-5", "minor", None, "1.2.0"),
            ("1.2.3-4", "minor", None, "1.3.0"),
            ("1.2.3-tag", "patch", None, "1.2.3"),
            ("1.2.3+build", "patch", None, "1.2.4"),
            ("0.0.0", "prerelease", None, "0.0.1-0"),
            ("1.2.3-0", "prerelease", None, "1.2.3-1"),
            ("1.2.3-alpha.0.beta", "prerelease", None, "1.2.3-alpha.1.beta"),
            ("1.2.3-alpha.beta", "prerelease", None, "1.2.3-alpha.beta.0"),
            ("1.2.0", "preminor", None, "1.3.0-0"),
            ("1.2.3-1", "preminor", None, "1.3.0-0"),
            ("1.2.0", "premajor", Some("dev"), "2.0.0-dev.0"),
            ("1.2.3", "prepatch", Some("dev"), "1.2.4-dev.0"),
            ("1.2.3-1", "prepatch", None, "1.2.4-0"),
            ("1.2.0-1", "prerelease", Some("alpha"), "1.2.0-alpha.0"),
            ("1.2.3-alpha.0.beta", "prerelease", Some("alpha"), "1.2.3-alpha.1.beta"),
            ("1.2.3-alpha.9", "prerelease", Some("alpha"), "1.2.3-alpha.10"),
            ("1.2.3-alpha.9", "prerelease", Some("beta"), "1.2.3-beta.0"),
        ] {
            let raised = raised(&Version::parse(old).unwrap(), Step::of(step).unwrap(), preid).unwrap();
            assert_eq!(raised.to_string(), new, "{old} {step} {preid:?}");
        }
    }

    #[test]
    fn a_name_that_no_version_can_have_is_refused() {
        let old = Version::new(1, 0, 0);
        assert!(raised(&old, Step::Prerelease, Some("a b")).is_err());
        assert!(raised(&old, Step::Prerelease, Some("")).is_err());
    }
}
