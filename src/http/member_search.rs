//! The filters of lists of people.

use super::query::{described, param, text};
use crate::domain::Error;
use crate::domain::member_search::Filter;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use std::future::{Ready, ready};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

/// The filter for the people of an organisation.
pub struct OfOrganisation(pub Filter);

/// The filter for the members of a workspace.
pub struct OfWorkspace(pub Filter);

impl FromRequest for OfOrganisation {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Filter::of_organisation(|name| param(request, name)).map(Self))
    }
}

impl FromRequest for OfWorkspace {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Filter::of_workspace(|name| param(request, name)).map(Self))
    }
}

fn filters(admins: bool) -> Vec<Parameter> {
    let one_of = |words: &[&'static str]| text().enum_values(Some(words.to_vec()));
    vec![
        described("search", "Part of the name or e-mail, in upper or lower case.", text().max_length(Some(200))),
        described(
            "role",
            if admins {
                "`organisation_admin`, or their role in any workspace: `admin`, `power_user`, or the id or slug of a custom role."
            } else {
                "Their role: `admin`, `power_user`, or the id or slug of a custom role."
            },
            text().pattern(Some("^[a-z0-9_-]*$")),
        ),
        described("method", "How they signed in last.", one_of(&["never", "password", "saml", "recovery"])),
        described(
            "state",
            "Whether they signed in within 90 days, longer ago, or never.",
            one_of(&["active", "away", "new"]),
        ),
    ]
}

impl IntoParams for OfWorkspace {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        filters(false)
    }
}

impl IntoParams for OfOrganisation {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut all = filters(true);
        let saml = text().enum_values(Some(vec!["ready", "waiting"]));
        all.push(described("saml", "Whether they have signed in through SAML since the connection was tested.", saml));
        all
    }
}
