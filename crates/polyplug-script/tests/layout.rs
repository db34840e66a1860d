//! The layouts computed from signatures are those of a C compiler: one file of C with each struct is compiled and run.

use std::fmt::Write;
use std::process::Command;

use polyplug_script::signature::{Signature, Struct, Type};

const STRUCTS: [&str; 12] = [
    "{a:u8}",
    "{a:u8,b:u64}",
    "{a:u64,b:u8}",
    "{a:u8,b:u16,c:u8,d:u32,e:u8}",
    "{a:bool,b:f64,c:bool}",
    "{a:i8,b:f32,c:i16}",
    "{a:string,b:u8}",
    "{a:u8,b:bytes,c:[u32]}",
    "{a:u16,b:{c:u8,d:u32},e:u8}",
    "{a:u8,b:{c:{d:{e:i64}}}}",
    "{a:{b:u8,c:u8,d:u8},e:u16,f:{g:u8}}",
    "{a:f32,b:{c:bool,d:[{e:u64}]},f:i32,g:f64,h:i64,i:i8}",
];

#[test]
fn layouts_are_those_of_a_c_compiler() {
    let mut source = String::from(
        "#include <stddef.h>\n#include <stdint.h>\n#include <stdio.h>\n\
         typedef struct { const void *ptr; size_t len; } view;\nint main(void) {\n",
    );
    let mut expected = String::new();
    for (place, text) in STRUCTS.iter().enumerate() {
        let signature: Signature = format!("({text})").parse().expect("a signature");
        let Type::Struct(inner) = &signature.params.fields()[0].kind else { panic!("{text} is a struct") };
        writeln!(source, "typedef {} s{place};", declaration(inner)).expect("a string");
        writeln!(source, "printf(\"{text} %zu %zu\", sizeof(s{place}), _Alignof(s{place}));").expect("a string");
        write!(expected, "{text} {} {}", inner.size(), inner.align()).expect("a string");
        for field in inner.fields() {
            writeln!(source, "printf(\" %zu\", offsetof(s{place}, {}));", field.name).expect("a string");
            write!(expected, " {}", field.offset).expect("a string");
        }
        source += "puts(\"\");\n";
        expected += "\n";
    }
    source += "return 0; }\n";

    let folder = tempfile::tempdir().expect("a folder");
    let (file, program) = (folder.path().join("layout.c"), folder.path().join("layout"));
    std::fs::write(&file, source).expect("written");
    let compiled = Command::new("cc").arg(&file).arg("-o").arg(&program).status().expect("a C compiler");
    assert!(compiled.success());
    let told = Command::new(&program).output().expect("it runs");
    assert_eq!(String::from_utf8(told.stdout).expect("text"), expected);
}

fn declaration(inner: &Struct) -> String {
    let mut text = String::from("struct { ");
    for field in inner.fields() {
        let kind = match &field.kind {
            Type::F32 => "float".to_owned(),
            Type::F64 => "double".to_owned(),
            Type::Bool => "uint8_t".to_owned(),
            Type::String | Type::Bytes | Type::Array(_) => "view".to_owned(),
            Type::Struct(deeper) => declaration(deeper),
            number => format!(
                "{}int{}_t",
                if number.to_string().starts_with('u') { "u" } else { "" },
                &number.to_string()[1..]
            ),
        };
        write!(text, "{kind} {}; ", field.name).expect("a string");
    }
    text + "}"
}
