//! `vestibule sso attempts`.

use super::{Place, output};
use crate::actions::attempts;
use crate::api::attempts::{LineView, WholeView};
use crate::domain::phrase::phrase;
use crate::domain::{Error, Page, Result};
use crate::saml::{Product, Refusal};
use serde_json::Value;

/// The flags of `attempts`.
#[derive(clap::Args)]
pub struct Attempts {
    /// The organisation's slug or id
    org: String,
    /// Show only the sign-in with this reference (the person sees it on the error page, such as ABC123), and what to change
    #[arg(long, value_name = "REFERENCE")]
    reference: Option<String>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

impl Attempts {
    /// Runs the command.
    pub fn run(self) -> Result<()> {
        let (app, organisation) = self.place.organisation(&self.org)?;
        let reference = self.reference.as_deref();
        let products = attempts::products(&app, &organisation.id)?;
        let page = |page: &Page| attempts::attempts(&app, &organisation.id, reference, page);
        let found = output::everything(page)?;
        let columns = ["at", "reference", "outcome", "email", "refusal.message"];
        if reference.is_none() {
            let lines: Vec<_> = found.iter().map(|one| LineView::of(one, &products)).collect();
            output::table(self.json, &columns, &lines);
            return Ok(());
        }
        if found.is_empty() {
            return Err(Error::NotFound(phrase!("sign-in-not-found")));
        }
        let refusals: Vec<_> = found.iter().filter_map(|one| one.refusal.clone()).collect();
        let whole: Vec<_> = found.into_iter().map(|one| WholeView::of(one, &products)).collect();
        output::table(self.json, &columns, &whole);
        if let ([refusal], 1, false) = (refusals.as_slice(), whole.len(), self.json) {
            print_refusal(&Refusal::told(refusal, &products), &products);
        }
        Ok(())
    }
}

fn print_refusal(refusal: &Value, products: &[Product]) {
    let text = |name: &str| refusal[name].as_str().unwrap_or_default();
    say!("\nExpected: {}\nReceived: {}\nCause: {}", text("expected"), text("received"), text("fault_text"));
    say!("What to change: {}", text("what"));
    for product in products {
        if let Some(place) = refusal["places"][product.as_str()].as_str() {
            say!("  {}: {place}", product.name());
        }
    }
}
