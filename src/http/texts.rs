//! The texts of the web UI: of each catalogue, the messages that its modules name, as a module of its own.

use super::{Files, is_of};
use std::collections::BTreeSet;

/// `locales/en.js` for `en.ftl`, and so on.
pub fn modules(files: &Files, locales: &Files) -> Files {
    let sources = files.iter().filter(|(name, _)| is_of(name, "js") && !name.starts_with("vendor/"));
    let named: BTreeSet<_> = sources.flat_map(|(_, source)| keys(&String::from_utf8_lossy(source))).collect();
    let module = |(name, catalogue): (&String, &Vec<u8>)| {
        let text = serde_json::Value::String(cut(&String::from_utf8_lossy(catalogue), &named));
        Some((format!("locales/{}.js", name.strip_suffix(".ftl")?), format!("export default {text};\n").into_bytes()))
    };
    locales.iter().filter_map(module).collect()
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

/// The messages with these keys: each begins at the start of a line, and its other lines are indented.
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
