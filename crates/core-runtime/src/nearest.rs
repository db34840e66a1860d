//! "Did you mean": which of the names that there are is most like the one that is not.

/// How many names are worth offering.
const OFFERED: usize = 3;

/// The names most like `name`, the most like first; none where nothing is like it.
#[must_use]
pub fn nearest<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    // Longer names may differ in more letters; a name of two or three letters in one.
    let limit = (name.chars().count() / 3).max(1);
    let wanted = name.to_lowercase();
    let mut like: Vec<(usize, &str)> = names
        .into_iter()
        .map(|other| (strsim::damerau_levenshtein(&wanted, &other.to_lowercase()), other))
        .filter(|(distance, other)| *distance <= limit && *distance < other.chars().count())
        .collect();
    like.sort_unstable();
    like.dedup();
    like.into_iter().take(OFFERED).map(|(_, other)| other).collect()
}

/// The same as half a sentence: `` `a`, `b` or `c` ``; nothing where there is none.
#[must_use]
pub fn as_question(names: &[&str]) -> Option<String> {
    let (last, others) = names.split_last()?;
    let others: Vec<String> = others.iter().map(|name| format!("`{name}`")).collect();
    if others.is_empty() { Some(format!("`{last}`")) } else { Some(format!("{} or `{last}`", others.join(", "))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_found_and_strangers_are_not() {
        let names = ["install", "build", "test", "run", "start", "x"];
        for (name, expected) in [
            ("isntall", &["install"][..]),
            ("biuld", &["build"]),
            ("tset", &["test"]),
            ("Start", &["start"]),
            ("rnu", &["run"]),
            ("deploy", &[]),
            ("", &[]),
            ("y", &[]),
        ] {
            assert_eq!(nearest(name, names), expected, "{name}");
        }
    }

    #[test]
    fn the_most_like_comes_first_and_each_once() {
        assert_eq!(nearest("build:al", ["build", "build:ui", "build:all", "build:all"]), ["build:all", "build:ui"]);
    }

    #[test]
    fn names_are_put_as_a_question() {
        assert_eq!(as_question(&[]), None);
        assert_eq!(as_question(&["a"]).unwrap(), "`a`");
        assert_eq!(as_question(&["a", "b", "c"]).unwrap(), "`a`, `b` or `c`");
    }
}
