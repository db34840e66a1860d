//! The text of a `.env` file as names and values, with Bun's syntax; what `$` means is in `expand`.
//!
//! - `NAME=value` or `NAME: value`, perhaps after `export`; names are of `A-Z a-z 0-9 _ . -`.
//! - A value in `"`, `'` or `` ` `` may have line breaks. Its end is a quote with nothing behind it on the line but
//!   blanks and a comment, so other quotes in it need no care; one behind a `\` is never the end. Only between `"`
//!   do `\n` and `\r` stand for line feed and carriage return. Line ends in a value are line feeds.
//! - Any other value ends with the line or at a `#` behind a blank; blanks around it do not count.
//! - A line that is none of this is passed over.
//!
//! Nothing is copied but values with an escape or a carriage return.

use std::borrow::Cow;
use std::ops::Range;

/// A name and its value, before `$` is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The name: ASCII.
    pub name: &'a str,
    /// The value.
    pub value: Cow<'a, [u8]>,
    /// Where the value stands in the text, in bytes, quotes included.
    pub at: Range<usize>,
}

/// What a file says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Parsed<'a> {
    /// In the order of the file; a name may come more than once.
    pub entries: Vec<Entry<'a>>,
    /// The lines that say nothing, from 1.
    pub ignored: Vec<usize>,
}

/// Why a text cannot be read as meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// No variable can hold a NUL byte.
    Nul,
    /// The quote here has no end.
    Unclosed(u8),
}

/// Reads a text. The error says where, in bytes.
///
/// # Errors
///
/// A NUL byte anywhere; a quote without an end.
pub fn parse(text: &[u8]) -> Result<Parsed<'_>, (usize, Mistake)> {
    if let Some(at) = text.iter().position(|byte| *byte == 0) {
        return Err((at, Mistake::Nul));
    }
    let mut parsed = Parsed::default();
    let mut at = if text.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    // How many line ends are before which place: counted on only where a line is passed over.
    let mut counted = (0, 0);
    while at < text.len() {
        at = skip(text, at, |byte| is_blank(byte) || is_line_end(byte));
        if at == text.len() {
            break;
        }
        if text[at] == b'#' {
            at = line_end(text, at);
            continue;
        }
        let Some((name, value_at)) = name(text, at) else {
            counted = (at, counted.1 + text[counted.0..at].iter().filter(|byte| **byte == b'\n').count());
            parsed.ignored.push(counted.1 + 1);
            at = line_end(text, at);
            continue;
        };
        let start = skip(text, value_at, is_blank);
        let (value, end) = match text.get(start) {
            Some(quote @ (b'"' | b'\'' | b'`')) => {
                let end = closing_quote(text, start, *quote).ok_or((start, Mistake::Unclosed(*quote)))?;
                (unescape(&text[start + 1..end], *quote), end + 1)
            }
            _ => {
                let end = unquoted_end(text, start);
                (Cow::Borrowed(&text[start..end]), end)
            }
        };
        parsed.entries.push(Entry { name, value, at: start..end });
        // What is left of the line is blanks and a comment.
        at = line_end(text, end);
    }
    Ok(parsed)
}

/// The name at `at`, and where its value may begin.
fn name(text: &[u8], at: usize) -> Option<(&str, usize)> {
    let mut start = at;
    let mut end = skip(text, start, is_name);
    let mut next = skip(text, end, is_blank);
    if &text[start..end] == b"export" && next > end && text.get(next).is_some_and(|byte| is_name(*byte)) {
        start = next;
        end = skip(text, start, is_name);
        next = skip(text, end, is_blank);
    }
    let separated = match text.get(next)? {
        b'=' => true,
        b':' => text.get(next + 1).is_none_or(|byte| is_blank(*byte) || is_line_end(*byte)),
        _ => false,
    };
    let name = std::str::from_utf8(&text[start..end]).ok()?;
    (separated && !name.is_empty()).then_some((name, next + 1))
}

/// Where the quote that begins at `start` ends: the place of the closing one.
fn closing_quote(text: &[u8], start: usize, quote: u8) -> Option<usize> {
    let mut at = start + 1;
    loop {
        at = skip(text, at, |byte| byte != quote && byte != b'\\');
        if *text.get(at)? == b'\\' {
            at += 2;
            continue;
        }
        let after = skip(text, at + 1, is_blank);
        match text.get(after) {
            None | Some(b'#' | b'\n' | b'\r') => return Some(at),
            Some(_) => at += 1,
        }
    }
}

/// Where an unquoted value that begins at `start` ends. A `#` without a blank before it is part of it, as in
/// `COLOR=#fff`.
fn unquoted_end(text: &[u8], start: usize) -> usize {
    let line = start..line_end(text, start);
    let comment = line.clone().find(|at| text[*at] == b'#' && is_blank(text[*at - 1]));
    let value = &text[start..comment.unwrap_or(line.end)];
    start + value.len() - value.iter().rev().take_while(|byte| is_blank(**byte)).count()
}

fn unescape(value: &[u8], quote: u8) -> Cow<'_, [u8]> {
    if !value.iter().any(|byte| *byte == b'\r' || (*byte == b'\\' && quote == b'"')) {
        return Cow::Borrowed(value);
    }
    let mut plain = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match (first, after.first()) {
            (b'\r', Some(b'\n')) => {}
            (b'\r', _) => plain.push(b'\n'),
            (b'\\', Some(letter)) if quote == b'"' => {
                match letter {
                    b'n' => plain.push(b'\n'),
                    b'r' => plain.push(b'\r'),
                    other => plain.extend([b'\\', *other]),
                }
                rest = &after[1..];
            }
            (other, _) => plain.push(*other),
        }
    }
    Cow::Owned(plain)
}

fn skip(text: &[u8], at: usize, what: impl Fn(u8) -> bool) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| !what(*byte)).unwrap_or(rest.len())
}

fn line_end(text: &[u8], at: usize) -> usize {
    skip(text, at, |byte| !is_line_end(byte))
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | 0x0B | 0x0C)
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}
