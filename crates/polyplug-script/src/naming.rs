//! Contracts and versions as scripts write them: `"text.Case@1"`, `"1.1"`, `"1.2.0"`.

use polyplug_abi::AbiErrorCode;
use polyplug_abi::types::{LogLevel, Version};

use crate::fault::Fault;

/// Name and major of a contract, as in `text.Case@1`.
///
/// # Errors
///
/// Anything else.
pub fn contract(text: &str) -> Result<(&str, u16), Fault> {
    let parts = text.rsplit_once('@').and_then(|(name, major)| Some((name, number(major)?)));
    parts.filter(|(name, _)| !name.is_empty()).ok_or_else(|| {
        Fault::new(
            AbiErrorCode::InvalidArgument,
            format!("`{text}` is no contract; one is its name and major version, as in `text.Case@1`"),
        )
    })
}

/// A least version, as in `1.1` or `1`, packed, for a contract with this major.
///
/// # Errors
///
/// Anything else, and another major.
pub fn least_version(text: &str, major: u16) -> Result<u32, Fault> {
    let (first, minor) = text.split_once('.').unwrap_or((text, "0"));
    match (number(first), number(minor)) {
        (Some(first), Some(minor)) if first == major => Ok(Version::new(first, minor, 0).packed()),
        (Some(first), Some(_)) => Err(Fault::new(
            AbiErrorCode::InvalidArgument,
            format!("the least version `{text}` is of major {first}; the contract's is {major}"),
        )),
        _ => Err(Fault::new(
            AbiErrorCode::InvalidArgument,
            format!("`{text}` is no least version; one is major and minor, as in `{major}.1`"),
        )),
    }
}

/// A version, as in `1.2.0`.
///
/// # Errors
///
/// Anything else.
pub fn version(text: &str) -> Result<Version, Fault> {
    let mut parts = text.split('.').map(number);
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(Some(major)), Some(Some(minor)), Some(Some(patch)), None) => Ok(Version::new(major, minor, patch)),
        _ => Err(Fault::new(
            AbiErrorCode::InvalidArgument,
            format!("`{text}` is no version; one is three numbers up to 65535, as in `1.2.0`"),
        )),
    }
}

/// A level of the log.
///
/// # Errors
///
/// A name that is none.
pub fn log_level(text: &str) -> Result<LogLevel, Fault> {
    Ok(match text {
        "error" => LogLevel::Error,
        "warn" => LogLevel::Warn,
        "info" => LogLevel::Info,
        "debug" => LogLevel::Debug,
        "trace" => LogLevel::Trace,
        _ => {
            return Err(Fault::new(
                AbiErrorCode::InvalidArgument,
                format!("`{text}` is no level of the log; they are error, warn, info, debug and trace"),
            ));
        }
    })
}

/// A number of digits only.
fn number(text: &str) -> Option<u16> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_as_it_should_be_is_read() {
        assert_eq!(contract("text.Case@1").expect("a contract"), ("text.Case", 1));
        assert_eq!(least_version("1.7", 1).expect("a version"), 0x1_0007);
        assert_eq!(least_version("2", 2).expect("a version"), 0x2_0000);
        assert_eq!(version("1.2.65535").expect("a version"), Version::new(1, 2, 65_535));
        assert_eq!(log_level("warn").expect("a level"), LogLevel::Warn);
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "text.Case", "@1", "x@", "x@+1", "x@65536", "x@1.1"] {
            assert!(contract(text).is_err(), "{text}");
        }
        for text in ["", "1.", ".1", "2.0", "1.1.1", "1.-1", "1.65536"] {
            assert!(least_version(text, 1).is_err(), "{text}");
        }
        for text in ["", "1", "1.2", "1.2.3.4", "1.2.x", "1.2.70000", "+1.2.3"] {
            assert!(version(text).is_err(), "{text}");
        }
        assert!(log_level("Warn").is_err());
    }
}
