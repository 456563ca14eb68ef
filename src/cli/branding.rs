//! `vestibule branding`.

use super::output;
use super::{CALLER, Place, read_file};
use crate::actions::{Run, branding, organisations};
use crate::api::branding::BrandingView;
use crate::app::App;
use crate::domain::branding::{Branding, Logo};
use crate::domain::organisation::Organisation;
use crate::domain::{Name, Result};
use crate::logo;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The organisation whose branding it is, or the appliance.
#[derive(clap::Args)]
pub struct Owner {
    /// The organisation's slug or id. Default: the appliance
    #[arg(long, value_name = "ORG")]
    org: Option<String>,
    #[command(flatten)]
    place: Place,
}

/// The commands of `branding`.
#[derive(clap::Subcommand)]
pub enum BrandingCommand {
    /// Show the name and logo that are set
    Show {
        /// Print as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        owner: Owner,
    },
    /// Set the name or the logo that pages show; options left out keep their value
    #[command(group = clap::ArgGroup::new("what").required(true).multiple(true))]
    Set {
        /// The name that pages show beside the logo
        #[arg(long, group = "what")]
        name: Option<String>,
        /// A PNG or SVG file, at most 64 KiB
        #[arg(long, value_name = "FILE", group = "what")]
        logo: Option<PathBuf>,
        #[command(flatten)]
        owner: Owner,
    },
    /// Remove the name and logo: an organisation's pages then show the appliance's, the appliance's show Vestibule's
    Remove {
        #[command(flatten)]
        owner: Owner,
    },
}

impl Owner {
    fn open(self) -> Result<(App, Option<Organisation>)> {
        let app = self.place.open()?;
        let organisation = self.org.map(|org| organisations::named(&app, &org)).transpose()?;
        Ok((app, organisation))
    }
}

impl BrandingCommand {
    /// Runs the command.
    pub fn run(self) -> Result<ExitCode> {
        match self {
            Self::Show { json, owner } => {
                let (app, organisation) = owner.open()?;
                let branding = branding::branding(&app, organisation.as_ref().map(|one| &one.id))?;
                if json {
                    output::json(&BrandingView::from(branding));
                } else {
                    print(&branding);
                }
            }
            Self::Set { name, logo, owner } => {
                let (app, organisation) = owner.open()?;
                let before = branding::branding(&app, organisation.as_ref().map(|one| &one.id))?;
                let name = name.map(|name| Name::parse("--name", &name)).transpose()?;
                let logo = logo.map(|file| read_logo(&file)).transpose()?;
                let branding = Branding { name: name.or(before.name), logo: logo.or(before.logo) };
                let of = organisation.as_ref().map_or("the appliance", |one| one.name.as_str()).to_owned();
                let set = branding::set(&app, &CALLER, organisation, branding, Run::Real)?;
                say!("Saved. Pages and e-mails of {of} now show:");
                print(&set);
            }
            Self::Remove { owner } => {
                let (app, organisation) = owner.open()?;
                branding::delete(&app, &CALLER, organisation)?;
                say!("No name or logo is set.");
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn read_logo(file: &Path) -> Result<Logo> {
    logo::read_file(&read_file(file)?).map_err(|fault| fault.for_field(&file.display().to_string()))
}

fn print(branding: &Branding) {
    let logo = branding.logo.as_ref().map(|logo| format!("{}, {} bytes", logo.kind.media_type(), logo.bytes.len()));
    say!("Name: {}", branding.name.as_ref().map_or("none", Name::as_str));
    say!("Logo: {}", logo.as_deref().unwrap_or("none"));
}
