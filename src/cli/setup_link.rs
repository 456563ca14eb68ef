//! `vestibule sso setup-link`.

use super::{CALLER, Place, output};
use crate::actions::setup_links;
use crate::api::setup_links::SetupLinkView;
use crate::domain::Result;
use crate::domain::ids::SetupLinkId;
use crate::domain::setup_link::{self, NewSetupLink};

/// The commands of `setup-link`.
#[derive(clap::Subcommand)]
pub enum SetupLink {
    /// Create a set-up link, and print it once
    Create {
        /// The organisation's slug or id
        org: String,
        /// Days until the link expires, 1 to 30
        #[arg(long, default_value_t = 7, allow_negative_numbers = true)]
        days: i64,
        /// A note for the list of links, such as who gets this one
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
        /// Print as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// List the organisation's set-up links, newest first
    List {
        /// The organisation's slug or id
        org: String,
        /// Print as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Revoke a set-up link: it stops working at once
    Revoke {
        /// The organisation's slug or id
        org: String,
        /// The link's id, as `vestibule sso setup-link list` shows it
        id: String,
        #[command(flatten)]
        place: Place,
    },
}

impl SetupLink {
    /// Runs the command.
    pub fn run(self) -> Result<()> {
        match self {
            Self::Create { org, days, note, json, place } => {
                let (app, organisation) = place.organisation(&org)?;
                let new = NewSetupLink::parse(Some(days), note.as_deref())?;
                let (link, url) = setup_links::create(&app, &CALLER, &organisation, new)?;
                print_made(json, &organisation.name, link, url);
            }
            Self::List { org, json, place } => {
                let (app, organisation) = place.organisation(&org)?;
                let now = app.now();
                let links = setup_links::list(&app, &organisation.id)?;
                let rows: Vec<_> = links.into_iter().map(|link| SetupLinkView::of(link, None, now)).collect();
                output::table(json, &["id", "status", "note", "created_by", "expires_at", "last_used_at"], &rows);
            }
            Self::Revoke { org, id, place } => {
                let (app, organisation) = place.organisation(&org)?;
                setup_links::revoke(&app, &CALLER, &organisation, SetupLinkId::parse(&id)?)?;
                say!("Revoked: the link no longer works.");
            }
        }
        Ok(())
    }
}

fn print_made(json: bool, organisation: &str, link: setup_link::SetupLink, url: String) {
    if json {
        let now = link.created_at;
        return output::json(&SetupLinkView::of(link, Some(url), now));
    }
    say!("For {organisation}'s IT admin, until {} or until the connection is ready:\n{url}", link.expires_at);
}
