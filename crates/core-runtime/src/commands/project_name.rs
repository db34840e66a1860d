//! The name of a project that nobody named: its folder's, as far as a package may be called so.

use std::path::Path;

use crate::package::name;

/// What a project is called whose folder's name has nothing that a package's may have.
const NAMELESS: &str = "project";

/// A name that a package may have, close to the folder's.
pub(super) fn of_folder(folder: &Path) -> String {
    let own = folder.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let fits = |letter: char| if letter.is_ascii_alphanumeric() || "-_.~".contains(letter) { letter } else { '-' };
    let plain: String = own.chars().map(fits).take(200).collect();
    let plain = plain.trim_start_matches(['.', '_', '-']).trim_end_matches('-');
    if plain.is_empty() || name::flaw(plain).is_some() { NAMELESS.to_owned() } else { plain.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_as_close_to_the_folders_as_a_packages_may_be() {
        for (folder, expected) in [
            ("/a/my-app", "my-app"),
            ("/a/My App", "my-app"),
            ("/a/.hidden", "hidden"),
            ("/a/_x.js", "x.js"),
            ("/a/Grüße", "gr--e"),
            ("/a/日本", "project"),
            ("/a/node_modules", "project"),
            ("/", "project"),
            ("", "project"),
        ] {
            let name = of_folder(Path::new(folder));
            assert_eq!(name, expected, "{folder}");
            assert_eq!(name::flaw(&name), None);
        }
    }
}
