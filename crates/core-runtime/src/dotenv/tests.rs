//! The syntax case by case, who wins over whom, and that any bytes are either read or refused with a place.

use std::collections::BTreeMap;
use std::fs;

use proptest::prelude::*;

use super::*;

/// What a file says on its own, as text.
fn read_text(text: &str) -> Result<BTreeMap<String, String>, String> {
    read_around(text, &Variables::default())
}

fn read_around(text: &str, process: &Variables) -> Result<BTreeMap<String, String>, String> {
    let mut into = Variables::default();
    take(Path::new(".env"), text.as_bytes(), Layers { above: &[process], below: &[] }, &mut into)
        .map_err(|error| error.to_string())?;
    let text = |part: &OsStr| part.to_str().unwrap().to_owned();
    Ok(into.iter().map(|(name, value)| (text(name), text(value))).collect())
}

#[track_caller]
fn says(text: &str, expected: &[(&str, &str)]) {
    let expected: BTreeMap<_, _> = expected.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    assert_eq!(read_text(text), Ok(expected), "{text:?}");
}

#[test]
fn names_and_separators() {
    says(
        "A=1\nB = 2\nC: 3\nexport D=4\n  E=5\n\texport\tF=6",
        &[("A", "1"), ("B", "2"), ("C", "3"), ("D", "4"), ("E", "5"), ("F", "6")],
    );
    says("a.b-c_D9=x", &[("a.b-c_D9", "x")]);
    says("export=1", &[("export", "1")]);
    says("export =1", &[("export", "1")]);
    // Without a blank after it, a colon is no separator.
    says("URL:http\nA:\nB:\t", &[("A", ""), ("B", "")]);
    says("\u{FEFF}A=1", &[("A", "1")]);
}

#[test]
fn lines_that_say_nothing_are_passed_over_and_counted() {
    says("no separator\n=1\nä=1\n# A=1\n\n;\nB=2", &[("B", "2")]);
    assert_eq!(parse(b"A=1\n\n# comment\nnot this\nB='x\ny'\nnor this\n").unwrap().ignored, [4, 7]);
}

#[test]
fn unquoted_values_end_at_a_comment_or_the_line_and_are_trimmed() {
    says(
        "A= x y \t\nB=x # comment\nC=x#y\nD=\nE= # nothing\nF=#fff",
        &[("A", "x y"), ("B", "x"), ("C", "x#y"), ("D", ""), ("E", ""), ("F", "#fff")],
    );
    says("A=a=b\nB=it's", &[("A", "a=b"), ("B", "it's")]);
    says("A=1\r\nB=2\rC=3", &[("A", "1"), ("B", "2"), ("C", "3")]);
    says(r"A=a\nb", &[("A", r"a\nb")]);
}

#[test]
fn quotes_keep_blanks_comments_and_line_breaks() {
    for quote in ['"', '\'', '`'] {
        says(&format!("A={quote} x # y {quote} # comment\nB=1"), &[("A", " x # y "), ("B", "1")]);
        says(&format!("A={quote}x\ny\r\nz{quote}\nB=1"), &[("A", "x\ny\nz"), ("B", "1")]);
        says(&format!("A={quote}{quote}"), &[("A", "")]);
        // Neither of these is an end: something follows; it is behind a backslash.
        says(&format!("A={quote}x{quote}y{quote}"), &[("A", &format!("x{quote}y"))]);
        says(&format!("A={quote}x\\{quote}\ny{quote}"), &[("A", &format!("x\\{quote}\ny"))]);
    }
    says("A=\"it's `so`\"", &[("A", "it's `so`")]);
}

#[test]
fn only_double_quotes_know_escapes() {
    says(r#"A="a\nb\rc\td\\n""#, &[("A", "a\nb\rc\\td\\\\n")]);
    says(r"A='a\nb'", &[("A", r"a\nb")]);
    says(r"A=`a\nb`", &[("A", r"a\nb")]);
}

#[test]
fn the_last_of_a_name_wins() {
    says("A=1\nA=2", &[("A", "2")]);
    says("A=1\nA=$A:2\nB=$A", &[("A", "1:2"), ("B", "1:2")]);
}

#[test]
fn dollars_stand_for_values() {
    says(
        "A=x\nB=$A\nC=${A}y\nD=$A-$A\nE='$A'\nF=\"$A\"\nG=`$A`",
        &[("A", "x"), ("B", "x"), ("C", "xy"), ("D", "x-x"), ("E", "x"), ("F", "x"), ("G", "x")],
    );
    says("A=$B\nB=$C\nC=late", &[("A", "late"), ("B", "late"), ("C", "late")]);
    says("A=$NOBODY.\nB=${NOBODY}.", &[("A", "."), ("B", ".")]);
    says(r"A=\$X\nB=a$", &[("A", r"$X\nB=a$")]);
    says("A=$\nB=$ x\nC=${}\nD=$$", &[("A", "$"), ("B", "$ x"), ("C", "${}"), ("D", "$$")]);
}

#[test]
fn defaults_stand_in_for_what_is_unset_or_empty() {
    says(
        "E=\nA=${E:-d}\nB=${N:-d}\nC=${N:-}\nD=${N:-a b}c",
        &[("E", ""), ("A", "d"), ("B", "d"), ("C", ""), ("D", "a bc")],
    );
    says("X=x\nA=${X:-d}\nB=${N:-$X}\nC=${N:-${M:-${X}}}.", &[("X", "x"), ("A", "x"), ("B", "x"), ("C", "x.")]);
    says("X=x\nA=${X\nB=${N:-open", &[("X", "x"), ("A", "x"), ("B", "open")]);
}

#[test]
fn circles_are_unset_where_they_close() {
    says("A=$A", &[("A", "")]);
    says("A=a$B\nB=b$A", &[("A", "ab"), ("B", "b")]);
    says("A=${A:-d}", &[("A", "d")]);
}

#[test]
fn the_process_wins_over_the_file_in_references_too() {
    let process: Variables = [("A", "process"), ("HOME", "/h")].into_iter().collect();
    let said = read_around("A=file\nB=$A\nC=$HOME/x", &process).unwrap();
    assert_eq!((said["B"].as_str(), said["C"].as_str()), ("process", "/h/x"));
}

#[test]
fn what_cannot_be_meant_is_refused_with_its_place() {
    for (text, expected) in [
        ("A=1\nKEY=\"x\ny\n", ".env:2:5: the quote `\"` has no end"),
        ("A=1\r\n\r\nexport KEY='x", ".env:3:12: the quote `'` has no end"),
        ("ä\tKEY=`", ".env:1:7: the quote `` ` `` has no end"),
        ("A=\"x\" y", ".env:1:3: the quote `\"` has no end"),
        ("A=1\nB=ä\0", ".env:2:4: there is a NUL byte"),
        ("\0", ".env:1:1: there is a NUL byte"),
    ] {
        let expected = expected.replace("`` ` ``", "```");
        // A line that begins with ä is passed over, so its quote is none.
        if text.starts_with('ä') {
            says(text, &[]);
        } else {
            assert_eq!(read_text(text).unwrap_err(), expected);
        }
    }
}

#[test]
fn values_within_values_have_a_limit() {
    let deep: String = (0..200).map(|at| format!("A{at}=$A{}\n", at + 1)).collect();
    assert_eq!(read_text(&deep).unwrap_err(), ".env:66:5: A65 refers to values within values, too many of them");
    let nested = format!("A={}", "${N:-".repeat(200));
    assert_eq!(read_text(&nested).unwrap_err(), ".env:1:3: A refers to values within values, too many of them");
    // Backwards there is nothing to go down into.
    let long: String = (1..2000).map(|at| format!("A{at}=$A{}\n", at - 1)).collect();
    assert_eq!(read_text(&format!("A0=x\n{long}")).unwrap()["A1999"], "x");
    let doubling: String = (1..64).map(|at| format!("A{at}=$A{0}$A{0}\n", at - 1)).collect();
    let error = read_text(&format!("A0=x\n{doubling}")).unwrap_err();
    assert!(error.ends_with("makes the values of this file longer than 16 MiB"), "{error}");
}

#[cfg(unix)]
#[test]
fn values_may_be_any_bytes() {
    let mut into = Variables::default();
    take(Path::new(".env"), b"A='\xFF'\nB=$A\xFE", Layers { above: &[], below: &[] }, &mut into).unwrap();
    assert_eq!(into.get("B").unwrap().as_encoded_bytes(), b"\xFF\xFE");
}

#[test]
fn messages_show_the_place_and_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".env"), "A=1\nPASSWORD=\"top secret\nB=2\n").unwrap();
    let error = load(Sources { usual: true, ..sources(folder.path(), &Variables::default()) }).unwrap_err();
    let mut text = String::new();
    let theme = miette::GraphicalTheme::unicode_nocolor();
    miette::GraphicalReportHandler::new_themed(theme).with_width(100).render_report(&mut text, &error).unwrap();
    let text = text.replace(&folder.path().display().to_string(), "FOLDER").replace('\\', "/");
    insta::assert_snapshot!(text);
    let error = read_text("SECRET=hunter2\0").unwrap_err();
    assert!(!error.contains("hunter2"));
}

fn sources<'a>(folder: &'a Path, process: &'a Variables) -> Sources<'a> {
    Sources { process, overrides: &[], files: &[], usual: true, folder }
}

/// All eight sources set the same name to their own, and the winners go one by one.
#[test]
fn sources_win_in_their_order() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["second.env", "first.env", ".env.local", ".env.production.local", ".env.production", ".env"] {
        fs::write(folder.path().join(file), format!("V={file}")).unwrap();
    }
    // Files of other modes say nothing.
    fs::write(folder.path().join(".env.test"), "V=test").unwrap();
    let process: Variables = [("NODE_ENV", "production"), ("V", "process")].into_iter().collect();
    let overrides = [("V".into(), "override".into())];
    let files = [PathBuf::from("first.env"), PathBuf::from("second.env")];
    let all = Sources { overrides: &overrides, files: &files, ..sources(folder.path(), &process) };
    let winner = |sources: Sources<'_>| load(sources).unwrap().get("V").map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(winner(all).as_deref(), Some("override"));
    let all = Sources { overrides: &[], ..all };
    assert_eq!(winner(all).as_deref(), Some("second.env"));
    assert_eq!(winner(Sources { files: &files[..1], ..all }).as_deref(), Some("first.env"));
    let all = Sources { files: &[], ..all };
    assert_eq!(winner(all).as_deref(), Some("process"));
    let process: Variables = [("NODE_ENV", "production")].into_iter().collect();
    let all = Sources { process: &process, ..all };
    for file in [".env.local", ".env.production.local", ".env.production", ".env"] {
        assert_eq!(winner(all).as_deref(), Some(file));
        fs::remove_file(folder.path().join(file)).unwrap();
    }
    assert_eq!(winner(all), None);
}

#[test]
fn the_mode_is_what_the_command_line_says_then_the_process() {
    let folder = tempfile::tempdir().unwrap();
    for mode in ["development", "production", "test"] {
        fs::write(folder.path().join(format!(".env.{mode}")), format!("MODE={mode}")).unwrap();
    }
    fs::write(folder.path().join("set"), "NODE_ENV=test").unwrap();
    // What the usual files say comes too late for it.
    fs::write(folder.path().join(".env"), "NODE_ENV=test").unwrap();
    let production: Variables = [("NODE_ENV", "production")].into_iter().collect();
    let both: Variables = [("NODE_ENV", "production"), ("BUN_ENV", "test")].into_iter().collect();
    let odd: Variables = [("NODE_ENV", "staging")].into_iter().collect();
    let none = Variables::default();
    let mode = |sources: Sources<'_>| load(sources).unwrap().get("MODE").unwrap().to_owned();
    let over = [("NODE_ENV".into(), "production".into())];
    let files = [PathBuf::from("set")];
    for (sources, expected) in [
        (sources(folder.path(), &none), "development"),
        (sources(folder.path(), &production), "production"),
        (sources(folder.path(), &both), "test"),
        (sources(folder.path(), &odd), "development"),
        (Sources { overrides: &over, ..sources(folder.path(), &none) }, "production"),
        (Sources { files: &files, ..sources(folder.path(), &production) }, "test"),
    ] {
        assert_eq!(mode(sources), expected);
    }
}

#[test]
fn later_files_refer_to_what_earlier_ones_say() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".env"), "HOST=localhost\nPORT=1").unwrap();
    fs::write(folder.path().join(".env.local"), "PORT=2\nURL=http://$HOST:$PORT").unwrap();
    let variables = load(sources(folder.path(), &Variables::default())).unwrap();
    assert_eq!(variables.get("URL").unwrap(), "http://localhost:2");
}

#[test]
fn a_file_that_was_asked_for_must_be_there_and_a_usual_one_need_not() {
    let folder = tempfile::tempdir().unwrap();
    let process = Variables::default();
    let files = [PathBuf::from("nowhere.env")];
    let asked = Sources { files: &files, ..sources(folder.path(), &process) };
    assert!(matches!(load(asked), Err(Error::Missing { .. })));
    assert_eq!(load(sources(folder.path(), &process)).unwrap(), process);
}

#[test]
fn without_the_usual_files_only_the_others_count() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".env")).unwrap();
    fs::write(folder.path().join("own"), "A=1").unwrap();
    let process = Variables::default();
    let files = [PathBuf::from("own")];
    let own = Sources { files: &files, usual: false, ..sources(folder.path(), &process) };
    assert_eq!(load(own).unwrap().get("A").unwrap(), "1");
}

#[test]
fn a_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".env")).unwrap();
    let error = load(sources(folder.path(), &Variables::default())).unwrap_err();
    assert!(matches!(error, Error::NotAFile { kind: "a folder", .. }), "{error:?}");
}

#[cfg(unix)]
#[test]
fn pipes_sockets_and_devices_are_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".env");
    let refused = |expected: &str| {
        let error = load(sources(folder.path(), &Variables::default())).unwrap_err();
        assert!(matches!(error, Error::NotAFile { kind, .. } if kind == expected), "{error:?}");
        fs::remove_file(&path).unwrap();
    };
    // Nobody ever writes into it: to wait for it would be to wait for ever.
    rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RWXU).unwrap();
    refused("a named pipe");
    std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
    refused("a device");
    let _socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
    // A socket cannot be opened as a file, so there is nothing to ask for its kind.
    let error = load(sources(folder.path(), &Variables::default())).unwrap_err();
    assert!(matches!(error, Error::Unreadable { .. }), "{error:?}");
}

#[test]
fn a_gigabyte_of_one_line_is_refused_without_reading_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = fs::File::create(folder.path().join(".env")).unwrap();
    file.set_len(1 << 30).unwrap();
    let error = load(sources(folder.path(), &Variables::default())).unwrap_err();
    assert!(matches!(error, Error::TooLong { .. }), "{error:?}");
}

#[test]
fn a_file_of_the_longest_length_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = b"A=".to_vec();
    text.resize(LIMIT, b'x');
    fs::write(folder.path().join(".env"), &text).unwrap();
    let variables = load(sources(folder.path(), &Variables::default())).unwrap();
    assert_eq!(variables.get("A").unwrap().len(), LIMIT - 2);
    text.push(b'x');
    fs::write(folder.path().join(".env"), &text).unwrap();
    assert!(matches!(load(sources(folder.path(), &Variables::default())), Err(Error::TooLong { .. })));
}

/// A value as a line of a file, where the syntax has a way to say it.
fn quoted(value: &str) -> Option<String> {
    let value = value.replace('$', r"\$");
    let ends = |text: &str, quote: char| {
        let ended = |rest: &str| {
            rest.trim_start_matches([' ', '\t', '\x0B', '\x0C']).starts_with(['\n', '#'])
                || rest.trim_matches([' ', '\t', '\x0B', '\x0C']).is_empty()
        };
        text.match_indices(quote).any(|(at, _)| ended(&text[at + 1..]))
    };
    let trailing_backslashes = value.len() - value.trim_end_matches('\\').len();
    if value.contains(['\0', '\r']) || trailing_backslashes % 2 == 1 {
        return None;
    }
    ['\'', '`'].into_iter().find(|quote| !ends(&value, *quote)).map(|quote| format!("{quote}{value}{quote}"))
}

proptest! {
    #[test]
    fn what_can_be_quoted_is_read_back(pairs in prop::collection::btree_map("[A-Za-z0-9_.-]{1,12}", r#"([ -~\n\t]|\PC|[$'"`#\\{}:-]){0,40}"#, 0..12)) {
        let pairs: BTreeMap<String, String> = pairs.into_iter().filter(|(name, value)| name != "export" && quoted(value).is_some()).collect();
        let text: String = pairs.iter().map(|(name, value)| format!("{name}={}\n", quoted(value).unwrap())).collect();
        prop_assert_eq!(read_text(&text), Ok(pairs), "{}", text);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'$'), Just(b'"'), Just(b'='), Just(b'A'), Just(b'\n'), Just(b'{'), Just(b'}')], 0..200)) {
        let mut into = Variables::default();
        match take(Path::new(".env"), &bytes, Layers { above: &[], below: &[] }, &mut into) {
            Ok(()) => {}
            Err(Error::Malformed(place)) => prop_assert!(place.line >= 1 && place.column >= 1),
            Err(other) => prop_assert!(false, "{other:?}"),
        }
    }
}
