//! The web UI's files: kept compressed, and named by what is in them, so that browsers ask for each only once.

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

/// A file with its content's hash in its name never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Other files are revalidated.
const ASK_AGAIN: &str = "no-cache";

/// A release carries its files.
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
        // The build script wrote it.
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

/// A debug build reads them from the disk, again when one has changed.
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

    /// How many files there are, and when the youngest was written.
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

    /// Made for a release alone: it takes long.
    pub const fn brotli(_name: &str) -> Option<Bytes> {
        None
    }
}

/// Where a file is now.
pub fn address(name: &str) -> String {
    format!("/static/{}/{name}", source::manifest().version)
}

/// The version of the files: another one means that any of them may differ.
pub fn version() -> String {
    source::manifest().version.clone()
}

/// The text of a page, with what is to be filled in.
pub fn page(name: &str) -> String {
    find_page(name).unwrap_or_default()
}

/// The same, where there is such a page.
pub fn find_page(name: &str) -> Option<String> {
    plain(name).map(|file| String::from_utf8_lossy(&file).into_owned())
}

/// A file without compression.
fn plain(name: &str) -> Option<Bytes> {
    static FILES: Kept<String, Bytes> = Kept::new();
    FILES.get(name, version(), || source::gzip(name).map(|file| unpacked(&file).into()).ok_or(())).ok()
}

/// The document of the web UI. It names all modules of the page at this path, rather than each when the one before has come,
/// and the texts in this language.
/// `told`: the attributes that tell what the pages need to know of the appliance, as HTML.
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

/// `/w/:workspace/members` fits `/w/1/members`.
fn fits(pattern: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    pattern.split('/').all(|name| parts.next().is_some_and(|part| name.starts_with(':') || name == part))
        && parts.next().is_none()
}

/// `GET /static/{version}/{path}`: a file of the web UI. Under another version's name, or under none, it is the present file:
/// a page that began to load when the appliance was upgraded finds what it needs, and keeps nothing under a name that lies.
pub async fn show_asset(request: HttpRequest, path: Path<String>) -> HttpResponse {
    let (version, name) = named(&path);
    let current = version.is_some_and(|version| version == source::manifest().version);
    let lasts = if current { FOR_EVER } else { ASK_AGAIN };
    let file = if is_page(name) { None } else { answer(&request, name, lasts) };
    file.unwrap_or_else(|| HttpResponse::from_error(Error::NotFound(phrase!("file-not-found"))))
}

/// `GET /api/openapi.json`: for anybody, since it tells no more than the documentation does.
pub async fn show_api_description(request: HttpRequest) -> HttpResponse {
    answer(&request, "openapi.json", ASK_AGAIN)
        .unwrap_or_else(|| HttpResponse::from_error(Error::NotFound(phrase!("file-not-found"))))
}

/// The version in a path, where there is one, and the file's own name.
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

/// A file in the smallest form that the browser takes.
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

/// True if a file may come in this encoding. Every browser takes gzip, and Brotli over TLS; other programs may take neither.
pub fn takes(request: &HttpRequest, encoding: Encoding) -> bool {
    let known = [encoding.clone(), Encoding::identity()];
    AcceptEncoding::parse(request).is_ok_and(|accepted| accepted.negotiate(known.iter()) == Some(encoding))
}

fn unpacked(file: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    // We packed it ourselves.
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
