//! Runs finished programs for what they print themselves: completions and man pages for the installers. It needs a
//! program that can run on this machine; what it prints serves every target.

use std::fs;
use std::path::Path;

use serde::Serialize;

use super::{Input, Output, Session, StageError, Step, Subject, Tool, fields, work_outputs};
use crate::manifest::package::FOLDER;
use crate::release::{Generation, Release, Runner};
use crate::toolchain::runners;

/// The stage's name.
pub const NAME: &str = "generate";

/// One run of a program.
#[derive(Debug, Serialize)]
struct Generate {
    #[serde(skip)]
    subject: Subject,
    run: Generation,
    runner: Runner,
}

/// One step for every command whose files an installer holds.
pub fn plan(release: &Release) -> Vec<Box<dyn Step>> {
    let step = |run: &Generation| {
        let app = release.apps.iter().find(|app| app.name == run.app)?;
        Some(Box::new(Generate {
            subject: Subject::of(app, &run.target),
            run: run.clone(),
            runner: release.runner_of(&run.target).clone(),
        }) as Box<dyn Step>)
    };
    release.generated.iter().filter_map(step).collect()
}

impl Step for Generate {
    fn subject(&self) -> Subject {
        self.subject.clone()
    }

    fn inputs(&self) -> Vec<Input> {
        vec![Input::Artifact(self.run.program.clone())]
    }

    fn outputs(&self) -> Vec<Output> {
        work_outputs(&self.run.files.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>())
    }

    fn parameters(&self) -> serde_json::Value {
        fields(self)
    }

    fn tools(&self) -> Vec<Tool> {
        Vec::new() // only what was found is planned with
    }

    fn describe(&self) -> String {
        let names: Vec<&str> = self.run.files.iter().map(|(_, name)| name.as_str()).collect();
        let more = if names.len() > 1 { format!(" and {} more", names.len() - 1) } else { String::new() };
        format!("print {}{more} with {}", names.first().unwrap_or(&""), self.run.program.name)
    }

    fn why(&self) -> String {
        format!("its package manifest says so; it runs {}", self.runner.describe())
    }

    fn run(&self, session: &mut Session<'_>) -> Result<(), StageError> {
        let session = &*session;
        let program = session.input(&self.run.program)?;
        let folder = tempfile::tempdir().map_err(StageError::file("create a temporary folder for", &program.path))?;
        let read = |invocation: &_| session.read(invocation);
        let purpose = format!("print {}", self.run.files.first().map_or("", |(_, name)| name));
        let mut call = runners::invocation(session.release, &self.run.target, &program.path, &purpose, &read)?;
        for argument in &self.run.arguments {
            call = call.arg(argument.replace(FOLDER, &folder.path().to_string_lossy()));
        }
        // What a terminal is like is of this machine.
        for variable in ["COLUMNS", "LINES", "TERM", "LC_ALL", "LANG", "LANGUAGE"] {
            call = call.env_remove(variable);
        }
        let said = session.read(&call.env("NO_COLOR", "1").env("LC_ALL", "C.UTF-8").cwd(folder.path()))?;
        if !self.run.writes_to_folder() {
            return self.run.files.iter().try_for_each(|(id, name)| {
                session.make(id, |path| {
                    if said.is_empty() {
                        return Err(nothing_in(name, "it printed nothing"));
                    }
                    fs::write(path, &said).map(|()| false).map_err(StageError::file("write", path))
                })
            });
        }
        self.take(folder.path(), session)
    }
}

impl Generate {
    /// Takes the files from the folder: exactly those that the manifest names.
    fn take(&self, folder: &Path, session: &Session<'_>) -> Result<(), StageError> {
        let entries = fs::read_dir(folder).map_err(StageError::file("read", folder))?;
        let mut others: Vec<String> = entries
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(|name| !self.run.files.iter().any(|(_, wanted)| wanted == name))
            .collect();
        others.sort();
        if !others.is_empty() {
            session.note(format!(
                "{} wrote files that `files` of its package manifest does not name: {}",
                self.run.program.name,
                others.join(", ")
            ));
        }
        for (id, name) in &self.run.files {
            let written = folder.join(name);
            if !written.is_file() {
                return Err(nothing_in(name, "it wrote no such file"));
            }
            session
                .make(id, |path| fs::copy(&written, path).map(|_| false).map_err(StageError::file("copy", &written)))?;
        }
        Ok(())
    }
}

fn nothing_in(name: &str, reason: &'static str) -> StageError {
    StageError::Format { action: "let the program print", path: name.into(), source: reason.into() }
}
