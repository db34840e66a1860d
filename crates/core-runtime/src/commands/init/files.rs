//! The files of a new project.

use crate::package::document::quoted;

pub(super) const PACKAGE_JSON: &str = "package.json";
pub(super) const README: &str = "README.md";
/// The entry file, unless somebody says another.
pub(super) const ENTRY: &str = "index.js";

/// What somebody can choose.
#[derive(Debug)]
pub(super) struct Choices {
    pub(super) name: String,
    pub(super) entry: String,
}

/// A file to make.
#[derive(Debug)]
pub(super) struct File {
    name: String,
    content: String,
}

impl File {
    /// Its path in the project, `/` between the parts.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn content(&self) -> &str {
        &self.content
    }
}

/// All of them, or those without which nothing runs.
pub(super) fn of(choices: &Choices, minimal: bool) -> Vec<File> {
    let file = |name: &str, content: String| File { name: name.to_owned(), content };
    let mut files = vec![
        file(PACKAGE_JSON, package_json(choices)),
        file(&choices.entry, "console.log(\"Hello from rust-bun!\");\n".to_owned()),
    ];
    if !minimal {
        if is_typescript(&choices.entry) {
            files.push(file("tsconfig.json", TSCONFIG.to_owned()));
        }
        files.push(file(".gitignore", GITIGNORE.to_owned()));
        files.push(file(README, readme(choices)));
    }
    files
}

fn is_typescript(entry: &str) -> bool {
    [".ts", ".tsx", ".mts", ".cts"].iter().any(|extension| entry.ends_with(extension))
}

/// What is wrong with a name for the entry file.
pub(super) fn flaw_of_entry(entry: &str) -> Option<&'static str> {
    let known = [".ts", ".tsx", ".js", ".jsx", ".mjs", ".mts", ".cjs", ".cts"];
    let parts = || entry.split('/');
    if entry.starts_with('/')
        || entry.contains(['\\', ':', '\0'])
        || parts().any(|part| matches!(part, "" | "." | ".."))
    {
        Some("it must be a path within the project, with / between its parts")
    } else if !known.iter().any(|extension| entry.strip_suffix(extension).is_some_and(|stem| !stem.is_empty())) {
        Some("it must end in .ts, .tsx, .js, .jsx, .mjs, .mts, .cjs or .cts")
    } else {
        None
    }
}

fn package_json(choices: &Choices) -> String {
    let (name, entry) = (quoted(&choices.name), quoted(&choices.entry));
    format!(
        "{{\n  \"name\": {name},\n  \"version\": \"0.1.0\",\n  \"private\": true,\n  \"type\": \"module\",\n  \
         \"module\": {entry},\n  \"scripts\": {{}}\n}}\n"
    )
}

fn readme(choices: &Choices) -> String {
    let Choices { name, entry } = choices;
    format!(
        "# {name}\n\nTo run it:\n\n```sh\nrust-bun run {entry}\n```\n\n\
         Scripts are in `package.json`, below `scripts`; `rust-bun run` lists them, and `rust-bun run NAME` runs one.\n"
    )
}

/// For a runtime that takes TypeScript as it is: nothing is ever emitted.
const TSCONFIG: &str = r#"{
  "compilerOptions": {
    "lib": ["ESNext"],
    "target": "ESNext",
    "module": "Preserve",
    "moduleDetection": "force",
    "moduleResolution": "bundler",
    "allowImportingTsExtensions": true,
    "verbatimModuleSyntax": true,
    "jsx": "react-jsx",
    "allowJs": true,
    "noEmit": true,
    "strict": true,
    "skipLibCheck": true,
    "noFallthroughCasesInSwitch": true,
    "noUncheckedIndexedAccess": true
  }
}
"#;

const GITIGNORE: &str = "# installed packages
node_modules/

# what is built
dist/
*.tsbuildinfo

# secrets, and settings of one machine
.env.local
.env.*.local

# noise
*.log
.DS_Store
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_file_is_a_script_within_the_project() {
        for entry in ["index.ts", "src/main.tsx", "a.b.mjs", "ä/ö.js"] {
            assert_eq!(flaw_of_entry(entry), None, "{entry}");
        }
        for entry in ["", "index", ".ts", "../a.ts", "/a.ts", "a\\b.ts", "C:a.ts", "src//a.ts", "./a.ts", "a.py"] {
            assert!(flaw_of_entry(entry).is_some(), "{entry}");
        }
    }

    #[test]
    fn what_is_written_is_json_whatever_the_names_are() {
        let choices = Choices { name: "a\"b\\".to_owned(), entry: "ü.ts".to_owned() };
        let value: serde_json::Value = serde_json::from_str(&package_json(&choices)).unwrap();
        assert_eq!((value["name"].as_str(), value["module"].as_str()), (Some("a\"b\\"), Some("ü.ts")));
        serde_json::from_str::<serde_json::Value>(TSCONFIG).unwrap();
    }
}
