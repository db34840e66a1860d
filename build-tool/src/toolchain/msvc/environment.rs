//! The variables with which cargo, the `cc` crate and the `cmake` crate find
//! the kit for a target.

use super::Kit;
use super::roles::Role;

/// For a cargo call that compiles for `triple`. Flags for C code are not among them: the compiler adds its own.
pub fn environment(kit: &Kit, triple: &str) -> Vec<(String, String)> {
    let snake = triple.replace('-', "_");
    let tool = |role: Role| kit.tools.join(role.name()).to_string_lossy().into_owned();
    vec![
        (format!("CARGO_TARGET_{}_LINKER", snake.to_ascii_uppercase()), tool(Role::Link)),
        (format!("CC_{snake}"), tool(Role::C)),
        (format!("CXX_{snake}"), tool(Role::Cpp)),
        (format!("AR_{snake}"), tool(Role::Archive)),
    ]
}
