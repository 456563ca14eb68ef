//! `vestibule sso attempts`.

use super::{Place, output};
use crate::actions::attempts;
use crate::domain::{Error, Page, Result};
use crate::saml::{Product, Refusal};
use crate::store::Attempt;
use serde_json::{Value, json};

/// The flags of `attempts`.
#[derive(clap::Args)]
pub struct Attempts {
    /// The organisation's slug or id
    org: String,
    /// The reference that the person was shown, such as ABC123: shows only that sign-in, and what to change
    #[arg(long, value_name = "REFERENCE")]
    reference: Option<String>,
    /// As JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

impl Attempts {
    /// Runs it.
    pub fn run(self) -> Result<()> {
        let (app, organisation) = self.place.organisation(&self.org)?;
        let reference = self.reference.as_deref();
        let products = attempts::products(&app, &organisation.id)?;
        let page = |page: &Page| attempts::attempts(&app, &organisation.id, reference, page);
        let found: Vec<_> = output::everything(page)?.iter().map(|one| told(one, &products)).collect();
        if reference.is_some() && found.is_empty() {
            return Err(Error::not_found("Sign-in with this reference"));
        }
        output::table(self.json, &["at", "reference", "outcome", "email", "why"], &found);
        if let ([one], false, Some(_)) = (found.as_slice(), self.json, reference) {
            print_refusal(&one["refusal"], &products);
        }
        Ok(())
    }
}

/// One sign-in, its refusal in the words of these products.
fn told(attempt: &Attempt, products: &[Product]) -> Value {
    let refusal = attempt.refusal.as_ref().map(|refusal| Refusal::told(refusal, products));
    let why = refusal.as_ref().map(|refusal| refusal["message"].clone());
    json!({
        "id": attempt.id, "at": attempt.at, "reference": attempt.reference, "outcome": attempt.outcome,
        "email": attempt.email, "why": why, "refusal": refusal, "rules": attempt.rules,
    })
}

fn print_refusal(refusal: &Value, products: &[Product]) {
    let text = |name: &str| refusal[name].as_str().unwrap_or_default();
    if refusal.is_null() {
        return;
    }
    say!("\nExpected: {}\nReceived: {}\nCause: {}", text("expected"), text("received"), text("fault_text"));
    say!("What to change: {}", text("what"));
    for product in products {
        if let Some(place) = refusal["places"][product.as_str()].as_str() {
            say!("  {}: {place}", product.name());
        }
    }
}
