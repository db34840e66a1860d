//! Which scripts called which: handed from each to the programs it starts, so that a circle is found
//! before it fills the machine with processes.

use std::ffi::OsStr;
use std::path::Path;

use super::Error;
use crate::environment::Variables;

/// The variable: one line for each script, the outermost first, as `SCRIPT<tab>FOLDER`, both escaped.
const VARIABLE: &str = "RUST_BUN_SCRIPTS";

/// The variables that a script's programs get.
///
/// # Errors
///
/// The script is running already, and called this run.
pub(super) fn extended(variables: &mut Variables, folder: &Path, script: &str) -> Result<(), Error> {
    let before = variables.get(VARIABLE).unwrap_or_default().to_string_lossy().into_owned();
    let entry = entry(folder, script);
    if let Some(begin) = before.lines().position(|line| line == entry) {
        let calls = before.lines().skip(begin).chain([entry.as_str()]);
        let names = calls.map(|line| line.split('\t').next().unwrap_or(line).to_owned()).collect();
        return Err(Error::Circle { names });
    }
    let separator = if before.is_empty() { "" } else { "\n" };
    variables.set(VARIABLE, format!("{before}{separator}{entry}"));
    Ok(())
}

/// Whether the script is running already, and called this run.
pub(super) fn contains(variables: &Variables, folder: &Path, script: &str) -> bool {
    let entry = entry(folder, script);
    variables.get(VARIABLE).and_then(OsStr::to_str).is_some_and(|before| before.lines().any(|line| line == entry))
}

/// Escaped, so that neither names nor folders, whatever their bytes, can be taken for another entry.
fn entry(folder: &Path, script: &str) -> String {
    format!("{}\t{}", script.escape_debug(), folder.as_os_str().as_encoded_bytes().escape_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_is_named_from_where_it_begins() {
        let mut variables = Variables::default();
        for script in ["outer", "a", "b\n\t"] {
            extended(&mut variables, Path::new("/p"), script).unwrap();
        }
        let Err(Error::Circle { names }) = extended(&mut variables, Path::new("/p"), "a") else { panic!("no circle") };
        assert_eq!(names, ["a", "b\\n\\t", "a"]);
    }

    #[test]
    fn the_same_name_elsewhere_is_another_script() {
        let mut variables = Variables::default();
        extended(&mut variables, Path::new("/p"), "a").unwrap();
        extended(&mut variables, Path::new("/p\n"), "a").unwrap();
        assert!(contains(&variables, Path::new("/p"), "a"));
        assert!(!contains(&variables, Path::new("/q"), "a"));
    }
}
