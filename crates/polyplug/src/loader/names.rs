//! How bundles, loaders, contracts, versions and files are written in manifests. Each reader gives what it read, or says
//! what would be right.

use polyplug_abi::types::Version;

/// How many bytes the name of a bundle, a loader or a contract may have.
pub const NAME_LIMIT: usize = 128;
/// How many bytes the path of a bundle's file may have.
pub const FILE_LIMIT: usize = 1024;

/// A contract as manifests write it: `image.Decoder@1`, `image.Decoder@1.3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContractReference<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its version; what was left out is zero.
    pub version: Version,
    /// How many of the version's numbers were written: 1, 2 or 3.
    pub written: usize,
}

/// Checks the name of a bundle or of a loader.
///
/// # Errors
///
/// What would be right.
pub fn check_name(name: &str) -> Result<(), String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    if name.is_empty() || !name.bytes().all(allowed) {
        return Err("a name consists of the letters A to Z and a to z, digits, `_`, `.` and `-`".to_owned());
    }
    if name.bytes().all(|byte| byte == b'.') {
        return Err("a name has more than dots".to_owned());
    }
    within(name, NAME_LIMIT, "a name")
}

/// Checks the name of a contract without its version.
///
/// # Errors
///
/// What would be right.
pub fn check_contract_name(name: &str) -> Result<(), String> {
    let is_identifier = |segment: &str| {
        let first = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
        segment.bytes().next().is_some_and(first) && segment.bytes().all(|byte| first(byte) || byte.is_ascii_digit())
    };
    if !name.split('.').all(is_identifier) {
        return Err(
            "a contract's name consists of identifiers with dots between them, as in `image.Decoder`".to_owned()
        );
    }
    within(name, NAME_LIMIT, "a contract's name")
}

/// Reads a contract with its version, of which the major has to be there.
///
/// # Errors
///
/// What would be right.
pub fn parse_contract(text: &str) -> Result<ContractReference<'_>, String> {
    let Some((name, version)) = text.split_once('@') else {
        return Err(format!("the major version belongs to it, as in `{}@1`", shortened(text)));
    };
    check_contract_name(name)?;
    let (version, written) = parse_numbers(version)?;
    Ok(ContractReference { name, version, written })
}

/// Reads a version of three numbers.
///
/// # Errors
///
/// What would be right.
pub fn parse_version(text: &str) -> Result<Version, String> {
    match parse_numbers(text) {
        Ok((version, 3)) => Ok(version),
        Ok((version, _)) => Err(format!("a version has three numbers, as in `{version}`")),
        Err(_) => Err("a version has three numbers from 0 to 65535, as in `1.4.2`".to_owned()),
    }
}

/// Reads a version of which minor and patch may be left out, and how many numbers were written.
///
/// # Errors
///
/// What would be right.
pub fn parse_numbers(text: &str) -> Result<(Version, usize), String> {
    let mut numbers = [0; 3];
    let mut written = 0;
    for part in text.split('.') {
        let canonical = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let canonical = canonical && (part == "0" || !part.starts_with('0'));
        match (numbers.get_mut(written), part.parse::<u16>()) {
            (Some(number), Ok(value)) if canonical => *number = value,
            _ => {
                return Err(
                    "a version has one to three numbers from 0 to 65535, as in `1`, `1.4` or `1.4.2`".to_owned()
                );
            }
        }
        written += 1;
    }
    Ok((Version::new(numbers[0], numbers[1], numbers[2]), written))
}

/// Checks the path of a file of a bundle: relative, with `/` on every platform, and not out of the folder.
///
/// # Errors
///
/// What would be right.
pub fn check_file(path: &str) -> Result<(), String> {
    if path.is_empty() {
        return Err("name a file in the bundle's folder".to_owned());
    }
    if path.contains('\\') {
        return Err("separate folders with `/`, on every platform".to_owned());
    }
    if path.starts_with('/') || path.contains(':') {
        return Err(
            "name a file in the bundle's folder by its path from there; drives and `:` are not allowed".to_owned()
        );
    }
    if path.chars().any(char::is_control) {
        return Err("control characters are not allowed".to_owned());
    }
    if path.split('/').any(|segment| segment == "..") {
        return Err("a bundle's files lie in its folder: `..` is not allowed".to_owned());
    }
    if path.split('/').any(|segment| segment.is_empty() || segment == ".") {
        return Err("leave out empty segments and `.`".to_owned());
    }
    within(path, FILE_LIMIT, "a path")
}

fn within(text: &str, limit: usize, what: &str) -> Result<(), String> {
    if text.len() > limit {
        return Err(format!("{what} has at most {limit} bytes; this one has {}", text.len()));
    }
    Ok(())
}

/// The beginning of a text that may be very long.
pub(crate) fn shortened(text: &str) -> String {
    const SHOWN: usize = 60;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
