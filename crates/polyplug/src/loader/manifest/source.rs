//! Mistakes in a text: collected with their places, then shown with line, column and the line itself.

use std::ops::Range;

use crate::error::ManifestProblem;

/// How many mistakes of a file are shown.
const SHOWN: usize = 50;
/// How many characters of a line are shown before and after a mistake's beginning.
const AROUND: usize = 60;

/// A text and what is wrong with it.
pub(super) struct Source<'a> {
    text: &'a str,
    mistakes: Vec<Mistake>,
}

struct Mistake {
    at: Range<usize>,
    message: String,
    help: String,
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, mistakes: Vec::new() }
    }

    /// Records a mistake; `help` may be empty.
    pub(super) fn mistake(&mut self, at: Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.mistakes.push(Mistake { at, message: message.into(), help: help.into() });
    }

    /// What is written there.
    pub(super) fn written(&self, at: Range<usize>) -> &'a str {
        self.text.get(at).unwrap_or_default()
    }

    pub(super) fn is_good(&self) -> bool {
        self.mistakes.is_empty()
    }

    /// The mistakes in the order of their places, and how many more there are.
    pub(super) fn problems(mut self) -> (Vec<ManifestProblem>, usize) {
        // Stable: what was found first about one place comes first.
        self.mistakes.sort_by_key(|mistake| mistake.at.start);
        let more = self.mistakes.len().saturating_sub(SHOWN);
        self.mistakes.truncate(SHOWN);
        let text = self.text;
        (self.mistakes.into_iter().map(|mistake| mistake.shown(text)).collect(), more)
    }
}

impl Mistake {
    fn shown(self, text: &str) -> ManifestProblem {
        let start = text.floor_char_boundary(self.at.start);
        let end = text.ceil_char_boundary(self.at.end.max(start));
        let before = &text[..start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = text[line_start..].lines().next().unwrap_or_default();
        // Between the two characters of a line end of Windows is behind the line, too.
        let column = text[line_start..start].chars().count().min(line.chars().count());
        let skipped = column.saturating_sub(AROUND);
        let excerpt: String = line.chars().skip(skipped).take(2 * AROUND).map(visible).collect();
        let left = excerpt.chars().count().saturating_sub(column - skipped);
        let width = text[start..end].lines().next().unwrap_or_default().chars().count();
        ManifestProblem {
            message: self.message,
            help: self.help,
            line: before.matches('\n').count() + 1,
            column: column + 1,
            excerpt,
            start: column - skipped,
            width: width.min(left).max(1),
        }
    }
}

/// A tab would shift the mark, and other control characters whatever shows them.
fn visible(character: char) -> char {
    match character {
        '\t' => ' ',
        _ if character.is_control() => '\u{fffd}',
        _ => character,
    }
}
