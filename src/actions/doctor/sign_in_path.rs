//! The sign-in path: the proxy in front, the callbacks, and the clocks.

use super::Finding;
use crate::actions::attempts;
use crate::app::{App, Fix, Sample, Sightings, Trouble, Wrong};
use crate::config::{Config, PublicUrl};
use crate::domain::phrase::phrase;
use crate::domain::principal::Claim;
use crate::domain::skew::SkewLevel;
use crate::domain::{Error, Result};
use crate::store::Misdirected;
use url::Url;

/// Saves the observations of requests for commands that run beside the server.
///
/// # Errors
/// `Unavailable` when the database cannot be written.
pub fn save_sightings(app: &App) -> Result<()> {
    let seen = serde_json::to_vec(&app.lookout.seen()).map_err(Error::internal)?;
    app.write(&Claim::job(), move |tx| tx.set_sightings(&seen))
}

/// All findings about the sign-in path, from the observations of this process.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn sign_in_path(app: &App) -> Result<Vec<Finding>> {
    sign_in_path_by(app, &app.lookout.seen())
}

/// The observations of requests that the server saved last.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub(super) fn saved_sightings(app: &App) -> Result<Sightings> {
    let saved = app.store.read(|db| db.find_sightings())?;
    Ok(saved.and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default())
}

pub(super) fn sign_in_path_by(app: &App, seen: &Sightings) -> Result<Vec<Finding>> {
    let mut findings = proxy(seen, &app.config);
    findings.extend(callbacks(app)?);
    findings.extend(clocks(app)?);
    Ok(findings)
}

/// A finding about a problem that one request shows.
pub fn shown(trouble: Trouble, sample: &Sample, config: &Config) -> Finding {
    Finding::bad("proxy", phrase!("doctor-trouble", trouble = trouble.words(sample, &config.public_url)))
        .with_fix(trouble.fix(sample, config))
}

/// Findings about the proxy in front, from the requests of the last hour.
fn proxy(seen: &Sightings, config: &Config) -> Vec<Finding> {
    let all = seen.all;
    let mut findings: Vec<_> =
        seen.wrong.iter().map(|(trouble, wrong)| counted(*trouble, wrong, all, config)).collect();
    if all == 0 {
        findings.push(Finding::note("proxy", phrase!("doctor-no-request")));
    } else if findings.is_empty() {
        findings
            .push(Finding::fine("proxy", phrase!("doctor-requests-fine", all = all, url = config.public_url.origin())));
    }
    findings
}

/// A finding about requests that show the same problem. It is a fault only if most requests show it: scanners send
/// requests for any host.
fn counted(trouble: Trouble, wrong: &Wrong, all: u64, config: &Config) -> Finding {
    let Finding { found, fix, .. } = shown(trouble, &wrong.sample, config);
    let ok = if wrong.count * 2 > all { Some(false) } else { None };
    Finding {
        check: "proxy",
        ok,
        found: phrase!("doctor-requests-wrong", count = wrong.count, all = all, found = found),
        fix,
    }
}

/// A finding for each organisation whose provider sent its newest response to another address than our callback.
fn callbacks(app: &App) -> Result<Vec<Finding>> {
    let misdirected = app.store.read(|db| db.misdirected(attempts::kept_since(app)))?;
    Ok(misdirected.iter().map(|one| misdirected_finding(one, &app.config.public_url)).collect())
}

fn misdirected_finding(one: &Misdirected, public_url: &PublicUrl) -> Finding {
    let Misdirected { organisation, expected, received } = one;
    let found = phrase!("doctor-misdirected", organisation = organisation, received = received, expected = expected);
    let origin = Url::parse(received).ok().map(|url| url.origin().ascii_serialization());
    let same_path = path_of(expected).is_some() && path_of(expected) == path_of(received);
    let what = match origin {
        Some(origin) if same_path && origin != public_url.origin() => {
            phrase!("doctor-misdirected-origin", origin = origin)
        }
        _ => phrase!("doctor-misdirected-fix"),
    };
    Finding::bad("callback", found).with_fix(Fix { what, lines: None })
}

fn path_of(url: &str) -> Option<String> {
    Url::parse(url).ok().map(|url| url.path().to_owned())
}

/// The difference between each provider's clock and ours.
fn clocks(app: &App) -> Result<Vec<Finding>> {
    app.store.read(|db| {
        let mut findings = Vec::new();
        for (organisation, connection) in db.connections()? {
            let Some(skew) = attempts::skew(app, db, &connection.organisation)? else { continue };
            let found = phrase!("doctor-skew", organisation = organisation, skew = skew.words(), count = skew.samples);
            findings.push(match skew.level {
                SkewLevel::Fine => Finding::fine("skew", found),
                SkewLevel::Drifting => Finding::note("skew", phrase!("doctor-skew-drifting", found = found)),
                SkewLevel::Failing => Finding::bad("skew", phrase!("doctor-skew-failing", found = found)),
            });
        }
        Ok(findings)
    })
}
