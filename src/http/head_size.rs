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
/// The maximum length of a path or a query that contains the address of a request to an application, in bytes.
const MOST_FORWARDED_BYTES: usize = 16 * 1024;
/// The paths that contain such an address: in the path itself, or in the query.
const FORWARDED: [&str; 2] = ["/auth/check/envoy/", "/.vestibule/start"];

/// The maximum size of all headers together, in bytes: it leaves room for cookies of other applications on the same
/// host.
const MOST_HEADER_BYTES: usize = 32 * 1024;

/// Refuses a request whose address or headers are too large.
///
/// # Errors
/// `AddressTooLong` or `HeadersTooLarge`.
pub fn judge(uri: &Uri, headers: &HeaderMap) -> Result<()> {
    let forwarded = FORWARDED.iter().any(|start| uri.path().starts_with(start));
    let most = |usual| if forwarded { MOST_FORWARDED_BYTES } else { usual };
    if uri.path().len() > most(MOST_PATH_BYTES) {
        return Err(Error::AddressTooLong(phrase!("path-too-long", most = most(MOST_PATH_BYTES))));
    }
    if let Some(query) = uri.query() {
        if forwarded {
            // The query of a forwarded address is not read here.
            judge_length(query, MOST_FORWARDED_BYTES)?;
        } else {
            judge_query(query)?;
        }
    }
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if bytes > MOST_HEADER_BYTES {
        return Err(Error::HeadersTooLarge(phrase!("headers-too-large", most = MOST_HEADER_BYTES)));
    }
    Ok(())
}

/// Refuses a query that no request may have, before a browser is redirected to an address with it.
///
/// # Errors
/// `AddressTooLong`.
pub fn judge_query(query: &str) -> Result<()> {
    judge_length(query, MOST_QUERY_BYTES)?;
    if are_too_many(query.as_bytes()) {
        return Err(Error::AddressTooLong(phrase!("query-too-many", most = MOST_PAIRS)));
    }
    Ok(())
}

fn judge_length(query: &str, most: usize) -> Result<()> {
    if query.len() > most {
        return Err(Error::AddressTooLong(phrase!("query-too-long", most = most)));
    }
    Ok(())
}
