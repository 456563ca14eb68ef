//! Identity providers: how long their certificates last, and whether their metadata could be fetched.

use super::Finding;
use crate::actions::certificates::end_at;
use crate::app::App;
use crate::domain::Result;
use crate::domain::metadata::days_left;

/// A certificate with fewer days left than this wants a look.
const FEW_DAYS: i64 = 30;

/// The days that every identity provider's certificates have left.
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
                format!("{organisation}: expired at {latest}. Paste the provider's new one."),
            ),
            0..FEW_DAYS => Finding::note(
                "certificate",
                format!("{organisation}: {days} days left. Add the provider's next one beside it."),
            ),
            _ => Finding::fine("certificate", format!("{organisation}: {days} days left")),
        });
    }
    Ok(findings)
}

/// The metadata that could not be fetched; nothing where all could.
pub fn metadata(app: &App) -> Result<Vec<Finding>> {
    let failing = app.store.read(|db| db.failing_metadata_sources())?;
    let told = |(organisation, url, why): &(String, String, String)| {
        Finding::note(
            "metadata",
            format!("{organisation}: {url} could not be loaded: {why}. The last good copy is in use."),
        )
    };
    Ok(failing.iter().map(told).collect())
}
