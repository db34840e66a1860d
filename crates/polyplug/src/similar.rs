//! Finds what somebody may have meant who wrote a word that is not there.

/// The candidate that is most like `word`, if one is like it at all; of equals the first.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Nobody means a short word by a very long one, and comparing takes the product of the lengths.
    const LONGEST: usize = 256;
    let alike = |candidate: &str| (strsim::jaro_winkler(word, candidate) * 1000.0) as u32;
    let candidates = candidates.into_iter().filter(|candidate| word.len().max(candidate.len()) <= LONGEST);
    let rated = candidates.map(|candidate| (alike(candidate), candidate)).filter(|(rate, _)| *rate >= 850);
    rated
        .fold(None, |best: Option<(u32, &str)>, next| match best {
            Some(best) if best.0 >= next.0 => Some(best),
            _ => Some(next),
        })
        .map(|(_, candidate)| candidate)
}
