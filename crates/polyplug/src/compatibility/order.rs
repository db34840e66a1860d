//! Puts bundles in the order in which they can be loaded, or finds a circle. Takes time for each node and edge once (and
//! the logarithm for names), and no stack.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::graph::{CapabilityGraph, Node, Wait};
use crate::error::{CycleStep, GraphError};

/// The bundles, providers first, then by name. Kahn's algorithm (Communications of the ACM 5, 1962).
pub(super) fn order(graph: &CapabilityGraph) -> Result<Vec<Node>, GraphError> {
    let bundles = graph.bundles.len();
    let mut open: Vec<u32> = graph.waits_for.iter().map(|waits| waits.len() as u32).collect();
    let mut waiting: Vec<Vec<Node>> = vec![Vec::new(); graph.waits_for.len()];
    for (node, waits) in (0..).zip(&graph.waits_for) {
        for wait in waits {
            waiting[wait.node as usize].push(node);
        }
    }
    // Bundles are numbered by name, so the smallest number is the first by name.
    let mut ready: BinaryHeap<Reverse<Node>> =
        (0..bundles as Node).filter(|node| open[*node as usize] == 0).map(Reverse).collect();
    let mut order = Vec::with_capacity(bundles);
    let mut done: Vec<Node> = Vec::new();
    while let Some(Reverse(bundle)) = ready.pop() {
        order.push(bundle);
        done.push(bundle);
        while let Some(node) = done.pop() {
            for dependent in &waiting[node as usize] {
                open[*dependent as usize] -= 1;
                match open[*dependent as usize] {
                    0 if (*dependent as usize) < bundles => ready.push(Reverse(*dependent)),
                    // A contract whose providers are all there.
                    0 => done.push(*dependent),
                    _ => {}
                }
            }
        }
    }
    if order.len() == bundles { Ok(order) } else { Err(cycle(graph, &open)) }
}

/// A circle among the nodes that never became ready: each of them waits for another of them, so whoever follows that
/// comes back to where they were.
fn cycle(graph: &CapabilityGraph, open: &[u32]) -> GraphError {
    let bundles = graph.bundles.len();
    // The first by name, so that the same bundles give the same circle.
    let next = |node: Node| -> Option<Wait> {
        let waits = graph.waits_for[node as usize].iter();
        waits.copied().filter(|wait| open[wait.node as usize] > 0).min_by_key(|wait| wait.node)
    };
    let mut path: Vec<(Node, Node)> = Vec::new();
    let mut place: Vec<Option<usize>> = vec![None; graph.waits_for.len()];
    let mut at = (0..bundles as Node).find(|node| open[*node as usize] > 0);
    while let Some(node) = at.filter(|node| place[*node as usize].is_none()) {
        place[node as usize] = Some(path.len());
        let wait = next(node);
        path.extend(wait.map(|wait| (node, wait.contract)));
        at = wait.map(|wait| wait.node);
    }
    let start = at.and_then(|node| place[node as usize]).unwrap_or_default();
    let mut circle: Vec<(Node, Node)> = path.split_off(start);
    circle.retain(|(node, _)| (*node as usize) < bundles);
    let first = circle.iter().enumerate().min_by_key(|(_, (node, _))| *node).map_or(0, |(index, _)| index);
    circle.rotate_left(first);
    let step = |(node, contract): (Node, Node)| CycleStep {
        bundle: graph.bundles[node as usize].clone(),
        contract: graph.contracts[contract as usize - bundles].clone(),
    };
    GraphError::Cycle { participants: circle.into_iter().map(step).collect() }
}
