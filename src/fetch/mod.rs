//! The only HTTP that goes out: what an address holds, or why it was not fetched. Imports `domain` alone.

mod address;
mod fetcher;

pub use address::is_public;
pub use fetcher::{Fetcher, MOST_BYTES};
