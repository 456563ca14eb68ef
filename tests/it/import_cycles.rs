//! Source files do not depend on each other in a circle.

use crate::house::sources;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A path in the source, such as `["crate", "domain", "Error"]`.
type Names = Vec<String>;

/// A source file of the crate.
struct Source {
    file: PathBuf,
    /// The file's own module path, without `crate`.
    module: Names,
    /// The names that the file re-exports, each with its source.
    exports: BTreeMap<String, Names>,
    /// All paths of this crate that the file uses.
    uses: BTreeSet<Names>,
}

/// The paths of a `use` declaration: `a::{b, c::d}` becomes `a::b` and `a::c::d`.
fn flattened(tree: &str) -> Vec<Names> {
    let tree = tree.trim();
    let Some((before, inside)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default();
        return vec![path.split("::").map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()];
    };
    let inside = inside.rsplit_once('}').map_or(inside, |(inside, _)| inside);
    let first = flattened(before).remove(0);
    let (mut depth, mut part, mut parts) = (0, String::new(), Vec::new());
    for character in inside.chars().chain([',']) {
        match character {
            ',' if depth == 0 => parts.push(std::mem::take(&mut part)),
            other => {
                depth += i32::from(other == '{') - i32::from(other == '}');
                part.push(other);
            }
        }
    }
    let whole = |rest: Names| first.iter().cloned().chain(rest.into_iter().filter(|name| name != "self")).collect();
    parts.iter().filter(|part| !part.trim().is_empty()).flat_map(|part| flattened(part)).map(whole).collect()
}

/// A path as seen from the root of the crate, without `crate`; `None` for other crates.
fn resolved(path: &[String], module: &[String]) -> Option<Names> {
    let up = path.iter().take_while(|name| *name == "super").count();
    match path.first()?.as_str() {
        "crate" => Some(path[1..].to_vec()),
        "super" => Some(module[..module.len() - up].iter().chain(&path[up..]).cloned().collect()),
        "self" => Some(module.iter().chain(&path[1..]).cloned().collect()),
        _ => None,
    }
}

fn source(root: &Path, file: &Path) -> Source {
    let inside = file.strip_prefix(root).expect("a path in the folder").with_extension("");
    let mut module: Names = inside.iter().map(|name| name.to_string_lossy().into_owned()).collect();
    module.pop_if(|last| last == "mod" || last == "lib");
    let text = std::fs::read_to_string(file).expect("text");
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let code: Vec<_> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let mut found =
        Source { file: inside.clone(), module: module.clone(), exports: BTreeMap::new(), uses: BTreeSet::new() };
    let children: BTreeSet<_> = code
        .lines()
        .filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';'))
        .collect();
    for (at, _) in code.match_indices("use ") {
        let public = code[..at].ends_with("pub ") || code[..at].ends_with("pub(super) ");
        let tree = code[at + 4..].split(';').next().unwrap_or_default();
        for path in flattened(tree) {
            let own = children.contains(path.first().map_or("", String::as_str));
            let whole = if own { Some([module.clone(), path].concat()) } else { resolved(&path, &module) };
            let Some(whole) = whole else { continue };
            if public && own {
                found.exports.insert(whole.last().expect("a name").clone(), whole);
            } else {
                found.uses.insert(whole);
            }
        }
    }
    // Paths that are written in full in the code.
    for start in ["crate::", "super::"] {
        for (at, _) in code.match_indices(start) {
            let path: String =
                code[at..].chars().take_while(|one| one.is_alphanumeric() || *one == '_' || *one == ':').collect();
            if path.ends_with("::") {
                // A `use` list, which was read above.
                continue;
            }
            let names: Names = path.split("::").filter(|name| !name.is_empty()).map(ToOwned::to_owned).collect();
            found.uses.extend(resolved(&names, &module).filter(|names| !names.is_empty()));
        }
    }
    found
}

/// The module whose file defines the last name of a path, following re-exports.
fn defining(path: &[String], all: &BTreeMap<Names, Source>, depth: usize) -> Option<Names> {
    let module = (0..=path.len()).rev().map(|length| &path[..length]).find(|prefix| all.contains_key(*prefix))?;
    let next = path.get(module.len()).and_then(|name| all[module].exports.get(name));
    match next {
        Some(next) if depth < 8 => {
            let rest = path[module.len() + 1..].iter().cloned();
            defining(&next.iter().cloned().chain(rest).collect::<Names>(), all, depth + 1)
        }
        _ => Some(module.to_vec()),
    }
}

/// The modules that can be reached from `from`.
fn reachable(from: &Names, edges: &BTreeMap<Names, BTreeSet<Names>>) -> BTreeSet<Names> {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from.clone()]);
    while let Some(one) = open.pop() {
        for next in edges.get(&one).into_iter().flatten() {
            if seen.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    seen
}

#[test]
fn no_files_depend_on_each_other_in_a_circle() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let all: BTreeMap<Names, Source> =
        files.iter().map(|file| source(&root, file)).map(|source| (source.module.clone(), source)).collect();
    let edges: BTreeMap<Names, BTreeSet<Names>> = all
        .values()
        .map(|source| {
            let uses = source.uses.iter().filter_map(|path| defining(path, &all, 0));
            (source.module.clone(), uses.filter(|other| *other != source.module && !other.is_empty()).collect())
        })
        .collect();
    assert!(edges.values().map(BTreeSet::len).sum::<usize>() > 500, "the imports were not found");
    let name = |module: &Names| all[module].file.display().to_string();
    let mut circles = BTreeSet::new();
    for module in edges.keys() {
        let others = reachable(module, &edges);
        if others.contains(module) {
            let circle = others.iter().filter(|other| reachable(other, &edges).contains(module)).map(name);
            circles.insert(circle.collect::<Vec<_>>().join(", "));
        }
    }
    assert!(circles.is_empty(), "{circles:#?}");
}
