//! `${NAME}` in values that may hold one. Pure: the caller brings the lookup.
use super::reader::Lookup;

/// A text with its variables replaced.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Expansion {
    /// The text; a variable that is not set stays as it is written.
    pub(crate) text: String,
    /// The variables that are not set, each once, in order.
    pub(crate) unset: Vec<String>,
}

/// Replaces every `${NAME}`; `$${` stands for a literal `${`, and any other `$`
/// for itself. The error says what is wrong with a `${`.
pub(crate) fn expand(text: &str, lookup: Lookup<'_>) -> Result<Expansion, &'static str> {
    let mut result = Expansion { text: String::with_capacity(text.len()), unset: Vec::new() };
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let before = &rest[..start];
        let after = &rest[start + 2..];
        if let Some(before) = before.strip_suffix('$') {
            result.text.push_str(before);
            result.text.push_str("${");
            rest = after;
            continue;
        }
        result.text.push_str(before);
        let (name, tail) = after.split_once('}').ok_or("it is not closed")?;
        let starts_well = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        if !starts_well || !name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_') {
            return Err("a name has letters, digits and `_`, and no digit first");
        }
        match lookup(name) {
            Some(value) => result.text.push_str(&value),
            None => {
                result.text.push_str(&rest[start..start + name.len() + 3]);
                if !result.unset.iter().any(|unset| unset == name) {
                    result.unset.push(name.to_owned());
                }
            }
        }
        rest = tail;
    }
    result.text.push_str(rest);
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str) -> Result<Expansion, &'static str> {
        expand(text, &|name| (name == "HOME").then(|| "/h${X}".to_owned()))
    }

    #[test]
    fn replaces_variables_once_and_keeps_the_rest() {
        let expansion = run("a${HOME}/$b $${HOME} $").unwrap();
        assert_eq!(expansion.text, "a/h${X}/$b ${HOME} $");
        assert_eq!(expansion.unset, Vec::<String>::new());
    }

    #[test]
    fn names_each_unset_variable_once() {
        let expansion = run("${A}${B}${A}").unwrap();
        assert_eq!(expansion.text, "${A}${B}${A}");
        assert_eq!(expansion.unset, ["A", "B"]);
    }

    #[test]
    fn refuses_what_is_no_variable() {
        for text in ["${", "${}", "${1}", "${a-b}", "${HOME", "${é}"] {
            assert!(run(text).is_err(), "{text}");
        }
    }
}
