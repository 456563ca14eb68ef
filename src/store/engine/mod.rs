//! The engine under the store: the only rusqlite, and everything that holds for SQLite alone. Imports `domain` alone.
//!
//! `connection.rs` runs statements, `values.rs` takes parameters and reads rows, `database.rs` opens the file. What SQLite does its own
//! way stands here too: the schema and its upgrades, the log of transactions, the lock of the data folder, the checks of the file, the search
//! by trigrams, and the report of changed rows. The rest of the store sees `Connection`, `Row`, `Value` and `Params`, and writes SQL that
//! PostgreSQL takes too (`tests/it/portable_sql.rs`).

mod connection;
mod database;
mod health;
mod lock;
mod log_file;
mod schema;
pub mod search;
mod values;
mod watch;

pub use connection::Connection;
pub use database::Database;
pub use health::sqlite_version;
pub use lock::ServerLock;
pub use log_file::{LogFile, accept_as_whole, cut_off, finish};
pub use schema::current_version;
pub use values::{FromValue, Params, Row, ToValue, Value};
pub use watch::Watched;
