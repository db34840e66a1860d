//! Keys of package.json as `pm pkg` takes them: `scripts.build`, `contributors[0].name`, `scripts["a.b"]`.

use std::fmt;

use super::Error;

/// One step into a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into an object
    Name(String),
    /// Into a list, from 0
    Index(usize),
    /// After a list's last
    End,
}

/// The steps from the whole to a value; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(Vec<Step>);

impl Key {
    /// Reads a key.
    ///
    /// # Errors
    ///
    /// [`Error::BadKey`] with the place in it.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Reader { text, at: 0 }.key()
    }

    /// The key of an entry of an object, whatever characters its name has.
    #[must_use]
    pub fn entry(object: &str, name: &str) -> Self {
        Self([object, name].map(|name| Step::Name(name.to_owned())).into())
    }

    /// The steps.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// How the value is called that the first `steps` lead to.
    pub(super) fn before(&self, steps: usize) -> String {
        if steps == 0 { "package.json".to_owned() } else { Self(self.0[..steps].to_vec()).to_string() }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn key(mut self) -> Result<Key, Error> {
        let mut steps = Vec::new();
        while steps.is_empty() || self.at < self.text.len() {
            let step = match self.peek() {
                Some('[') => self.bracket()?,
                Some('.') if !steps.is_empty() => {
                    self.at += 1;
                    self.name()?
                }
                _ if steps.is_empty() => self.name()?,
                _ => return Err(self.bad("a dot or [ must follow ]")),
            };
            steps.push(step);
        }
        Ok(Key(steps))
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn name(&mut self) -> Result<Step, Error> {
        let rest = &self.text[self.at..];
        let name = &rest[..rest.find(['.', '[']).unwrap_or(rest.len())];
        if name.is_empty() {
            return Err(self.bad("a name is missing"));
        }
        self.at += name.len();
        Ok(Step::Name(name.to_owned()))
    }

    fn bracket(&mut self) -> Result<Step, Error> {
        let rest = &self.text[self.at + 1..];
        if rest.starts_with('"') {
            let mut values = serde_json::Deserializer::from_str(rest).into_iter::<String>();
            let Some(Ok(name)) = values.next() else { return Err(self.bad("the quotes are never closed")) };
            let end = values.byte_offset();
            if !rest[end..].starts_with(']') {
                return Err(self.bad("] is missing"));
            }
            self.at += 1 + end + 1;
            return Ok(Step::Name(name));
        }
        let Some((inner, _)) = rest.split_once(']') else { return Err(self.bad("] is missing")) };
        let step = if inner.is_empty() {
            Step::End
        } else if inner.bytes().all(|byte| byte.is_ascii_digit()) {
            Step::Index(inner.parse().map_err(|_| self.bad("this number is too large"))?)
        } else {
            Step::Name(inner.to_owned())
        };
        self.at += inner.len() + 2;
        Ok(step)
    }

    fn bad(&self, why: &'static str) -> Error {
        let at = self.text[..self.at].chars().count() + 1;
        Error::BadKey { key: self.text.to_owned(), why, at }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().enumerate().try_for_each(|(index, step)| match step {
            Step::Name(name) if name.is_empty() || name.contains(['.', '[', ']', '"']) => {
                write!(formatter, "[{}]", super::document::quoted(name))
            }
            Step::Name(name) => write!(formatter, "{}{name}", if index == 0 { "" } else { "." }),
            Step::Index(index) => write!(formatter, "[{index}]"),
            Step::End => formatter.write_str("[]"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(text: &str) -> Step {
        Step::Name(text.to_owned())
    }

    #[test]
    fn keys_are_read() {
        let steps = |text: &str| Key::parse(text).unwrap().0;
        assert_eq!(steps("scripts.build"), [name("scripts"), name("build")]);
        assert_eq!(steps("contributors[0].name"), [name("contributors"), Step::Index(0), name("name")]);
        assert_eq!(steps("scripts[build:all].x"), [name("scripts"), name("build:all"), name("x")]);
        assert_eq!(steps("scripts[\"a.b]\"]"), [name("scripts"), name("a.b]")]);
        assert_eq!(steps("files[]"), [name("files"), Step::End]);
    }

    #[test]
    fn what_is_no_key_is_refused_with_its_place() {
        for (text, place) in [
            ("", 1),
            (".a", 1),
            ("a.", 3),
            ("a..b", 3),
            ("é[", 2),
            ("a[0]b", 5),
            ("a[\"x", 2),
            ("a[99999999999999999999]", 2),
        ] {
            let Err(Error::BadKey { at, .. }) = Key::parse(text) else { panic!("{text:?} was taken") };
            assert_eq!(at, place, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_key_or_refused(text in "\\PC*") {
            if let Ok(key) = Key::parse(&text) {
                prop_assert_eq!(Key::parse(&key.to_string()).unwrap(), key);
            }
        }

        #[test]
        fn keys_are_written_as_they_are_read(steps in proptest::collection::vec(prop_oneof![
            "\\PC{0,6}".prop_map(Step::Name), any::<usize>().prop_map(Step::Index), Just(Step::End)
        ], 1..5)) {
            let key = Key(steps);
            prop_assert_eq!(Key::parse(&key.to_string()).unwrap(), key);
        }
    }
}
