//! What is a name, a version, a contract, a path.

use super::*;

#[test]
fn names_have_letters_digits_and_three_marks() {
    for good in ["a", "A.b_c-9", "0", "-", "...a", &"n".repeat(NAME_LIMIT)] {
        assert_eq!(check_name(good), Ok(()), "{good}");
    }
    for bad in ["", ".", "..", "a b", "a/b", "a\\b", "ä", "a\0", "a\n", "a@1", &"n".repeat(NAME_LIMIT + 1)] {
        assert!(check_name(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn contracts_have_identifiers_between_dots() {
    for good in ["a", "image.Decoder", "_.__", "a1.b2.c3", &"n".repeat(NAME_LIMIT)] {
        assert_eq!(check_contract_name(good), Ok(()), "{good}");
    }
    for bad in ["", ".", "a.", ".a", "a..b", "1a", "a.1", "a-b", "a b", "é", "a@1", &"n".repeat(NAME_LIMIT + 1)] {
        assert!(check_contract_name(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn versions_have_one_to_three_numbers_of_sixteen_bits_in_one_spelling() {
    assert_eq!(parse_numbers("7"), Ok((Version::new(7, 0, 0), 1)));
    assert_eq!(parse_numbers("0.10"), Ok((Version::new(0, 10, 0), 2)));
    assert_eq!(parse_numbers("65535.65535.65535"), Ok((Version::new(65_535, 65_535, 65_535), 3)));
    for bad in ["", ".", "1.", ".1", "1..2", "1.2.3.4", "01", "1.00", "+1", "-1", "65536", "1.2.3-a", "1 ", "x", "١"] {
        assert!(parse_numbers(bad).is_err(), "{bad:?}");
    }
    assert_eq!(parse_version("1.2.3"), Ok(Version::new(1, 2, 3)));
    assert_eq!(parse_version("1.2"), Err("a version has three numbers, as in `1.2.0`".to_owned()));
}

#[test]
fn contracts_come_with_their_version() {
    let full = ContractReference { name: "a.B", version: Version::new(1, 2, 3), written: 3 };
    assert_eq!(parse_contract("a.B@1.2.3"), Ok(full));
    assert_eq!(parse_contract("a.B@1").map(|contract| contract.written), Ok(1));
    assert_eq!(parse_contract("a.B"), Err("the major version belongs to it, as in `a.B@1`".to_owned()));
    for bad in ["@1", "a.B@", "a.B@x", "a.B@1@1", "a.B @1", "a.B@ 1"] {
        assert!(parse_contract(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn files_stay_in_the_folder() {
    for good in ["a", "a/b/c.so", "a b", "...", "a..b", "..a", "-", "ä/ö", &"f".repeat(FILE_LIMIT)] {
        assert_eq!(check_file(good), Ok(()), "{good}");
    }
    let bad = [
        "",
        "/",
        "/a",
        "//a",
        "a/",
        "a//b",
        ".",
        "./a",
        "a/.",
        "..",
        "../a",
        "a/../b",
        "a/..",
        "C:a",
        "C:/a",
        "C:\\a",
        "\\a",
        "a\\b",
        "\\\\server\\a",
        "a:b",
        "a\0b",
        "a\nb",
        "a\u{7f}",
    ];
    for bad in bad {
        assert!(check_file(bad).is_err(), "{bad:?}");
    }
    assert!(check_file(&"f".repeat(FILE_LIMIT + 1)).is_err());
}
