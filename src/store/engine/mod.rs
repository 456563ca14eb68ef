//! The database engine of the store: the only module that uses rusqlite, and all code that is specific to SQLite.
//! Imports only `domain`.
//!
//! `connection.rs` runs statements, `values.rs` converts parameters and columns, `database.rs` opens the file. The
//! other files are specific to SQLite: the schema and its upgrades, the log of transactions, backups, the lock of the data
//! folder, the checks of the file, the search by trigrams, and the report of changed rows. The rest of the store uses
//! `Connection`, `Row`, `Value` and `Params`, and SQL that PostgreSQL also accepts (`tests/it/portable_sql.rs`).

mod backup;
mod chain;
mod connection;
mod database;
mod health;
mod lock;
mod log_file;
mod schema;
pub mod search;
mod upgrade;
mod values;
mod watch;

pub use backup::put_in_place;
pub use connection::Connection;
pub use database::Database;
pub use health::sqlite_version;
pub use lock::ServerLock;
pub use log_file::{LogFile, accept_as_whole, cut_off, finish};
pub use schema::current_version;
pub use upgrade::{copy_as_it_is, row_counts};
pub use values::{FromValue, Params, Row, ToValue, Value};
pub use watch::Watched;
