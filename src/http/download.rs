//! A list as CSV, streamed: one page is read, written and sent before the next is read, each in a short transaction
//! that judges the right again. So memory use stays constant, slow clients block no other work, and a caller who loses
//! the right receives nothing further.

use super::blocking::enter;
use super::client;
use super::query::{described, param, yes_or_no};
use crate::actions::Caller;
use crate::app::{App, Lane, Permit};
use crate::domain::ids::OrganisationId;
use crate::domain::phrase::phrase;
use crate::domain::spreadsheet::{Row, header, lines};
use crate::domain::{Error, Listing, Page, Result, Timestamp};
use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::rt::time::sleep;
use actix_web::web::{Bytes, Data};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

/// The content type of the answer.
pub const CSV: &str = "text/csv; charset=utf-8";
/// The byte order mark that tells spreadsheets that the file is UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
/// The number of times that a download that has sent a page already retries to read the next one.
const TURNS: u32 = 30;
/// The pause before each retry.
const TURN: Duration = Duration::from_secs(1);

/// The options of a download.
pub struct Download {
    bom: bool,
}

impl FromRequest for Download {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(match param(request, "bom").as_deref() {
            None | Some("" | "false") => Ok(Self { bom: false }),
            Some("true") => Ok(Self { bom: true }),
            Some(_) => Err(Error::invalid("bom", phrase!("field-true-or-false"))),
        })
    }
}

impl IntoParams for Download {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![described("bom", "Start with a byte order mark, so that Excel recognises UTF-8.", yes_or_no())]
    }
}

/// The file's name: the organisation, the content and the date.
pub fn file_name(of: Option<&str>, what: &str, now: Timestamp) -> String {
    let day = now.to_string();
    let words = of.into_iter().chain([what, day.split('T').next().unwrap_or_default()]);
    format!("{}.csv", words.collect::<Vec<_>>().join("-"))
}

/// The reading of one page of the list, off the async threads.
pub type Reading<R> = Pin<Box<dyn Future<Output = Result<Listing<R>>>>>;
/// Reads the requested page.
type Read<R> = Box<dyn Fn(Page) -> Reading<R>>;

impl Download {
    /// Answers with a file of this name. The first page is read before the answer starts, so that a refusal is answered
    /// as usual.
    ///
    /// # Errors
    /// The errors of `read`; `Throttled` if the caller or their organisation receives too many files already.
    pub async fn answer<R: Row + 'static>(
        self,
        app: &Data<App>,
        caller: &Caller,
        name: &str,
        read: impl Fn(Page) -> Reading<R> + 'static,
    ) -> Result<HttpResponse> {
        let permits = permits(app, caller).await?;
        let (network, lane) = (client::network(), Some(Lane::Known));
        let read = move |page: Page| Box::pin(client::within(network, lane, read(page))) as Reading<R>;
        let first = read(Page::first()).await?;
        let mut text = if self.bom { BYTE_ORDER_MARK.to_vec() } else { Vec::new() };
        text.extend(header::<R>()?);
        text.extend(lines(&first.items)?);
        let state = State::Written(text.into(), first.next);
        Ok(HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, CSV))
            .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
            .body(Body { read: Box::new(read), state, _permits: permits }))
    }
}

/// The body of the answer: the file, as far as it is produced.
struct Body<R> {
    read: Read<R>,
    state: State<R>,
    /// Held until the file is sent or the client has disconnected.
    _permits: [Permit; 2],
}

enum State<R> {
    /// Lines to send, and the cursor of the next page.
    Written(Bytes, Option<String>),
    Reading(Reading<R>),
    Over,
}

impl<R: Row + 'static> Body<R> {
    fn next(&self, cursor: Option<String>) -> Result<State<R>> {
        let Some(cursor) = cursor else { return Ok(State::Over) };
        Ok(State::Reading((self.read)(Page::behind(&cursor)?)))
    }
}

impl<R: Row + 'static> MessageBody for Body<R> {
    type Error = Error;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    /// An error closes the connection before the end of the answer, so that the client does not take a part of the file
    /// for the whole.
    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        let this = self.get_mut();
        loop {
            match std::mem::replace(&mut this.state, State::Over) {
                State::Over => return Poll::Ready(None),
                State::Written(text, next) => {
                    this.state = this.next(next)?;
                    // A page without matching rows is skipped: an empty part would end the answer.
                    if !text.is_empty() {
                        return Poll::Ready(Some(Ok(text)));
                    }
                }
                State::Reading(mut reading) => match reading.as_mut().poll(context) {
                    Poll::Pending => {
                        this.state = State::Reading(reading);
                        return Poll::Pending;
                    }
                    Poll::Ready(listing) => {
                        let listing = listing?;
                        this.state = State::Written(lines(&listing.items)?.into(), listing.next);
                    }
                },
            }
        }
    }
}

/// Reads a page. If the appliance is busy, a download that has already sent a page retries, as it can no longer be
/// refused.
///
/// # Errors
/// The errors of `read`; `Throttled` if no permit becomes free.
pub async fn in_turn<R, F: Future<Output = Result<Listing<R>>>>(
    page: &Page,
    read: impl Fn() -> F,
) -> Result<Listing<R>> {
    let mut turns = if page.after.is_some() { TURNS } else { 0 };
    loop {
        match read().await {
            Err(Error::Throttled { .. } | Error::Unavailable { code: "busy", .. }) if turns > 0 => turns -= 1,
            done => return done,
        }
        sleep(TURN).await;
    }
}

/// Takes two permits for a download from an organisation: one of the caller's permits for this organisation, and one of
/// the organisation's permits. As a caller has separate permits for each organisation, a session with access to only one
/// of them does not block the same person's downloads from another.
async fn permits(app: &Data<App>, caller: &Caller) -> Result<[Permit; 2]> {
    let (kind, id, _) = caller.author.actor.columns();
    let organisation = caller.claim.right.organisation().map_or("", OrganisationId::as_str);
    let own = enter(&app.own_downloads, &format!("{kind} {} {organisation}", id.unwrap_or_default())).await?;
    Ok([own, enter(&app.downloads, organisation).await?])
}
