//! Serves the documentation as pages that load nothing from other sites. They are public, because they contain nothing
//! about this appliance but its name and logo.

use super::assets;
use super::blocking::blocking;
use super::html::{HTML, escape, fill};
use super::kept::Kept;
use super::pages::brand_line;
use super::sending::shared;
use crate::actions::branding;
use crate::app::App;
use crate::domain::catalogue::Language;
use crate::domain::phrase::phrase;
use crate::domain::{Error, Result};
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LANGUAGE, Encoding, VARY};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;

/// A help page in the two encodings in which it is sent: plain and gzip.
#[derive(Clone)]
struct Made {
    plain: Bytes,
    gzip: Bytes,
}

/// `GET /help`: the table of contents. `GET /help/{page}`: a document. Both work without JavaScript.
pub async fn show_help(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let name = match request.match_info().get("page").unwrap_or_default() {
        "" => "help.html".to_owned(),
        page => format!("help/{page}.html"),
    };
    let gzip = assets::takes(&request, Encoding::gzip());
    let page = blocking(&app, move |app| made(app, &name)).await?;
    let mut answer = HttpResponse::Ok();
    answer.content_type(HTML).insert_header((VARY, "Accept-Encoding"));
    // The documentation is only in English.
    answer.insert_header((CONTENT_LANGUAGE, Language::ENGLISH.tag()));
    let body = if gzip { page.gzip } else { page.plain };
    if gzip {
        answer.insert_header((CONTENT_ENCODING, "gzip"));
    }
    Ok(shared(answer.body(body)))
}

/// A help page with the appliance's brand.
fn made(app: &App, name: &str) -> Result<Made> {
    static PAGES: Kept<(String, String, String), Made> = Kept::new();
    let missing = || Error::NotFound(phrase!("help-page-not-found"));
    // If the brand cannot be read, the page shows Vestibule's.
    let brand = branding::of_appliance(app).ok().flatten();
    let (line, label) = (brand_line(brand.as_ref()), escape(brand.as_ref().map_or("Vestibule", |brand| &brand.label)));
    PAGES.get(name, (assets::version(), line.clone(), label.clone()), || {
        let page = assets::find_page(name).ok_or_else(missing)?;
        let page = fill(&page, &[("brand", &line), ("label", &label)]);
        let mut packer = GzEncoder::new(Vec::new(), Compression::default());
        let gzip = packer.write_all(page.as_bytes()).and_then(|()| packer.finish()).map_err(Error::internal)?;
        Ok(Made { plain: page.into(), gzip: gzip.into() })
    })
}
