//! Outgoing HTTP: fetches the text at a URL, or returns the reason why that failed. Imports only `domain`.

mod address;
mod fetcher;

pub use address::is_public;
pub use fetcher::{Fetcher, MOST_BYTES};
