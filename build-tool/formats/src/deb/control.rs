//! The control file of a Debian package (Debian Policy, chapter 5 "Control files and their fields").

use std::collections::BTreeSet;
use std::fmt::Write;

/// What a package says of itself. Texts are taken as they are, and refused where they would not fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Control {
    /// The package's name: lower-case letters, digits, `+`, `-`, `.`; at least two of them.
    pub package: String,
    /// The version with its Debian revision, such as [`super::debian_version`] gives.
    pub version: String,
    /// Debian's name of the architecture, such as [`super::debian_architecture`] gives, or `all`.
    pub architecture: String,
    /// `Name <mail@example.org>`.
    pub maintainer: String,
    /// Other packages in the words of Debian, one relation each: `libc6 (>= 2.34)`, `a | b`.
    pub depends: Vec<String>,
    /// As `depends`, to be configured before this package is even unpacked.
    pub pre_depends: Vec<String>,
    /// As `depends`, but the user may do without.
    pub recommends: Vec<String>,
    /// As `recommends`, but not installed unasked.
    pub suggests: Vec<String>,
    /// Packages that cannot be installed beside this one.
    pub conflicts: Vec<String>,
    /// Packages that this one breaks.
    pub breaks: Vec<String>,
    /// What this package stands for, too: `virtual`, `other (= 1.2)`.
    pub provides: Vec<String>,
    /// Packages whose files this one may overwrite.
    pub replaces: Vec<String>,
    /// Such as `utils` or `net`.
    pub section: Option<String>,
    /// `optional` for nearly everything, and where it is empty.
    pub priority: String,
    /// An address of the web.
    pub homepage: Option<String>,
    /// One line, without a full stop and without the package's name.
    pub synopsis: String,
    /// The long text: paragraphs with an empty line between them. Lines beginning with a space are kept as they
    /// are, long ones are wrapped.
    pub description: String,
    /// Further fields, such as `("Multi-Arch", "foreign")`, in this order.
    pub extra: Vec<(String, String)>,
}

/// What cannot be written into a control file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the Debian control field {field} cannot be {value:?}: {reason}")]
pub struct ControlError {
    /// The field's name.
    pub field: String,
    /// What it was to be.
    pub value: String,
    /// What would be right.
    pub reason: &'static str,
}

/// Where the long text is wrapped, the leading space included: Debian's tools show 80 columns.
const COLUMNS: usize = 79;

impl Control {
    /// The file's conventional name, `NAME_VERSION_ARCHITECTURE.deb`. The epoch is left out, as Debian does.
    pub fn file_name(&self) -> String {
        let version = self.version.split_once(':').map_or(self.version.as_str(), |(_, version)| version);
        format!("{}_{version}_{}.deb", self.package, self.architecture)
    }

    /// The file. `installed_size` is in KiB.
    ///
    /// # Errors
    /// A value that is missing, or that would break the file.
    pub fn render(&self, installed_size: u64) -> Result<String, ControlError> {
        self.check()?;
        let mut text = Fields::default();
        text.field("Package", &self.package)?;
        text.field("Version", &self.version)?;
        text.field("Architecture", &self.architecture)?;
        text.field("Maintainer", &self.maintainer)?;
        text.field("Installed-Size", &installed_size.to_string())?;
        for (name, relations) in [
            ("Pre-Depends", &self.pre_depends),
            ("Depends", &self.depends),
            ("Recommends", &self.recommends),
            ("Suggests", &self.suggests),
            ("Conflicts", &self.conflicts),
            ("Breaks", &self.breaks),
            ("Replaces", &self.replaces),
            ("Provides", &self.provides),
        ] {
            check_relations(name, relations)?;
            text.optional(name, &relations.join(", "))?;
        }
        text.optional("Section", self.section.as_deref().unwrap_or_default())?;
        text.field("Priority", if self.priority.is_empty() { "optional" } else { &self.priority })?;
        text.optional("Homepage", self.homepage.as_deref().unwrap_or_default())?;
        for (name, value) in &self.extra {
            check_name(name)?;
            text.field(name, value)?;
        }
        text.field("Description", &self.synopsis)?;
        text.long_text(&self.description);
        Ok(text.text)
    }

    fn check(&self) -> Result<(), ControlError> {
        let error = |field: &str, value: &str, reason| {
            Err(ControlError { field: field.to_owned(), value: value.to_owned(), reason })
        };
        let name = self.package.as_bytes();
        let in_name = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(byte);
        if name.len() < 2 || !name[0].is_ascii_alphanumeric() || !name.iter().all(in_name) {
            let reason = "two or more lower-case letters, digits, `+`, `-` and `.`, with a letter or digit first";
            return error("Package", &self.package, reason);
        }
        let upstream = self.version.split_once(':').map_or(self.version.as_str(), |(_, version)| version);
        let in_version = |byte: u8| byte.is_ascii_alphanumeric() || b".+~:-".contains(&byte);
        if !upstream.starts_with(|first: char| first.is_ascii_digit()) || !self.version.bytes().all(in_version) {
            return error("Version", &self.version, "a digit first, then letters, digits, `.`, `+`, `~` and `-`");
        }
        let in_architecture = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if self.architecture.is_empty() || !self.architecture.bytes().all(in_architecture) {
            return error("Architecture", &self.architecture, "Debian's name of it, such as amd64, arm64 or all");
        }
        let mail = self.maintainer.split_once(" <").and_then(|(_, mail)| mail.strip_suffix('>'));
        if !mail.is_some_and(|mail| mail.contains('@') && !mail.contains(['<', '>', ' '])) {
            return error("Maintainer", &self.maintainer, "a name and an address: Name <mail@example.org>");
        }
        Ok(())
    }
}

fn check_name(name: &str) -> Result<(), ControlError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if name.is_empty() || name.starts_with('-') || !name.bytes().all(plain) {
        let reason = "a field's name has letters, digits and `-` only";
        return Err(ControlError { field: name.to_owned(), value: name.to_owned(), reason });
    }
    Ok(())
}

/// A comma would make two relations of one, and an empty one is none.
fn check_relations(field: &str, relations: &[String]) -> Result<(), ControlError> {
    match relations.iter().find(|relation| relation.trim().is_empty() || relation.contains(',')) {
        None => Ok(()),
        Some(wrong) => {
            let reason = "one relation each, such as `libc6 (>= 2.34)` or `a | b`, without a comma";
            Err(ControlError { field: field.to_owned(), value: wrong.clone(), reason })
        }
    }
}

#[derive(Default)]
struct Fields {
    text: String,
    names: BTreeSet<String>,
}

impl Fields {
    /// A field of one line.
    fn field(&mut self, name: &str, value: &str) -> Result<(), ControlError> {
        let wrong = |reason| Err(ControlError { field: name.to_owned(), value: value.to_owned(), reason });
        if value.trim().is_empty() {
            return wrong("it must say something");
        }
        if value.chars().any(char::is_control) {
            return wrong("it must be one line, without control characters");
        }
        if !self.names.insert(name.to_ascii_lowercase()) {
            return wrong("there is this field already, from what else is known of the package");
        }
        // Writing to a string does not fail.
        let _ = writeln!(self.text, "{name}: {}", value.trim());
        Ok(())
    }

    fn optional(&mut self, name: &str, value: &str) -> Result<(), ControlError> {
        if value.is_empty() { Ok(()) } else { self.field(name, value) }
    }

    /// The lines after a field's first: each begins with a space, an empty one has a full stop.
    fn long_text(&mut self, text: &str) {
        let mut empty = 0;
        for line in text.trim_matches(['\n', '\r']).lines().map(str::trim_end) {
            // Control characters have no place in what a terminal shows.
            let line: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            if line.trim().is_empty() {
                empty += 1;
                continue;
            }
            if std::mem::take(&mut empty) > 0 {
                self.text += " .\n";
            }
            wrap(&line, &mut self.text);
        }
    }
}

/// A line that begins with a space is verbatim text; one that is only a full stop would be an empty line.
fn wrap(line: &str, out: &mut String) {
    if line.starts_with(' ') {
        out.extend([" ", line, "\n"]);
        return;
    }
    let mut width = 0;
    for word in line.split_whitespace() {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > COLUMNS {
            out.push('\n');
            width = 0;
        }
        // A full stop at a line's beginning is reserved.
        let space = if width == 0 && word.starts_with('.') { "  " } else { " " };
        out.extend([space, word]);
        width += space.len() + length;
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Control {
        Control {
            package: "hello".into(),
            version: "1:1.0.0~rc.1-1".into(),
            architecture: "arm64".into(),
            maintainer: "Me <me@example.org>".into(),
            depends: vec!["libc6 (>= 2.34)".into(), "a | b".into()],
            synopsis: "says hello".into(),
            description: format!("One paragraph {}\nends.\n\n\n  verbatim\n.hidden\n", "word ".repeat(20)),
            extra: vec![("Multi-Arch".into(), "foreign".into())],
            ..Control::default()
        }
    }

    #[test]
    fn the_fields_come_in_their_order_and_the_long_text_is_indented() {
        let text = sample().render(12).unwrap();
        let words = format!("{} word", " word".repeat(12));
        let expected = format!(
            "Package: hello\nVersion: 1:1.0.0~rc.1-1\nArchitecture: arm64\nMaintainer: Me <me@example.org>\n\
             Installed-Size: 12\nDepends: libc6 (>= 2.34), a | b\nPriority: optional\nMulti-Arch: foreign\n\
             Description: says hello\n One paragraph{words}\n{}\n ends.\n .\n   verbatim\n  .hidden\n",
            " word".repeat(7)
        );
        assert_eq!(text, expected);
        assert_eq!(sample().file_name(), "hello_1.0.0~rc.1-1_arm64.deb");
    }

    #[test]
    fn what_would_break_the_file_is_refused_with_its_field() {
        let refused = |change: fn(&mut Control)| {
            let mut control = sample();
            change(&mut control);
            control.render(1).unwrap_err().field
        };
        assert_eq!(refused(|c| c.package = "Hello".into()), "Package");
        assert_eq!(refused(|c| c.package = "h".into()), "Package");
        assert_eq!(refused(|c| c.version = "v1".into()), "Version");
        assert_eq!(refused(|c| c.architecture = String::new()), "Architecture");
        assert_eq!(refused(|c| c.maintainer = "Me".into()), "Maintainer");
        assert_eq!(refused(|c| c.synopsis = "a\nEssential: yes".into()), "Description");
        assert_eq!(refused(|c| c.synopsis = String::new()), "Description");
        assert_eq!(refused(|c| c.depends = vec!["a, b".into()]), "Depends");
        assert_eq!(refused(|c| c.homepage = Some("x\n\nPackage: y".into())), "Homepage");
        assert_eq!(refused(|c| c.extra = vec![("a b".into(), "x".into())]), "a b");
        assert_eq!(refused(|c| c.extra = vec![("version".into(), "2".into())]), "version");
        assert_eq!(refused(|c| c.extra = vec![("Depends".into(), "b".into())]), "Depends");
    }
}
