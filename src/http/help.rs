//! The documentation, readable without a network beyond this server: for everybody, since it says nothing of this appliance.

use super::assets;
use super::blocking::blocking;
use super::html::{HTML, escape};
use super::pages::brand_line;
use crate::actions::branding;
use crate::app::App;
use crate::domain::{Error, Result};
use actix_web::http::header::{CONTENT_ENCODING, Encoding, VARY};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

/// A page of the help as it was made last, for one version of the files and one brand.
struct Made {
    of: (String, String),
    plain: Bytes,
    gzip: Bytes,
}

/// `GET /help`: the contents. `GET /help/{page}`: a document. They work without JavaScript.
pub async fn show_help(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let name = match request.match_info().get("page").unwrap_or_default() {
        "" => "help.html".to_owned(),
        page => format!("help/{page}.html"),
    };
    let gzip = assets::takes(&request, Encoding::gzip());
    let page = blocking(&app, move |app| made(app, &name)).await?;
    let mut answer = HttpResponse::Ok();
    answer.content_type(HTML).insert_header((VARY, "Accept-Encoding"));
    Ok(if gzip {
        answer.insert_header((CONTENT_ENCODING, "gzip")).body(page.gzip.clone())
    } else {
        answer.body(page.plain.clone())
    })
}

/// Makes a page with the brand of the appliance, and keeps it: documents are long, and to compress one takes milliseconds. There are
/// as many as documents.
fn made(app: &App, name: &str) -> Result<Arc<Made>> {
    static KEPT: Mutex<BTreeMap<String, Arc<Made>>> = Mutex::new(BTreeMap::new());
    let kept = || KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let missing = || Error::NotFound("There is no such page in the help. Its contents are at /help.".into());
    // A page that cannot know the brand shows ours.
    let brand = app.store.read(branding::of_appliance).ok().flatten();
    let (line, label) = (brand_line(brand.as_ref()), escape(brand.as_ref().map_or("Vestibule", |brand| &brand.label)));
    let of = (assets::version(), format!("{line}{label}"));
    if let Some(made) = kept().get(name).filter(|made| made.of == of) {
        return Ok(made.clone());
    }
    let page = assets::find_page(name).ok_or_else(missing)?.replace("{{brand}}", &line).replace("{{label}}", &label);
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    let gzip = packer.write_all(page.as_bytes()).and_then(|()| packer.finish()).map_err(Error::internal)?;
    let made = Arc::new(Made { of, plain: page.into(), gzip: gzip.into() });
    kept().insert(name.to_owned(), made.clone());
    Ok(made)
}
