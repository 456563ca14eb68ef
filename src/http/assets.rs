//! The web UI's files: kept compressed, and named by what is in them, so that browsers ask for each only once.

use super::pages::html;
use crate::domain::Error;
use actix_web::http::header::{AcceptEncoding, CACHE_CONTROL, CONTENT_ENCODING, Encoding, Header, VARY};
use actix_web::web::{Bytes, Path};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use flate2::read::GzDecoder;
use std::io::Read;

/// What has its content in its name never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// What has not is asked for again.
const ASK_AGAIN: &str = "no-cache";

/// A release carries its files.
#[cfg(packed)]
mod source {
    use actix_web::web::Bytes;

    include!(concat!(env!("OUT_DIR"), "/assets.rs"));

    pub fn version() -> String {
        VERSION.to_owned()
    }

    pub fn compressed(name: &str) -> Option<Bytes> {
        FILES.iter().find(|(file, _)| *file == name).map(|(_, bytes)| Bytes::from_static(bytes))
    }

    pub fn modules(is_there: impl Fn(&str) -> bool) -> Vec<String> {
        let own = ROUTES.iter().find(|(address, _)| is_there(address)).map_or(&[][..], |(_, modules)| *modules);
        SHARED.iter().chain(own).map(|name| (*name).to_owned()).collect()
    }
}

/// A debug build reads them from the disk, again when one has changed.
#[cfg(not(packed))]
mod source {
    use crate::http::packing::{Packed, pack};
    use actix_web::web::Bytes;
    use std::path::Path;
    use std::sync::{Arc, Mutex, PoisonError};
    use std::time::SystemTime;

    const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/static");
    const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs");

    /// How many files there are, and when the youngest was written.
    type Stamp = (usize, Option<SystemTime>);

    fn both() -> Stamp {
        let ((files, youngest), (documents, last)) = (stamp(Path::new(FOLDER)), stamp(Path::new(DOCS)));
        (files + documents, youngest.max(last))
    }

    fn stamp(folder: &Path) -> Stamp {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.fold((0, None), |(count, youngest), entry| {
            let path = entry.path();
            let (more, at) =
                if path.is_dir() { stamp(&path) } else { (1, entry.metadata().and_then(|file| file.modified()).ok()) };
            (count + more, youngest.max(at))
        })
    }

    fn now() -> Arc<Packed> {
        static LAST: Mutex<Option<(Stamp, Arc<Packed>)>> = Mutex::new(None);
        let stamp = both();
        let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((of, packed)) if *of == stamp => packed.clone(),
            _ => {
                let packed = Arc::new(pack(Path::new(FOLDER), Path::new(DOCS)).unwrap_or_else(|cause| {
                    log::error!("{FOLDER} or {DOCS} cannot be read: {cause}");
                    Packed::default()
                }));
                *last = Some((stamp, packed.clone()));
                packed
            }
        }
    }

    pub fn version() -> String {
        now().version.clone()
    }

    pub fn compressed(name: &str) -> Option<Bytes> {
        now().files.get(name).map(|bytes| Bytes::copy_from_slice(bytes))
    }

    pub fn modules(is_there: impl Fn(&str) -> bool) -> Vec<String> {
        let packed = now();
        let own = packed.routes.iter().find(|(address, _)| is_there(address)).map(|(_, modules)| modules);
        packed.shared.iter().chain(own.into_iter().flatten()).cloned().collect()
    }
}

/// Where a file is now.
pub fn address(name: &str) -> String {
    format!("/static/{}/{name}", source::version())
}

/// The text of a page, with what is to be filled in.
pub fn page(name: &str) -> String {
    find_page(name).unwrap_or_default()
}

/// The same, where there is such a page.
pub fn find_page(name: &str) -> Option<String> {
    source::compressed(name).map(|file| String::from_utf8_lossy(&unpacked(&file)).into_owned())
}

/// The document of the web UI. It names all modules of the page at this path, rather than each when the one before has come.
/// `brand`: the attribute that tells the appliance's brand, as HTML.
pub fn show_ui(path: &str, brand: &str) -> HttpResponse {
    let folder = address("");
    let link = |name: &String| format!("<link rel=\"modulepreload\" href=\"{folder}{name}\">");
    let links: Vec<_> = source::modules(|pattern| fits(pattern, path)).iter().map(link).collect();
    html(page("index.html").replace("{{modules}}", &links.join("\n  ")).replace("{{brand}}", brand))
}

/// `/w/:workspace/members` fits `/w/1/members`.
fn fits(pattern: &str, path: &str) -> bool {
    let (names, parts): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
    names.len() == parts.len() && names.iter().zip(&parts).all(|(name, part)| name.starts_with(':') || name == part)
}

/// A file under an address of its own, which says nothing of its content.
pub fn show_now(request: &HttpRequest, name: &str) -> HttpResponse {
    let missing = || Error::not_found("File").error_response();
    source::compressed(name).map_or_else(missing, |file| answer(request, name, file, ASK_AGAIN))
}

/// `GET /static/{version}/{path}`: a file of the web UI. Under another version's name, or under none, it is the present file:
/// a page that began to load when the appliance was upgraded finds what it needs, and keeps nothing under a name that lies.
pub async fn show_asset(request: HttpRequest, path: Path<String>) -> HttpResponse {
    let (version, name) = named(&path);
    let Some(file) = source::compressed(name).filter(|_| !is_page(name)) else {
        return Error::not_found("File").error_response();
    };
    let lasts = if version.is_some_and(|version| version == source::version()) { FOR_EVER } else { ASK_AGAIN };
    answer(&request, name, file, lasts)
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

fn answer(request: &HttpRequest, name: &str, file: Bytes, lasts: &'static str) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    answer.content_type(content_type(name)).insert_header((CACHE_CONTROL, lasts));
    answer.insert_header((VARY, "Accept-Encoding"));
    if takes_gzip(request) {
        answer.insert_header((CONTENT_ENCODING, "gzip")).body(file)
    } else {
        answer.body(unpacked(&file))
    }
}

/// Every browser does; what does not is a program.
pub fn takes_gzip(request: &HttpRequest) -> bool {
    let known = [Encoding::gzip(), Encoding::identity()];
    AcceptEncoding::parse(request).is_ok_and(|accepted| accepted.negotiate(known.iter()) == Some(Encoding::gzip()))
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
