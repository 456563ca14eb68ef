//! The signed-in person, and what they can access.

use super::branding::BrandView;
use super::members::PlaceView;
use crate::actions::me::{Me, MyAccount, OpenGrant, OrganisationOfMine};
use crate::domain::ids::{OrganisationId, UserId, WorkspaceId};
use crate::domain::method::Method;
use crate::domain::{Email, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// The answer to `GET /me`.
#[derive(Serialize, ToSchema)]
#[schema(as = Me)]
pub struct MeView {
    person: MyAccountView,
    /// True if this session has a password grant, which changes to one's own settings need.
    password: bool,
    grants: Vec<GrantView>,
    organisations: Vec<OwnOrganisationView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_workspace: Option<WorkspaceId>,
}

impl From<Me> for MeView {
    fn from(me: Me) -> Self {
        Self {
            person: me.person.into(),
            password: me.password,
            grants: me.grants.into_iter().map(GrantView::from).collect(),
            organisations: me.organisations.into_iter().map(OwnOrganisationView::from).collect(),
            last_workspace: me.last_workspace,
        }
    }
}

mirror! {
    /// The account of the signed-in person.
    #[schema(as = Person)]
    MyAccountView of MyAccount {
        id: UserId,
        name: String,
        email: Email,
        /// The language tag that the person has chosen; null if none.
        language: Option<String>,
        operator: bool,
        /// True if the person gets an e-mail at each sign-in from an unknown browser. Operators and organisation admins
        /// always do.
        notify_new_browser: bool,
    }
}

mirror! {
    /// A grant, which gives access to an organisation.
    #[schema(as = Grant)]
    GrantView of OpenGrant {
        organisation: OrganisationId,
        method: Method,
        at: Timestamp,
        expires_at: Timestamp,
    }
}

/// An organisation of the signed-in person.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnOrganisation)]
pub struct OwnOrganisationView {
    id: OrganisationId,
    slug: String,
    name: String,
    plan: String,
    admin: bool,
    open: bool,
    /// True if the person's password gives access to it.
    password: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    portal_url: Option<String>,
    /// For its admins: when the last certificate of the connection expires. Null until 30 days before.
    #[serde(skip_serializing_if = "Option::is_none")]
    certificates_end_at: Option<Timestamp>,
    /// The organisation's name and logo on pages; null if none is set.
    brand: Option<BrandView>,
    workspaces: Vec<PlaceView>,
}

impl From<OrganisationOfMine> for OwnOrganisationView {
    fn from(mine: OrganisationOfMine) -> Self {
        Self {
            id: mine.id,
            slug: mine.slug,
            name: mine.name,
            plan: mine.plan,
            admin: mine.admin,
            open: mine.open,
            password: mine.password,
            portal_url: mine.portal_url,
            certificates_end_at: mine.certificates_end_at,
            brand: mine.brand.map(BrandView::from),
            workspaces: mine.workspaces.into_iter().map(PlaceView::from).collect(),
        }
    }
}
