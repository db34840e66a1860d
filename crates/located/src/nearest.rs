//! "Did you mean": which of the words that there are is most like the one that is not.

/// The one of `known` that `word` was probably meant to be; of equals the first. Case does not count, nor whether a name
/// is written with `-` or `_`.
pub fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let folded = |word: &str| word.to_lowercase().replace('_', "-");
    let word = folded(word);
    let length = word.chars().count();
    // Of a single letter nothing can be guessed.
    let limit = (length / 3).max(1).min(length.saturating_sub(1));
    known
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&word, &folded(candidate)), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_found_and_strangers_are_not() {
        let known = ["codegen-units", "lto", "opt_level", "strip"];
        for (word, expected) in [
            ("codegen_unit", Some("codegen-units")),
            ("LTO", Some("lto")),
            ("opt-lvel", Some("opt_level")),
            ("stirp", Some("strip")),
            ("debug", None),
            ("l", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), expected, "{word}");
        }
    }
}
