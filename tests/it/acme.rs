//! Acme and its people, the starting point of most tests.

use crate::app::{Org, TestApp};
use crate::browser::{Answer, Browser};
use crate::idp::connect;
use serde_json::Value;

/// An organisation with a signed-in admin, ann@acme.test.
pub struct Acme {
    pub app: TestApp,
    pub org: Org,
    pub admin: Browser,
}

impl Acme {
    /// Creates Acme on this plan. Ann is signed in by password.
    pub fn on(plan: &'static str) -> Self {
        Self::on_at(plan, TestApp::new())
    }

    /// As `on`, in the given appliance.
    pub fn on_at(plan: &'static str, app: TestApp) -> Self {
        let org = app.org("Acme", plan);
        app.admin(&org, "ann@acme.test");
        let admin = app.signed_in("ann@acme.test");
        Self { app, org, admin }
    }

    /// Creates Acme on the Enterprise plan, with Bob (bob@acme.test), a member with a password. The connection with the
    /// portal key `acme_SSO` is ready, because Ann has tested it.
    pub fn connected() -> Self {
        Self::connected_at(TestApp::new())
    }

    /// As `connected`, in the given appliance.
    pub fn connected_at(app: TestApp) -> Self {
        let org = app.org("Acme", "enterprise");
        app.admin(&org, "ann@acme.test");
        app.member(&org, "bob@acme.test");
        let admin = connect(&app, &org, "ann@acme.test", "acme_SSO");
        Self { app, org, admin }
    }

    /// Saves the connection.
    pub fn save(&mut self, settings: &Value) -> Answer {
        self.admin.api("PUT", &format!("/organisations/{}/sso", self.org.slug), settings)
    }

    /// The connection as the API shows it to Ann.
    pub fn show(&mut self) -> Value {
        self.admin.read(&format!("/organisations/{}/sso", self.org.slug)).json()
    }

    /// The SAML metadata of Vestibule for Acme's identity provider.
    pub fn our_metadata(&mut self) -> String {
        let shown = self.show();
        self.app.anonymous().get(shown["entity_id"].as_str().expect("a URL")).body
    }
}
