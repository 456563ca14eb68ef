//! The documentation, readable without a network beyond this server: for everybody, since it says nothing of this appliance.

use super::assets;
use super::blocking::blocking;
use super::html::{HTML, escape};
use super::pages::brand_line;
use crate::actions::branding;
use crate::app::App;
use crate::domain::{Error, Result};
use actix_web::http::header::{CONTENT_ENCODING, Encoding, VARY};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;

/// `GET /help`: the contents. `GET /help/{page}`: a document. They work without JavaScript.
pub async fn show_help(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let name = match request.match_info().get("page").unwrap_or_default() {
        "" => "help.html".to_owned(),
        page => format!("help/{page}.html"),
    };
    let page = assets::find_page(&name)
        .ok_or_else(|| Error::NotFound("There is no such page in the help. Its contents are at /help.".into()))?;
    // A page that cannot know the brand shows ours.
    let brand = blocking(&app, |app| app.store.read(branding::of_appliance)).await.ok().flatten();
    let page = page
        .replace("{{brand}}", &brand_line(brand.as_ref()))
        .replace("{{label}}", &escape(brand.as_ref().map_or("Vestibule", |brand| &brand.label)));
    Ok(compressed(&request, page))
}

/// Documents are long; nothing secret is in them that their length could tell.
fn compressed(request: &HttpRequest, page: String) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    answer.content_type(HTML).insert_header((VARY, "Accept-Encoding"));
    if !assets::takes(request, Encoding::gzip()) {
        return answer.body(page);
    }
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    match packer.write_all(page.as_bytes()).and_then(|()| packer.finish()) {
        Ok(bytes) => answer.insert_header((CONTENT_ENCODING, "gzip")).body(bytes),
        Err(_) => answer.body(page),
    }
}
