//! Setting up an organisation's SAML connection.

use super::dry_run::{policy_change, policy_change_by_settings, switch};
use super::mail::Outbox;
use super::{Author, Caller, Run, own_keys};
use crate::app::App;
use crate::domain::access::{AuthMode, ConnectionStatus, Effect, SignInPolicy};
use crate::domain::audit::{Actor, Event};
use crate::domain::connection::{
    Connection, MOST_CERTIFICATES, PortalKey, Provider, Settings, WaitingCertificate, parse_entity_id, parse_url,
    portal_key_taken,
};
use crate::domain::ids::OrganisationId;
use crate::domain::key::Key;
use crate::domain::mail::About;
use crate::domain::metadata::MetadataSource;
use crate::domain::notice::Change;
use crate::domain::organisation::Organisation;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::principal::{Asking, Claim, Principal};
use crate::domain::request_options::{NameIdFormat, RequestChange, RequestOptions};
use crate::domain::{Error, Result, Timestamp, Together};
use crate::mail as letters;
use crate::saml::{Certificate, IdpMetadata};
use crate::store::{Db, Tx};

/// The input of an admin: the single values, or the provider's metadata that contains them.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    /// The provider's product.
    pub provider: String,
    /// The portal key.
    pub portal_key: String,
    /// The provider's sign-on URL.
    pub sign_on_url: Option<String>,
    /// The provider's entity ID.
    pub idp_entity_id: Option<String>,
    /// One to four certificates.
    pub certificates: Option<Vec<String>>,
    /// The provider's metadata, in place of the three values above.
    pub metadata_xml: Option<String>,
    /// The URL of the metadata, in place of these: loaded now, and again once a day.
    pub metadata_url: Option<String>,
    /// True if new certificates in that metadata are adopted automatically.
    pub adopt_certificates: bool,
    /// True if our requests are signed. Default: true if the metadata asks for it, else unchanged.
    pub sign_requests: Option<bool>,
    /// True if the provider must ask people to sign in again. Default: unchanged.
    pub force_authn: Option<bool>,
    /// The NameID format to ask for. Default: unchanged.
    pub name_id_format: Option<String>,
}

/// The parsed input of an admin.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The settings, without the options of our requests, which depend on the saved ones.
    settings: Settings,
    /// The changes to the options of our requests.
    requests: RequestChange,
    /// The metadata that the connection follows.
    source: Option<MetadataSource>,
    /// Warnings about the parts of the input that are not used.
    left_out: Vec<Phrase>,
}

impl Wanted {
    /// The same input, with a metadata URL that the connection follows from now on.
    pub(super) fn following(self, source: MetadataSource) -> Self {
        Self { source: Some(source), ..self }
    }

    /// The settings without the options of our requests.
    pub(super) const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The complete settings: the options that the input leaves out are those of `old`.
    pub fn over(self, old: Option<&Connection>) -> Settings {
        let before = old.map(|old| old.settings.requests).unwrap_or_default();
        Settings { requests: self.requests.over(before), ..self.settings }
    }
}

impl Typed {
    /// Parses the input.
    ///
    /// # Errors
    /// `Invalid` or `SeveralInvalid` with the fields that are not valid.
    pub fn read(self, now: Timestamp) -> Result<Wanted> {
        let (provider, portal_key) = (Provider::parse(&self.provider), PortalKey::parse(&self.portal_key));
        let requests = self.requests();
        let mut left_out = Vec::new();
        let mut signs = false;
        let (sign_on_url, idp_entity_id, certificates) = match &self.metadata_xml {
            Some(_) if self.has_values() => {
                return Err(Error::invalid("metadata_xml", phrase!("field-metadata-or-values")));
            }
            Some(xml) => {
                let found = from_metadata(xml, now)?;
                signs = found.sign_requests;
                left_out = found.warnings;
                (Ok(found.sign_on_url), Ok(found.idp_entity_id), Ok(found.certificates))
            }
            None => (
                required("sign_on_url", self.sign_on_url),
                required("idp_entity_id", self.idp_entity_id),
                required("certificates", self.certificates),
            ),
        };
        let sign_on_url = sign_on_url.and_then(|url| parse_url("sign_on_url", &url));
        let idp_entity_id = idp_entity_id.and_then(|id| parse_entity_id(&id));
        let certificates = certificates.and_then(|pems| parse_certificates(&pems, now));
        let (provider, portal_key, mut requests, sign_on_url, idp_entity_id, (certificates, more)) =
            (provider, portal_key, requests, sign_on_url, idp_entity_id, certificates).together()?;
        // An option that the input leaves out stays as the admin set it.
        requests.sign = requests.sign.or(signs.then_some(true));
        left_out.extend(more);
        let settings = Settings {
            provider,
            portal_key,
            sign_on_url,
            idp_entity_id,
            certificates,
            requests: RequestOptions::default(),
        };
        Ok(Wanted { settings, requests, source: None, left_out })
    }

    fn requests(&self) -> Result<RequestChange> {
        Ok(RequestChange {
            sign: self.sign_requests,
            force_authn: self.force_authn,
            name_id_format: self.name_id_format.as_deref().map(NameIdFormat::parse).transpose()?,
        })
    }

    /// True if the input has one of the single values.
    fn has_values(&self) -> bool {
        self.sign_on_url.is_some() || self.idp_entity_id.is_some() || self.certificates.is_some()
    }

    /// True if the input has values or metadata besides the metadata URL.
    pub(super) fn has_values_or_metadata(&self) -> bool {
        self.has_values() || self.metadata_xml.is_some()
    }
}

fn required<T>(field: &str, value: Option<T>) -> Result<T> {
    value.ok_or_else(|| Error::invalid(field, phrase!("field-missing")))
}

/// The values in an identity provider's metadata, which fill in the form.
#[derive(Debug, Clone)]
pub struct ProviderValues {
    /// The provider's sign-on URL.
    pub sign_on_url: String,
    /// The provider's entity ID.
    pub idp_entity_id: String,
    /// The provider's signing certificates, as PEM.
    pub certificates: Vec<String>,
    /// True if the provider wants our requests signed.
    pub sign_requests: bool,
    /// Warnings about the parts of the metadata that are not used.
    pub warnings: Vec<Phrase>,
}

/// Reads an identity provider's metadata.
///
/// # Errors
/// `Invalid` with field `metadata_xml`.
pub(super) fn from_metadata(xml: &str, now: Timestamp) -> Result<ProviderValues> {
    let metadata = IdpMetadata::parse(xml, now)?;
    Ok(ProviderValues {
        sign_on_url: metadata.sign_on_url,
        idp_entity_id: metadata.entity_id,
        certificates: metadata.certificates.iter().map(|certificate| certificate.pem().to_owned()).collect(),
        sign_requests: metadata.wants_signed_requests,
        warnings: metadata.left_out.into_iter().collect(),
    })
}

/// The certificates as PEM, and warnings about the parts that are not used.
fn parse_certificates(raw: &[String], now: Timestamp) -> Result<(Vec<String>, Vec<Phrase>)> {
    let (mut certificates, mut left_out) = (Vec::<String>::new(), Vec::new());
    let texts: Vec<_> = raw.iter().filter(|text| !text.trim().is_empty()).collect();
    for (index, text) in texts.iter().enumerate() {
        let given = Certificate::all(text, now).map_err(|fault| numbered(fault, index + 1, texts.len()))?;
        for certificate in given.certificates {
            if !certificates.iter().any(|pem| pem == certificate.pem()) {
                certificates.push(certificate.pem().to_owned());
            }
        }
        left_out.extend(given.note);
    }
    match certificates.len() {
        0 => Err(Error::invalid("certificates", phrase!("field-certificates-missing"))),
        1..=MOST_CERTIFICATES => Ok((certificates, left_out)),
        _ => Err(Error::invalid("certificates", phrase!("field-certificates-too-many"))),
    }
}

/// Adds to an error which of several certificates it is about.
fn numbered(fault: Error, number: usize, of: usize) -> Error {
    match fault {
        Error::Invalid { field, message } if of > 1 => {
            Error::invalid(field, phrase!("field-certificate-of-several", number = number, of = of, message = message))
        }
        other => other,
    }
}

/// The portal key that is suggested before the first save.
pub fn suggested_portal_key(organisation: &Organisation) -> String {
    let short: String = organisation.slug.chars().take(60).collect();
    format!("{short}_SSO")
}

/// Saves the connection, and the metadata URL that it follows. It becomes a draft again when its entity ID or sign-on
/// URL changes, or when none of the tested certificates is left.
///
/// # Errors
/// `Forbidden` with code `plan_required`; `Conflict` when the portal key is taken, or with code `saml_only_on` when the
/// change would need a test sign-in while SAML is required.
pub fn save(app: &App, caller: &Caller, organisation: &Organisation, wanted: Wanted, run: Run) -> Result<Effect> {
    let signs = wanted.requests.sign == Some(true);
    let effect = save_settings(app, caller, organisation, wanted, run)?;
    if signs && effect.applied {
        // Make the keys now; else the first member who signs in would wait for them. An error does not matter: the keys
        // are made when they are first needed.
        drop(own_keys::keyring(app, organisation));
    }
    Ok(effect)
}

fn save_settings(app: &App, caller: &Caller, organisation: &Organisation, wanted: Wanted, run: Run) -> Result<Effect> {
    let (author, id, outbox) = (caller.author.clone(), organisation.id.clone(), Outbox::of(app));
    let (saver, mails, claim) = (author.clone(), outbox.clone(), caller.claim.clone());
    let planned = move |db: &Db| {
        let organisation = db.organisation(id.as_str())?;
        organisation.sso_in_plan()?;
        let old = db.find_connection(&organisation.id)?;
        let (source, left_out) = (wanted.source.clone(), wanted.left_out.clone());
        let settings = wanted.over(old.as_ref());
        if !is_free(db, &claim, &organisation, &settings.portal_key)? {
            return Err(portal_key_taken());
        }
        let old_source = db.find_metadata_source(&organisation.id)?;
        let (settings, waiting) = if is_program(db, &claim)? {
            program_may_follow(&organisation, old_source.as_ref(), source.as_ref())?;
            let (settings, added) = by_program(db, old.as_ref(), settings, &organisation.id)?;
            (settings, Some(added))
        } else {
            (settings, None)
        };
        let connection = changed(&organisation, old.as_ref(), settings)?;
        let has_new_settings = old.as_ref().is_none_or(|old| old.settings != connection.settings);
        let waits = match &saver.actor {
            Actor::SetupLink { id, .. } if has_new_settings => Some(About::SetupLink(id.clone())),
            _ => None,
        };
        let followed = |source: Option<&MetadataSource>| source.map(|source| (source.url.clone(), source.adopt));
        let is_changed = has_new_settings || followed(old_source.as_ref()) != followed(source.as_ref());
        let before = organisation.sign_in_policy();
        let after = SignInPolicy { connection: connection.status(), saml_only: connection.saml_only, ..before };
        let (mut effect, change) = policy_change_by_settings(db, &outbox, &organisation, after)?;
        if before.connection == ConnectionStatus::Ready && after.connection == ConnectionStatus::Draft {
            effect.warnings.push(phrase!("warning-new-test"));
        }
        if after.connection == ConnectionStatus::Ready {
            effect.warnings.extend(removed_signer(db, old.as_ref(), &connection)?);
        }
        if old.as_ref().is_some_and(|old| asks_otherwise(old, &connection)) {
            effect.warnings.push(phrase!("warning-requests-change"));
        }
        if old.is_some_and(|old| old.settings.portal_key.folded() != connection.settings.portal_key.folded()) {
            effect.warnings.push(phrase!("warning-portal-url-changes"));
        }
        effect.warnings.extend(source.as_ref().and_then(old_copy));
        effect.warnings.extend(left_out);
        if waiting.as_ref().is_some_and(|added| !added.is_empty()) {
            effect.warnings.push(phrase!("warning-certificates-wait"));
        }
        Ok((effect, (organisation, connection, source, change, is_changed, waits, waiting)))
    };
    switch(
        app,
        caller,
        run,
        planned,
        move |tx, (organisation, connection, source, change, is_changed, waits, waiting)| {
            // Saving unchanged settings is not an event, unless it may confirm waiting certificates.
            let adds = waiting.as_ref().is_some_and(|added| !added.is_empty());
            let is_event = is_changed || adds || !tx.waiting_certificates(&organisation.id)?.is_empty();
            tx.set_connection(&connection)?;
            match waiting {
                Some(added) => add_waiting(tx, &mails, &author, &organisation, added)?,
                None => confirm_certificates(tx, &connection)?,
            }
            tx.set_metadata_source(&organisation.id, source.as_ref())?;
            change.apply(tx, &author)?;
            if !is_event {
                return Ok(());
            }
            let event =
                Event::new("connection.saved", "connection", &organisation.id, connection.settings.portal_key.as_str());
            let detail = serde_json::json!({
                "provider": connection.settings.provider,
                "sign_on_url": connection.settings.sign_on_url,
                "idp_entity_id": connection.settings.idp_entity_id,
                "certificates": connection.settings.certificates.len(),
                "metadata_url": source.map(|source| source.url),
                "sign_requests": connection.settings.requests.sign,
                "force_authn": connection.settings.requests.force_authn,
                "name_id_format": connection.settings.requests.name_id_format,
            });
            author.log(tx, &event.within(&organisation.id).with(detail))?;
            if is_changed {
                mails.tell_of_connection(tx, &author, &organisation.id, Change::Settings)?;
            }
            match waits {
                Some(about) => {
                    let letter = |url| letters::connection_waiting(&organisation.name, url);
                    mails.tell_of_sso(tx, &organisation, letter, about)
                }
                None => Ok(()),
            }
        },
    )
}

/// True if an organisation may take a portal key. A key that another organisation gave up is reserved for it, because
/// old links would lead to the new owner: only an operator may reassign it.
fn is_free(db: &Db, claim: &Claim, organisation: &Organisation, key: &PortalKey) -> Result<bool> {
    let folded = key.folded();
    if let Some(owner) = db.find_organisation_of_portal_key(&folded)? {
        return Ok(owner.id == organisation.id);
    }
    let reserved = db.find_former_holder(&folded)?.is_some_and(|former| former != organisation.id);
    Ok(!reserved || claim.principal == Principal::CommandLine || db.asking(claim)?.is_operator())
}

/// True for a scoped API key or a set-up link: these can add certificates, but an organisation admin must adopt them.
fn is_program(db: &Db, claim: &Claim) -> Result<bool> {
    match &claim.principal {
        Principal::Key(_) => Ok(matches!(db.asking(claim)?, Asking::Key(Key { organisation: Some(_), .. }))),
        Principal::SetupLink(_) => Ok(true),
        _ => Ok(false),
    }
}

/// Refuses an API key or set-up link that would change the metadata URL or turn on automatic adoption: the certificates
/// there may be adopted without an organisation admin.
fn program_may_follow(
    organisation: &Organisation,
    old: Option<&MetadataSource>,
    new: Option<&MetadataSource>,
) -> Result<()> {
    let Some(new) = new else { return Ok(()) };
    let same = old.filter(|old| old.url == new.url);
    if new.adopt && !same.is_some_and(|old| old.adopt) {
        return Err(Error::forbidden(phrase!("automatic-certificates-need-organisation-admin")));
    }
    if organisation.connection_status == ConnectionStatus::Ready && same.is_none() {
        return Err(Error::forbidden(phrase!("metadata-address-needs-organisation-admin")));
    }
    Ok(())
}

/// Returns the settings that a save by an API key or set-up link results in, and the given certificates that no
/// organisation admin has confirmed. On a ready connection of the same provider the unconfirmed certificates are not
/// used; if no confirmed one is left, the current certificates stay.
fn by_program(
    db: &Db,
    old: Option<&Connection>,
    settings: Settings,
    organisation: &OrganisationId,
) -> Result<(Settings, Vec<String>)> {
    let waiting = db.waiting_certificates(organisation)?;
    let confirmed = |pem: &String| {
        let in_use = old.is_some_and(|old| old.settings.certificates.contains(pem));
        in_use && !waiting.iter().any(|one| one.certificate == *pem)
    };
    let added: Vec<_> = settings.certificates.iter().filter(|pem| !confirmed(pem)).cloned().collect();
    let ready = old.filter(|old| {
        let same =
            old.settings.idp_entity_id == settings.idp_entity_id && old.settings.sign_on_url == settings.sign_on_url;
        same && old.status() == ConnectionStatus::Ready
    });
    let Some(ready) = ready else { return Ok((settings, added)) };
    let mut certificates: Vec<_> = settings.certificates.iter().filter(|pem| confirmed(pem)).cloned().collect();
    if certificates.is_empty() {
        certificates.clone_from(&ready.settings.certificates);
    }
    Ok((Settings { certificates, ..settings }, added))
}

/// Confirms these certificates, because an organisation admin has saved them.
fn confirm_certificates(tx: &Tx, connection: &Connection) -> Result<()> {
    let mut certificates = connection.settings.certificates.iter();
    certificates.try_for_each(|pem| tx.delete_waiting_certificate(&connection.organisation, pem))
}

/// Returns a warning if the save removes the certificate that signed the newest accepted response. The other tested
/// certificates may never have signed anything.
fn removed_signer(db: &Db, old: Option<&Connection>, new: &Connection) -> Result<Option<Phrase>> {
    let Some(facts) = db.facts_of_last_sign_in(&new.organisation)? else { return Ok(None) };
    let signed = |pem: &&String| Certificate::fingerprint_of_stored(pem).as_deref() == facts["certificate"].as_str();
    let was_there = old.is_some_and(|old| old.settings.certificates.iter().any(|pem| signed(&pem)));
    let stays = new.settings.certificates.iter().any(|pem| signed(&pem));
    Ok((was_there && !stays).then(|| phrase!("warning-signing-certificate-goes")))
}

/// Confirms the certificate that signed the test sign-in of an organisation admin. `signed`: true for the PEM of that
/// certificate. The other waiting certificates keep waiting, and are not used.
pub(super) fn confirm_tested(tx: &Tx, mut connection: Connection, signed: impl Fn(&str) -> bool) -> Result<()> {
    for waiting in tx.waiting_certificates(&connection.organisation)? {
        if signed(&waiting.certificate) {
            tx.delete_waiting_certificate(&connection.organisation, &waiting.certificate)?;
        } else {
            connection.settings.certificates.retain(|pem| *pem != waiting.certificate);
        }
    }
    tx.set_connection(&connection)
}

/// Stores certificates that an API key or set-up link added until an organisation admin confirms them. Notifies the
/// admins if the connection is ready.
fn add_waiting(
    tx: &Tx,
    outbox: &Outbox,
    author: &Author,
    organisation: &Organisation,
    added: Vec<String>,
) -> Result<()> {
    let ready = organisation.connection_status == ConnectionStatus::Ready;
    let known = tx.waiting_certificates(&organisation.id)?;
    if !ready {
        // For a draft, only the certificates of the last save are kept.
        known.iter().try_for_each(|one| tx.delete_waiting_certificate(&organisation.id, &one.certificate))?;
    }
    let new: Vec<_> =
        added.into_iter().filter(|pem| !ready || !known.iter().any(|one| one.certificate == *pem)).collect();
    if ready && known.len() + new.len() > MOST_CERTIFICATES {
        return Err(Error::conflict("certificates_full", phrase!("waiting-certificates-full")));
    }
    for certificate in new {
        if ready {
            let one = Certificate::stored(&certificate)?;
            let detail = serde_json::json!({ "fingerprint": one.fingerprint(), "not_after": one.not_after() });
            let event =
                Event::new("connection.certificate_waiting", "connection", &organisation.id, &organisation.name);
            author.log(tx, &event.within(&organisation.id).with(detail))?;
            let letter = |url| {
                let (print, end) = (one.fingerprint(), one.not_after());
                letters::certificate_waiting(&organisation.name, author.name(), &print, end, url)
            };
            outbox.tell_of_sso(tx, organisation, letter, About::Nothing)?;
        }
        let waiting = WaitingCertificate { certificate, added_by: author.name().into(), added_at: tx.now() };
        tx.add_waiting_certificate(&organisation.id, &waiting)?;
    }
    Ok(())
}

/// A warning if the metadata cannot be loaded now and its last copy is saved.
fn old_copy(source: &MetadataSource) -> Option<Phrase> {
    let (_, why) = source.failure.as_ref()?;
    Some(phrase!("warning-old-metadata", why = why.clone(), at = source.fetched_at.to_string()))
}

/// True if the requests of a ready connection change. That needs no new test, because the identity provider stays the
/// same.
fn asks_otherwise(old: &Connection, new: &Connection) -> bool {
    new.status() == ConnectionStatus::Ready && old.settings.requests != new.settings.requests
}

fn changed(organisation: &Organisation, old: Option<&Connection>, settings: Settings) -> Result<Connection> {
    let untested = Connection {
        organisation: organisation.id.clone(),
        settings,
        tested_at: None,
        last_tested_at: None,
        tested_certificates: Vec::new(),
        saml_only: false,
    };
    let Some(old) = old else { return Ok(untested) };
    if !old.needs_test_under(&untested.settings) {
        return Ok(Connection { settings: untested.settings, ..old.clone() });
    }
    if organisation.sign_in_policy().enforced() {
        return Err(saml_only_on(organisation));
    }
    Ok(untested)
}

fn saml_only_on(organisation: &Organisation) -> Error {
    let message = if organisation.plan.auth_mode == AuthMode::Saml {
        phrase!("lock-out-by-plan")
    } else {
        phrase!("lock-out-by-saml-only")
    };
    Error::conflict("saml_only_on", message)
}

/// Removes the connection.
///
/// # Errors
/// `NotFound` when there is no connection; `Forbidden` with code `plan_required`; `Conflict` with code `saml_only_on`
/// while SAML is required.
pub fn remove(app: &App, caller: &Caller, organisation: &Organisation, run: Run) -> Result<Effect> {
    let (author, id, outbox) = (caller.author.clone(), organisation.id.clone(), Outbox::of(app));
    let mails = outbox.clone();
    let planned = move |db: &Db| {
        let organisation = db.organisation(id.as_str())?;
        organisation.sso_in_plan()?;
        let connection =
            db.find_connection(&organisation.id)?.ok_or_else(|| Error::NotFound(phrase!("connection-not-found")))?;
        if organisation.sign_in_policy().enforced() {
            return Err(saml_only_on(&organisation));
        }
        let after =
            SignInPolicy { connection: ConnectionStatus::None, saml_only: false, ..organisation.sign_in_policy() };
        let (effect, change) = policy_change(db, &outbox, &organisation, after)?;
        Ok((effect, (organisation, connection, change)))
    };
    switch(app, caller, run, planned, move |tx, (organisation, connection, change)| {
        tx.delete_connection(&organisation.id)?;
        change.apply(tx, &author)?;
        mails.tell_of_connection(tx, &author, &organisation.id, Change::Removed)?;
        let event =
            Event::new("connection.removed", "connection", &organisation.id, connection.settings.portal_key.as_str());
        author.log(tx, &event.within(&organisation.id))
    })
}
