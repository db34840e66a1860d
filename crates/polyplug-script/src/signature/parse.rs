//! Reads signatures. They come from scripts: whatever is in them, this ends with a signature or an error that says where.

use std::str::FromStr;

use super::{Signature, Struct, Type};

/// The longest signature that is read, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;
/// How deep types may lie in each other.
pub const MAX_DEPTH: usize = 32;
/// How many parameters a function and fields a struct may have. As many as a Lua function can take.
pub const MAX_MEMBERS: usize = 255;

/// What is wrong with a signature, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("signature `{signature}`, column {column}: {what}")]
pub struct SignatureError {
    /// The signature, cut off if it is long.
    pub signature: String,
    /// The place, in characters from 1.
    pub column: usize,
    /// What is wrong there.
    pub what: String,
}

impl FromStr for Signature {
    type Err = SignatureError;

    fn from_str(text: &str) -> Result<Self, SignatureError> {
        let mut parser = Parser { text, position: 0 };
        parser.signature().map_err(|what| SignatureError {
            signature: shortened(text),
            column: text[..parser.position].chars().count() + 1,
            what,
        })
    }
}

fn shortened(text: &str) -> String {
    const SHOWN: usize = 120;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

struct Parser<'a> {
    text: &'a str,
    /// In bytes, always between two characters.
    position: usize,
}

impl Parser<'_> {
    fn signature(&mut self) -> Result<Signature, String> {
        if self.text.len() > MAX_BYTES {
            return Err(format!("it has {} bytes; the most are {MAX_BYTES}", self.text.len()));
        }
        let name = self.word().into();
        self.expect('(')?;
        let params = self.members(')', false, 0)?;
        let result = if self.take('-') {
            self.expect('>')?;
            Some(self.kind(0)?)
        } else {
            None
        };
        match self.peek() {
            None => Ok(Signature { name, params, result }),
            Some(_) => Err(format!("{} where the signature should end", self.found())),
        }
    }

    /// What is between brackets, up to and with the closing one.
    fn members(&mut self, close: char, named: bool, depth: usize) -> Result<Struct, String> {
        let mut members: Vec<(Box<str>, Type)> = Vec::new();
        if self.take(close) {
            return if named { Err("a struct without fields".to_owned()) } else { Ok(Struct::new(members)) };
        }
        loop {
            if members.len() == MAX_MEMBERS {
                return Err(format!("more than {MAX_MEMBERS} parameters or fields"));
            }
            let start = self.position;
            let name = self.word();
            if !name.is_empty() && self.take(':') {
                if members.iter().any(|(other, _)| **other == *name) {
                    self.position = start;
                    return Err(format!("the name `{name}` is there twice"));
                }
                members.push((name.into(), self.kind(depth)?));
            } else if named {
                return Err(format!("{} where a field, as in `name:type`, should be", self.found()));
            } else {
                self.position = start;
                members.push(("".into(), self.kind(depth)?));
            }
            if self.take(close) {
                return Ok(Struct::new(members));
            }
            if !self.take(',') {
                return Err(format!("{} where `,` or `{close}` should be", self.found()));
            }
        }
    }

    fn kind(&mut self, depth: usize) -> Result<Type, String> {
        if depth == MAX_DEPTH {
            return Err(format!("types lie in each other deeper than {MAX_DEPTH} levels"));
        }
        if self.take('[') {
            let item = self.kind(depth + 1)?;
            self.expect(']')?;
            return Ok(Type::Array(Box::new(item)));
        }
        if self.take('{') {
            return Ok(Type::Struct(self.members('}', true, depth + 1)?));
        }
        self.skip_spaces();
        let start = self.position;
        let word = self.word();
        Ok(match &*word {
            "u8" => Type::U8,
            "u16" => Type::U16,
            "u32" => Type::U32,
            "u64" => Type::U64,
            "i8" => Type::I8,
            "i16" => Type::I16,
            "i32" => Type::I32,
            "i64" => Type::I64,
            "f32" => Type::F32,
            "f64" => Type::F64,
            "bool" => Type::Bool,
            "string" => Type::String,
            "bytes" => Type::Bytes,
            _ => {
                self.position = start;
                let found = if word.is_empty() { self.found() } else { format!("`{}`", shortened(&word)) };
                return Err(format!(
                    "{found} is no type; types are u8 to u64, i8 to i64, f32, f64, bool, string, bytes, [T], {{name:T}}"
                ));
            }
        })
    }

    fn skip_spaces(&mut self) {
        let rest = &self.text[self.position..];
        self.position += rest.len() - rest.trim_start().len();
    }

    fn peek(&mut self) -> Option<char> {
        self.skip_spaces();
        self.text[self.position..].chars().next()
    }

    fn take(&mut self, wanted: char) -> bool {
        let there = self.peek() == Some(wanted);
        if there {
            self.position += wanted.len_utf8();
        }
        there
    }

    fn expect(&mut self, wanted: char) -> Result<(), String> {
        if self.take(wanted) { Ok(()) } else { Err(format!("{} where `{wanted}` should be", self.found())) }
    }

    fn found(&mut self) -> String {
        self.peek().map_or_else(|| "the end".to_owned(), |found| format!("`{}`", found.escape_debug()))
    }

    /// An identifier; empty if there is none.
    fn word(&mut self) -> String {
        self.skip_spaces();
        let rest = &self.text[self.position..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        if rest.starts_with(|c: char| c.is_ascii_digit()) {
            return String::new();
        }
        self.position += end;
        rest[..end].to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        text.parse::<Signature>().expect_err("this is no signature").to_string()
    }

    #[test]
    fn the_example_of_the_description_is_read_and_shown_again() {
        let text = "(u32,string,{x:f32,y:f32},[bytes])->bool";
        assert_eq!(text.parse::<Signature>().expect("valid").to_string(), text);
        let named = "paint( at : { x : f32 , y : f32 } , color : u32 ) -> u32";
        assert_eq!(named.parse::<Signature>().expect("valid").to_string(), "paint(at:{x:f32,y:f32},color:u32)->u32");
        assert_eq!("()".parse::<Signature>().expect("valid").to_string(), "()");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, column, what) in [
            ("", 1, "the end where `(` should be"),
            ("(u33)", 2, "`u33` is no type"),
            ("(u8,", 5, "the end is no type"),
            ("(u8 u8)", 5, "`u` where `,` or `)` should be"),
            ("({})", 4, "a struct without fields"),
            ("({u8})", 5, "where a field"),
            ("({a:u8,a:u8})", 8, "`a` is there twice"),
            ("(a:u8,a:u8)", 7, "`a` is there twice"),
            ("([u8)", 5, "`)` where `]` should be"),
            ("()->", 5, "the end is no type"),
            ("()-u8", 4, "`u` where `>` should be"),
            ("() nothing", 4, "`n` where the signature should end"),
            ("(1a:u8)", 2, "`1` is no type"),
            ("(\0)", 2, "`\\0` is no type"),
            ("(ü8)", 2, "`ü` is no type"),
        ] {
            let message = refused(text);
            assert!(message.contains(&format!("column {column}: ")) && message.contains(what), "{text:?}: {message}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_written_is_read_or_refused(
            text in proptest::prop_oneof!["[u8(){},:> \\[\\]a-]{0,40}", proptest::prelude::any::<String>()]
        ) {
            if let Ok(signature) = text.parse::<Signature>() {
                proptest::prop_assert_eq!(signature.to_string().parse::<Signature>(), Ok(signature));
            }
        }
    }

    #[test]
    fn what_is_too_large_is_refused() {
        assert!(refused(&format!("({}u8{})", "[".repeat(1_000), "]".repeat(1_000))).contains("deeper than 32"));
        assert!(refused(&format!("({}u8{})", "{a:".repeat(1_000), "}".repeat(1_000))).contains("deeper than 32"));
        assert!(refused(&format!("(u8{})", ",u8".repeat(255))).contains("more than 255"));
        assert!(refused(&" ".repeat(MAX_BYTES + 1)).contains("the most are 65536"));
        assert!(format!("({}u8{})", "[".repeat(31), "]".repeat(31)).parse::<Signature>().is_ok());
        assert!(format!("(u8{})", ",u8".repeat(254)).parse::<Signature>().is_ok());
    }
}
