//! The recipients for whom the practice provider encrypts assertions.

use crate::actions::own_keys;
use crate::app::App;
use crate::domain::Result;
use crate::domain::ids::ConnectionId;
use actix_web::web::Data;

/// The service providers of an appliance, with the keys that their metadata contains now.
pub struct Recipients(Data<App>);

impl Recipients {
    /// The service providers of this appliance.
    pub const fn of(app: Data<App>) -> Self {
        Self(app)
    }

    /// The encryption certificate of the newest keys in the metadata of this entity ID, as PEM; `None` if the entity ID
    /// is unknown.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be read.
    pub fn certificate(&self, entity_id: &str) -> Result<Option<String>> {
        let connection = entity_id.rsplit('/').nth(1).and_then(|id| ConnectionId::parse(id).ok());
        let Some(connection) = connection else { return Ok(None) };
        let organisation = self.0.store.read(|db| db.find_organisation_of_connection(&connection))?;
        let keyring = organisation.map(|organisation| own_keys::keyring(&self.0, &organisation)).transpose()?;
        let newest = keyring.as_ref().and_then(|keyring| keyring.generations().next_back());
        Ok(newest.map(|keys| keys.encryption.certificate.clone()))
    }
}
