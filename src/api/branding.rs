//! The name and logo that replace Vestibule's.

use crate::actions::branding::ShownBrand;
use crate::domain::branding::{Branding, Logo};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Serialize;
use utoipa::ToSchema;

/// The name and logo that are set; null if not set.
#[derive(Serialize, ToSchema)]
#[schema(as = Branding)]
pub struct BrandingView {
    #[schema(example = "Acme")]
    name: Option<String>,
    /// A data URL of a PNG or an SVG, as it was sanitised.
    #[schema(example = "data:image/png;base64,iVBORw0KGgo...")]
    logo: Option<String>,
}

impl From<Branding> for BrandingView {
    fn from(branding: Branding) -> Self {
        let data_url =
            |Logo { kind, bytes }: Logo| format!("data:{};base64,{}", kind.media_type(), STANDARD.encode(bytes));
        Self { name: branding.name.map(|name| name.to_string()), logo: branding.logo.map(data_url) }
    }
}

/// The name and logo that pages show.
#[derive(Serialize, ToSchema)]
#[schema(as = Brand)]
pub struct BrandView {
    /// The name to show; null to show only the logo.
    #[schema(example = "Acme")]
    name: Option<String>,
    /// The path of the logo on this site.
    #[schema(example = "/logos/9f86d081884c7d659a2feaa0c55ad015")]
    logo: Option<String>,
    /// Alternative text for the logo.
    #[schema(example = "Acme")]
    label: String,
}

impl From<ShownBrand> for BrandView {
    fn from(ShownBrand { name, logo, label }: ShownBrand) -> Self {
        Self { name, logo, label }
    }
}
