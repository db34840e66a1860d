//! The planner is pure: a release in memory is enough to test it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use release_formats::archive::ArchiveFormat;

use super::{Plan, PlanError, plan};
use crate::artifact::{ArtifactId, ArtifactKind};
use crate::description::DescribedProgram;
use crate::git::GitState;
use crate::manifest::package::{Compression, FileKind, Priority};
use crate::manifest::profile::{Sccache, Strip};
use crate::manifest::target::{Backend, Installer as Format};
use crate::release::{
    App, BackendChoice, BuildChoices, Bundle, Caller, CompileGroup, Contents, DebDetails, Details, Folders, Generation,
    Identity, Imported, ImportedShard, ImportedShards, InstalledNode, Installer, Library, MacSigner, MacSigning,
    Profile, Relations, Release, Runner, Rustc, Scripts, StandardLibrary, Target,
};
use crate::stages::Part;
use crate::workspace::Access;
use crate::workspace::features::FeatureRequest;

const LINUX: &str = "x86_64-unknown-linux-gnu";
const WINDOWS: &str = "x86_64-pc-windows-msvc";

fn app(name: &str, targets: &[&str]) -> App {
    App {
        name: name.to_owned(),
        package: name.to_owned(),
        package_id: format!("path+file:///w/{name}#1.0.0"),
        version: "1.0.0".to_owned(),
        profile: "release".to_owned(),
        binaries: vec![name.to_owned()],
        narrowed: false,
        libraries: Vec::new(),
        bundles: Vec::new(),
        targets: targets.iter().map(ToString::to_string).collect(),
        specs: BTreeMap::new(),
        universal: BTreeMap::new(),
        macos: MacSigning {
            identifier: name.to_owned(),
            hardened_runtime: false,
            entitlements: None,
            signer: MacSigner::AdHoc,
            notary_key: None,
        },
        windows: None,
        archive: None,
        files: Vec::new(),
    }
}

fn target(triple: &str) -> Target {
    Target {
        triple: triple.to_owned(),
        spec: triple.to_owned(),
        own_std: None,
        tier: 1,
        backend: BackendChoice { backend: Backend::Cargo, why: "a test".to_owned() },
        archive: if triple == WINDOWS { ArchiveFormat::Zip } else { ArchiveFormat::TarGz },
        installers: Vec::new(),
        linker: None,
        glibc: None,
        minimum_os: None,
        standard_library: StandardLibrary::Prebuilt,
        runner: Runner::Natively,
        ci_runner: "ubuntu-24.04".to_owned(),
        c_flags: BTreeMap::new(),
    }
}

fn release(apps: Vec<App>, split_debug: bool) -> Release {
    let profile = Profile {
        name: "release".to_owned(),
        cargo_profile: "release".to_owned(),
        cargo_settings: BTreeMap::new(),
        forced_settings: BTreeMap::new(),
        strip: Strip::Symbols,
        split_debug,
        features: Vec::new(),
        default_features: true,
        all_features: false,
        sccache: Sccache::Off,
        env: BTreeMap::new(),
        additions: BTreeMap::new(),
    };
    let triples: BTreeSet<String> = apps.iter().flat_map(|app| app.targets.clone()).collect();
    let group = CompileGroup {
        apart: None,
        own_std: None,
        caller: Caller::Cargo,
        buildable: true,
        deployment_target: "10.12".to_owned(),
        profile: "release".to_owned(),
        apps: apps.iter().map(|app| app.name.clone()).collect(),
        packages: apps.iter().map(|app| app.package.clone()).collect(),
        targets: triples.iter().cloned().collect(),
        features: Vec::new(),
        request: FeatureRequest::default(),
        only_binaries: None,
        library: false,
        rustflags: BTreeMap::new(),
        env: BTreeMap::new(),
        why: "one cargo call for everything".to_owned(),
    };
    Release {
        folders: Folders {
            root: PathBuf::from("/w"),
            target_directory: PathBuf::from("/w/target"),
            dist: PathBuf::from("/w/dist"),
            cargo_home: PathBuf::from("/cargo"),
            build_directory: None,
            package_sources: Vec::new(),
        },
        git: GitState::unknown(),
        epoch: 1,
        rustc: Rustc {
            version: "rustc 1.0.0".to_owned(),
            commit: None,
            host: LINUX.to_owned(),
            sysroot: PathBuf::from("/rust"),
        },
        targets: triples.iter().map(|triple| (triple.clone(), target(triple))).collect(),
        zig: None,
        profiles: BTreeMap::from([("release".to_owned(), profile)]),
        groups: vec![group],
        apps,
        skip: BTreeSet::new(),
        choices: BuildChoices::default(),
        access: Access::default(),
        keep_going: false,
        color: false,
        imported: None,
        installers: Vec::new(),
        generated: Vec::new(),
        smoke: false,
        sccache_found: false,
        warnings: Vec::new(),
    }
}

fn outline(plan: &Plan) -> String {
    let line = |step: &super::PlannedStep| {
        let needs: Vec<_> = step.needs.iter().map(|&need| plan.steps[need].id.as_str()).collect();
        let outputs: Vec<_> = step.outputs.iter().map(|output| output.path.display().to_string()).collect();
        format!("{}\n  needs {}\n  makes {}\n", step.id, needs.join(" "), outputs.join(" "))
    };
    plan.steps.iter().map(line).collect()
}

#[test]
fn the_graph_of_one_app_with_split_symbols() {
    let plan = plan(&release(vec![app("one", &[LINUX])], true), Part::RELEASE).unwrap();
    insta::assert_snapshot!(outline(&plan));
}

#[test]
fn a_foreign_target_is_another_value() {
    let release = release(vec![app("one", &[LINUX, WINDOWS]), app("two", &[LINUX])], false);
    let plan = plan(&release, Part::RELEASE).unwrap();
    insta::assert_snapshot!(outline(&plan));
}

#[test]
fn slices_are_signed_and_fused_into_a_platform_of_their_own() {
    let slices = ["aarch64-apple-darwin", "x86_64-apple-darwin"];
    let mut app = app("one", &slices);
    app.universal.insert("universal-apple-darwin".to_owned(), slices.map(str::to_owned).to_vec());
    let plan = plan(&release(vec![app], true), Part::RELEASE).unwrap();
    insta::assert_snapshot!(outline(&plan));
}

#[test]
fn the_library_of_a_bundle_goes_through_every_stage_of_its_app() {
    let slices = ["aarch64-apple-darwin", "x86_64-apple-darwin"];
    let mut app = app("one", &[slices[0], slices[1], LINUX, WINDOWS]);
    app.universal.insert("universal-apple-darwin".to_owned(), slices.map(str::to_owned).to_vec());
    app.bundles.push(Bundle {
        name: "words".to_owned(),
        package: "word-list".to_owned(),
        package_id: "path+file:///w/word-list#0.5.0".to_owned(),
        has_programs: false,
        version: "0.5.0".to_owned(),
        library: Library { name: "word_list".to_owned(), kind: ArtifactKind::Cdylib },
        folder: "lib/one/bundles/words".to_owned(),
        files: Vec::new(),
    });
    let release = release(vec![app], true);
    let plan = plan(&release, Part::RELEASE).unwrap();
    let stages_of = |target: &str, file: &str| {
        let is_it = |id: &ArtifactId| {
            id.target.as_deref() == Some(target) && id.path() == format!("lib/one/bundles/words/{file}")
        };
        let makes = |step: &&super::PlannedStep| step.outputs.iter().any(|output| is_it(&output.id));
        plan.steps.iter().filter(makes).map(|step| step.stage).collect::<Vec<_>>()
    };
    assert_eq!(stages_of(LINUX, "libword_list.so"), ["compile", "split-debug", "strip", "stamp"]);
    assert_eq!(stages_of(LINUX, "libword_list.so.debug"), ["split-debug"]);
    assert_eq!(stages_of(WINDOWS, "word_list.dll"), ["compile", "strip", "stamp"]);
    assert_eq!(stages_of(WINDOWS, "word_list.pdb"), ["compile"]);
    assert_eq!(stages_of(slices[0], "libword_list.dylib"), ["compile", "strip", "stamp", "sign"]);
    assert_eq!(stages_of("universal-apple-darwin", "libword_list.dylib"), ["fuse"]);
    let app = &release.apps[0];
    let library = app.library_of(&app.bundles[0], LINUX);
    assert_eq!(
        (release.stamp_for(app, &library).version, library.name.as_str()),
        ("0.5.0".to_owned(), "libword_list.so")
    );
    assert_eq!(release.stamp_for(app, &app.program("one", LINUX)).version, "1.0.0");
}

/// A deb of `one` with its program and a man page that it prints.
fn deb_with_a_printed_page() -> (Installer, Generation) {
    let page = ArtifactId::of(ArtifactKind::Generated, "one", LINUX, "generated/one/one.1");
    let program = ArtifactId::of(ArtifactKind::Binary, "one", LINUX, "one");
    let node = |path: &str, id: &ArtifactId| InstalledNode {
        path: path.to_owned(),
        kind: FileKind::Data,
        contents: Contents::Artifact(id.clone()),
        mode: 0o644,
        owner: "root".to_owned(),
        group: "root".to_owned(),
        compressed: false,
    };
    let installer = Installer {
        format: Format::Deb,
        app: "one".to_owned(),
        platform: LINUX.to_owned(),
        debug: false,
        file: "one_1.0.0-1_amd64.deb".to_owned(),
        identity: Identity {
            name: "one".to_owned(),
            version: "1.0.0".to_owned(),
            summary: "one".to_owned(),
            description: "One.".to_owned(),
            maintainer: "Ada <ada@example.org>".to_owned(),
            licence: "MIT".to_owned(),
            copyright: Vec::new(),
            homepage: None,
            vendor: None,
            section: "utils".to_owned(),
            identifier: "one".to_owned(),
        },
        nodes: vec![node("usr/bin/one", &program), node("usr/share/man/man1/one.1.gz", &page)],
        scripts: Scripts::default(),
        relations: Relations::default(),
        details: Details::Deb(DebDetails {
            version: "1.0.0-1".to_owned(),
            architecture: "amd64".to_owned(),
            priority: Priority::Optional,
            compression: Compression::Xz,
            known_libraries: None,
            units: Vec::new(),
            gpg_key: None,
        }),
    };
    let generation = Generation {
        app: "one".to_owned(),
        target: LINUX.to_owned(),
        program,
        arguments: vec!["man".to_owned()],
        files: vec![(page, "one.1".to_owned())],
    };
    (installer, generation)
}

#[test]
fn an_installer_waits_for_finished_programs_and_for_what_they_print() {
    let mut release = release(vec![app("one", &[LINUX])], false);
    let (installer, generation) = deb_with_a_printed_page();
    release.installers = vec![installer];
    release.generated = vec![generation];
    insta::assert_snapshot!(outline(&plan(&release, Part::RELEASE).unwrap()));
}

#[test]
fn what_a_target_of_its_own_name_is_made_of_follows_from_what_rustc_compiles_for() {
    const OWN: &str = "x86_64-mine";
    let mut app = app("one", &[OWN]);
    app.specs = BTreeMap::from([(OWN.to_owned(), WINDOWS.to_owned())]);
    let mut release = release(vec![app], true);
    if let Some(target) = release.targets.get_mut(OWN) {
        target.spec = WINDOWS.to_owned();
    }
    insta::assert_snapshot!(outline(&plan(&release, Part::RELEASE).unwrap()));
}

#[test]
fn each_part_of_a_release_is_made_once_by_its_shard_or_by_the_merge() {
    let stages = |release: &Release, parts: &[Part]| -> Vec<&'static str> {
        plan(release, parts).unwrap().steps.iter().map(|step| step.stage).collect()
    };
    let mut one = release(vec![app("one", &[LINUX])], true);
    assert_eq!(stages(&one, Part::SHARD), ["compile", "split-debug", "strip", "stamp", "shard"]);
    let shard = plan(&one, Part::SHARD).unwrap();
    let finished: Vec<_> = shard.finished_files(&one.folders.state()).map(|output| output.id.clone()).collect();
    let packed: Vec<_> = shard.steps.last().unwrap().inputs.iter().collect();
    assert_eq!(packed.len(), finished.len(), "{packed:?}");
    let files = finished.iter().map(|id| DescribedProgram {
        name: id.name.clone(),
        folder: id.folder.clone(),
        kind: id.kind,
        app: "one".to_owned(),
        target: LINUX.to_owned(),
        size: 1,
        sha256: String::new(),
        stamped: true,
        signature: None,
    });
    one.imported = Some(Imported::Shards(ImportedShards {
        shards: vec![ImportedShard { path: PathBuf::from("/s.tar.zst"), files: files.collect() }],
        backends: BTreeMap::new(),
        zig: None,
        standard_libraries: BTreeMap::new(),
        source_date_epoch: None,
    }));
    assert_eq!(stages(&one, Part::MERGE), ["import", "archive", "archive", "release-json", "checksums"]);
    let merge = plan(&one, Part::MERGE).unwrap();
    assert!(merge.steps[1..4].iter().all(|step| step.needs.contains(&0)), "{merge:?}");
}

#[test]
fn skipped_stages_leave_their_inputs_finished() {
    let mut release = release(vec![app("one", &[LINUX])], false);
    release.skip = BTreeSet::from(["strip".to_owned(), "stamp".to_owned()]);
    let plan = plan(&release, Part::BUILD).unwrap();
    insta::assert_snapshot!(outline(&plan));
}

#[test]
fn every_step_needs_only_steps_before_it_and_has_an_id_of_its_own() {
    let apps = ["a", "b", "c"].map(|name| app(name, &[LINUX, WINDOWS])).to_vec();
    let plan = plan(&release(apps, true), Part::RELEASE).unwrap();
    let ids: BTreeSet<_> = plan.steps.iter().map(|step| &step.id).collect();
    assert_eq!(ids.len(), plan.steps.len());
    for (index, step) in plan.steps.iter().enumerate() {
        assert!(step.needs.iter().all(|&need| need < index), "{}", step.id);
    }
    let graph = plan.graph();
    assert!(petgraph::algo::toposort(&graph, None).is_ok());
}

#[test]
fn two_apps_with_a_program_of_one_name_cannot_be_released_together() {
    let mut second = app("two", &[LINUX]);
    second.binaries = vec!["one".to_owned()];
    let error = plan(&release(vec![app("one", &[LINUX]), second], false), Part::BUILD).unwrap_err();
    assert!(matches!(error, PlanError::DuplicateArtifact { .. }));
}

#[test]
fn the_longest_path_follows_what_took_longest() {
    let plan = plan(&release(vec![app("one", &[LINUX, WINDOWS])], false), Part::RELEASE).unwrap();
    let durations: Vec<u64> =
        plan.steps.iter().map(|step| if step.subject.targets == [WINDOWS] { 100 } else { 1 }).collect();
    let path: Vec<_> = plan.longest_path(&durations).into_iter().map(|index| plan.steps[index].id.as_str()).collect();
    assert_eq!(
        path,
        [
            "compile/one",
            "strip/one/x86_64-pc-windows-msvc",
            "stamp/one/x86_64-pc-windows-msvc",
            "archive/one/x86_64-pc-windows-msvc",
            "release-json",
            "checksums"
        ]
    );
}
