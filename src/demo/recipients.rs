//! The recipients for whom the practice provider encrypts.

use crate::actions::own_keys;
use crate::app::App;
use crate::domain::Result;
use crate::domain::ids::ConnectionId;
use actix_web::web::Data;

/// The service providers that it knows, by what their metadata says now.
pub struct Recipients(Data<App>);

impl Recipients {
    /// Those of this appliance.
    pub const fn of(app: Data<App>) -> Self {
        Self(app)
    }

    /// The encryption certificate that the metadata at this entity ID shows first, as PEM.
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
