//! Packs the web UI and the help for browsers, under a version that changes when any file changes. The build script
//! does it for a release; debug builds pack `static/`, `docs/` and `locales/` at run time, when a file has changed.

// With paths, since the build script includes this file from another folder.
#[path = "help_pages.rs"]
mod help_pages;
#[path = "manifest.rs"]
mod manifest;
#[path = "texts.rs"]
mod texts;

pub use help_pages::is_part;
pub use manifest::{Manifest, Route};

use flate2::{Compression, GzBuilder};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;

/// File contents by path inside the folder, with `/`.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The template of help pages.
const HELP_TEMPLATE: &str = "help.html";

/// Prepares the files that browsers get: those of `static/`, the help in `docs/`, and the messages of `locales/` that
/// the modules use.
pub fn pack(mut files: Files, documents: &Files, locales: &Files) -> (Manifest, Files) {
    let template = String::from_utf8_lossy(files.get(HELP_TEMPLATE).map_or(&[][..], Vec::as_slice)).into_owned();
    files.extend(help_pages::pages(documents, &template));
    let shared = modules(&files, "app.js");
    let routes = routes(&files, &shared);
    files.extend(texts::modules(&files, locales, &shared, &routes));
    let version = version(&files);
    for (name, file) in &mut files {
        if is_of(name, "html") {
            *file = String::from_utf8_lossy(file).replace("\"/static/", &format!("\"/static/{version}/")).into_bytes();
        } else if is_of(name, "js") {
            let source = String::from_utf8_lossy(file).into_owned();
            // A file with a licence keeps its comments.
            if !source.contains("@license") {
                *file = without_remarks(&source).into_bytes();
            }
        }
    }
    (Manifest { version, shared, routes }, files)
}

/// True if a file has this extension.
fn is_of(name: &str, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|of| of == extension)
}

/// True if browsers get this file of `static/`. Types, and the notes on vendored files, are for developers.
pub fn travels(name: &str) -> bool {
    let stays = name == "types.js" || [".d.ts", ".md"].iter().any(|end| name.ends_with(end));
    !stays && !name.starts_with('.') && !name.contains("/.")
}

fn version(files: &Files) -> String {
    let mut hash = Sha256::new();
    for (name, bytes) in files {
        hash.update(format!("{name}\n{}\n", bytes.len()));
        hash.update(bytes);
    }
    hash.finalize().iter().take(8).fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The module `first` and all modules that it imports, directly or indirectly.
fn modules(files: &Files, first: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![first.to_owned()];
    while let Some(name) = waiting.pop() {
        if let Some(source) = files.get(&name).filter(|_| !found.contains(&name)) {
            waiting.extend(imports(&String::from_utf8_lossy(source)).map(|path| resolve(&name, path)));
            found.insert(name);
        }
    }
    found
}

/// Reads the routes from the lines of `router.js` with `['/address', ... import('./pages/page.js') ...`.
fn routes(files: &Files, shared: &BTreeSet<String>) -> Vec<Route> {
    let quoted = |text: &str| text.split('\'').nth(1).map(ToOwned::to_owned);
    let route = |line: &str| {
        let (address, page) = line.split_once("import(")?;
        let page = modules(files, &resolve("router.js", &quoted(page)?));
        Some((quoted(address)?, page.difference(shared).cloned().collect()))
    };
    files
        .get("router.js")
        .map(|source| String::from_utf8_lossy(source).lines().filter_map(route).collect())
        .unwrap_or_default()
}

/// The relative paths that a module imports. `@import` lines are only for the type checker.
fn imports<'s>(source: &'s str) -> impl Iterator<Item = &'s str> {
    let lines = source.lines().filter(|line| !line.contains("@import"));
    let path =
        |line: &'s str| line.split_once(" from '").or_else(|| line.split_once(" from \""))?.1.split(['\'', '"']).next();
    lines.filter_map(path).filter(|path| path.starts_with('.'))
}

/// Resolves an import: `../api.js` in `pages/keys.js` is `api.js`.
fn resolve(from: &str, path: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// Removes the `/** ... */` blocks on their own lines from a module: they are a seventh of its size.
fn without_remarks(source: &str) -> String {
    let mut inside = false;
    let told = |line: &&str| {
        let text = line.trim();
        let within = inside || text.starts_with("/**");
        inside = within && !text.contains("*/");
        !within || (!inside && !text.ends_with("*/"))
    };
    source.split_inclusive('\n').filter(told).collect()
}

/// Compresses by gzip without a timestamp, so that each build has the same bytes.
///
/// # Errors
/// None in practice, as it writes to memory.
pub fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut packer = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    packer.write_all(bytes)?;
    packer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(catalogue: &str) -> (Manifest, Files) {
        let files = [
            ("app.js", "import { match } from './router.js';\nt('greeting');\nawait import('./asks.js');\n"),
            ("asks.js", "t('question');\n"),
            ("router.js", "const ROUTES = [\n  ['/sso', async () => (await import('./pages/sso.js')).sso],\n];\n"),
            ("pages/sso.js", "import { form } from '../form.js';\nt('greeting');\nt('sso');\n"),
            ("form.js", "export const form = parts('form');\n"),
        ];
        let of = |(name, text): (&str, &str)| (name.to_owned(), text.as_bytes().to_vec());
        pack(files.into_iter().map(of).collect(), &Files::new(), &Files::from([of(("en.ftl", catalogue))]))
    }

    const CATALOGUE: &str = "farewell = Goodbye\nform = Form\ngreeting = Hello\nquestion = Well?\nsso = SSO\n";

    #[test]
    fn the_version_changes_with_used_texts_and_not_with_unused_ones() {
        let version = |catalogue: &str| packed(catalogue).0.version;
        assert_ne!(version(CATALOGUE), version(&CATALOGUE.replace("Hello", "Good day")));
        assert_ne!(version(CATALOGUE), version(&CATALOGUE.replace("Form", "Questions")));
        assert_eq!(version(CATALOGUE), version(&CATALOGUE.replace("Goodbye", "See you")));
    }

    #[test]
    fn each_page_has_its_own_texts_besides_the_shared_ones() {
        let (_, files) = packed(CATALOGUE);
        let text = |name: &str| String::from_utf8_lossy(&files[name]).into_owned();
        assert_eq!(text("locales/en.js"), "export default \"greeting = Hello\\nquestion = Well?\\n\";\n");
        assert_eq!(text("locales/en/sso.js"), "export default \"form = Form\\nsso = SSO\\n\";\n");
    }
}
