//! `SHA256SUMS`, as `sha256sum -c` takes it, and SHA-256 of what streams by.

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::str::FromStr;

/// The longest text that is parsed: far more than a release has files.
const MAX_TEXT: usize = 16 * 1024 * 1024;

/// A SHA-256; as text 64 lowercase hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256Sum(pub [u8; 32]);

impl fmt::Display for Sha256Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Sha256Sum {
    type Err = NotASum;

    /// Upper-case digits are taken too, as coreutils does.
    fn from_str(text: &str) -> Result<Self, NotASum> {
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let mut sum = [0; 32];
        if pairs.len() != sum.len() || !rest.is_empty() {
            return Err(NotASum);
        }
        for (byte, [high, low]) in sum.iter_mut().zip(pairs) {
            let digit = |character: u8| char::from(character).to_digit(16).ok_or(NotASum);
            *byte = (digit(*high)? << 4 | digit(*low)?) as u8;
        }
        Ok(Self(sum))
    }
}

/// A text that is not 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not 64 hexadecimal digits")]
pub struct NotASum;

/// Passes on what is written to it, and hashes it.
pub struct Sha256Writer<W: Write> {
    inner: W,
    hash: Sha256,
    size: u64,
}

impl<W: Write> Sha256Writer<W> {
    /// Starts with nothing hashed.
    pub fn new(inner: W) -> Self {
        Self { inner, hash: Sha256::new(), size: 0 }
    }

    /// The inner writer, the sum, and how many bytes it is of.
    pub fn finish(self) -> (W, Sha256Sum, u64) {
        (self.inner, Sha256Sum(self.hash.finalize().into()), self.size)
    }
}

impl<W: Write> Write for Sha256Writer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// The sum of all that can be read, and its size in bytes.
pub fn sha256_reader(mut from: impl Read) -> io::Result<(Sha256Sum, u64)> {
    let mut hash = Sha256::new();
    let mut size = 0;
    let mut buffer = vec![0; 128 * 1024];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok((Sha256Sum(hash.finalize().into()), size)),
            Ok(read) => {
                hash.update(&buffer[..read]);
                size += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The sum of a file, and its size in bytes.
pub fn sha256_file(path: &Path) -> io::Result<(Sha256Sum, u64)> {
    sha256_reader(File::open(path)?)
}

/// The content of a `SHA256SUMS`: file name to sum, sorted by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checksums(pub BTreeMap<String, Sha256Sum>);

impl fmt::Display for Checksums {
    /// `SUM  NAME` and a line feed for each. A name with a backslash, a line feed or a carriage
    /// return is escaped, and the line then begins with a backslash (coreutils, `sha256sum`).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, sum) in &self.0 {
            if name.contains(['\\', '\n', '\r']) {
                let name = name.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
                writeln!(f, "\\{sum}  {name}")?;
            } else {
                writeln!(f, "{sum}  {name}")?;
            }
        }
        Ok(())
    }
}

/// Why a text is not a list of checksums. Lines count from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChecksumsError {
    /// Not `SUM  NAME`.
    #[error("line {0} is not a SHA-256, two spaces and a file name")]
    BadLine(usize),
    /// An escaped name with an escape that does not exist.
    #[error("the file name in line {0} is escaped wrongly")]
    BadEscape(usize),
    /// Two lines for one file.
    #[error("line {line} lists {name:?} for a second time")]
    Duplicate {
        /// The second of the two lines.
        line: usize,
        /// The file's name.
        name: String,
    },
    /// More text than any release has.
    #[error("the list has {0} bytes, more than {MAX_TEXT}")]
    TooLong(usize),
}

impl FromStr for Checksums {
    type Err = ChecksumsError;

    /// Takes ` *NAME` (binary mode) too. Whether a name is safe to open is the caller's matter.
    fn from_str(text: &str) -> Result<Self, ChecksumsError> {
        if text.len() > MAX_TEXT {
            return Err(ChecksumsError::TooLong(text.len()));
        }
        let mut sums = BTreeMap::new();
        // Not `lines()`: that would take a carriage return off the name.
        for (at, line) in text.split_terminator('\n').enumerate() {
            let number = at + 1;
            let (escaped, line) = match line.strip_prefix('\\') {
                Some(rest) => (true, rest),
                None => (false, line),
            };
            let (sum, rest) = line.split_at_checked(64).ok_or(ChecksumsError::BadLine(number))?;
            let sum = sum.parse().map_err(|NotASum| ChecksumsError::BadLine(number))?;
            let name = rest
                .strip_prefix("  ")
                .or_else(|| rest.strip_prefix(" *"))
                .filter(|name| !name.is_empty())
                .ok_or(ChecksumsError::BadLine(number))?;
            let name = if escaped { unescape(name).ok_or(ChecksumsError::BadEscape(number))? } else { name.to_owned() };
            if sums.insert(name.clone(), sum).is_some() {
                return Err(ChecksumsError::Duplicate { line: number, name });
            }
        }
        Ok(Self(sums))
    }
}

fn unescape(name: &str) -> Option<String> {
    let mut plain = String::with_capacity(name.len());
    let mut characters = name.chars();
    while let Some(character) = characters.next() {
        plain.push(match character {
            '\\' => match characters.next()? {
                '\\' => '\\',
                'n' => '\n',
                'r' => '\r',
                _ => return None,
            },
            other => other,
        });
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn the_empty_input_has_its_known_sum() {
        assert_eq!(sha256_reader(io::empty()).unwrap().0.to_string(), EMPTY);
        let (_, sum, size) = Sha256Writer::new(io::sink()).finish();
        assert_eq!((sum.to_string().as_str(), size), (EMPTY, 0));
    }

    #[test]
    fn lines_are_sorted_and_odd_names_escaped() {
        let sum: Sha256Sum = EMPTY.parse().unwrap();
        let names = ["b", "a\nb", "a\\b"];
        let sums = Checksums(names.iter().map(|name| (name.to_string(), sum)).collect());
        let text = sums.to_string();
        assert_eq!(text, format!("\\{EMPTY}  a\\nb\n\\{EMPTY}  a\\\\b\n{EMPTY}  b\n"));
        assert_eq!(text.parse(), Ok(sums));
    }

    #[test]
    fn malformed_lists_name_the_line() {
        use ChecksumsError::{BadEscape, BadLine};
        for (text, error) in [
            (format!("{EMPTY}  a\nx\n"), BadLine(2)),
            (format!("{EMPTY} a\n"), BadLine(1)),
            (format!("{EMPTY}  \n"), BadLine(1)),
            (format!("\\{EMPTY}  a\\x\n"), BadEscape(1)),
            (format!("{}é  a", &EMPTY[..63]), BadLine(1)),
            (format!("{EMPTY}  a\n{EMPTY} *a\n"), ChecksumsError::Duplicate { line: 2, name: "a".to_owned() }),
        ] {
            assert_eq!(text.parse::<Checksums>(), Err(error), "{text}");
        }
    }
}
