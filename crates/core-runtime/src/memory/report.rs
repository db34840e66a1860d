//! What the memory was used for, at the end of a run.

use std::fmt::{self, Display};

use super::named;

/// What an allocator gave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Bytes that were not freed so far, as they were asked for
    pub live_bytes: usize,
    /// Blocks that were not freed so far
    pub live_blocks: usize,
    /// The most bytes at any time
    pub peak_bytes: usize,
    /// All blocks so far
    pub blocks: u64,
}

impl Counts {
    pub(super) fn add(&mut self, size: usize) {
        self.live_bytes += size;
        self.peak_bytes = self.peak_bytes.max(self.live_bytes);
        self.live_blocks += 1;
        self.blocks += 1;
    }

    pub(super) fn remove(&mut self, size: usize) {
        self.live_bytes -= size;
        self.live_blocks -= 1;
    }
}

/// What the whole process has from the system, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProcessMemory {
    /// In physical memory, the most at any time
    pub peak_resident: usize,
    /// What mimalloc has now, used or not (on Windows: what the whole process has)
    pub committed: usize,
    /// The same, the most at any time
    pub peak_committed: usize,
}

/// The counts of one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedCounts {
    /// The name, or the type's name
    pub name: &'static str,
    /// Its counts
    pub counts: Counts,
}

/// What the memory was used for. Its text is a table for people; it may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeapReport {
    /// The whole process; none without the feature `mimalloc`
    pub process: Option<ProcessMemory>,
    /// All blocks of the program's own allocator; only debug builds count them
    pub all: Option<Counts>,
    /// What was counted by name, the highest peak first
    pub named: Vec<NamedCounts>,
}

/// What the memory was used for so far.
#[must_use]
pub fn heap_report() -> HeapReport {
    let mut named: Vec<_> = named::all().into_iter().map(|(name, counts)| NamedCounts { name, counts }).collect();
    named.sort_by(|one, other| other.counts.peak_bytes.cmp(&one.counts.peak_bytes).then(one.name.cmp(other.name)));
    #[cfg(feature = "mimalloc")]
    let process = Some(super::mimalloc::process_memory());
    #[cfg(not(feature = "mimalloc"))]
    let process = None;
    #[cfg(debug_assertions)]
    let all = Some(super::DEBUG_ALLOCATOR.counts());
    #[cfg(not(debug_assertions))]
    let all = None;
    HeapReport { process, all, named }
}

impl Display for HeapReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(process) = self.process {
            let ProcessMemory { peak_resident, committed, peak_committed } = process;
            writeln!(out, "process: {} in memory at most", Bytes(peak_resident))?;
            writeln!(out, "mimalloc: {} from the system, {} at most", Bytes(committed), Bytes(peak_committed))?;
        }
        let all = self.all.map(|counts| NamedCounts { name: "(all)", counts });
        let rows: Vec<_> = all.iter().chain(&self.named).collect();
        let width = rows.iter().map(|row| row.name.chars().count()).chain([4]).max().unwrap_or(4);
        writeln!(out, "{:width$}  {:>10}  {:>11}  {:>10}  {:>10}", "heap", "live", "live blocks", "at most", "blocks")?;
        for NamedCounts { name, counts } in rows {
            let Counts { live_bytes, live_blocks, peak_bytes, blocks } = *counts;
            let (live, peak) = (Bytes(live_bytes).to_string(), Bytes(peak_bytes).to_string());
            writeln!(out, "{name:width$}  {live:>10}  {live_blocks:>11}  {peak:>10}  {blocks:>10}")?;
        }
        Ok(())
    }
}

/// A number of bytes with three digits or four.
struct Bytes(usize);

impl Display for Bytes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut tenths, mut unit) = (self.0 as u128 * 10, "B");
        for next in ["KiB", "MiB", "GiB", "TiB"] {
            if tenths < 10_240 {
                break;
            }
            (tenths, unit) = (tenths / 1024, next);
        }
        match unit {
            "B" => write!(out, "{} B", self.0),
            _ => write!(out, "{}.{} {unit}", tenths / 10, tenths % 10),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_a_table() {
        let named = |name, live_bytes, live_blocks, peak_bytes, blocks| NamedCounts {
            name,
            counts: Counts { live_bytes, live_blocks, peak_bytes, blocks },
        };
        let report = HeapReport {
            process: Some(ProcessMemory {
                peak_resident: 6 << 20,
                committed: 1 << 30,
                peak_committed: (1 << 30) + (512 << 20),
            }),
            all: Some(named("", 2000, 12, 1 << 20, 4000).counts),
            named: vec![named("package::Manifest", 1023, 3, 1024, 17), named("dotenv", 0, 0, 300, 9)],
        };
        insta::assert_snapshot!(report, @r"
        process: 6.0 MiB in memory at most
        mimalloc: 1.0 GiB from the system, 1.5 GiB at most
        heap                     live  live blocks     at most      blocks
        (all)                 1.9 KiB           12     1.0 MiB        4000
        package::Manifest      1023 B            3     1.0 KiB          17
        dotenv                    0 B            0       300 B           9
        ");
    }
}
