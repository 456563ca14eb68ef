//! The web UI as it travels, with the documentation as its help: compressed, and under a name that changes with any of it. The
//! build script packs it into a release; debug builds pack `static/` and `docs/` themselves, when a file has changed.

// Named, since the build script reads this file from elsewhere.
#[path = "help_pages.rs"]
mod help_pages;

use flate2::{Compression, GzBuilder};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;

/// Files by their path below the folder, with `/`.
pub type Files = BTreeMap<String, Vec<u8>>;

/// What a page of the help is made of.
const HELP_TEMPLATE: &str = "help.html";

/// The whole web UI.
#[derive(Debug, Default)]
pub struct Packed {
    /// 16 hexadecimal digits that are others when any file is another.
    pub version: String,
    /// Each file, compressed by gzip. Addresses of pages name the version.
    pub files: Files,
    /// The modules that every page needs.
    pub shared: BTreeSet<String>,
    /// Those that the page at an address needs besides.
    pub routes: Vec<Route>,
}

/// An address as `router.js` writes it, such as `/o/:org/sso`, and modules.
pub type Route = (String, BTreeSet<String>);

/// Packs the folders `static/` and `docs/`.
///
/// # Errors
/// Those of reading them.
pub fn pack(folder: &Path, docs: &Path) -> io::Result<Packed> {
    let mut files = gather(folder, &travels)?;
    let template = String::from_utf8_lossy(files.get(HELP_TEMPLATE).map_or(&[][..], Vec::as_slice)).into_owned();
    files.extend(help_pages::pages(&gather(docs, &help_pages::is_part)?, &template));
    let version = version(&files);
    let shared = modules(&files, "app.js");
    let routes = routes(&files, &shared);
    for (_, page) in files.iter_mut().filter(|(name, _)| is_of(name, "html")) {
        *page = String::from_utf8_lossy(page).replace("\"/static/", &format!("\"/static/{version}/")).into_bytes();
    }
    for (name, file) in &mut files {
        if is_of(name, "js") && !name.starts_with("vendor/") {
            *file = without_remarks(&String::from_utf8_lossy(file)).into_bytes();
        }
        *file = compress(file)?;
    }
    Ok(Packed { version, files, shared, routes })
}

/// Whether a file has this extension.
fn is_of(name: &str, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|of| of == extension)
}

/// Types, and what tells of the vendored files, are for people alone.
fn travels(name: &str) -> bool {
    let stays = ["types.js", ".d.ts", ".md"].iter().any(|end| name.ends_with(end));
    !stays && !name.starts_with('.') && !name.contains("/.")
}

/// The files below a folder whose names are wanted.
fn gather(folder: &Path, wanted: &dyn Fn(&str) -> bool) -> io::Result<Files> {
    let mut files = Files::new();
    gather_below(folder, "", wanted, &mut files)?;
    Ok(files)
}

fn gather_below(folder: &Path, above: &str, wanted: &dyn Fn(&str) -> bool, files: &mut Files) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{above}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            gather_below(&entry.path(), &format!("{name}/"), wanted, files)?;
        } else if wanted(&name) {
            files.insert(name, std::fs::read(entry.path())?);
        }
    }
    Ok(())
}

fn version(files: &Files) -> String {
    let mut hash = Sha256::new();
    for (name, bytes) in files {
        hash.update(format!("{name}\n{}\n", bytes.len()));
        hash.update(bytes);
    }
    hash.finalize().iter().take(8).fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Everything that a module comes to import by itself, that module included.
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

/// Reads the lines of `router.js` that say `['/address', ... import('./pages/page.js') ...`.
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

/// The relative paths that a module imports from. What stands in `@import` is for the type checker alone.
fn imports(source: &str) -> impl Iterator<Item = &str> {
    let lines = source.lines().filter(|line| !line.contains("@import"));
    lines.filter_map(|line| line.split_once(" from '")?.1.split('\'').next()).filter(|path| path.starts_with('.'))
}

/// `../api.js`, said in `pages/keys.js`, is `api.js`.
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

/// A module without the blocks `/** ... */` that have lines of their own: types and explanations are a seventh of what would
/// travel.
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

/// The same bytes whenever it is built: without a time in it.
fn compress(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut packer = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    packer.write_all(bytes)?;
    packer.finish()
}
