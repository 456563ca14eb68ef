//! The SAML portal of an organisation: the settings and keys that a sign-in through its identity provider uses.

use super::connection::Connection;
use super::ids::ConnectionId;
use super::organisation::Organisation;
use super::own_keys::Keyring;

/// An organisation with a connection to its identity provider.
#[derive(Debug)]
pub struct Portal {
    /// The organisation.
    pub organisation: Organisation,
    /// Its connection.
    pub connection: Connection,
    /// The URL of the metadata that keeps the connection up to date, if any.
    pub metadata_url: Option<String>,
    /// The organisation's own SAML keys; `None` if none have been made yet.
    pub keyring: Option<Keyring>,
}

/// The name of a portal in a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PortalName {
    /// The portal key, in its form for comparison.
    Key(String),
    /// The id of the connection, in the address of the callback.
    Connection(ConnectionId),
}
