//! Metadata by URL: loaded when it is saved, and again each day. New certificates there wait for an admin, or are
//! adopted automatically if the connection says so.

use super::certificates::take;
use super::connection::{ProviderValues, Typed, Wanted, from_metadata};
use super::mail::Outbox;
use super::metadata_changes::found;
use super::own_values::{of_metadata, refuse_own_address, refuse_own_values};
use super::portal::key_in;
use super::{Author, Caller};
use crate::app::App;
use crate::domain::audit::Event;
use crate::domain::connection::{Connection, parse_url};
use crate::domain::ids::OrganisationId;
use crate::domain::mail::About;
use crate::domain::metadata::MetadataSource;
use crate::domain::organisation::Organisation;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::{Error, Result, Timestamp};
use crate::mail;
use crate::saml::IdpMetadata;
use crate::store::Tx;
use serde_json::{Value, json};

const FIELD: &str = "metadata_url";

/// Parses the input of an admin. If it is a metadata URL in place of the values, these come from the metadata that is
/// loaded now. If that URL cannot be loaded and the connection already follows it, they come from its last copy.
///
/// # Errors
/// `Invalid` with the field that is not valid; with `metadata_url` also when there is no usable metadata.
pub fn read(app: &App, organisation: &Organisation, mut typed: Typed) -> Result<Wanted> {
    let now = app.now();
    let (url, adopt) = (typed.metadata_url.take(), typed.adopt_certificates);
    let Some(url) = url else {
        if adopt {
            return Err(Error::invalid("adopt_certificates", phrase!("field-adoption-needs-metadata-url")));
        }
        return read_given(app, organisation, typed);
    };
    if typed.has_values_or_metadata() {
        return Err(Error::invalid(FIELD, phrase!("field-metadata-url-or-values")));
    }
    let url = parse_url(FIELD, &url)?;
    refuse_own_address(app, FIELD, &url)?;
    let source = match app.fetcher.text(&url) {
        Ok(document) => MetadataSource::fetched(url, adopt, document, now),
        Err(why) => {
            let known = app.store.read(|db| db.find_metadata_source(&organisation.id))?;
            let known = known.filter(|known| known.url == url).ok_or_else(|| unfetched(why.clone()))?;
            MetadataSource { adopt, ..known }.failed(why, now)
        }
    };
    typed.metadata_xml = Some(source.document.clone());
    Ok(read_given(app, organisation, typed).map_err(unusable_there)?.following(source))
}

/// Parses single values, or metadata as text.
fn read_given(app: &App, organisation: &Organisation, typed: Typed) -> Result<Wanted> {
    let typed = Typed { portal_key: key_in(app, &typed.portal_key), ..typed };
    let xml = typed.metadata_xml.clone();
    let wanted = match &xml {
        Some(xml) => typed.read(app.now()).map_err(|fault| of_metadata(app, xml, fault))?,
        None => typed.read(app.now())?,
    };
    let own = refuse_own_values(app, organisation, wanted.settings());
    own.map_err(|fault| if xml.is_some() { in_metadata(fault) } else { fault })?;
    Ok(wanted)
}

/// Turns an error about a single value into one about the metadata that contains it.
fn in_metadata(fault: Error) -> Error {
    match fault {
        Error::Invalid { field, message } => {
            let value = field.replace('_', " ");
            Error::invalid("metadata_xml", phrase!("field-metadata-own-value", value = value, message = message))
        }
        other => other,
    }
}

/// Turns an error about metadata that was loaded into one about its URL.
fn unusable_there(fault: Error) -> Error {
    match fault {
        Error::Invalid { field, message } if field == "metadata_xml" => {
            Error::invalid(FIELD, phrase!("field-metadata-url-leads-elsewhere", message = message))
        }
        other => other,
    }
}

fn unfetched(why: Phrase) -> Error {
    Error::invalid(FIELD, phrase!("field-metadata-not-loaded", why = why))
}

/// The values in the metadata at a URL, to fill in the form; nothing is saved.
///
/// # Errors
/// `Invalid` with field `metadata_url`.
pub fn at(app: &App, url: &str) -> Result<ProviderValues> {
    let url = parse_url(FIELD, url)?;
    refuse_own_address(app, FIELD, &url)?;
    let document = app.fetcher.text(&url).map_err(unfetched)?;
    of_text(app, &document).map_err(unusable_there)
}

/// The values in this metadata, to fill in the form; nothing is saved.
///
/// # Errors
/// `Invalid` with field `metadata_xml`.
pub fn of_text(app: &App, xml: &str) -> Result<ProviderValues> {
    let found = from_metadata(xml, app.now()).map_err(|fault| of_metadata(app, xml, fault))?;
    let values = [("sign_on_url", &found.sign_on_url), ("idp_entity_id", &found.idp_entity_id)];
    values.into_iter().try_for_each(|(field, value)| refuse_own_address(app, field, value)).map_err(in_metadata)?;
    Ok(found)
}

/// Loads all metadata that is due. A provider that does not answer delays the others by the time-out at most.
///
/// # Errors
/// `Unavailable` when the database cannot be reached.
pub fn refetch_due(app: &App) -> Result<()> {
    for organisation in app.store.read(|db| db.due_metadata_sources())? {
        refetch(app, &Caller::job(), &organisation)?;
    }
    Ok(())
}

/// Loads the metadata that an organisation's connection follows, and stores the outcome. A failure is stored beside the
/// last good copy, and changes nothing else.
///
/// # Errors
/// `NotFound` when the connection follows no metadata.
pub fn refetch(app: &App, caller: &Caller, organisation: &OrganisationId) -> Result<()> {
    let source = app.store.read(|db| db.find_metadata_source(organisation))?;
    let url = source.ok_or_else(|| Error::NotFound(phrase!("metadata-url-not-found")))?.url;
    let now = app.now();
    let fetched = app.fetcher.text(&url).and_then(|document| usable(document, now));
    let (author, organisation, outbox) = (caller.author.clone(), organisation.clone(), Outbox::of(app));
    app.write_long(&caller.claim, move |tx| {
        // An admin may have saved another URL, or none, meanwhile.
        let source = tx.find_metadata_source(&organisation)?.filter(|source| source.url == url);
        let Some((source, connection)) = source.zip(tx.find_connection(&organisation)?) else { return Ok(()) };
        Visit { tx, author: &author, outbox: &outbox, connection }.keep(source, fetched)
    })
}

fn usable(document: String, now: Timestamp) -> std::result::Result<String, Phrase> {
    match IdpMetadata::parse(&document, now) {
        Ok(_) => Ok(document),
        Err(Error::Invalid { message, .. }) => Err(phrase!("fetch-unusable", why = message)),
        Err(other) => Err(other.message()),
    }
}

/// A load of the metadata that a connection follows, inside its transaction.
struct Visit<'t, 'c> {
    tx: &'t Tx<'c>,
    author: &'t Author,
    outbox: &'t Outbox,
    connection: Connection,
}

impl Visit<'_, '_> {
    fn keep(self, before: MetadataSource, fetched: std::result::Result<String, Phrase>) -> Result<()> {
        let organisation = self.connection.organisation.clone();
        let document = match fetched {
            Ok(document) => document,
            Err(why) => {
                // A failure that persists is logged once, not every hour.
                if before.failure.is_none() {
                    self.log("connection.metadata_failed", json!({ "url": before.url, "reason": why }))?;
                }
                return self.tx.set_metadata_source(&organisation, Some(&before.failed(why, self.tx.now())));
            }
        };
        let after = MetadataSource::fetched(before.url.clone(), before.adopt, document, self.tx.now());
        self.tx.set_metadata_source(&organisation, Some(&after))?;
        self.report(&before, &after)?;
        if after.adopt { self.adopt(&after) } else { Ok(()) }
    }

    /// Logs each difference that is new since the last copy, and notifies the admins about certificates that wait for
    /// them.
    fn report(&self, before: &MetadataSource, after: &MetadataSource) -> Result<()> {
        let settings = &self.connection.settings;
        let (old, new) = (found(settings, before, self.tx.now()), found(settings, after, self.tx.now()));
        for one in new.candidates.iter().filter(|one| !old.candidates.contains(one)) {
            let detail = json!({ "fingerprint": one.fingerprint(), "not_after": one.not_after() });
            self.log("connection.certificate_found", detail)?;
            if !after.adopt {
                let organisation = self.tx.organisation(self.connection.organisation.as_str())?;
                let letter =
                    |url| mail::certificate_found(&organisation.name, &one.fingerprint(), one.not_after(), url);
                self.outbox.tell_of_sso(self.tx, &organisation, letter, About::Nothing)?;
            }
        }
        for change in new.changes.iter().filter(|change| !old.changes.contains(change)) {
            self.log("connection.metadata_changed", json!(change))?;
        }
        Ok(())
    }

    /// Adopts the candidates while there is room; the others wait for an admin.
    fn adopt(self, source: &MetadataSource) -> Result<()> {
        let mut connection = self.connection;
        for candidate in found(&connection.settings, source, self.tx.now()).candidates {
            match take(self.tx, self.outbox, self.author, connection.clone(), &candidate) {
                Ok(changed) => connection = changed,
                Err(Error::Conflict { .. }) => return Ok(()),
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }

    fn log(&self, action: &'static str, detail: Value) -> Result<()> {
        let Connection { organisation, settings, .. } = &self.connection;
        let event = Event::new(action, "connection", organisation, settings.portal_key.as_str());
        self.author.log(self.tx, &event.within(organisation).with(detail))
    }
}
