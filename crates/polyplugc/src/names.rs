//! Which names an API may use: those that are a name in every language that code is generated for.

use crate::error::ErrorKind;

/// Longest name, in bytes.
const LONGEST: usize = 64;

/// How a name is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    /// `ColorSpace`: structs, enumerations, the last part of a contract's name.
    UpperCamel,
    /// `DarkRed`: variants, which are never by themselves.
    Variant,
    /// `color_space`: functions, parameters, fields, the other parts of a contract's name.
    LowerSnake,
}

const RUST: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield", "Self",
];
/// What generated code, or everybody, calls by its plain name.
const RUST_TYPES: &[&str] = &[
    "Some",
    "None",
    "Ok",
    "Err",
    "Option",
    "Result",
    "String",
    "Vec",
    "Box",
    "CallError",
    "Host",
    "Plugin",
    "Send",
    "Sync",
    "Sized",
    "Copy",
    "Clone",
    "Drop",
    "Fn",
    "FnMut",
    "FnOnce",
    "Default",
    "Debug",
    "PartialEq",
    "Eq",
    "Hash",
];
/// With the macros of headers that programs commonly include, and of gcc's own dialects.
const C: &[&str] = &[
    "auto",
    "break",
    "case",
    "char",
    "const",
    "continue",
    "default",
    "do",
    "double",
    "else",
    "enum",
    "extern",
    "float",
    "for",
    "goto",
    "if",
    "inline",
    "int",
    "long",
    "register",
    "restrict",
    "return",
    "short",
    "signed",
    "sizeof",
    "static",
    "struct",
    "switch",
    "typedef",
    "union",
    "unsigned",
    "void",
    "volatile",
    "while",
    "asm",
    "bool",
    "true",
    "false",
    "NULL",
    "EOF",
    "NAN",
    "INFINITY",
    "TRUE",
    "FALSE",
    "BUFSIZ",
    "FILE",
    "I",
    "assert",
    "complex",
    "imaginary",
    "errno",
    "stdin",
    "stdout",
    "stderr",
    "linux",
    "unix",
    "i386",
    "noreturn",
    "alignas",
    "alignof",
    "constexpr",
    "nullptr",
    "thread_local",
    "typeof",
    "offsetof",
    "setjmp",
    "va_arg",
    "near",
    "far",
    "small",
    "interface",
    "min",
    "max",
    "major",
    "minor",
    "makedev",
    "signbit",
    "isnan",
    "isinf",
    "isfinite",
    "isnormal",
    "fpclassify",
    "BOOL",
    "ERROR",
    "CONST",
    "VOID",
    "IN",
    "OUT",
    // What the generated code itself has from headers, without a prefix.
    "memset",
    "size_t",
    "uint8_t",
    "uint16_t",
    "uint32_t",
    "uint64_t",
    "int8_t",
    "int16_t",
    "int32_t",
    "int64_t",
];
const CPP: &[&str] = &[
    "and",
    "and_eq",
    "bitand",
    "bitor",
    "catch",
    "char16_t",
    "char32_t",
    "char8_t",
    "class",
    "co_await",
    "co_return",
    "co_yield",
    "compl",
    "concept",
    "const_cast",
    "consteval",
    "constinit",
    "decltype",
    "delete",
    "dynamic_cast",
    "explicit",
    "export",
    "friend",
    "module",
    "mutable",
    "namespace",
    "new",
    "noexcept",
    "not",
    "not_eq",
    "operator",
    "or",
    "or_eq",
    "private",
    "protected",
    "public",
    "reinterpret_cast",
    "requires",
    "static_assert",
    "static_cast",
    "template",
    "this",
    "throw",
    "typeid",
    "typename",
    "using",
    "wchar_t",
    "xor",
    "xor_eq",
    "std",
    "polyplug",
];
const LUA: &[&str] = &["end", "elseif", "ipairs", "function", "goto", "local", "nil", "repeat", "then", "until"];
const JAVASCRIPT: &[&str] = &[
    "arguments",
    "constructor",
    "debugger",
    "eval",
    "finally",
    "function",
    "implements",
    "import",
    "instanceof",
    "null",
    "package",
    "prototype",
    "undefined",
    "var",
    "with",
    "then",
];
const JAVASCRIPT_TYPES: &[&str] = &[
    "Array",
    "BigInt",
    "Boolean",
    "Error",
    "Function",
    "Infinity",
    "Map",
    "Math",
    "Number",
    "Object",
    "Promise",
    "Proxy",
    "Reflect",
    "Set",
    "Symbol",
    "Date",
    "Uint8Array",
];
const LANGUAGES: [(&str, &[&str], &[&str]); 5] = [
    ("Rust", RUST, RUST_TYPES),
    ("C", C, &[]),
    ("C++", CPP, &[]),
    ("Lua", LUA, &[]),
    ("JavaScript", JAVASCRIPT, JAVASCRIPT_TYPES),
];

/// What is wrong with the name of `what`, if it is none.
pub(crate) fn problem(name: &str, what: &'static str, case: Case) -> Option<ErrorKind> {
    let bad = |why: String, advice: String| Some(ErrorKind::BadName { what, name: name.to_owned(), why, advice });
    let (form, first): (_, fn(&u8) -> bool) = match case {
        Case::UpperCamel | Case::Variant => ("letters and digits that begin with a capital", u8::is_ascii_uppercase),
        Case::LowerSnake => {
            ("small letters, digits and single underscores that begin with a letter", u8::is_ascii_lowercase)
        }
    };
    let allowed = |byte: &u8| match case {
        Case::UpperCamel | Case::Variant => byte.is_ascii_alphanumeric(),
        Case::LowerSnake => byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'_',
    };
    let bytes = name.as_bytes();
    let formed =
        bytes.first().is_some_and(first) && bytes.iter().all(allowed) && !name.contains("__") && !name.ends_with('_');
    if !formed {
        let better = match case {
            Case::UpperCamel | Case::Variant => upper_camel(name),
            Case::LowerSnake => lower_snake(name),
        };
        let advice = if better != name && problem(&better, what, case).is_none() {
            format!("write `{better}`")
        } else {
            String::new()
        };
        return bad(format!("it has to be {form}"), advice);
    }
    if bytes.len() > LONGEST {
        return bad(format!("it has {} bytes", bytes.len()), format!("names have at most {LONGEST} bytes"));
    }
    let has = |words: &[&str], types: &[&str]| words.contains(&name) || case != Case::Variant && types.contains(&name);
    let taken = LANGUAGES.iter().filter(|(_, words, types)| has(words, types));
    let taken: Vec<&str> = taken.map(|(language, ..)| *language).collect();
    if !taken.is_empty() {
        return bad(format!("the word has a meaning in {}", taken.join(", ")), "take another".to_owned());
    }
    (name.starts_with("polyplug_") || name.starts_with("Polyplug"))
        .then(|| bad("names with `polyplug` are the ABI's".to_owned(), "take another".to_owned()))
        .flatten()
}

/// `ColorSpace` → `color_space`. Characters that no name has are left out.
pub(crate) fn lower_snake(name: &str) -> String {
    let mut result = String::new();
    let mut previous = '_';
    let mut characters = name.chars().peekable();
    while let Some(character) = characters.next() {
        if !character.is_ascii_alphanumeric() {
            if previous != '_' {
                result.push('_');
                previous = '_';
            }
            continue;
        }
        let starts_word = character.is_ascii_uppercase()
            && (previous.is_ascii_lowercase()
                || previous.is_ascii_digit()
                || previous.is_ascii_uppercase() && characters.peek().is_some_and(char::is_ascii_lowercase));
        if starts_word {
            result.push('_');
        }
        result.push(character.to_ascii_lowercase());
        previous = character;
    }
    result.trim_end_matches('_').to_owned()
}

/// `color_space` → `ColorSpace`.
pub(crate) fn upper_camel(name: &str) -> String {
    let mut result = String::new();
    let mut at_start = true;
    for character in name.chars() {
        if !character.is_ascii_alphanumeric() {
            at_start = true;
        } else if at_start {
            result.push(character.to_ascii_uppercase());
            at_start = false;
        } else {
            result.push(character);
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_change_their_case_word_by_word() {
        for (camel, snake) in [("ColorSpace", "color_space"), ("X", "x"), ("HTTPServer", "http_server"), ("A1", "a1")] {
            assert_eq!(lower_snake(camel), snake);
        }
        assert_eq!(upper_camel("color_space"), "ColorSpace");
    }

    #[test]
    fn a_word_of_any_language_is_no_name() {
        for word in ["fn", "restrict", "namespace", "end", "null"] {
            assert!(problem(word, "a field", Case::LowerSnake).is_some(), "{word}");
        }
        assert!(problem("Self", "a variant", Case::Variant).is_some());
        assert!(problem("None", "a variant", Case::Variant).is_none());
        assert!(problem("None", "a type", Case::UpperCamel).is_some());
        assert!(problem("paint", "a function", Case::LowerSnake).is_none());
    }
}
