//! The texts of the web UI as JavaScript modules: for each catalogue, one module with the messages that every page
//! needs, and one for each page with its other messages.

use super::{Files, Route, resolve};
use std::collections::{BTreeMap, BTreeSet};

/// Creates `locales/en.js` for `en.ftl`, and `locales/en/sso.js` for the other messages that `pages/sso.js` and its
/// modules use.
pub fn modules(files: &Files, locales: &Files, shared: &BTreeSet<String>, routes: &[Route]) -> Files {
    let everywhere = named(files, shared);
    let mut parts: BTreeMap<_, BTreeSet<_>> = routes
        .iter()
        .filter_map(|(_, modules)| {
            let page = modules.iter().find_map(|name| name.strip_prefix("pages/"))?;
            Some((format!("/{page}"), named(files, modules).difference(&everywhere).cloned().collect()))
        })
        .collect();
    parts.insert(".js".into(), everywhere);
    let module = |catalogue: &[u8], keys| {
        let text = serde_json::Value::String(cut(&String::from_utf8_lossy(catalogue), keys));
        format!("export default {text};\n").into_bytes()
    };
    let languages = locales.iter().filter_map(|(name, catalogue)| Some((name.strip_suffix(".ftl")?, catalogue)));
    languages
        .flat_map(|(tag, catalogue)| {
            parts.iter().map(move |(part, keys)| (format!("locales/{tag}{part}"), module(catalogue, keys)))
        })
        .collect()
}

/// The message keys that modules use, including those of modules that they import later.
fn named(files: &Files, modules: &BTreeSet<String>) -> BTreeSet<String> {
    let mut all = modules.clone();
    // The router imports all pages, so it is skipped.
    for name in modules.iter().filter(|name| *name != "router.js") {
        let source = files.get(name).map(|source| String::from_utf8_lossy(source)).unwrap_or_default();
        // Lines with `@` import types, in comments.
        let lines = source.lines().filter(|line| !line.contains('@'));
        let paths = lines.filter_map(|line| line.split_once("import('")?.1.split('\'').next());
        all.extend(paths.flat_map(|path| super::modules(files, &resolve(name, path))));
    }
    all.iter().filter_map(|name| files.get(name)).flat_map(|source| keys(&String::from_utf8_lossy(source))).collect()
}

/// The keys in `t('key'` and `parts('key'`.
fn keys(source: &str) -> Vec<String> {
    let of = |call: &str| {
        let calls = source.match_indices(call).filter(|(at, _)| {
            !source[..*at].ends_with(|before: char| before.is_alphanumeric() || "_$.".contains(before))
        });
        calls.filter_map(|(at, _)| source[at + call.len()..].split('\'').next()).map(ToOwned::to_owned).collect()
    };
    let [mut all, others]: [Vec<String>; 2] = [of("t('"), of("parts('")];
    all.extend(others);
    all
}

/// The messages with these keys. A message begins at the start of a line, and its other lines are indented.
fn cut(catalogue: &str, named: &BTreeSet<String>) -> String {
    let mut within = false;
    let wanted = |line: &&str| {
        if !line.starts_with(' ') {
            within = line.split_once('=').is_some_and(|(key, _)| named.contains(key.trim()));
        }
        within
    };
    catalogue.split_inclusive('\n').filter(wanted).collect()
}
