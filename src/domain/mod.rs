//! What Vestibule is about, as plain values and rules.
//!
//! Pure: no I/O, no actix, no rusqlite, no samael. Imports nothing of the house.

pub mod email;
pub mod error;
pub mod ids;
pub mod return_path;
pub mod time;

pub use email::Email;
pub use error::{Error, Result};
pub use return_path::ReturnPath;
pub use time::{Clock, Timestamp};
