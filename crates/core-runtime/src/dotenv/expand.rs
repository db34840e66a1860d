//! What `$` means in a value: `$NAME`, `${NAME}` and `${NAME:-default}` stand for another variable's value, in quotes
//! of every kind, too; `\$` stands for a dollar sign, and so does one that no name follows.
//!
//! A name means, in this order: what wins over the file (the command line, the process), the nearest line above, a line
//! below, what the file wins over. A variable that refers to itself in a circle is unset there. A default is taken
//! where the variable is unset or empty, as shells do.

use std::borrow::Cow;
use std::collections::HashMap;

use super::parse::Entry;
use super::read::LIMIT;

/// How deep values may refer to values, and defaults stand in defaults.
const DEPTH: usize = 64;

/// Why a value cannot be had; the number is the entry's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mistake {
    /// More than 64 values within values.
    TooDeep(usize),
    /// All values together come to more than [`LIMIT`] bytes.
    TooLong(usize),
}

/// The variables around a file.
pub(super) trait Around {
    /// The value that wins over the file's own.
    fn above(&self, name: &str) -> Option<&[u8]>;
    /// The value that holds where the file has none.
    fn below(&self, name: &str) -> Option<&[u8]>;
}

/// The values of the entries, in their order.
///
/// # Errors
///
/// Values that are too deep or too long.
pub(super) fn expand<'a>(entries: &'a [Entry<'_>], around: &dyn Around) -> Result<Vec<Cow<'a, [u8]>>, Mistake> {
    if entries.iter().all(|entry| !has_dollar(&entry.value)) {
        return Ok(entries.iter().map(|entry| Cow::Borrowed(entry.value.as_ref())).collect());
    }
    let mut places: HashMap<Cow<'_, str>, Vec<usize>> = HashMap::with_capacity(entries.len());
    for (at, entry) in entries.iter().enumerate() {
        places.entry(key(entry.name)).or_default().push(at);
    }
    let states = entries.iter().map(|_| State::Open).collect();
    let mut expansion = Expansion { entries, around, places, states, length: 0 };
    for at in 0..entries.len() {
        expansion.settle(at, 0)?;
    }
    Ok(expansion
        .states
        .into_iter()
        .map(|state| if let State::Done(value) = state { value } else { Cow::default() })
        .collect())
}

/// What names are compared by.
fn key(name: &str) -> Cow<'_, str> {
    if cfg!(windows) { Cow::Owned(name.to_ascii_uppercase()) } else { Cow::Borrowed(name) }
}

fn has_dollar(value: &[u8]) -> bool {
    value.contains(&b'$')
}

enum State<'a> {
    Open,
    /// It is being expanded: who asks for it now is part of a circle.
    Active,
    Done(Cow<'a, [u8]>),
}

struct Expansion<'a, 't, 'r> {
    entries: &'a [Entry<'t>],
    around: &'r dyn Around,
    /// Where each name stands, in ascending order.
    places: HashMap<Cow<'a, str>, Vec<usize>>,
    states: Vec<State<'a>>,
    /// Bytes that expanding has made so far.
    length: usize,
}

impl Expansion<'_, '_, '_> {
    /// Sees to it that the entry is done, unless it is active.
    fn settle(&mut self, at: usize, depth: usize) -> Result<(), Mistake> {
        if !matches!(self.states[at], State::Open) {
            return Ok(());
        }
        let entries = self.entries;
        let value = &entries[at].value;
        if has_dollar(value) {
            self.states[at] = State::Active;
            let mut expanded = Vec::new();
            self.write(value, at, depth, &mut expanded)?;
            self.states[at] = State::Done(Cow::Owned(expanded));
        } else {
            self.states[at] = State::Done(Cow::Borrowed(value));
        }
        Ok(())
    }

    /// Writes a text of entry `at` with everything in it expanded.
    fn write(&mut self, text: &[u8], at: usize, depth: usize, out: &mut Vec<u8>) -> Result<(), Mistake> {
        if depth > DEPTH {
            return Err(Mistake::TooDeep(at));
        }
        let mut rest = text;
        while let Some(dollar) = rest.iter().position(|byte| *byte == b'$') {
            let (before, from) = rest.split_at(dollar);
            if let Some(before) = before.strip_suffix(b"\\") {
                self.append(before, at, out)?;
                self.append(b"$", at, out)?;
                rest = &from[1..];
                continue;
            }
            self.append(before, at, out)?;
            let Some(reference) = Reference::read(from) else {
                self.append(b"$", at, out)?;
                rest = &from[1..];
                continue;
            };
            rest = &from[reference.length..];
            let start = out.len();
            self.look_up(reference.name, at, depth, out)?;
            if let (true, Some(default)) = (out.len() == start, reference.default) {
                self.write(default, at, depth + 1, out)?;
            }
        }
        self.append(rest, at, out)
    }

    /// Writes the value that a name has for entry `at`; nothing where it has none.
    fn look_up(&mut self, name: &str, at: usize, depth: usize, out: &mut Vec<u8>) -> Result<(), Mistake> {
        if let Some(value) = self.around.above(name) {
            return self.append(value, at, out);
        }
        let places = self.places.get(&key(name)).map(Vec::as_slice).unwrap_or_default();
        let nearest = places[..places.partition_point(|place| *place < at)].last().or(places.last()).copied();
        if let Some(place) = nearest {
            self.settle(place, depth + 1)?;
            if let State::Done(value) = &self.states[place] {
                let value = value.clone();
                return self.append(&value, at, out);
            }
        }
        let around = self.around;
        around.below(name).map_or(Ok(()), |value| self.append(value, at, out))
    }

    fn append(&mut self, bytes: &[u8], at: usize, out: &mut Vec<u8>) -> Result<(), Mistake> {
        self.length += bytes.len();
        if self.length > LIMIT {
            return Err(Mistake::TooLong(at));
        }
        out.extend_from_slice(bytes);
        Ok(())
    }
}

/// `$NAME`, `${NAME}`, `${NAME:-default}`; a brace that is not closed ends with the value, or is none.
struct Reference<'a> {
    name: &'a str,
    default: Option<&'a [u8]>,
    /// Bytes of all of it.
    length: usize,
}

impl<'a> Reference<'a> {
    /// The one that `text` begins with, if it does.
    fn read(text: &'a [u8]) -> Option<Self> {
        let braced = text.get(1) == Some(&b'{');
        let start = if braced { 2 } else { 1 };
        let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
        let end = start + text.get(start..)?.iter().take_while(is_name).count();
        let name = std::str::from_utf8(&text[start..end]).ok().filter(|name| !name.is_empty())?;
        let rest = &text[end..];
        if !braced {
            return Some(Self { name, default: None, length: end });
        }
        if let Some(default) = rest.strip_prefix(b":-") {
            let length = matching_brace(default);
            let closed = usize::from(length < default.len());
            return Some(Self { name, default: Some(&default[..length]), length: end + 2 + length + closed });
        }
        Some(Self { name, default: None, length: end + usize::from(rest.starts_with(b"}")) })
    }
}

/// Where the brace that was opened before `text` is closed; its length where it is not.
fn matching_brace(text: &[u8]) -> usize {
    let mut open = 0_usize;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'{' if at > 0 && text[at - 1] == b'$' => open += 1,
            b'}' if open == 0 => return at,
            b'}' => open -= 1,
            _ => {}
        }
    }
    text.len()
}
