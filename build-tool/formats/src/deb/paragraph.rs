//! One paragraph of `Field: value` lines (Debian Policy, 5.1), as a control file is and an index has many of.

use std::fmt;

/// Fields in their order. A value has its continuation lines as they stand, each with its line feed before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paragraph(Vec<(String, String)>);

/// A text that is not one paragraph. Lines count from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParagraphError {
    /// Neither `Field: value` nor the continuation of one.
    #[error("line {0} is no `Field: value`")]
    Line(usize),
    /// A field for a second time.
    #[error("the field {0} is there twice")]
    Duplicate(String),
    /// Text behind an empty line.
    #[error("there is more than one paragraph")]
    Several,
}

impl Paragraph {
    /// Reads one paragraph.
    ///
    /// # Errors
    /// It is not one.
    pub fn parse(text: &str) -> Result<Self, ParagraphError> {
        let mut fields: Vec<(String, String)> = Vec::new();
        let body = text.trim_end_matches('\n');
        for (at, line) in body.split('\n').enumerate() {
            let wrong = ParagraphError::Line(at + 1);
            if line.trim().is_empty() {
                return Err(ParagraphError::Several);
            }
            if line.starts_with([' ', '\t']) {
                let (_, value) = fields.last_mut().ok_or(wrong)?;
                value.push('\n');
                value.push_str(line);
                continue;
            }
            let (name, value) = line.split_once(':').ok_or_else(|| wrong.clone())?;
            let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'#';
            if name.is_empty() || name.starts_with('-') || !name.bytes().all(plain) {
                return Err(wrong);
            }
            if fields.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
                return Err(ParagraphError::Duplicate(name.to_owned()));
            }
            fields.push((name.to_owned(), value.trim().to_owned()));
        }
        Ok(Self(fields))
    }

    /// A field's value; its name is the same in capitals.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields().find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// All fields in their order.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl fmt::Display for Paragraph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in self.fields() {
            let space = if value.is_empty() || value.starts_with('\n') { "" } else { " " };
            writeln!(f, "{name}:{space}{value}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paragraph_comes_back_as_it_was() {
        let text = "Package: a\nDescription: b\n c\n .\n d\nEmpty:\nConffiles:\n /etc/a x\n";
        let paragraph = Paragraph::parse(text).unwrap();
        assert_eq!(paragraph.get("description"), Some("b\n c\n .\n d"));
        assert_eq!(paragraph.to_string(), text);
    }

    #[test]
    fn what_is_no_paragraph_is_refused() {
        for (text, error) in [
            ("", ParagraphError::Several),
            (" a", ParagraphError::Line(1)),
            ("A: 1\nb", ParagraphError::Line(2)),
            ("A: 1\na: 2", ParagraphError::Duplicate("a".into())),
            ("A: 1\n\nB: 2", ParagraphError::Several),
            ("A b: 1", ParagraphError::Line(1)),
        ] {
            assert_eq!(Paragraph::parse(text), Err(error), "{text:?}");
        }
    }
}
