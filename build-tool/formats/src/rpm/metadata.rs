//! What an RPM package says of itself.

use super::dependency::Dependency;

/// What a package says of itself. Texts are taken as they are, and refused where RPM could not say them.
///
/// What follows from the rest is added when the package is written: that it provides its own name, its configuration
/// and its name for this architecture, which interpreters its scripts need, and which abilities of rpm it needs. What
/// a reader gives holds these, too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// Letters, digits, `.`, `_`, `+`, `-`, with a letter or digit first.
    pub name: String,
    /// What makes a version newer than every one with a lower epoch. `None` counts as 0.
    pub epoch: Option<u32>,
    /// The version without hyphens, such as [`super::rpm_version`] gives.
    pub version: String,
    /// The packaging's own version: `1` at first, often with a mark of the distribution (`1.fc42`).
    pub release: String,
    /// RPM's name of the architecture, such as [`super::rpm_architecture`] gives, or `noarch`.
    pub architecture: String,
    /// One line, without a full stop.
    pub summary: String,
    /// The long text, in lines of at most 79 columns. The summary, where it is empty.
    pub description: String,
    /// An SPDX expression.
    pub licence: String,
    /// An address of the web.
    pub homepage: Option<String>,
    /// Who distributes it.
    pub vendor: Option<String>,
    /// `Name <mail@example.org>`.
    pub packager: Option<String>,
    /// One of the old groups, such as `Applications/System`.
    pub group: Option<String>,
    /// What it stands for, too.
    pub provides: Vec<Dependency>,
    /// What it cannot do without.
    pub requires: Vec<Dependency>,
    /// What cannot be installed beside it.
    pub conflicts: Vec<Dependency>,
    /// What it replaces.
    pub obsoletes: Vec<Dependency>,
    /// What is installed along with it where it can be had.
    pub recommends: Vec<Dependency>,
    /// What goes well with it.
    pub suggests: Vec<Dependency>,
    /// Programs that rpm runs.
    pub scripts: Scripts,
    /// The newest first.
    pub changelog: Vec<Change>,
}

/// Programs that rpm runs; each gets the number of packages of this name that will be installed then.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scripts {
    /// Before the files are installed.
    pub pre: Option<Script>,
    /// After they have been.
    pub post: Option<Script>,
    /// Before they are removed.
    pub preun: Option<Script>,
    /// After they have been.
    pub postun: Option<Script>,
}

/// A program that rpm runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The absolute path of what runs it, such as `/bin/sh`. Required by the package, unless it installs it.
    pub interpreter: String,
    /// The program.
    pub text: String,
}

/// An entry of the changelog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// In seconds since 1970. rpm shows the day, in UTC, and means its noon.
    pub time: u32,
    /// `Name <mail@example.org> - 1.2.3-1`.
    pub author: String,
    /// Lines that begin with `- `.
    pub text: String,
}

/// What RPM cannot say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an rpm's {field} cannot be {value:?}: {reason}")]
pub struct MetadataError {
    /// Which of the metadata.
    pub field: &'static str,
    /// What it was to be.
    pub value: String,
    /// What would be right.
    pub reason: &'static str,
}

impl Metadata {
    /// The file's conventional name, `NAME-VERSION-RELEASE.ARCHITECTURE.rpm`. The epoch is left out, as rpm does.
    pub fn file_name(&self) -> String {
        format!("{}-{}-{}.{}.rpm", self.name, self.version, self.release, self.architecture)
    }

    /// `[epoch:]version-release`, as dependencies name it.
    pub fn full_version(&self) -> String {
        let epoch = self.epoch.map(|epoch| format!("{epoch}:")).unwrap_or_default();
        format!("{epoch}{}-{}", self.version, self.release)
    }

    /// Whether all of it can be said.
    ///
    /// # Errors
    /// The first thing that cannot.
    pub fn check(&self) -> Result<(), MetadataError> {
        let first_plain = |text: &str| text.starts_with(|first: char| first.is_ascii_alphanumeric());
        let all_in =
            |text: &str, more: &[u8]| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte));
        let name = first_plain(&self.name) && all_in(&self.name, b"._+-");
        demand(name, "name", &self.name, "letters, digits, `.`, `_`, `+`, `-`, a letter or digit first")?;
        for (field, value) in [("version", &self.version), ("release", &self.release)] {
            let valid = first_plain(value) && all_in(value, b"._+~^");
            demand(valid, field, value, "letters, digits, `.`, `_`, `+`, `~`, `^`, a letter or digit first")?;
        }
        let architecture = first_plain(&self.architecture) && all_in(&self.architecture, b"_");
        demand(
            architecture,
            "architecture",
            &self.architecture,
            "rpm's name of it, such as x86_64, aarch64 or noarch",
        )?;
        for (field, value) in [("summary", &self.summary), ("licence", &self.licence)] {
            demand(is_line(value), field, value, "one line of text")?;
        }
        for (field, value) in [
            ("homepage", &self.homepage),
            ("vendor", &self.vendor),
            ("packager", &self.packager),
            ("group", &self.group),
        ] {
            value.as_deref().map_or(Ok(()), |value| demand(is_line(value), field, value, "one line of text"))?;
        }
        demand(is_text(&self.description), "description", &self.description, "text")?;
        for (field, dependencies) in self.dependencies() {
            for dependency in dependencies {
                let reason = "`name` or `name >= version`, without control characters";
                demand(dependency.is_valid(), field, &dependency.to_string(), reason)?;
            }
        }
        for (field, script) in self.scripts.all() {
            let Some(Script { interpreter, text }) = script else { continue };
            let path = interpreter.starts_with('/') && is_line(interpreter) && !interpreter.contains(' ');
            demand(path, field, interpreter, "an interpreter's absolute path, without arguments")?;
            demand(!text.is_empty() && !text.contains('\0'), field, text, "a script, not empty and without NUL")?;
        }
        for change in &self.changelog {
            demand(is_line(&change.author), "changelog", &change.author, "a name in one line")?;
            let text = is_text(&change.text) && !change.text.is_empty();
            demand(text, "changelog", &change.text, "text that is not empty")?;
        }
        Ok(())
    }

    pub(super) fn dependencies(&self) -> [(&'static str, &Vec<Dependency>); 6] {
        [
            ("provides", &self.provides),
            ("requires", &self.requires),
            ("conflicts", &self.conflicts),
            ("obsoletes", &self.obsoletes),
            ("recommends", &self.recommends),
            ("suggests", &self.suggests),
        ]
    }
}

impl Scripts {
    pub(super) fn all(&self) -> [(&'static str, &Option<Script>); 4] {
        [("pre", &self.pre), ("post", &self.post), ("preun", &self.preun), ("postun", &self.postun)]
    }
}

fn demand(holds: bool, field: &'static str, value: &str, reason: &'static str) -> Result<(), MetadataError> {
    if holds { Ok(()) } else { Err(MetadataError { field, value: value.to_owned(), reason }) }
}

fn is_line(text: &str) -> bool {
    !text.trim().is_empty() && !text.contains(char::is_control)
}

fn is_text(text: &str) -> bool {
    !text.contains(|c: char| c.is_control() && c != '\n' && c != '\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Metadata {
        Metadata {
            name: "tool".to_owned(),
            version: "1.0.0~rc.1".to_owned(),
            release: "1".to_owned(),
            architecture: "x86_64".to_owned(),
            summary: "A tool".to_owned(),
            licence: "MIT".to_owned(),
            ..Metadata::default()
        }
    }

    #[test]
    fn the_file_has_its_conventional_name() {
        let metadata = Metadata { epoch: Some(3), ..good() };
        assert_eq!(metadata.file_name(), "tool-1.0.0~rc.1-1.x86_64.rpm");
        assert_eq!(metadata.full_version(), "3:1.0.0~rc.1-1");
    }

    #[test]
    fn what_rpm_cannot_say_is_refused_by_its_field() {
        type Spoil = fn(&mut Metadata);
        assert_eq!(good().check(), Ok(()));
        let cases: [(&str, Spoil); 11] = [
            ("name", |m| m.name = "-x".to_owned()),
            ("name", |m| m.name = "a b".to_owned()),
            ("version", |m| m.version = "1.0-rc".to_owned()),
            ("release", |m| m.release = String::new()),
            ("architecture", |m| m.architecture = "x86_64-gnu".to_owned()),
            ("summary", |m| m.summary = "two\nlines".to_owned()),
            ("homepage", |m| m.homepage = Some("\0".to_owned())),
            ("description", |m| m.description = "a\0b".to_owned()),
            ("requires", |m| m.requires = vec![Dependency::any("a b")]),
            ("post", |m| m.scripts.post = Some(Script { interpreter: "sh".to_owned(), text: "true".to_owned() })),
            ("changelog", |m| m.changelog = vec![Change { time: 0, author: "a".to_owned(), text: String::new() }]),
        ];
        for (field, spoil) in cases {
            let mut metadata = good();
            spoil(&mut metadata);
            assert_eq!(metadata.check().unwrap_err().field, field);
        }
    }
}
