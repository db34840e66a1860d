//! The plan as a graph for Graphviz: `build-tool plan --format dot | dot -Tsvg`.

use petgraph::dot::{Config, Dot};

use super::Plan;

/// The graph, steps from left to right.
pub fn dot(plan: &Plan) -> String {
    let graph = plan.graph();
    let node = |_: &_, (_, &index): (_, &usize)| {
        let step = &plan.steps[index];
        let label = format!("{}\n{}", step.step.describe(), step.subject.targets.join(" "));
        format!("label={:?} shape=box tooltip={:?}", label.trim_end(), step.step.why())
    };
    let config = [Config::NodeNoLabel, Config::EdgeNoLabel, Config::RankDir(petgraph::dot::RankDir::LR)];
    format!("{:?}", Dot::with_attr_getters(&graph, &config, &|_, _| String::new(), &node))
}
