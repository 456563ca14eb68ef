//! Identity providers: when their certificates expire, and whether their metadata could be loaded.

use super::Finding;
use crate::actions::certificates::end_at;
use crate::app::App;
use crate::domain::Result;
use crate::domain::metadata::days_left;
use crate::domain::phrase::{Phrase, phrase};

/// Certificates with fewer days left than this are reported.
const FEW_DAYS: i64 = 30;

/// The days left until the last certificate of each connection expires.
pub fn certificates(app: &App) -> Result<Vec<Finding>> {
    let connections = app.store.read(|db| db.connections())?;
    let now = app.now();
    let mut findings = Vec::new();
    for (organisation, connection) in connections {
        let latest = end_at(&connection.settings)?;
        let days = days_left(latest, now);
        findings.push(match days {
            ..0 => Finding::bad(
                "certificate",
                phrase!("doctor-certificate-expired", organisation = organisation, at = latest.to_string()),
            ),
            0..FEW_DAYS => Finding::note(
                "certificate",
                phrase!("doctor-certificate-few-days", organisation = organisation, days = days),
            ),
            _ => Finding::fine(
                "certificate",
                phrase!("doctor-certificate-days", organisation = organisation, days = days),
            ),
        });
    }
    Ok(findings)
}

/// The metadata URLs that could not be loaded; empty if all could.
pub fn metadata(app: &App) -> Result<Vec<Finding>> {
    let failing = app.store.read(|db| db.failing_metadata_sources())?;
    let finding = |(organisation, url, why): (String, String, Phrase)| {
        Finding::note("metadata", phrase!("doctor-metadata", organisation = organisation, url = url, why = why))
    };
    Ok(failing.into_iter().map(finding).collect())
}
