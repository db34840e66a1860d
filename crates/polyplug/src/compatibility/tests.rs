//! Orders, circles, what is missing and what is there twice.

use std::path::PathBuf;

use polyplug_abi::AbiErrorCode;
use proptest::prelude::*;

use super::CapabilityGraph;
use crate::error::{CycleStep, GraphError};
use crate::loader::ManifestData;
use crate::logger::LoggerHandle;
use crate::testing::{bundle, shared};

type Bundle = (PathBuf, ManifestData);

fn order(bundles: &[Bundle]) -> Result<Vec<String>, GraphError> {
    CapabilityGraph::from_manifests_with_logger(bundles, LoggerHandle::none())?.topological_order()
}

fn refused(bundles: &[Bundle], code: AbiErrorCode) -> String {
    let error = order(bundles).unwrap_err();
    assert_eq!(error.code(), code.as_u32(), "{error}");
    error.to_string()
}

/// A chain in which each bundle needs the next, the last one nothing.
fn chain(length: usize) -> Vec<Bundle> {
    let link = |index: usize| {
        let own = format!("chain.C{index}@1");
        let next = format!("chain.C{}@1", index + 1);
        let needs: &[&str] = if index + 1 < length { &[&next] } else { &[] };
        bundle(&format!("b{index:06}"), &[&own], needs)
    };
    (0..length).map(link).collect()
}

/// The same, and the last one needs the first.
fn circle(length: usize) -> Vec<Bundle> {
    let mut bundles = chain(length);
    let last = bundle("last", &[], &["chain.C0@1"]).1.dependencies;
    bundles[length - 1].1.dependencies = last;
    bundles
}

fn participants(error: &GraphError) -> &[CycleStep] {
    match error {
        GraphError::Cycle { participants } => participants,
        other => panic!("{other}"),
    }
}

#[test]
fn nothing_has_an_order() {
    assert_eq!(order(&[]).unwrap(), [""; 0]);
}

#[test]
fn providers_come_first_then_it_goes_by_name() {
    let bundles = [
        bundle("d", &["x.D@1"], &[]),
        bundle("a", &[], &["x.Z@1"]),
        bundle("z", &["x.Z@1"], &["x.D@1"]),
        bundle("c", &["x.C@1"], &[]),
        bundle("b", &[], &["x.C@1"]),
    ];
    assert_eq!(order(&bundles).unwrap(), ["c", "b", "d", "z", "a"]);
}

#[test]
fn the_order_does_not_depend_on_the_order_in_which_bundles_are_found() {
    let mut bundles = chain(20);
    let expected = order(&bundles).unwrap();
    bundles.reverse();
    assert_eq!(order(&bundles).unwrap(), expected);
    bundles.rotate_left(7);
    assert_eq!(order(&bundles).unwrap(), expected);
}

#[test]
fn contracts_of_the_host_are_not_edges() {
    let bundles = [bundle("a", &[], &["host x.Log@1"]), bundle("b", &["x.Log@1"], &["host x.Missing@3"])];
    assert_eq!(order(&bundles).unwrap(), ["a", "b"]);
}

#[test]
fn a_dependency_that_names_no_bundle_waits_for_all_providers() {
    let bundles = [bundle("a", &[], &["x.Y@1"]), shared("b", &["x.Y@1"], &[]), shared("c", &["x.Y@1.4"], &[])];
    assert_eq!(order(&bundles).unwrap(), ["b", "c", "a"]);
}

#[test]
fn a_dependency_that_names_a_bundle_waits_for_that_one_only() {
    let bundles = [bundle("a", &[], &["x.Y@1 of b"]), shared("b", &["x.Y@1"], &[]), shared("c", &["x.Y@1"], &[])];
    assert_eq!(order(&bundles).unwrap(), ["b", "a", "c"]);
}

#[test]
fn majors_are_contracts_of_their_own() {
    let bundles = [bundle("a", &["x.Y@1"], &["x.Y@2"]), bundle("b", &["x.Y@2"], &[])];
    assert_eq!(order(&bundles).unwrap(), ["b", "a"]);
}

#[test]
fn a_missing_capability_names_the_dependent_the_contract_and_what_is_like_it() {
    let bundles = [
        bundle("app", &[], &["text.Greeter@2", "text.Greter@1", "audio.Mixer@1", "text.Greeter@1 of greter"]),
        bundle("other", &[], &["text.Greeter@1 of app"]),
        bundle("greeter", &["text.Greeter@1.4"], &[]),
    ];
    insta::assert_snapshot!(refused(&bundles, AbiErrorCode::MissingCapability));
}

#[test]
fn a_duplicate_provider_names_all_providers_and_who_refuses() {
    let bundles = [
        bundle("c", &["x.Y@1.2", "x.Z@1"], &[]),
        shared("a", &["x.Y@1"], &[]),
        shared("b", &["x.Y@1"], &[]),
        bundle("d", &["x.Z@1"], &[]),
    ];
    insta::assert_snapshot!(refused(&bundles, AbiErrorCode::DuplicateProvider));
}

#[test]
fn two_bundles_of_one_name_are_refused_with_their_folders() {
    let (_, manifest) = bundle("greeter", &["x.Y@1"], &[]);
    let bundles = ["/b/one", "/a/two", "/a/three"].map(|folder| (PathBuf::from(folder), manifest.clone()));
    insta::assert_snapshot!(refused(&bundles, AbiErrorCode::DuplicateBundle));
}

#[test]
fn names_of_contracts_with_one_hash_are_refused() {
    // Found by searching 2³² of them; their hashes are the same with any version.
    let (first, second) = ("x.uEaCjAfudcCbk@7", "x.zaDbfufyiDsci@7");
    let code = AbiErrorCode::ContractIdCollision;
    insta::assert_snapshot!(refused(&[bundle("a", &[first], &[]), bundle("b", &[second], &[])], code));
    refused(&[bundle("a", &[first, second], &[])], code);
    refused(&[bundle("a", &[first], &[]), bundle("b", &[], &[second])], code);
}

#[test]
fn names_of_bundles_with_one_hash_are_refused() {
    let bundles = [bundle("8yn0iYCKYHlIj4-BwPqk", &[], &[]), bundle("GReLUrM4wMqfg9yzV3KQ", &[], &[])];
    insta::assert_snapshot!(refused(&bundles, AbiErrorCode::ContractIdCollision));
}

#[test]
fn a_circle_of_one_is_told() {
    insta::assert_snapshot!(refused(&[bundle("a", &["x.Y@1"], &["x.Y@1"])], AbiErrorCode::DependencyCycle));
}

#[test]
fn a_bundle_that_names_itself_is_a_circle_of_one() {
    let error = order(&[shared("a", &["x.Y@1"], &["x.Y@1 of a"]), shared("b", &["x.Y@1"], &[])]).unwrap_err();
    assert_eq!(participants(&error), [CycleStep { bundle: "a".to_owned(), contract: "x.Y@1".to_owned() }]);
}

#[test]
fn a_circle_of_two_is_told_with_its_participants_in_order() {
    let bundles = [
        bundle("b", &["x.B@1"], &["x.A@1", "x.C@1"]),
        bundle("a", &["x.A@1"], &["x.B@1"]),
        bundle("c", &["x.C@1"], &[]),
        bundle("dependent", &[], &["x.A@1"]),
    ];
    insta::assert_snapshot!(refused(&bundles, AbiErrorCode::DependencyCycle));
}

#[test]
fn a_circle_of_fifty_is_told_with_its_participants_in_order() {
    let error = order(&circle(50)).unwrap_err();
    let names: Vec<&str> = participants(&error).iter().map(|step| step.bundle.as_str()).collect();
    let expected: Vec<String> = (0..50).map(|index| format!("b{index:06}")).collect();
    assert_eq!(names, expected);
}

#[test]
fn a_circle_through_a_contract_with_several_providers_is_told() {
    let bundles =
        [shared("a", &["x.Y@1"], &[]), shared("b", &["x.Y@1"], &["x.Z@1"]), bundle("c", &["x.Z@1"], &["x.Y@1"])];
    let error = order(&bundles).unwrap_err();
    let step = |bundle: &str, contract: &str| CycleStep { bundle: bundle.to_owned(), contract: contract.to_owned() };
    assert_eq!(participants(&error), [step("b", "x.Z@1"), step("c", "x.Y@1")]);
}

/// On a stack of 256 KiB: nothing here may call itself for each link.
#[test]
fn chains_and_circles_of_a_hundred_thousand_do_not_need_a_deep_stack() {
    const LENGTH: usize = 100_000;
    let within = || {
        let order = order(&chain(LENGTH)).unwrap();
        assert_eq!((order.len(), order[0].as_str()), (LENGTH, "b099999"));
        let error = super::tests::order(&circle(LENGTH)).unwrap_err();
        assert_eq!(participants(&error).len(), LENGTH);
    };
    std::thread::Builder::new().stack_size(256 << 10).spawn(within).unwrap().join().unwrap();
}

/// What a test case is made of: for each bundle the contracts that it provides, and what it depends on; with the number
/// of a provider among the contract's if it names one.
type Shape = Vec<BundleShape>;
type BundleShape = (Vec<usize>, Vec<(usize, Option<usize>)>);

fn shape() -> impl Strategy<Value = Shape> {
    let provides = proptest::collection::vec(0..8usize, 0..3);
    let needs = proptest::collection::vec((0..8usize, proptest::option::of(0..4usize)), 0..3);
    proptest::collection::vec((provides, needs), 0..12)
}

/// Bundles of this shape, without what nobody provides.
fn built(shape: &Shape) -> Vec<Bundle> {
    let reference = |contract: usize| format!("x.C{contract}@1");
    let name = |bundle: usize| format!("b{:02}", bundle * 7 % 13);
    let build = |(index, (provides, needs)): (usize, &BundleShape)| {
        let mut provides = provides.clone();
        provides.sort_unstable();
        provides.dedup();
        let provides: Vec<String> = provides.into_iter().map(reference).collect();
        let needs = needs.iter().filter_map(|(contract, which)| {
            let all: Vec<usize> = (0..shape.len()).filter(|bundle| shape[*bundle].0.contains(contract)).collect();
            let which = which.map(|which| all.get(which % all.len().max(1)).copied());
            match (all.is_empty(), which.flatten()) {
                (true, _) => None,
                (false, None) => Some(reference(*contract)),
                (false, Some(bundle)) => Some(format!("{} of {}", reference(*contract), name(bundle))),
            }
        });
        let needs: Vec<String> = needs.collect();
        let as_slices = |texts: &[String]| texts.iter().map(|text| text.clone().leak() as &str).collect::<Vec<_>>();
        shared(&name(index), &as_slices(&provides), &as_slices(&needs))
    };
    shape.iter().enumerate().map(build).collect()
}

/// Whether `dependent` has to wait for `provider`, as the documentation says it.
fn waits_for(dependent: &ManifestData, provider: &ManifestData, contract: Option<&str>) -> bool {
    dependent.dependencies.iter().any(|dependency| {
        dependency.bundle.as_deref().is_none_or(|bundle| bundle == provider.name)
            && contract.is_none_or(|contract| contract == dependency.reference())
            && provider.provides.iter().any(|provided| provided.reference() == dependency.reference())
    })
}

/// The order by definition: again and again the first by name that has nothing to wait for. Less than all: a circle.
fn order_by_definition(bundles: &[Bundle]) -> Vec<String> {
    let mut left: Vec<&ManifestData> = bundles.iter().map(|(_, manifest)| manifest).collect();
    left.sort_by(|a, b| a.name.cmp(&b.name));
    let mut order = Vec::new();
    while let Some(next) = left.iter().position(|it| !left.iter().any(|other| waits_for(it, other, None))) {
        order.push(left.remove(next).name.clone());
    }
    order
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]
    #[test]
    fn an_order_is_the_one_by_definition_and_a_circle_is_a_real_one(shape in shape()) {
        let bundles = built(&shape);
        let by_definition = order_by_definition(&bundles);
        match order(&bundles) {
            Ok(order) => prop_assert_eq!(order, by_definition),
            Err(error) => {
                prop_assert!(by_definition.len() < bundles.len(), "{}", error);
                let steps = participants(&error);
                let find = |name: &str| &bundles.iter().find(|(_, manifest)| manifest.name == name).unwrap().1;
                for (step, next) in steps.iter().zip(steps.iter().cycle().skip(1)) {
                    prop_assert!(waits_for(find(&step.bundle), find(&next.bundle), Some(&step.contract)), "{}", error);
                }
                let mut names: Vec<&str> = steps.iter().map(|step| step.bundle.as_str()).collect();
                prop_assert_eq!(names.iter().min(), names.first());
                names.sort_unstable();
                names.dedup();
                prop_assert_eq!(names.len(), steps.len(), "{}", error);
            }
        }
    }
}
