//! The relational database within a package: tables of numbers and of references to strings, a stream for each, and
//! a pool of strings. The layout is that of Windows Installer's own files, as Wine's `msi/table.c` and `msi/string.c`
//! read it: Microsoft describes the tables, but not their bytes.

mod read;
mod schema;
mod write;

pub(super) use self::read::{Database, Table};
use self::schema::table as schema_of;
pub(super) use self::write::{DatabaseWriter, Value};

/// Marks streams that hold tables.
const TABLE_MARK: char = '\u{4840}';

/// Beyond this number of strings a reference takes three bytes instead of two; the pool's header says so.
const MAX_SHORT_REFERENCES: usize = 0xFFFF;
const LONG_REFERENCES: u32 = 0x8000_0000;

/// Code pages: Windows' western one, which stands for ASCII here, and UTF-8.
pub(super) const WESTERN: u32 = 1252;
pub(super) const UTF_8: u32 = 65001;

const STRING_POOL: &str = "_StringPool";
const STRING_DATA: &str = "_StringData";
const TABLES: &str = "_Tables";
const COLUMNS: &str = "_Columns";

/// The name of a stream in the compound file: two characters of the alphabet become one, so that names of up to 62
/// characters fit.
pub(super) fn stream_name(name: &str, is_table: bool) -> String {
    let mut encoded = String::new();
    if is_table {
        encoded.push(TABLE_MARK);
    }
    let mut characters = name.chars().peekable();
    while let Some(character) = characters.next() {
        let Some(first) = digit(character) else {
            encoded.push(character);
            continue;
        };
        let code = match characters.peek().copied().and_then(digit) {
            Some(second) => {
                characters.next();
                0x3800 + first + (second << 6)
            }
            None => 0x4800 + first,
        };
        encoded.extend(char::from_u32(code));
    }
    encoded
}

fn digit(character: char) -> Option<u32> {
    const ALPHABET: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._";
    ALPHABET.find(character).map(|at| at as u32)
}

/// How a column is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A number of 16 bits.
    Short,
    /// A number of 32 bits.
    Long,
    /// A reference to a string.
    Text,
    /// A stream of its own, named by the table and the keys.
    Binary,
}

impl Kind {
    fn width(self, long_references: bool) -> usize {
        match self {
            Self::Short | Self::Binary => 2,
            Self::Long => 4,
            Self::Text => 2 + usize::from(long_references),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::stream_name;

    #[test]
    fn names_of_streams_are_packed() {
        assert_eq!(stream_name("_Columns", true), "\u{4840}\u{3b3f}\u{43f2}\u{4438}\u{45b1}");
        assert_eq!(stream_name("_Tables", true), "\u{4840}\u{3f7f}\u{4164}\u{422f}\u{4836}");
        assert_eq!(stream_name("App.exe", false), "\u{44ca}\u{47b3}\u{46e8}\u{4828}");
        assert_eq!(stream_name("\u{5}a", false), "\u{5}\u{4824}");
    }
}
