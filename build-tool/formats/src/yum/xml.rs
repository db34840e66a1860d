//! Text as XML has it (XML 1.0, 2.2 and 2.4). What XML cannot say becomes the replacement character.

/// Text between tags.
pub(super) fn text(text: &str) -> String {
    escape(text, |c| match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '\r' => Some("&#13;"),
        _ => None,
    })
}

/// Text between the quotes of an attribute, where readers would make spaces of line ends.
pub(super) fn attribute(text: &str) -> String {
    escape(text, |c| match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\t' => Some("&#9;"),
        '\n' => Some("&#10;"),
        '\r' => Some("&#13;"),
        _ => None,
    })
}

fn escape(text: &str, entity: impl Fn(char) -> Option<&'static str>) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match entity(c) {
            Some(entity) => escaped += entity,
            None if is_xml(c) => escaped.push(c),
            None => escaped.push(char::REPLACEMENT_CHARACTER),
        }
    }
    escaped
}

fn is_xml(c: char) -> bool {
    (c >= ' ' || matches!(c, '\t' | '\n')) && !matches!(c, '\u{FFFE}' | '\u{FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_takes_for_itself_is_escaped() {
        assert_eq!(text("a<b>&\"c\"\n\r\0ä"), "a&lt;b&gt;&amp;\"c\"\n&#13;\u{FFFD}ä");
        assert_eq!(attribute("a<b>&\"c\"\n\t"), "a&lt;b&gt;&amp;&quot;c&quot;&#10;&#9;");
    }
}
