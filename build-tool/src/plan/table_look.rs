//! The one look that all our tables have: no lines, columns apart.

use comfy_table::{Table, presets};

/// An empty table with this header.
pub(crate) fn plain_table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header.iter().map(ToString::to_string));
    table
}

/// Its text, without the blanks that padding leaves at both ends of a line.
pub(crate) fn text(table: &Table) -> String {
    table.lines().map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(&line).trim_end())).collect()
}
