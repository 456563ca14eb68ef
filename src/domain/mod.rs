//! The domain, as plain values and rules.
//!
//! Pure: no I/O, no actix, no rusqlite, no samael. Imports nothing of the house.

pub mod access;
pub mod audit;
pub mod authorities;
pub mod branding;
pub mod browser_name;
pub mod connection;
pub mod decoded;
mod described;
pub mod directory;
pub mod email;
pub mod error;
pub mod forwarded;
pub mod ids;
pub mod invitation;
pub mod invitees;
pub mod key;
pub mod known_browser;
pub mod lives;
pub mod mail;
pub mod mail_host;
pub mod metadata;
pub mod method;
pub mod network;
pub mod notice;
pub mod organisation;
pub mod own_address;
pub mod own_keys;
pub mod page;
pub mod password;
pub mod pem;
pub mod person;
pub mod plan;
pub mod principal;
pub mod readiness;
pub mod recovery;
pub mod request_options;
pub mod return_path;
pub mod seal;
pub mod session;
pub mod setup_link;
pub mod skew;
pub mod spreadsheet;
pub mod text;
pub mod time;

pub use email::Email;
pub use error::{Error, Result};
pub use known_browser::KnownBrowser;
pub use network::network;
pub use page::{Listing, Page};
pub use password::Password;
pub use plan::Plan;
pub use return_path::ReturnPath;
pub use text::Name;
pub use time::{Clock, Timestamp};
