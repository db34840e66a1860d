//! Entitlements: a property list in XML, as people write it, and the DER form that newer systems
//! read beside it (Apple's libCoreEntitlements; the form is that of `codesign --generate-entitlement-der`).

use plist::Value;
use std::io::Cursor;

/// Entitlements of real programs take a few kilobytes.
const MAX_SIZE: usize = 1 << 20;
/// Arrays and dictionaries in all; real ones hold a few. Bounds how deep they can be nested, too.
const MAX_CONTAINERS: usize = 500;

const BOOLEAN: u8 = 0x01;
const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const UTF8_STRING: u8 = 0x0C;
const SEQUENCE: u8 = 0x30;
/// `[APPLICATION 16]`, constructed: the whole.
const WHOLE: u8 = 0x70;
/// `[CONTEXT 16]`, constructed: a dictionary.
const DICTIONARY: u8 = 0xB0;

/// Keys that set flags of the executable segment (`kern/cs_blobs.h`, `CS_EXECSEG_…`; which keys
/// set which is in the Security framework's `signer.cpp`).
const SEGMENT_FLAGS: [(&str, u64); 7] = [
    ("get-task-allow", 0x10),
    ("run-unsigned-code", 0x10),
    ("com.apple.private.cs.debugger", 0x20),
    ("dynamic-codesigning", 0x40),
    ("com.apple.private.skip-library-validation", 0x80),
    ("com.apple.private.amfi.can-load-cdhash", 0x100),
    ("com.apple.private.amfi.can-execute-cdhash", 0x200),
];

/// Why a text cannot be entitlements.
#[derive(Debug, thiserror::Error)]
pub enum EntitlementsError {
    /// Far more than any program has.
    #[error("the entitlements are too large: at most {MAX_SIZE} bytes and {MAX_CONTAINERS} arrays and dictionaries")]
    TooLarge,
    /// Not a property list in XML.
    #[error("the entitlements are no property list in XML: {0}")]
    NoPropertyList(String),
    /// The outermost value is something else.
    #[error("the entitlements are not a dictionary: <dict> has to be the outermost element of the <plist>")]
    NoDictionary,
    /// Something that the DER form has no place for.
    #[error(
        "the value of {key} is a {kind}; entitlements are booleans, integers, strings, data, arrays and dictionaries"
    )]
    BadValue {
        /// Its key, or that of the array or dictionary that it is in.
        key: String,
        /// What it is.
        kind: &'static str,
    },
}

/// Entitlements in both forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entitlements {
    xml: Vec<u8>,
    der: Vec<u8>,
    segment_flags: u64,
}

impl Entitlements {
    /// Reads a property list in XML.
    ///
    /// # Errors
    /// It is none, or it holds what entitlements cannot.
    pub fn parse(xml: &[u8]) -> Result<Self, EntitlementsError> {
        let containers = xml.windows(5).filter(|at| at.starts_with(b"<dict") || *at == b"<arra").count();
        if xml.len() > MAX_SIZE || containers > MAX_CONTAINERS {
            return Err(EntitlementsError::TooLarge);
        }
        let value = Value::from_reader_xml(Cursor::new(xml))
            .map_err(|error| EntitlementsError::NoPropertyList(error.to_string()))?;
        let dictionary = value.as_dictionary().ok_or(EntitlementsError::NoDictionary)?;
        let flag = |(key, flag): (&str, u64)| match dictionary.get(key) {
            Some(Value::Boolean(true)) => flag,
            _ => 0,
        };
        let segment_flags = SEGMENT_FLAGS.into_iter().map(flag).fold(0, |all, flag| all | flag);
        let mut content = element(INTEGER, &[1]);
        content.extend(encode("the entitlements", &value)?);
        Ok(Self { xml: xml.to_vec(), der: element(WHOLE, &content), segment_flags })
    }

    /// The XML, as it was given.
    pub fn xml(&self) -> &[u8] {
        &self.xml
    }

    /// The DER form.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    pub(super) fn segment_flags(&self) -> u64 {
        self.segment_flags
    }
}

fn encode(key: &str, value: &Value) -> Result<Vec<u8>, EntitlementsError> {
    let bad = |kind| Err(EntitlementsError::BadValue { key: key.to_owned(), kind });
    Ok(match value {
        Value::Boolean(value) => element(BOOLEAN, &[if *value { 0xFF } else { 0 }]),
        Value::Integer(value) => match (value.as_signed(), value.as_unsigned()) {
            (Some(value), _) => element(INTEGER, shortest(&value.to_be_bytes())),
            (None, Some(value)) => element(INTEGER, shortest(&i128::from(value).to_be_bytes())),
            (None, None) => return bad("number that is too large"),
        },
        Value::String(value) => element(UTF8_STRING, value.as_bytes()),
        Value::Data(value) => element(OCTET_STRING, value),
        Value::Array(values) => {
            let all: Result<Vec<_>, _> = values.iter().map(|value| encode(key, value)).collect();
            element(SEQUENCE, &all?.concat())
        }
        Value::Dictionary(values) => {
            let mut pairs: Vec<_> = values.iter().collect();
            // DER has one order for one content.
            pairs.sort_by(|(a, _), (b, _)| a.as_bytes().cmp(b.as_bytes()));
            let mut content = Vec::new();
            for (key, value) in pairs {
                let pair = [element(UTF8_STRING, key.as_bytes()), encode(key, value)?].concat();
                content.extend(element(SEQUENCE, &pair));
            }
            element(DICTIONARY, &content)
        }
        Value::Real(_) => return bad("fraction"),
        Value::Date(_) => return bad("date"),
        _ => return bad("value of an unknown kind"),
    })
}

/// Two's complement without the leading bytes that say nothing.
fn shortest(bytes: &[u8]) -> &[u8] {
    let superfluous = |pair: &[u8]| matches!(pair, [0, 0..=0x7F] | [0xFF, 0x80..=0xFF]);
    let skip = bytes.windows(2).take_while(|pair| superfluous(pair)).count();
    &bytes[skip..]
}

/// Tag, length, content (X.690, 8.1).
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    if content.len() < 0x80 {
        bytes.push(content.len() as u8);
    } else {
        let length = content.len().to_be_bytes();
        let skip = length.iter().take_while(|&&byte| byte == 0).count();
        bytes.push(0x80 | (length.len() - skip) as u8);
        bytes.extend_from_slice(&length[skip..]);
    }
    bytes.extend_from_slice(content);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(content: &str) -> Result<Entitlements, EntitlementsError> {
        Entitlements::parse(format!("<?xml version=\"1.0\"?><plist version=\"1.0\">{content}</plist>").as_bytes())
    }

    #[test]
    fn the_der_form_is_sorted_and_tagged() {
        let parsed = parse("<dict><key>b</key><true/><key>a</key><string>x</string></dict>").unwrap();
        // [APPLICATION 16] { INTEGER 1, [16] { { "a", "x" }, { "b", TRUE } } }
        let pairs = b"\x30\x06\x0C\x01a\x0C\x01x\x30\x06\x0C\x01b\x01\x01\xFF";
        let expected = [&b"\x70\x15\x02\x01\x01\xB0\x10"[..], pairs].concat();
        assert_eq!(parsed.der(), expected);
    }

    #[test]
    fn integers_are_as_short_as_they_can_be() {
        for (text, der) in [
            ("0", &b"\x02\x01\x00"[..]),
            ("127", b"\x02\x01\x7F"),
            ("128", b"\x02\x02\x00\x80"),
            ("-128", b"\x02\x01\x80"),
            ("-129", b"\x02\x02\xFF\x7F"),
            ("18446744073709551615", b"\x02\x09\x00\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"),
        ] {
            let parsed = parse(&format!("<dict><key>n</key><integer>{text}</integer></dict>")).unwrap();
            assert!(parsed.der().ends_with(der), "{text}: {:02x?}", parsed.der());
        }
    }

    #[test]
    fn what_is_no_entitlement_is_named() {
        let error = |content: &str| parse(content).unwrap_err().to_string();
        assert!(error("<array/>").contains("not a dictionary"));
        assert!(error("<dict><key>x</key><real>1.5</real></dict>").starts_with("the value of x is a fraction"));
        assert!(error("<dict><key>x").contains("no property list"), "{}", error("<dict><key>x"));
        assert!(matches!(parse(&"<array>".repeat(501)), Err(EntitlementsError::TooLarge)));
    }

    #[test]
    fn some_keys_are_flags_of_the_executable_segment() {
        let parsed = parse("<dict><key>get-task-allow</key><true/><key>dynamic-codesigning</key><false/></dict>");
        assert_eq!(parsed.unwrap().segment_flags(), 0x10);
    }
}
