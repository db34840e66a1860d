//! What people see when an API or a bundle is wrong: everything at once, each at its place.

use miette::{GraphicalReportHandler, GraphicalTheme};
use polyplugc::api::read_api;
use polyplugc::bundle::read_bundle;
use polyplugc::error::Errors;
use polyplugc::input::{SourceFile, read};

/// The errors as a terminal without colours shows them.
fn shown(errors: &Errors) -> String {
    let mut text = String::new();
    let theme = GraphicalTheme::unicode_nocolor();
    GraphicalReportHandler::new_themed(theme)
        .with_width(100)
        .with_links(false)
        .render_report(&mut text, errors)
        .unwrap();
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

fn api_errors(text: &str) -> String {
    shown(&read_api(&SourceFile::new("api.toml", "api.toml", text)).unwrap_err())
}

/// A contract with one function that has this parameter type, behind `before`.
fn with_type(before: &str, ty: &str) -> String {
    format!(
        "{before}\n[[guest_contract]]\nname = \"a.B\"\nversion = \"1.0.0\"\n\
         functions = [{{ name = \"f\", params = [{{ name = \"x\", type = \"{ty}\" }}] }}]\n"
    )
}

const GOOD: &str = "[[guest_contract]]\nname = \"image.Painter\"\nversion = \"1.2.0\"\n\
                    functions = [{ name = \"paint\" }]\n\
                    [[host_contract]]\nname = \"host.Canvas\"\nversion = \"1.0.0\"\nfunctions = [{ name = \"set\" }]\n";

fn bundle_errors(api: Option<&str>, text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    if let Some(api) = api {
        std::fs::write(folder.path().join("api.toml"), api).unwrap();
    }
    let path = folder.path().join("bundle.toml");
    std::fs::write(&path, text).unwrap();
    let errors = read_bundle(&read(&path).unwrap()).unwrap_err();
    shown(&errors).replace(&format!("{}/", folder.path().display()), "")
}

fn bundle(rest: &str) -> String {
    format!(
        "[bundle]\nname = \"painter\"\nversion = \"1.0.0\"\napi = \"api.toml\"\nloader = \"native\"\n\
         file = \"libpainter.so\"\n{rest}"
    )
}

const PLUGIN: &str = "[[plugin]]\nname = \"brush\"\nimplements = [\"image.Painter@1\"]\n";

#[test]
fn apis() {
    let variants = |list: &str| format!("[[enum]]\nname = \"Color\"\nrepr = \"u8\"\nvariants = [{list}]\n");
    let cases = [
        ("no_toml", "[[types]\nname = ".to_owned()),
        ("unknown_keys", "[[typs]]\n[[enum]]\nname = \"A\"\nreper = \"u8\"\nvariants = [{ nam = \"B\", value = 1 }]".to_owned()),
        ("wrong_types", "types = 3\n[[enum]]\nname = 4\nrepr = []\nvariants = [\"A\"]".to_owned()),
        ("an_unknown_type", with_type("", "Pont") + "\n[[types]]\nname = \"Point\"\nfields = [{ name = \"x\", type = \"string\" }]"),
        ("a_type_of_c", with_type("", "int")),
        ("an_unknown_item", with_type("", "Array<Array<Foo>>")),
        ("too_many_dimensions", with_type("", &format!("{}u8{}", "Array<".repeat(9), ">".repeat(9)))),
        (
            "a_struct_in_itself",
            with_type(
                "[[types]]\nname = \"A\"\nfields = [{ name = \"b\", type = \"Array<B>\" }]\n\
                 [[types]]\nname = \"B\"\nfields = [{ name = \"n\", type = \"u8\" }, { name = \"a\", type = \"A\" }]\n\
                 [[types]]\nname = \"C\"\nfields = [{ name = \"a\", type = \"A\" }]\n",
                "A",
            ),
        ),
        ("a_value_that_does_not_fit", variants("{ name = \"A\", value = 256 }, { name = \"B\", value = -1 }")),
        ("a_value_larger_than_any", variants("{ name = \"A\", value = 0xffff_ffff_ffff_ffff_f }")),
        ("an_expression_as_value", variants("{ name = \"A\", value = 1 }, { name = \"B\", value = \"A + 1\" }")),
        ("a_value_twice", variants("{ name = \"A\", value = 1 }, { name = \"B\", value = 0x1 }")),
        ("a_variant_twice", variants("{ name = \"A\", value = 1 }, { name = \"A\", value = 2 }")),
        ("no_variants", variants("")),
        ("a_wrong_repr", "[[enum]]\nname = \"Color\"\nrepr = \"i32\"\nvariants = [{ name = \"A\", value = 1 }]".to_owned()),
        (
            "reserved_words",
            "[[types]]\nname = \"Self\"\nfields = [{ name = \"restrict\", type = \"u8\" }, { name = \"end\", type = \"u8\" }, \
             { name = \"fn\", type = \"u8\" }, { name = \"namespace\", type = \"u8\" }, { name = \"null\", type = \"u8\" }]"
                .to_owned(),
        ),
        (
            "names_of_another_form",
            "[[types]]\nname = \"my_point\"\nfields = [{ name = \"theX\", type = \"u8\" }, { name = \"_y\", type = \"u8\" }, \
             { name = \"ä\", type = \"u8\" }, { name = \"\", type = \"u8\" }]"
                .to_owned(),
        ),
        (
            "names_twice",
            "[[types]]\nname = \"Point\"\nfields = [{ name = \"x\", type = \"u8\" }, { name = \"x\", type = \"u8\" }]\n\
             [[enum]]\nname = \"Point\"\nrepr = \"u8\"\nvariants = [{ name = \"A\", value = 1 }]\n\
             [[guest_contract]]\nname = \"a.Point\"\nversion = \"1.0.0\"\nfunctions = [{ name = \"f\" }, { name = \"f\" }]\n"
                .to_owned(),
        ),
        (
            "names_that_meet_in_generated_code",
            "[[types]]\nname = \"PainterCaller\"\nfields = [{ name = \"x\", type = \"u8\" }]\n".to_owned() + GOOD,
        ),
        (
            "contract_names",
            ["Painter!", "image..Painter", "image.painter", "Image.Painter", "image.Painter@1", ""]
                .map(|name| format!("[[guest_contract]]\nname = \"{name}\"\nversion = \"1.0.0\"\nfunctions = [{{ name = \"f\" }}]\n"))
                .concat(),
        ),
        (
            "versions",
            ["1.0", "1.0.0.0", "1.0.65536", "01.0.0", "a", "-1.0.0"]
                .iter()
                .zip('A'..)
                .map(|(version, name)| format!("[[guest_contract]]\nname = \"x.{name}\"\nversion = \"{version}\"\nfunctions = [{{ name = \"f\" }}]\n"))
                .collect(),
        ),
        ("nothing_in_it", "[[guest_contract]]\n[[types]]\n[[enum]]\n[[host_contract]]\nsingleton = true\n".to_owned()),
        ("empty_structs_and_contracts", "[[types]]\nname = \"A\"\nfields = []\n[[guest_contract]]\nname = \"a.C\"\nversion = \"1.0.0\"\nfunctions = []".to_owned()),
    ];
    for (name, text) in cases {
        insta::assert_snapshot!(format!("api_{name}"), api_errors(&text));
    }
}

#[test]
fn bundles() {
    let dependency = |rest: &str| bundle(&format!("{PLUGIN}[[dependency]]\n{rest}"));
    let cases = [
        ("no_api", None, bundle(PLUGIN)),
        ("a_broken_api", Some("[[types]]\nname = \"A\"\n"), bundle(PLUGIN)),
        ("nothing_in_it", Some(GOOD), "[bundle]\n".to_owned()),
        ("not_even_a_bundle", Some(GOOD), "[[plugin]]\n[bundel]\n".to_owned()),
        ("no_plugin", Some(GOOD), bundle("")),
        (
            "what_the_api_does_not_declare",
            Some(GOOD),
            bundle(
                "[[plugin]]\nname = \"brush\"\nimplements = [\"image.Paintr@1\", \"image.Painter@2\", \"host.Canvas@1\", \"image.Painter@1.3\"]\n",
            ),
        ),
        (
            "no_contract",
            Some(GOOD),
            bundle("[[plugin]]\nname = \"brush\"\nimplements = [\"image.Painter\", \"@1\", \"image.Painter@x\", 3]\n"),
        ),
        ("a_contract_twice", Some(GOOD), bundle(&format!("{PLUGIN}{}", PLUGIN.replace("brush", "other")))),
        ("a_plugin_twice", Some(GOOD), bundle(&format!("{PLUGIN}{PLUGIN}"))),
        ("a_plugin_without_contracts", Some(GOOD), bundle("[[plugin]]\nname = \"brush\"\nimplements = []\n")),
        (
            "names",
            Some(GOOD),
            bundle(PLUGIN).replace("\"painter\"", "\"a/b\"").replace("\"native\"", "\"\"").replace("brush", "Brush!"),
        ),
        ("files_that_climb", Some(GOOD), bundle(PLUGIN).replace("libpainter.so", "../libpainter.so")),
        (
            "files_for_no_platform",
            Some(GOOD),
            bundle(PLUGIN).replace("\"libpainter.so\"", "{ linx = \"a.so\", linux = \"/a.so\" }"),
        ),
        ("no_files", Some(GOOD), bundle(PLUGIN).replace("\"libpainter.so\"", "{}")),
        ("a_dependency_on_nothing", Some(GOOD), dependency("contract = \"host.Canvas@1\"")),
        ("a_dependency_of_no_kind", Some(GOOD), dependency("kind = \"host\"\ncontract = \"host.Canvas@1\"")),
        ("a_newer_dependency", Some(GOOD), dependency("contract = \"image.Painter@1\"\nmin_version = \"1.3\"")),
        (
            "a_least_version_of_another_major",
            Some(GOOD),
            dependency("contract = \"image.Painter@1\"\nmin_version = \"2.0\""),
        ),
        (
            "a_dependency_twice",
            Some(GOOD),
            dependency("contract = \"image.Painter@1\"\n[[dependency]]\ncontract = \"image.Painter@1\""),
        ),
        (
            "multiple_that_is_not_implemented",
            Some(GOOD),
            bundle(PLUGIN).replace("file =", "multiple = [\"image.Painter@9\"]\nfile ="),
        ),
    ];
    for (name, api, text) in cases {
        insta::assert_snapshot!(format!("bundle_{name}"), bundle_errors(api, &text));
    }
}
