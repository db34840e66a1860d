//! The variables of a child: ours with the changes that were asked for, in the order that Windows wants.
#![allow(unsafe_code, reason = "calls the system")]
use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::backend::windows::env::{self, Variable};
use crate::backend::windows::wide;
use crate::ffi::{OsStr, OsString};
use crate::io;
use crate::process::Command;

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    fn CompareStringOrdinal(
        one: *const u16,
        one_length: i32,
        other: *const u16,
        other_length: i32,
        ignore_case: i32,
    ) -> i32;
}

/// Names that differ in case only are the same.
fn compare(one: &[u16], other: &[u16]) -> Ordering {
    const CSTR_EQUAL: i32 = 2;
    // SAFETY: both have the lengths that are told.
    let order = unsafe { CompareStringOrdinal(one.as_ptr(), one.len() as i32, other.as_ptr(), other.len() as i32, 1) };
    order.cmp(&CSTR_EQUAL)
}

fn units(string: &OsStr) -> io::Result<Vec<u16>> {
    let mut units = wide::units(string)?;
    units.pop();
    Ok(units)
}

/// The block of variables for the child, or None if it gets ours as they are.
pub(super) fn block(command: &Command) -> io::Result<Option<Vec<u16>>> {
    if command.variables.is_empty() && !command.clear_variables {
        return Ok(None);
    }
    let mut variables = if command.clear_variables { Vec::new() } else { env::variables() };
    for (name, value) in &command.variables {
        let name = units(name)?;
        let known = variables.iter().position(|known| compare(&known.name, &name) == Ordering::Equal);
        let value = value.as_deref().map(units).transpose()?;
        match (known, value) {
            (Some(place), Some(value)) => variables[place].value = value,
            (Some(place), None) => drop(variables.swap_remove(place)),
            (None, Some(value)) => variables.push(Variable { name, value }),
            (None, None) => {}
        }
    }
    variables.sort_by(|one, other| compare(&one.name, &other.name));
    let mut block = Vec::new();
    for Variable { name, value } in variables {
        block.extend(name);
        block.push(u16::from(b'='));
        block.extend(value);
        block.push(0);
    }
    if block.is_empty() {
        block.push(0);
    }
    block.push(0);
    Ok(Some(block))
}

/// The folders to look for programs in, if they were set for the child.
pub(super) fn path(command: &Command) -> Option<OsString> {
    let path: Vec<u16> = "PATH".encode_utf16().collect();
    let is_path = |name: &OsStr| compare(&name.encode_wide().collect::<Vec<_>>(), &path) == Ordering::Equal;
    command.variables.iter().find(|(name, _)| is_path(name)).and_then(|(_, value)| value.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;

    fn shown(command: &Command) -> Vec<String> {
        let block = block(command).unwrap().unwrap();
        let block = String::from_utf16(&block).unwrap();
        let all = block.strip_suffix("\0\0").unwrap();
        all.split('\0').filter(|line| !line.is_empty()).map(String::from).collect()
    }

    #[test]
    fn the_variables_of_a_child_are_sorted_whatever_their_case() {
        let mut command = Command::new("x");
        command.env_clear().env("b", "1").env("C", "2").env("A", "3").env("B_", "4");
        assert_eq!(shown(&command), ["A=3", "b=1", "B_=4", "C=2"]);
    }

    #[test]
    fn an_empty_environment_is_no_inherited_one() {
        let mut command = Command::new("x");
        assert_eq!(block(&command).unwrap(), None);
        assert_eq!(block(command.env_clear()).unwrap(), Some(alloc::vec![0, 0]));
    }

    #[test]
    fn a_change_in_another_case_changes_the_same_variable() {
        let mut command = Command::new("x");
        command.env("pAtH", "here");
        let shown = shown(&command);
        let paths: Vec<_> = shown.iter().filter(|line| line.to_ascii_uppercase().starts_with("PATH=")).collect();
        assert_eq!(paths.len(), 1);
        assert!(paths[0].ends_with("=here"));
        assert_eq!(path(&command).unwrap(), "here");
    }
}
