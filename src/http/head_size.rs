//! Limits of the sizes of the address and the headers. They are checked first, since the cost of routing and parsing
//! grows with the size.

use super::query::{MOST_PAIRS, are_too_many};
use crate::domain::phrase::phrase;
use crate::domain::{Error, Result};
use actix_web::http::Uri;
use actix_web::http::header::HeaderMap;

/// The maximum length of a path, in bytes.
const MOST_PATH_BYTES: usize = 2 * 1024;
/// The maximum length of a query, in bytes: a portal key and a return path, with every character escaped.
const MOST_QUERY_BYTES: usize = 8 * 1024;
/// The maximum size of all headers together, in bytes: it leaves room for cookies of other applications on the same
/// host.
const MOST_HEADER_BYTES: usize = 32 * 1024;

/// Refuses a request whose address or headers are too large.
///
/// # Errors
/// `AddressTooLong` or `HeadersTooLarge`.
pub fn judge(uri: &Uri, headers: &HeaderMap) -> Result<()> {
    if uri.path().len() > MOST_PATH_BYTES {
        return Err(Error::AddressTooLong(phrase!("path-too-long", most = MOST_PATH_BYTES)));
    }
    if uri.query().is_some_and(|query| query.len() > MOST_QUERY_BYTES) {
        return Err(Error::AddressTooLong(phrase!("query-too-long", most = MOST_QUERY_BYTES)));
    }
    if uri.query().is_some_and(|query| are_too_many(query.as_bytes())) {
        return Err(Error::AddressTooLong(phrase!("query-too-many", most = MOST_PAIRS)));
    }
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if bytes > MOST_HEADER_BYTES {
        return Err(Error::HeadersTooLarge(phrase!("headers-too-large", most = MOST_HEADER_BYTES)));
    }
    Ok(())
}
