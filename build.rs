//! Compresses the web UI and the documentation for a release build, which embeds them with rust-embed. Debug builds
//! read `static/`, `docs/` and `locales/` from the disk, so that a page can be changed and reloaded.

#[path = "src/http/packing.rs"]
mod packing;

use packing::Files;
use std::env::var;
use std::io::{Error, Result, Write as _};
use std::path::{Path, PathBuf};

/// Brotli's window size, as a power of two, in bytes (4 MiB): larger than every file.
const BROTLI_WINDOW: u32 = 22;

fn main() -> Result<()> {
    println!("cargo::rustc-check-cfg=cfg(packed)");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/http/packing.rs");
    println!("cargo::rerun-if-changed=src/http/help_pages.rs");
    println!("cargo::rerun-if-changed=src/http/manifest.rs");
    println!("cargo::rerun-if-changed=src/http/texts.rs");
    println!("cargo::rerun-if-changed=locales");
    list_locales()?;
    if var("PROFILE").as_deref() != Ok("release") {
        return Ok(());
    }
    println!("cargo::rustc-cfg=packed");
    println!("cargo::rerun-if-changed=static");
    println!("cargo::rerun-if-changed=docs");
    let folder = PathBuf::from(var("OUT_DIR").map_err(Error::other)?).join("packed");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    let (documents, locales) = (gather("docs", packing::is_part)?, gather("locales", |_| true)?);
    let (manifest, files) = packing::pack(gather("static", packing::travels)?, &documents, &locales);
    write(&folder.join("manifest.json"), &serde_json::to_vec(&manifest)?)?;
    for (name, bytes) in &files {
        let gzip = packing::gzip(bytes)?;
        if !is_rare(name) {
            let brotli = brotli(bytes)?;
            if brotli.len() < gzip.len() {
                write(&folder.join("brotli").join(name), &brotli)?;
            }
        }
        write(&folder.join("gzip").join(name), &gzip)?;
    }
    Ok(())
}

/// True for files that few people open: they are packed with gzip alone, because the binary has a limit (`tests/static.sh`).
fn is_rare(name: &str) -> bool {
    name.starts_with("help/") || name == "openapi.json"
}

/// Writes `locales.rs`: the list of languages, each with its tag and the content of its file in `locales/`, packed with
/// gzip.
fn list_locales() -> Result<()> {
    let folder = PathBuf::from(var("OUT_DIR").map_err(Error::other)?);
    let mut lines = Vec::new();
    for (name, bytes) in gather("locales", |_| true)? {
        let Some(tag) = name.strip_suffix(".ftl") else { continue };
        write(&folder.join("locales").join(format!("{tag}.gz")), &packing::gzip(&bytes)?)?;
        lines.push(format!("({tag:?}, include_bytes!(\"locales/{tag}.gz\"))"));
    }
    let list = format!("const FILES: [(&str, &[u8]); {}] = [{}];\n", lines.len(), lines.join(", "));
    std::fs::write(folder.join("locales.rs"), list)
}

/// Reads the files in a folder and its subfolders whose path, relative to the folder, `wanted` accepts.
fn gather(folder: &str, wanted: fn(&str) -> bool) -> Result<Files> {
    let mut files = Files::new();
    gather_below(Path::new(folder), "", wanted, &mut files)?;
    Ok(files)
}

fn gather_below(folder: &Path, above: &str, wanted: fn(&str) -> bool, files: &mut Files) -> Result<()> {
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

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
    std::fs::write(path, bytes)
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut packed = Vec::new();
    brotli::CompressorWriter::new(&mut packed, 4096, 11, BROTLI_WINDOW).write_all(bytes)?;
    Ok(packed)
}
