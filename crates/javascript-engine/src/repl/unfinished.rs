//! Whether more has to be typed before a piece of code can be a whole: an open bracket, template or comment.

/// What is open.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    /// A bracket, and what closes it.
    Bracket(char),
    /// Text in backquotes.
    Template,
    /// Code in such text: `${`.
    Substitution,
}

/// Whether something is open at the end. Wrong brackets are not: that is for the parser to say.
pub(super) fn is_unfinished(code: &str) -> bool {
    let mut open: Vec<Open> = Vec::new();
    let mut letters = code.chars().peekable();
    // Whether a slash would begin a regular expression rather than divide.
    let mut value_wanted = true;
    while let Some(letter) = letters.next() {
        if open.last() == Some(&Open::Template) {
            match letter {
                '\\' => drop(letters.next()),
                '`' => {
                    open.pop();
                    value_wanted = false;
                }
                '$' if letters.next_if_eq(&'{').is_some() => {
                    open.push(Open::Substitution);
                    value_wanted = true;
                }
                _ => {}
            }
            continue;
        }
        match letter {
            '(' => open.push(Open::Bracket(')')),
            '[' => open.push(Open::Bracket(']')),
            '{' => open.push(Open::Bracket('}')),
            '`' => open.push(Open::Template),
            ')' | ']' | '}' => match open.pop() {
                Some(Open::Bracket(closing)) if closing == letter => {}
                Some(Open::Substitution) if letter == '}' => {}
                _ => return false,
            },
            '"' | '\'' if !skip_string(&mut letters, letter) => return false,
            '/' if letters.next_if_eq(&'/').is_some() => {
                letters.by_ref().take_while(|next| *next != '\n').for_each(drop)
            }
            '/' if letters.next_if_eq(&'*').is_some() => {
                if !skip_comment(&mut letters) {
                    return true;
                }
                continue;
            }
            '/' if value_wanted => skip_expression(&mut letters),
            _ => {}
        }
        if !letter.is_whitespace() {
            value_wanted = !(letter.is_alphanumeric() || "_$)]}\"'`/".contains(letter));
        }
    }
    !open.is_empty()
}

type Letters<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// Whether the string ended on its line.
fn skip_string(letters: &mut Letters<'_>, mark: char) -> bool {
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => drop(letters.next()),
            '\n' => return false,
            _ if letter == mark => return true,
            _ => {}
        }
    }
    false
}

/// Whether the comment ended.
fn skip_comment(letters: &mut Letters<'_>) -> bool {
    while let Some(letter) = letters.next() {
        if letter == '*' && letters.next_if_eq(&'/').is_some() {
            return true;
        }
    }
    false
}

fn skip_expression(letters: &mut Letters<'_>) {
    let mut in_class = false;
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => drop(letters.next()),
            '[' => in_class = true,
            ']' => in_class = false,
            '/' if !in_class => return,
            '\n' => return,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_needs_more() {
        for code in [
            "(",
            "f(1,",
            "{ a:",
            "[1, [2]",
            "`text",
            "`a ${b",
            "`a ${`b`",
            "/* more",
            "function f() {\n  x();",
            "x => {",
        ] {
            assert!(is_unfinished(code), "{code}");
        }
    }

    #[test]
    fn what_is_whole_or_wrong_is_handed_on() {
        for code in [
            "",
            "1 + 1",
            "f()",
            "'('",
            "\"[\"",
            "// (",
            "/* ( */ 1",
            "`a ${ {b: `c`}.b } (`",
            "/[(/]/.test(x)",
            "a / b / (c)",
            ")",
            "(]",
            "'open",
            "x = /\\(/",
            "[1].map(x => /[{]/)",
            "'it\\'s ('",
        ] {
            assert!(!is_unfinished(code), "{code}");
        }
    }
}
