//! The SAML portals of organisations, and the subjects on which they depend.

use super::Db;
use super::changes::Subject;
use super::stamped::Stamped;
use crate::domain::Result;
use crate::domain::portal::{Portal, PortalName};
use std::sync::Arc;

/// The maximum number of cached portals.
pub const MOST_PORTALS: usize = 1024;

/// The cached portals, by the names that requests use.
pub type Portals = Stamped<PortalName, Arc<Portal>>;

/// The subjects whose changes make a portal out of date.
pub fn subjects(portal: &Portal) -> [(Subject, &str); 2] {
    let organisation = &portal.organisation;
    [(Subject::Organisation, organisation.id.as_str()), (Subject::Plan, organisation.plan.id.as_str())]
}

impl Db<'_> {
    /// The portal of this name; `None` if there is no such name, or its organisation has no connection.
    pub(super) fn find_portal(&self, name: &PortalName) -> Result<Option<Portal>> {
        let organisation = match name {
            PortalName::Key(folded) => self.find_organisation_of_portal_key(folded)?,
            PortalName::Connection(id) => self.find_organisation_of_connection(id)?,
        };
        let Some(organisation) = organisation else { return Ok(None) };
        let Some(connection) = self.find_connection(&organisation.id)? else { return Ok(None) };
        let metadata_url = self.find_metadata_url(&organisation.id)?;
        let keyring = self.find_keyring(&organisation.id)?;
        Ok(Some(Portal { organisation, connection, metadata_url, keyring }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::connection::{Connection, PortalKey, Provider, Settings};
    use crate::domain::ids::OwnKeysId;
    use crate::domain::own_keys::{KeyPair, OwnKeys, PrivateKey};
    use crate::domain::principal::Claim;
    use crate::domain::request_options::RequestOptions;
    use crate::domain::{Clock, Name, Timestamp};
    use crate::store::{Store, Tx};

    type Change = Box<dyn FnOnce(&Tx) -> Result<()> + Send>;

    fn write(store: &Store, write: impl FnOnce(&Tx) -> Result<()> + Send + 'static) {
        store.write(&Claim::job(), write).expect("written");
    }

    fn keys() -> OwnKeys {
        let pair = || KeyPair { key: PrivateKey::new(vec![1]), certificate: "certificate".into() };
        OwnKeys {
            id: OwnKeysId::random(),
            created_at: Timestamp(1),
            last_decrypted_at: None,
            signing: pair(),
            encryption: pair(),
        }
    }

    #[test]
    fn a_cached_portal_is_used_until_something_that_it_holds_changes() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open_to_serve(folder.path(), Clock::System).expect("opens");
        let add = |tx: &Tx| tx.add_organisation(&Name::parse("name", "Acme")?, "acme", "enterprise");
        let organisation = store.write(&Claim::job(), add).expect("written");
        let settings = Settings {
            provider: Provider::Custom,
            portal_key: PortalKey::parse("acme_SSO").expect("a key"),
            sign_on_url: "https://idp.test/sso".into(),
            idp_entity_id: "https://idp.test".into(),
            certificates: Vec::new(),
            requests: RequestOptions::default(),
        };
        let connection = Connection {
            organisation: organisation.id.clone(),
            settings,
            tested_at: None,
            last_tested_at: None,
            tested_certificates: Vec::new(),
            saml_only: false,
        };
        let saved = connection.clone();
        write(&store, move |tx| tx.set_connection(&saved));
        let names = [PortalName::Key("acme_sso".into()), PortalName::Connection(organisation.connection_id.clone())];
        let read = || names.each_ref().map(|name| store.portal(name).expect("read").expect("a portal"));
        let is_known = || names.each_ref().map(|name| store.known_portal(name).is_some()) == [true, true];
        assert!(!is_known());
        read();
        assert!(is_known());

        let keys = keys();
        let (id, own_keys, other_url) = (organisation.id.clone(), keys.id.clone(), "https://idp.test/other");
        let moved = Connection {
            settings: Settings { sign_on_url: other_url.into(), ..connection.settings.clone() },
            ..connection
        };
        let changes: [Change; 4] = [
            Box::new(move |tx| tx.set_connection(&moved)),
            Box::new(move |tx| tx.add_own_keys(&id, &keys)),
            Box::new({
                let id = organisation.id.clone();
                move |tx| tx.set_organisation_plan(&id, "business")
            }),
            Box::new({
                let id = organisation.id.clone();
                move |tx| tx.set_organisation_plan(&id, "enterprise")
            }),
        ];
        for change in changes {
            assert!(is_known());
            write(&store, change);
            assert!(!is_known(), "the cached portal is out of date");
            read();
        }
        let [portal, _] = read();
        assert_eq!(portal.connection.settings.sign_on_url, other_url);
        assert_eq!(portal.keyring.as_ref().expect("keys").signer().id, own_keys);
        assert_eq!(portal.organisation.plan.id, "enterprise");
        write(&store, move |tx| tx.touch_own_keys(&own_keys));
        assert!(is_known(), "each decryption writes this");
        let id = organisation.id.clone();
        write(&store, move |tx| tx.delete_organisation(&id));
        assert!(!is_known() && store.portal(&names[0]).expect("read").is_none());
    }
}
