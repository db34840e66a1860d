//! `pm pkg`: entries of package.json, read and changed.

use super::Error;
use crate::cli::PmPkgCommand;
use crate::context::Context;
use crate::error::Result;
use crate::exit::Ending;
use crate::package::document::{Member, Node, Value};
use crate::package::edit::Edit;
use crate::package::folders;
use crate::package::key::{Key, Step};

pub(super) fn run(context: &Context, command: &PmPkgCommand) -> Result<Ending> {
    let project = folders::project(&context.environment.cwd)?;
    match command {
        PmPkgCommand::Get { keys } => context.report.result(get(project.root(), keys)?.to_json())?,
        PmPkgCommand::Set { values, json } => {
            let mut edit = Edit::of(&project);
            for word in values {
                let (key, value) = word.split_once('=').ok_or_else(|| Error::NoValue { word: word.clone() })?;
                let value = if *json { parse(key, value)? } else { Value::String(value.to_owned()) };
                edit.set(&Key::parse(key)?, &value)?;
            }
            edit.save()?;
        }
        PmPkgCommand::Delete { keys } => {
            let keys = keys.iter().map(|key| Key::parse(key)).collect::<Result<Vec<_>, _>>()?;
            let mut edit = Edit::of(&project);
            let there: Vec<bool> = keys.iter().map(|key| edit.delete(key)).collect();
            for (key, _) in keys.iter().zip(&there).filter(|(_, there)| !**there) {
                context.report.note(format_args!("{key} was not there"));
            }
            if there.contains(&true) {
                edit.save()?;
            }
        }
    }
    Ok(Ending::SUCCESS)
}

/// One key gives its value, several an object of those that are there, none everything. A missing value is `{}`, as
/// npm has it: scripts that read it need not tell it apart.
fn get(root: &Node, keys: &[String]) -> Result<Node> {
    let found: Vec<(Key, Option<&Node>)> = keys
        .iter()
        .map(|key| Key::parse(key).map(|key| (key.clone(), value_at(root, &key))))
        .collect::<Result<_, _>>()?;
    let object = |members| Node { value: Value::Object(members), span: 0..0 };
    Ok(match found.as_slice() {
        [] => root.clone(),
        [(_, value)] => value.cloned().unwrap_or_else(|| object(Vec::new())),
        several => object(
            several
                .iter()
                .filter_map(|(key, value)| {
                    Some(Member { name: key.to_string(), name_span: 0..0, value: (*value)?.clone() })
                })
                .collect(),
        ),
    })
}

fn value_at<'a>(root: &'a Node, key: &Key) -> Option<&'a Node> {
    key.steps().iter().try_fold(root, |node, step| match step {
        Step::Name(name) => node.get(name),
        Step::Index(index) => node.at(*index),
        Step::End => None,
    })
}

fn parse(key: &str, value: &str) -> Result<Value, Error> {
    Node::parse(value).map(|node| node.value).map_err(|why| Error::NotJson { key: key.to_owned(), why })
}
