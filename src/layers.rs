//! Tests the import rule: a layer uses only itself and the layers below it, and no modules use each
//! other in a cycle. The simulator of the tests has no cycle either.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The layers from top to bottom. Modules on one line must not use each other.
const LAYERS: &[&[&str]] = &[
    &["process"],
    &["measured"],
    &["commands"],
    &["cli"],
    &["data_files"],
    &["sync"],
    // The figures of a sync name streams, organisations and calls. `sync` fills them, and `commands`
    // shows them.
    &["progress"],
    // `progress` draws on the terminal.
    &["terminal"],
    &["state"],
    &["walk"],
    &["rows"],
    &["streams"],
    &["xero", "airbyte"],
    &["config"],
    &["files"],
    &["panics", "signals", "memory"],
    &["failure"],
    &["dates", "html", "json", "excerpt", "secret"],
];

/// The path of a module, such as `["xero", "auth", "claims"]`.
type Module = Vec<String>;

/// The folder of the connector's sources.
const CONNECTOR: &str = "src";
/// The folder of the simulator's sources.
const SIMULATOR: &str = "integration_tests/xero-sim/src";

/// Returns the modules that each module of a crate uses, without test modules.
fn imports(sources: &str) -> BTreeMap<Module, BTreeSet<Module>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(sources);
    let mut imports = BTreeMap::new();
    read(&root.join("lib.rs"), &root, &[], &mut imports);
    imports
}

/// Reads a module's file, and the files of its children in `folder`.
fn read(
    file: &Path,
    folder: &Path,
    module: &[String],
    imports: &mut BTreeMap<Module, BTreeSet<Module>>,
) {
    let text = fs::read_to_string(file).expect("a module has a file");
    // Inline test modules stand at the end of a file.
    let code = text.split("#[cfg(test)]\nmod tests {").next();
    let code = code.unwrap_or_default();
    imports.insert(module.to_vec(), used(code, module));
    let lines: Vec<&str> = code.lines().map(str::trim).collect();
    for (at, line) in lines.iter().enumerate() {
        let visibilities = ["pub(crate) ", "pub(super) ", "pub "];
        let name = visibilities.iter().find_map(|it| line.strip_prefix(it));
        let name = name.unwrap_or(line);
        let Some(name) = name
            .strip_prefix("mod ")
            .and_then(|it| it.strip_suffix(';'))
        else {
            continue;
        };
        let attributes = lines[..at]
            .iter()
            .rev()
            .take_while(|it| it.starts_with("#["));
        let is_of_tests = |it: &&str| ["#[cfg(test)]", "#[cfg(any(test, fuzzing))]"].contains(it);
        if attributes.into_iter().any(is_of_tests) {
            continue;
        }
        let child = [module, &[name.to_owned()]].concat();
        let below = folder.join(name);
        let in_folder: PathBuf = below.join("mod.rs");
        let beside = folder.join(format!("{name}.rs"));
        let file = if beside.exists() { beside } else { in_folder };
        read(&file, &below, &child, imports);
    }
}

/// Returns the paths after `crate::` and `super::` in a module's code.
fn used(code: &str, module: &[String]) -> BTreeSet<Module> {
    let code: String = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let mut used = BTreeSet::new();
    for (start, base) in [("crate::", 0), ("super::", module.len().saturating_sub(1))] {
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|it| it.is_alphanumeric() || it == '_' || it == ':') {
                continue;
            }
            let (mut base, mut rest) = (base, &code[at + start.len()..]);
            while let Some(further) = rest.strip_prefix("super::") {
                (base, rest) = (base.saturating_sub(1), further);
            }
            for path in paths(rest) {
                used.insert([&module[..base], &path].concat());
            }
        }
    }
    used
}

/// Returns the paths at the start of a text: one, or several in braces.
fn paths(text: &str) -> Vec<Module> {
    if let Some(list) = text.strip_prefix('{') {
        let list = list.split('}').next().unwrap_or_default();
        return list.split(',').map(str::trim).flat_map(paths).collect();
    }
    let is_word = |it: char| it.is_alphanumeric() || it == '_';
    let end = text.find(|it| !is_word(it)).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let mut further = match rest.strip_prefix("::") {
        Some(rest) => paths(rest),
        None => Vec::new(),
    };
    if further.is_empty() {
        further.push(Vec::new());
    }
    let word = word.to_owned();
    let join = |path: Module| [std::slice::from_ref(&word), path.as_slice()].concat();
    further.into_iter().map(join).collect()
}

/// Returns the modules that are part of a cycle of uses or use one. `module_of` returns the module that holds
/// a path.
fn cycles(
    imports: &BTreeMap<Module, BTreeSet<Module>>,
    module_of: impl Fn(&[String]) -> Option<Module>,
) -> Vec<String> {
    let mut arrows: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
    for (module, used) in imports {
        let Some(from) = module_of(module) else {
            continue; // the crate root uses every module
        };
        let to = used.iter().filter_map(|path| module_of(path));
        let to: Vec<_> = to.filter(|to| *to != from).collect();
        arrows.entry(from).or_default().extend(to);
    }
    assert!(arrows.len() > 50, "the modules were not found");
    // Removes modules that use no other module, until none is left or the rest forms cycles.
    while let Some(free) = arrows.iter().find_map(|(module, used)| {
        let is_free = used.iter().all(|other| !arrows.contains_key(other));
        is_free.then(|| module.clone())
    }) {
        arrows.remove(&free);
    }
    arrows.keys().map(|module| module.join("::")).collect()
}

fn rank(layer: &str) -> Option<usize> {
    LAYERS.iter().position(|layers| layers.contains(&layer))
}

#[test]
fn every_layer_uses_only_layers_below_it() {
    let mut wrong = Vec::new();
    for (module, used) in imports(CONNECTOR) {
        let Some(layer) = module.first() else {
            continue; // the crate root uses every layer
        };
        let own = rank(layer).unwrap_or_else(|| panic!("LAYERS lacks {layer}"));
        for path in used {
            let other = path.first().map_or("", String::as_str);
            let is_below = rank(other).is_none_or(|other| other > own);
            if other != layer && !is_below {
                wrong.push(format!("{} uses {}", module.join("::"), path.join("::")));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_modules_of_a_layer_use_each_other() {
    let imports = imports(CONNECTOR);
    // A module is the file or folder directly below its layer.
    let name = |path: &[String]| path.iter().take(2).cloned().collect::<Module>();
    let known: BTreeSet<Module> = imports.keys().map(|module| name(module)).collect();
    let cycles = cycles(&imports, |path| {
        Some(name(path)).filter(|it| it.len() == 2 && known.contains(it))
    });
    assert!(
        cycles.is_empty(),
        "part of a cycle, or using one: {cycles:#?}"
    );
}

#[test]
fn no_modules_of_the_simulator_use_each_other() {
    let imports = imports(SIMULATOR);
    // A module is a file.
    let cycles = cycles(&imports, |path| {
        let mut prefixes = (1..=path.len()).rev().map(|length| &path[..length]);
        let module = prefixes.find(|prefix| imports.contains_key(*prefix));
        module.map(<[String]>::to_vec)
    });
    assert!(
        cycles.is_empty(),
        "part of a cycle, or using one: {cycles:#?}"
    );
}

#[test]
fn paths_are_read_from_code() {
    let module: Module = ["sync", "lists"].map(str::to_owned).into();
    for (code, expected) in [
        ("use crate::walk::Walk;", &["walk::Walk"][..]),
        (
            "use crate::walk::{self, Walk};",
            &["walk::Walk", "walk::self"],
        ),
        ("let a = crate::json::read(b);", &["json::read"]),
        ("use super::sink::Sink;", &["sync::sink::Sink"]),
        ("use super::super::walk;", &["walk"]),
        ("// crate::walk::Walk", &[]),
        ("use other_crate::walk;", &[]),
    ] {
        let found = used(code, &module);
        let found: Vec<_> = found.iter().map(|path| path.join("::")).collect();
        assert_eq!(found, expected, "{code}");
    }
}
