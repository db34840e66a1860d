//! What lld's errors mean: libraries that objects ask for themselves, and
//! symbols of runtimes that this way of linking does not have.

use super::XWIN;

/// The libraries that could not be opened, without their ending.
pub(super) fn missing_libraries(errors: &str) -> Vec<String> {
    let mut found: Vec<String> = errors
        .lines()
        .filter_map(|line| {
            let rest = line.split_once("could not open '")?.1;
            let name = rest.split_once('\'')?.0;
            name.strip_suffix(".lib").or_else(|| name.strip_suffix(".LIB")).map(str::to_owned)
        })
        .filter(|name| !name.contains(['/', '\\']))
        .collect();
    found.sort();
    found.dedup();
    found
}

/// What is missing of a runtime, C++'s or mingw's, and the way out; `None` where only other symbols are missing.
/// `of_mingw` knows the functions of mingw-w64's library.
pub(super) fn runtime_advice(errors: &str, of_mingw: &dyn Fn(&str) -> bool) -> Option<String> {
    let mut lines = errors.lines().peekable();
    let mut wanted = Vec::new();
    while let Some(line) = lines.next() {
        let Some((_, symbol)) = line.split_once("undefined symbol: ") else { continue };
        if !is_of_a_runtime(symbol) && !of_mingw(symbol) {
            continue;
        }
        let by = lines.peek().and_then(|line| line.split_once("referenced by ")).map(|(_, by)| by.trim());
        wanted.push(by.map_or_else(|| format!("  {symbol}"), |by| format!("  {symbol}, wanted by {by}")));
    }
    (!wanted.is_empty()).then(|| {
        format!(
            "error: C or C++ in a dependency wants a runtime that is not linked here (C++'s, or mingw's); it {XWIN}\n\
             what is missing of it:\n{}",
            wanted.join("\n")
        )
    })
}

/// Whether a symbol belongs to the runtime of C++ (Microsoft's or the Itanium ABI's), or to the checks that
/// Microsoft's compiler puts into C.
fn is_of_a_runtime(symbol: &str) -> bool {
    const NAMES: [&str; 10] = [
        "_CxxThrowException",
        "__CxxFrameHandler",
        "__GSHandlerCheck",
        "__security_c",
        "__std_",
        "__cxa_",
        "__gxx_personality",
        "_Unwind_",
        "__RT",
        "operator new",
    ];
    let plain = symbol.strip_prefix("__declspec(dllimport) ").unwrap_or(symbol).trim_start_matches("__imp_");
    NAMES.iter().any(|name| plain.starts_with(name))
        // Of the standard library, as lld shows them …
        || plain.contains("std::")
        // … and of Microsoft's compiler, shown or not: with their calling convention, or encoded.
        || plain.starts_with('?') && plain.contains("@@")
        || plain.starts_with("const type_info")
        || plain.contains("type_info::")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_that_could_not_be_opened_is_found_in_the_words_of_lld() {
        let errors = "lld-link: error: could not open 'foo.lib': No such file or directory\n\
                      lld-link: error: could not open '/a/b.lib': No such file or directory\n\
                      lld-link: error: could not open 'foo.lib': No such file or directory\n";
        assert_eq!(missing_libraries(errors), ["foo"]);
    }

    #[test]
    fn symbols_of_a_runtime_lead_to_xwin_and_others_do_not() {
        let errors = "lld-link: error: undefined symbol: __cxa_throw\n>>> referenced by a.cc:3\n>>>               \
                      liba.a(a.o):(f)\nlld-link: error: undefined symbol: my_function\n>>> referenced by b.o:(g)\n";
        let advice = runtime_advice(errors, &|_| false).unwrap();
        assert!(advice.contains("__cxa_throw, wanted by a.cc:3"), "{advice}");
        assert!(advice.contains("cargo install cargo-xwin") && !advice.contains("my_function"), "{advice}");
        let errors = "lld-link: error: undefined symbol: my_function\n";
        assert_eq!(runtime_advice(errors, &|_| false), None);
        assert!(runtime_advice(errors, &|symbol| symbol == "my_function").is_some());
        for symbol in [
            "_CxxThrowException",
            "__CxxFrameHandler4",
            "?what@exception@std@@UEBAPEBDXZ",
            "__security_cookie",
            "std::__1::basic_string<char>::append(char const*)",
            "__declspec(dllimport) public: void __cdecl std::_Xbad()",
        ] {
            assert!(is_of_a_runtime(symbol), "{symbol}");
        }
    }
}
