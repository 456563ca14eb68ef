//! Packs the web UI and the documentation into a release. Debug builds read `static/` and `docs/` from the disk, so that a page can be
//! changed and reloaded.

#[path = "src/http/packing.rs"]
mod packing;

use std::env::var;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() -> std::io::Result<()> {
    println!("cargo::rustc-check-cfg=cfg(packed)");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/http/packing.rs");
    println!("cargo::rerun-if-changed=src/http/help_pages.rs");
    if var("PROFILE").as_deref() != Ok("release") {
        return Ok(());
    }
    println!("cargo::rustc-cfg=packed");
    println!("cargo::rerun-if-changed=static");
    println!("cargo::rerun-if-changed=docs");
    let out = PathBuf::from(var("OUT_DIR").map_err(std::io::Error::other)?);
    std::fs::write(out.join("assets.rs"), written(&out, &packing::pack(Path::new("static"), Path::new("docs"))?)?)
}

/// Writes the files into `out`, and gives the source that takes them from there.
fn written(out: &Path, ui: &packing::Packed) -> std::io::Result<String> {
    let mut source = format!("pub const VERSION: &str = {:?};\npub const FILES: &[(&str, &[u8])] = &[\n", ui.version);
    for (number, (name, bytes)) in ui.files.iter().enumerate() {
        let file = format!("asset{number}.gz");
        std::fs::write(out.join(&file), bytes)?;
        // Writing to a string cannot fail.
        let _ = writeln!(source, "    ({name:?}, include_bytes!({file:?})),");
    }
    let _ = writeln!(source, "];\npub const SHARED: &[&str] = &{:?};", ui.shared.iter().collect::<Vec<_>>());
    source.push_str("pub const ROUTES: &[(&str, &[&str])] = &[\n");
    for (address, modules) in &ui.routes {
        let _ = writeln!(source, "    ({address:?}, &{:?}),", modules.iter().collect::<Vec<_>>());
    }
    source.push_str("];\n");
    Ok(source)
}
