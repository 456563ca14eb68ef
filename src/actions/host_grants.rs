//! The hosts that operators grant to organisations. A new list of grants is a switch: applications whose hosts are no longer
//! granted keep them, but no request to these hosts is allowed.

use super::applications::losers;
use super::dry_run::{logged, switch_giving};
use super::some_of::some_of;
use super::{Caller, Run};
use crate::app::App;
use crate::domain::access::{Effect, MOST_LINES};
use crate::domain::application_host::HostGrant;
use crate::domain::audit::Event;
use crate::domain::ids::OrganisationId;
use crate::domain::organisation::Organisation;
use crate::domain::phrase::phrase;
use crate::domain::{Error, Result};
use crate::store::Db;
use serde_json::json;

/// The hosts that are granted to an organisation, by name.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn list(app: &App, caller: &Caller, organisation: &OrganisationId) -> Result<Vec<HostGrant>> {
    app.read(&caller.claim, |db| db.host_grants(organisation))
}

/// Replaces the hosts that are granted to an organisation. Returns the grants after the change, or as they are in a dry
/// run; the effect names the hosts that are no longer granted, the applications there, and who loses these.
///
/// # Errors
/// `Conflict` with code `host_taken` when another organisation has an overlapping grant; `Invalid` with field `hosts`
/// for the host of the public URL.
pub fn set(
    app: &App,
    caller: &Caller,
    organisation: &Organisation,
    mut grants: Vec<HostGrant>,
    run: Run,
) -> Result<(Vec<HostGrant>, Effect)> {
    let own_host = app.config.public_url.host_name().to_owned();
    grants.sort();
    grants.dedup();
    if grants.iter().any(|grant| grant.covers_name(&own_host)) {
        return Err(Error::invalid("hosts", phrase!("field-host-grant-own", host = own_host)));
    }
    let (author, organisation, within) = (caller.author.clone(), organisation.clone(), organisation.id.clone());
    let id = within.clone();
    let planned = move |db: &Db| {
        let before = db.host_grants(&id)?;
        for grant in &grants {
            if let Some(other) = db.find_overlapping_grant(&id, grant)? {
                let message = phrase!("host-taken", host = grant.as_str(), other = other.as_str());
                return Err(Error::conflict("host_taken", message));
            }
        }
        let effect = effect_on(db, &id, &before, &grants)?;
        let detail = if effect.warnings.is_empty() { json!({}) } else { logged(&effect) };
        Ok((effect, (before, grants, detail)))
    };
    let applied = switch_giving(app, caller, run, planned, move |tx, (before, grants, mut detail)| {
        if before == grants {
            return Ok(grants);
        }
        tx.set_host_grants(&organisation.id, &grants)?;
        (detail["from"], detail["to"]) = (json!(names(&before)), json!(names(&grants)));
        let event = Event::new("organisation.hosts_changed", "organisation", &organisation.id, &organisation.name);
        author.log(tx, &event.within(&organisation.id).with(detail))?;
        Ok(grants)
    })?;
    match applied {
        (effect, Some(grants)) => Ok((grants, effect)),
        (effect, None) => Ok((list(app, caller, &within)?, effect)),
    }
}

fn names(grants: &[HostGrant]) -> Vec<String> {
    grants.iter().map(|grant| grant.as_str().to_owned()).collect()
}

/// The effect of other grants. People lose an application that keeps no granted host.
fn effect_on(db: &Db, organisation: &OrganisationId, before: &[HostGrant], after: &[HostGrant]) -> Result<Effect> {
    let mut effect = Effect::default();
    let gone: Vec<_> = before.iter().filter(|grant| !after.contains(grant)).cloned().collect();
    if gone.is_empty() {
        return Ok(effect);
    }
    effect.warnings.push(phrase!("warning-hosts-not-granted", hosts = some_of(&names(&gone))));
    let hosts = db.hosts_of_applications(organisation)?;
    let covered = |grants: &[HostGrant], host| grants.iter().any(|grant| grant.covers(host));
    let mut refused = Vec::new();
    for of_one in hosts.chunk_by(|one, next| one.0 == next.0) {
        let closes: Vec<_> =
            of_one.iter().filter(|(.., host)| covered(before, host) && !covered(after, host)).collect();
        refused.extend(closes.iter().map(|(_, name, host)| format!("{} ({name})", host.as_str())));
        if let ([(id, name, _), ..], false) = (&closes[..], of_one.iter().any(|(.., host)| covered(after, host))) {
            effect.applications.push((id.clone(), name.clone()));
        }
    }
    if !refused.is_empty() {
        effect.warnings.push(phrase!("warning-hosts-refused", hosts = some_of(&refused)));
    }
    let reason = |lost: &[String]| phrase!("reason-applications-closed", applications = some_of(lost));
    effect.loses = losers(db, organisation, &effect.applications, reason)?;
    effect.counts.loses = effect.loses.len();
    effect.applications.truncate(MOST_LINES);
    Ok(effect)
}
