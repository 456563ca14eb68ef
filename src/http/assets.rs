//! The web UI's files: kept compressed, under names that contain a hash, so that browsers request each only once.

use super::html::{fill, html};
use super::kept::Kept;
use super::sending::shared;
use crate::domain::Error;
use crate::domain::catalogue::Language;
use crate::domain::phrase::phrase;
use actix_web::http::header::{AcceptEncoding, CACHE_CONTROL, CONTENT_ENCODING, Encoding, Header, VARY};
use actix_web::web::{Bytes, Path};
use actix_web::{HttpRequest, HttpResponse};
use flate2::read::GzDecoder;
use std::io::Read;

/// The cache policy of files with a content hash in their name, which never change.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// The cache policy of other files, which are revalidated.
const ASK_AGAIN: &str = "no-cache";

/// The files of a release are compiled into it.
#[cfg(packed)]
mod source {
    use super::super::manifest::Manifest;
    use actix_web::web::Bytes;
    use rust_embed::{Embed, EmbeddedFile};
    use std::borrow::Cow;
    use std::sync::LazyLock;

    /// `manifest.json`, and each file as `gzip/NAME` and, where that is smaller, `brotli/NAME`.
    #[derive(Embed)]
    #[folder = "$OUT_DIR/packed"]
    struct Packed;

    static MANIFEST: LazyLock<Manifest> = LazyLock::new(|| {
        let file = Packed::get("manifest.json").and_then(|file| serde_json::from_slice(&file.data).ok());
        // The build script wrote this file.
        file.unwrap_or_default()
    });

    pub fn manifest() -> &'static Manifest {
        &MANIFEST
    }

    fn bytes(file: EmbeddedFile) -> Bytes {
        match file.data {
            Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            Cow::Owned(bytes) => bytes.into(),
        }
    }

    pub fn gzip(name: &str) -> Option<Bytes> {
        Packed::get(&format!("gzip/{name}")).map(bytes)
    }

    pub fn brotli(name: &str) -> Option<Bytes> {
        Packed::get(&format!("brotli/{name}")).map(bytes)
    }
}

/// A debug build reads the files from disk, and again when one has changed.
#[cfg(not(packed))]
mod source {
    use super::super::packing::{self, Files, Manifest};
    use actix_web::web::Bytes;
    use rust_embed::Embed;
    use std::collections::HashMap;
    use std::path::Path;
    use std::sync::{Arc, Mutex, PoisonError};
    use std::time::SystemTime;

    #[derive(Embed)]
    #[folder = "static"]
    struct Ui;

    #[derive(Embed)]
    #[folder = "docs"]
    struct Documents;

    #[derive(Embed)]
    #[folder = "locales"]
    struct Locales;

    struct Packed {
        manifest: Arc<Manifest>,
        files: HashMap<String, Bytes>,
    }

    /// The number of files, and the time of the last change.
    type Stamp = (usize, Option<SystemTime>);

    fn stamp(folder: &Path) -> Stamp {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.fold((0, None), |(count, youngest), entry| {
            let path = entry.path();
            let (more, at) =
                if path.is_dir() { stamp(&path) } else { (1, entry.metadata().and_then(|file| file.modified()).ok()) };
            (count + more, youngest.max(at))
        })
    }

    fn read<E: Embed>(wanted: fn(&str) -> bool) -> Files {
        let names = E::iter().filter(|name| wanted(name));
        names.filter_map(|name| E::get(&name).map(|file| (name.into_owned(), file.data.into_owned()))).collect()
    }

    fn pack() -> Packed {
        let (documents, locales) = (read::<Documents>(packing::is_part), read::<Locales>(|_| true));
        let (manifest, files) = packing::pack(read::<Ui>(packing::travels), &documents, &locales);
        let files = files.into_iter().filter_map(|(name, bytes)| Some((name, packing::gzip(&bytes).ok()?.into())));
        Packed { manifest: Arc::new(manifest), files: files.collect() }
    }

    fn now() -> Arc<Packed> {
        static LAST: Mutex<Option<(Stamp, Arc<Packed>)>> = Mutex::new(None);
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let stamps = ["static", "docs", "locales"].map(|folder| stamp(&root.join(folder)));
        let stamp =
            stamps.into_iter().fold((0, None), |(sum, youngest), (count, last)| (sum + count, youngest.max(last)));
        let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((of, packed)) if *of == stamp => packed.clone(),
            _ => {
                let packed = Arc::new(pack());
                *last = Some((stamp, packed.clone()));
                packed
            }
        }
    }

    pub fn manifest() -> Arc<Manifest> {
        now().manifest.clone()
    }

    pub fn gzip(name: &str) -> Option<Bytes> {
        now().files.get(name).cloned()
    }

    /// Only releases have Brotli files: packing them takes long.
    pub const fn brotli(_name: &str) -> Option<Bytes> {
        None
    }
}

/// The current address of a file.
pub fn address(name: &str) -> String {
    format!("/static/{}/{name}", source::manifest().version)
}

/// The version of the files, which changes when any of them changes.
pub fn version() -> String {
    source::manifest().version.clone()
}

/// The text of a page template.
pub fn page(name: &str) -> String {
    find_page(name).unwrap_or_default()
}

/// The text of a page template, if it exists.
pub fn find_page(name: &str) -> Option<String> {
    plain(name).map(|file| String::from_utf8_lossy(&file).into_owned())
}

/// A file, uncompressed.
fn plain(name: &str) -> Option<Bytes> {
    static FILES: Kept<String, Bytes> = Kept::new();
    FILES.get(name, version(), || source::gzip(name).map(|file| unpacked(&file).into()).ok_or(())).ok()
}

/// The HTML document of the web UI. It names all modules that the page at `path` needs, so that the browser loads them
/// at once, and the texts in `language`.
/// `told`: HTML attributes with facts about the appliance that the pages need.
pub fn show_ui(path: &str, language: Language, told: &str) -> HttpResponse {
    let (folder, manifest) = (address(""), source::manifest());
    let own = manifest.routes.iter().find(|(pattern, _)| fits(pattern, path)).map(|(_, modules)| modules);
    let own_page = own.and_then(|modules| modules.iter().find_map(|name| name.strip_prefix("pages/")));
    let texts = [Some(".js".into()), own_page.map(|name| format!("/{name}"))];
    let texts: Vec<_> = texts.iter().flatten().map(|part| format!("locales/{}{part}", language.tag())).collect();
    let modules = manifest.shared.iter().chain(own.into_iter().flatten()).chain(&texts);
    let links: Vec<_> = modules.map(|name| format!("<link rel=\"modulepreload\" href=\"{folder}{name}\">")).collect();
    html(fill(&page("index.html"), &[("language", language.tag()), ("modules", &links.join("\n  ")), ("told", told)]))
}

/// True if a route pattern matches a path: `/w/:workspace/members` matches `/w/1/members`.
fn fits(pattern: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    pattern.split('/').all(|name| parts.next().is_some_and(|part| name.starts_with(':') || name == part))
        && parts.next().is_none()
}

/// `GET /static/{version}/{path}`: a file of the web UI. With another version, or none, the answer is the current file,
/// to be revalidated: a page that was loading during an upgrade still finds its files.
pub async fn show_asset(request: HttpRequest, path: Path<String>) -> HttpResponse {
    let (version, name) = named(&path);
    let current = version.is_some_and(|version| version == source::manifest().version);
    let lasts = if current { FOR_EVER } else { ASK_AGAIN };
    let file = if is_page(name) { None } else { answer(&request, name, lasts) };
    file.unwrap_or_else(|| HttpResponse::from_error(Error::NotFound(phrase!("file-not-found"))))
}

/// `GET /api/openapi.json`: public, as it contains nothing that the documentation does not.
pub async fn show_api_description(request: HttpRequest) -> HttpResponse {
    answer(&request, "openapi.json", ASK_AGAIN)
        .unwrap_or_else(|| HttpResponse::from_error(Error::NotFound(phrase!("file-not-found"))))
}

/// The version in a path, if there is one, and the file's name.
fn named(path: &str) -> (Option<&str>, &str) {
    let is_version = |text: &str| text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match path.split_once('/') {
        Some((version, name)) if is_version(version) => (Some(version), name),
        _ => (None, path),
    }
}

fn is_page(name: &str) -> bool {
    content_type(name).starts_with("text/html")
}

/// A file in the smallest encoding that the browser accepts.
fn answer(request: &HttpRequest, name: &str, lasts: &'static str) -> Option<HttpResponse> {
    let gzip = source::gzip(name)?;
    let mut answer = HttpResponse::Ok();
    answer.content_type(content_type(name)).insert_header((CACHE_CONTROL, lasts));
    answer.insert_header((VARY, "Accept-Encoding"));
    Some(shared(match source::brotli(name).filter(|_| takes(request, Encoding::brotli())) {
        Some(brotli) => answer.insert_header((CONTENT_ENCODING, "br")).body(brotli),
        None if takes(request, Encoding::gzip()) => answer.insert_header((CONTENT_ENCODING, "gzip")).body(gzip),
        None => answer.body(plain(name)?),
    }))
}

/// True if the client accepts this encoding. All browsers accept gzip, and Brotli over TLS; other programs may accept
/// neither.
pub fn takes(request: &HttpRequest, encoding: Encoding) -> bool {
    let known = [encoding.clone(), Encoding::identity()];
    AcceptEncoding::parse(request).is_ok_and(|accepted| accepted.negotiate(known.iter()) == Some(encoding))
}

fn unpacked(file: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    // The file was packed by us, so it can be decompressed.
    let _ = GzDecoder::new(file).read_to_end(&mut bytes);
    bytes
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        _ => "text/plain; charset=utf-8",
    }
}
