//! `--filter`: which packages of a workspace are meant.

use std::path::Path;

use super::Error;
use super::workspace::Member;

/// The patterns of a command line.
#[derive(Debug, Default)]
pub struct Filters {
    include: Vec<Filter>,
    exclude: Vec<Filter>,
}

#[derive(Debug)]
enum Filter {
    /// Of the name
    Name(String),
    /// Of the absolute folder, with `/`
    Folder(String),
}

impl Filters {
    /// Reads patterns: names with wildcards, or folders from `cwd` when they begin with `./`, `../` or are
    /// absolute; `!` in front excludes. Where nothing includes, everything is meant that is not excluded.
    ///
    /// # Errors
    ///
    /// [`Error::BadFilter`] for what can match nothing.
    pub fn parse(patterns: &[String], cwd: &Path) -> Result<Self, Error> {
        let mut filters = Self::default();
        for pattern in patterns {
            let (list, rest) = match pattern.strip_prefix('!') {
                Some(rest) => (&mut filters.exclude, rest),
                None => (&mut filters.include, pattern.as_str()),
            };
            let is_folder = rest == "."
                || rest == ".."
                || rest.starts_with("./")
                || rest.starts_with("../")
                || Path::new(rest).is_absolute();
            list.push(match rest {
                bad if bad.is_empty() || fast_glob::validate(bad).is_err() => {
                    return Err(Error::BadFilter { pattern: pattern.clone() });
                }
                folder if is_folder => Filter::Folder(below(cwd, folder)),
                name => Filter::Name(name.to_owned()),
            });
        }
        Ok(filters)
    }

    /// Whether a package is meant. The root of a workspace is only where a pattern without wildcards says it:
    /// its scripts are often those that run the others'.
    #[must_use]
    pub fn match_member(&self, member: &Member) -> bool {
        let any = |filters: &[Filter]| filters.iter().any(|filter| filter.matches(member));
        let included = if self.include.is_empty() { !member.is_root } else { any(&self.include) };
        included && !any(&self.exclude)
    }
}

impl Filter {
    fn matches(&self, member: &Member) -> bool {
        let wild = |pattern: &str, text: &[u8]| fast_glob::glob_match(pattern, text);
        match self {
            Self::Name(pattern) if member.is_root => member.package.name().ok().flatten() == Some(pattern),
            Self::Name(pattern) => {
                // A package without a name is meant by what means every package.
                member.package.name().ok().flatten().map_or(pattern == "*" || pattern == "**", |name| {
                    // `*` stands for scoped names, too, as it does for Bun.
                    pattern == "*" || wild(pattern, name.as_bytes())
                })
            }
            Self::Folder(pattern) => {
                let folder = slashed(member.package.folder());
                if member.is_root { *pattern == escaped(&folder) } else { wild(pattern, folder.as_bytes()) }
            }
        }
    }
}

/// A pattern from `cwd` as an absolute one; `.` and `..` are gone through by their words.
fn below(cwd: &Path, pattern: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    let absolute = Path::new(pattern).is_absolute();
    let begin = if absolute { String::new() } else { escaped(&slashed(cwd)) };
    let all = if absolute && cfg!(windows) {
        pattern.replace('\\', "/")
    } else if absolute {
        pattern.to_owned()
    } else {
        format!("{begin}/{pattern}")
    };
    for part in all.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            part => parts.push(part.to_owned()),
        }
    }
    let root = if all.starts_with('/') { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}

/// A folder's path with `/` on every system. What is not UTF-8 in it matches wildcards only.
fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() }
}

fn escaped(path: &str) -> String {
    path.chars().fold(String::with_capacity(path.len()), |mut out, character| {
        if "*?[]{}!\\".contains(character) {
            out.push('\\');
        }
        out.push(character);
        out
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::package::PackageJson;

    fn member(name: Option<&str>, folder: &str) -> Member {
        let text = name.map_or("{}".to_owned(), |name| format!("{{\"name\": \"{name}\"}}"));
        let package = PackageJson::parse(&Path::new(folder).join("package.json"), text.into()).unwrap();
        Member { package, is_root: folder == "/w [x]", relative: folder.to_owned() }
    }

    fn meant(patterns: &[&str]) -> Vec<String> {
        let patterns: Vec<String> = patterns.iter().map(|&pattern| pattern.to_owned()).collect();
        let filters = Filters::parse(&patterns, Path::new("/w [x]/packages")).unwrap();
        [
            member(Some("root"), "/w [x]"),
            member(Some("a"), "/w [x]/packages/a"),
            member(Some("@s/b"), "/w [x]/packages/b"),
            member(None, "/w [x]/apps/c"),
        ]
        .iter()
        .filter(|member| filters.match_member(member))
        .map(|member| member.label().to_owned())
        .collect()
    }

    const C: &str = "/w [x]/apps/c";

    #[test]
    fn names_match_with_wildcards() {
        assert_eq!(meant(&["a"]), ["a"]);
        assert_eq!(meant(&["@s/*"]), ["@s/b"]);
        assert_eq!(meant(&["*"]), ["a", "@s/b", C]);
        assert_eq!(meant(&["nobody"]), [""; 0]);
    }

    #[test]
    fn folders_match_from_here_whatever_here_is_called() {
        assert_eq!(meant(&["./a"]), ["a"]);
        assert_eq!(meant(&["./*"]), ["a", "@s/b"]);
        assert_eq!(meant(&["../apps/*"]), [C]);
        assert_eq!(meant(&["../**"]), ["a", "@s/b", C]);
        assert_eq!(meant(&["/w \\[x\\]/packages/b/"]), ["@s/b"]);
    }

    #[test]
    fn an_exclamation_mark_excludes() {
        assert_eq!(meant(&["*", "!a"]), ["@s/b", C]);
        assert_eq!(meant(&["!@s/*"]), ["a", C]);
        assert_eq!(meant(&["!./*"]), [C]);
    }

    #[test]
    fn the_root_is_meant_only_by_name_or_folder() {
        assert_eq!(meant(&["root"]), ["root"]);
        assert_eq!(meant(&[".."]), ["root"]);
        assert_eq!(meant(&["r*"]), [""; 0]);
    }

    #[test]
    fn an_empty_pattern_is_refused() {
        for pattern in ["", "!", "a[", "./{x"] {
            assert!(Filters::parse(&[pattern.to_owned()], Path::new("/")).is_err());
        }
    }
}
