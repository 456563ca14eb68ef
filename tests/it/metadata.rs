//! Metadata by URL, fetched when the URL is saved and then daily.

use crate::acme::Acme;
use crate::app::{Org, TestApp};
use crate::browser::{Answer, Browser};
use crate::idp::{
    EC_KEY, ENTITY_ID, KEY, OTHER_KEY, SIGN_ON_URL, deliver, request_of, saml_sign_in, settings, status, valid_response,
};
use crate::mail_server::{MailServer, make_certificate};
use crate::site::{Site, SiteAnswer};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use vestibule::config::Flags;
use vestibule::saml::test_idp::{Sign, SigningKey, idp_metadata};

const DAY: i64 = 24 * 3600;

/// Metadata with the certificates of these keys.
fn metadata(entity_id: &str, sign_on_url: &str, keys: &[&SigningKey]) -> String {
    let one = idp_metadata(entity_id, sign_on_url, "CERTIFICATE");
    let (before, rest) = one.split_once("<md:KeyDescriptor").expect("a key");
    let (key, after) = rest.split_once("</md:KeyDescriptor>").expect("an end");
    let keys = keys.iter().map(|signing| {
        let pem = signing.certificate_pem();
        let base64: String = pem.lines().filter(|line| !line.contains("-----")).collect();
        format!("<md:KeyDescriptor{}</md:KeyDescriptor>", key.replace("CERTIFICATE", &base64))
    });
    format!("{before}{}{after}", keys.collect::<String>())
}

fn metadata_with(keys: &[&SigningKey]) -> SiteAnswer {
    SiteAnswer::Text(metadata(ENTITY_ID, SIGN_ON_URL, keys))
}

/// An appliance that may fetch metadata from localhost.
fn appliance() -> TestApp {
    appliance_with(|_| {})
}

fn appliance_with(change: impl FnOnce(&mut Flags)) -> TestApp {
    TestApp::with_operator(|flags| {
        flags.providers.fetch.metadata_private_hosts = Some("localhost".into());
        change(flags);
    })
}

/// Acme with a connection that follows the metadata of a test site.
struct Followed {
    app: TestApp,
    org: Org,
    site: Site,
    admin: Browser,
}

impl Followed {
    /// A ready connection with the certificate of `KEY`.
    fn new(adopt: bool) -> Self {
        Self::at(appliance(), adopt)
    }

    fn at(app: TestApp, adopt: bool) -> Self {
        let Acme { app, org, mut admin } = Acme::connected_at(app);
        let site = Site::new(metadata_with(&[&KEY]));
        let saved = admin.api("PUT", "/organisations/acme/sso", &settings_by_url(&site.url(), adopt));
        assert_eq!(saved.status, 200, "{}", saved.body);
        Self { app, org, site, admin }
    }

    fn show(&mut self) -> Value {
        self.admin.read("/organisations/acme/sso").json()
    }

    /// Waits for the next daily fetch; returns the connection as the admin sees it, as soon as it satisfies `fits`.
    fn after_daily_fetch(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        let visits = self.site.visits();
        self.app.wait(DAY);
        self.admin = self.app.signed_in("ann@acme.test");
        let begun = Instant::now();
        loop {
            let shown = self.show();
            if self.site.visits() > visits && fits(&shown) {
                return shown;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "{shown}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Whether Bob can sign in with a response that is signed with this key.
    fn accepts(&self, key: &SigningKey) -> bool {
        let mut bob = self.app.anonymous();
        let request = request_of(&bob.get("/sso?key=acme_SSO"));
        let answer = deliver(
            &mut bob,
            &request.acs_url,
            &valid_response(&self.app, &request, "bob@acme.test").sign(key, Sign::Assertion),
        );
        answer.location().contains("/sso/finish")
    }

    /// The number of log entries with this action.
    fn logged(&mut self, action: &str) -> usize {
        let log = self.admin.read("/organisations/acme/audit?limit=200").json();
        log["items"].as_array().expect("a list").iter().filter(|entry| entry["action"] == action).count()
    }

    fn adopt(&mut self, candidate: &Value) -> Answer {
        let fingerprint = candidate["fingerprint"].as_str().expect("text");
        self.admin.api("POST", &format!("/organisations/acme/sso/candidates/{fingerprint}/adopt"), &Value::Null)
    }
}

fn settings_by_url(url: &str, adopt: bool) -> Value {
    json!({ "provider": "custom", "portal_key": "acme_SSO", "metadata_url": url, "adopt_certificates": adopt })
}

fn count(list: &Value) -> usize {
    list.as_array().map_or(0, Vec::len)
}

#[test]
fn a_test_shows_and_confirms_the_metadata_address() {
    let app = appliance();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    let mut ann = app.signed_in("ann@acme.test");
    let made = ann.api("POST", "/organisations/acme/keys", &json!({ "name": "Terraform", "scopes": ["manage_sso"] }));
    let mut holder = app.program(made.json()["key"].as_str().expect("a key"));
    let (genuine, other) = (Site::new(metadata_with(&[&KEY])), Site::new(metadata_with(&[&KEY])));
    let mut follow = |site: &Site| {
        let saved = holder.api("PUT", "/organisations/acme/sso", &settings_by_url(&site.url(), false));
        assert_eq!(saved.status, 200, "{}", saved.body);
    };
    follow(&genuine);
    let seen = ann.read("/organisations/acme/sso").json()["settings_digest"].as_str().expect("a digest").to_owned();
    // The new URL has metadata with the same values, but may be controlled by another person.
    follow(&other);
    ann.headers = vec![("sec-fetch-site", "same-origin".into())];
    let page = ann.get(&format!("/sso?key=acme_SSO&test=1&settings={seen}"));
    assert!(page.body.contains("were changed after you saw them"), "{} {}", page.status, page.body);
    assert!(page.body.contains(&format!("<dt>Metadata address</dt><dd>{}</dd>", other.url())), "{}", page.body);
}

#[test]
fn metadata_from_an_https_address_fills_the_settings() {
    let folder = tempfile::tempdir().expect("a folder");
    make_certificate(folder.path());
    let site = Site::with_tls(metadata_with(&[&KEY, &EC_KEY]), folder.path());
    for trusted in [true, false] {
        let app = TestApp::with_flags(|flags| {
            flags.providers.fetch.metadata_private_hosts = Some("localhost".into());
            flags.providers.fetch.metadata_ca_file = trusted.then(|| folder.path().join("mail.pem"));
        });
        app.add_operator();
        let org = app.org("Acme", "enterprise");
        app.admin(&org, "ann@acme.test");
        let mut admin = app.signed_in("ann@acme.test");
        let saved = admin.api("PUT", "/organisations/acme/sso", &settings_by_url(&site.https_url(), false));
        if !trusted {
            assert_eq!((saved.status, saved.field().as_str()), (422, "metadata_url"));
            assert!(saved.body.contains("TLS failed"), "{}", saved.body);
            continue;
        }
        assert_eq!(saved.status, 200, "{}", saved.body);
        let shown = saved.json();
        assert_eq!(
            (shown["idp_entity_id"].as_str(), shown["sign_on_url"].as_str()),
            (Some(ENTITY_ID), Some(SIGN_ON_URL))
        );
        assert_eq!((count(&shown["certificates"]), count(&shown["candidates"])), (2, 0));
        assert_eq!(shown["metadata_url"], site.https_url());
        let read = admin.api("POST", "/organisations/acme/sso/metadata", &json!({ "metadata_url": site.https_url() }));
        assert_eq!(read.json()["idp_entity_id"], ENTITY_ID, "{}", read.body);
    }
}

#[test]
fn an_address_without_metadata_is_refused_with_the_reason() {
    let app = appliance();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    let mut admin = app.signed_in("ann@acme.test");
    let site = Site::new(SiteAnswer::Drip);
    let elsewhere = Site::new(metadata_with(&[&KEY]));
    let redirect = format!("302 Found\r\nLocation: http://127.0.0.1:{}/secret", elsewhere.port);
    for (answer, reason) in [
        (SiteAnswer::Drip, "within 10 seconds"),
        (SiteAnswer::Text("x".repeat(2 * 1024 * 1024)), "larger than 1 MiB"),
        (
            SiteAnswer::Text("<x/>".into()),
            "does not lead to an identity provider's metadata: it must contain an EntityDescriptor",
        ),
        (SiteAnswer::Text("<html>Not found</html>".into()), "is a web page"),
        (SiteAnswer::Text("<!doctype HTML>\n<title>Sign in</title>".into()), "is a web page"),
        (SiteAnswer::Text("<!DOCTYPE x [<!ENTITY a \"b\">]><x/>".into()), "must be plain XML"),
        (SiteAnswer::Head("404 Not Found".into()), "it answered 404"),
        (SiteAnswer::Head(redirect), "redirects are not followed"),
        (SiteAnswer::Head("nonsense".into()), "could not be loaded"),
    ] {
        site.set_answer(answer);
        let refused = admin.api("PUT", "/organisations/acme/sso", &settings_by_url(&site.url(), false));
        assert_eq!((refused.status, refused.field().as_str()), (422, "metadata_url"), "{reason}: {}", refused.body);
        assert!(refused.body.contains(reason), "{reason}: {}", refused.body);
    }
    assert_eq!(elsewhere.visits(), 0, "the redirect must not be followed");
    let nobody = format!("http://localhost:{}/", crate::program::free_port());
    let refused = admin.api("PUT", "/organisations/acme/sso", &settings_by_url(&nobody, false));
    assert!(refused.body.contains("nothing responds at that address"), "{}", refused.body);
    assert_eq!(status(&mut admin, &org), "none");
    site.set_answer(metadata_with(&[&KEY]));
    assert_eq!(admin.api("PUT", "/organisations/acme/sso", &settings_by_url(&site.url(), false)).status, 200);
}

#[test]
fn private_addresses_are_refused_unless_the_operator_allows_them() {
    let site = Site::new(metadata_with(&[&KEY]));
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    let mut admin = app.signed_in("ann@acme.test");
    for host in ["localhost", "127.0.0.1", "[::1]"] {
        let url = format!("http://{host}:{}/", site.port);
        let refused = admin.api("PUT", "/organisations/acme/sso", &settings_by_url(&url, false));
        assert_eq!((refused.status, refused.field().as_str()), (422, "metadata_url"), "{}", refused.body);
        assert!(refused.body.contains("not public"), "{}", refused.body);
        let refused = admin.api("POST", "/organisations/acme/sso/metadata", &json!({ "metadata_url": url }));
        assert_eq!((refused.status, refused.field().as_str()), (422, "metadata_url"), "{}", refused.body);
    }
    for url in ["http://idp.test/metadata", "ftp://idp.test/", "file:///etc/passwd", "https://ann:pw@idp.test/"] {
        assert_eq!(
            admin.api("PUT", "/organisations/acme/sso", &settings_by_url(url, false)).field(),
            "metadata_url",
            "{url}"
        );
    }
    assert_eq!(site.visits(), 0);
}

#[test]
fn a_metadata_address_replaces_the_providers_values() {
    let mut acme = Followed::new(false);
    let mut both = settings("acme_SSO");
    both["metadata_url"] = json!(acme.site.url());
    assert_eq!(acme.admin.api("PUT", "/organisations/acme/sso", &both).field(), "metadata_url");
    let mut adopting = settings("acme_SSO");
    adopting["adopt_certificates"] = json!(true);
    assert_eq!(acme.admin.api("PUT", "/organisations/acme/sso", &adopting).field(), "adopt_certificates");
    assert_eq!(acme.show()["metadata_url"], acme.site.url());
    assert_eq!(acme.admin.api("PUT", "/organisations/acme/sso", &settings("acme_SSO")).status, 200);
    assert_eq!(acme.show()["metadata_url"], Value::Null, "the connection does not follow metadata any more");
    let refresh = acme.admin.api("POST", "/organisations/acme/sso/metadata/refresh", &Value::Null);
    assert_eq!(refresh.status, 404);
}

#[test]
fn a_new_certificate_waits_for_an_admin_and_is_then_used_together_with_the_old_one() {
    let mut acme = Followed::new(false);
    acme.site.set_answer(metadata_with(&[&KEY, &EC_KEY]));
    let shown = acme.after_daily_fetch(|shown| count(&shown["candidates"]) == 1);
    assert!(acme.accepts(&KEY) && !acme.accepts(&EC_KEY), "a new certificate is not adopted automatically");
    assert_eq!(acme.logged("connection.certificate_found"), 1);
    let unknown = json!({ "fingerprint": "00:11" });
    assert_eq!(acme.adopt(&unknown).status, 404);
    let print = shown["candidates"][0]["fingerprint"].as_str().expect("a fingerprint");
    let refused = acme.admin.api("DELETE", &format!("/organisations/acme/sso/candidates/{print}"), &Value::Null);
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (409, "in_metadata"),
        "a certificate in the metadata cannot be rejected"
    );
    let adopted = acme.adopt(&shown["candidates"][0]);
    assert_eq!(adopted.status, 200, "{}", adopted.body);
    let shown = adopted.json();
    assert_eq!((count(&shown["certificates"]), count(&shown["candidates"])), (2, 0));
    assert_eq!(shown["status"], "ready", "an additional certificate needs no new test sign-in");
    assert!(acme.accepts(&KEY) && acme.accepts(&EC_KEY) && !acme.accepts(&OTHER_KEY));
    assert_eq!(acme.logged("connection.certificate_adopted"), 1);
}

#[test]
fn a_certificate_that_a_key_added_can_be_rejected_once_the_metadata_no_longer_contains_it() {
    let mut acme = Followed::new(false);
    let body = json!({ "name": "Terraform", "scopes": ["manage_sso"] });
    let made = acme.admin.api("POST", "/organisations/acme/keys", &body).json();
    let mut program = acme.app.program(made["key"].as_str().expect("a key"));
    acme.site.set_answer(metadata_with(&[&KEY, &EC_KEY]));
    let saved = program.api("PUT", "/organisations/acme/sso", &settings_by_url(&acme.site.url(), false)).json();
    let waiting = &saved["candidates"][0];
    assert_eq!((count(&saved["candidates"]), waiting["added_by"].as_str()), (1, Some("Terraform")), "{saved}");
    let path = format!("/organisations/acme/sso/candidates/{}", waiting["fingerprint"].as_str().expect("text"));
    assert_eq!(acme.admin.api("DELETE", &path, &Value::Null).code(), "in_metadata");
    acme.site.set_answer(metadata_with(&[&KEY]));
    assert_eq!(acme.admin.api("POST", "/organisations/acme/sso/metadata/refresh", &Value::Null).status, 200);
    assert_eq!(count(&acme.show()["candidates"]), 1, "the certificate added with the key still waits");
    assert_eq!(acme.admin.api("DELETE", &path, &Value::Null).status, 204);
    assert_eq!(count(&acme.show()["candidates"]), 0);
}

#[test]
fn admins_are_notified_once_of_a_waiting_certificate() {
    let mail_server = MailServer::new();
    let app = appliance_with(|flags| flags.mail.smtp_url = Some(mail_server.url()));
    let mut acme = Followed::at(app, false);
    acme.site.set_answer(metadata_with(&[&KEY, &EC_KEY]));
    let shown = acme.after_daily_fetch(|shown| count(&shown["candidates"]) == 1);
    let mail = mail_server.newest(1, "ann@acme.test").text;
    assert!(mail.contains("Subject: Acme: your identity provider has a new certificate"), "{mail}");
    assert!(mail.replace("\r\n", "").contains(shown["candidates"][0]["fingerprint"].as_str().expect("text")), "{mail}");
    acme.after_daily_fetch(|_| true);
    assert_eq!(mail_server.received().len(), 1);
}

#[test]
fn a_new_certificate_is_adopted_automatically_if_the_connection_allows_it() {
    let mut acme = Followed::new(true);
    acme.site.set_answer(metadata_with(&[&EC_KEY]));
    let shown = acme.after_daily_fetch(|shown| count(&shown["certificates"]) == 2);
    assert_eq!((shown["status"].as_str(), count(&shown["candidates"])), (Some("ready"), 0));
    assert!(acme.accepts(&KEY) && acme.accepts(&EC_KEY), "the old certificate is kept");
    assert_eq!((acme.logged("connection.certificate_found"), acme.logged("connection.certificate_adopted")), (1, 1));
    let newest = acme.admin.read("/me/events").json()["items"][0].clone();
    assert_eq!(
        (&newest["kind"], &newest["detail"]["change"]),
        (&json!("connection_changed"), &json!("certificate_added"))
    );
    assert_eq!(newest["by"], "Vestibule");
}

#[test]
fn a_changed_sign_on_url_or_entity_id_is_reported_and_never_adopted() {
    let mut acme = Followed::new(true);
    acme.site.set_answer(SiteAnswer::Text(metadata(ENTITY_ID, "https://idp.test/moved", &[&KEY])));
    let shown = acme.after_daily_fetch(|shown| count(&shown["changes"]) == 1);
    let change = json!({ "field": "sign_on_url", "ours": SIGN_ON_URL, "theirs": "https://idp.test/moved" });
    assert_eq!((&shown["changes"][0], shown["sign_on_url"].as_str()), (&change, Some(SIGN_ON_URL)));
    acme.site.set_answer(SiteAnswer::Text(metadata("https://evil.test", SIGN_ON_URL, &[&OTHER_KEY])));
    let shown = acme.after_daily_fetch(|shown| shown["changes"][0]["field"] == "idp_entity_id");
    assert_eq!((shown["idp_entity_id"].as_str(), count(&shown["candidates"])), (Some(ENTITY_ID), 0));
    assert!(acme.accepts(&KEY) && !acme.accepts(&OTHER_KEY), "certificates of another entity ID are not adopted");
    acme.after_daily_fetch(|_| true);
    assert_eq!(acme.logged("connection.metadata_changed"), 2, "each change is logged once");
    let saved =
        acme.admin.api("PUT", "/organisations/acme/sso?dry_run=true", &settings_by_url(&acme.site.url(), false));
    assert_eq!(
        saved.json()["effect"]["applied"],
        false,
        "a dry run shows the effect of adopting the change: {}",
        saved.body
    );
}

#[test]
fn a_failed_fetch_records_its_reason_and_keeps_the_last_metadata() {
    let mut acme = Followed::new(false);
    acme.site.set_answer(metadata_with(&[&KEY, &EC_KEY]));
    acme.after_daily_fetch(|shown| count(&shown["candidates"]) == 1);
    acme.site.set_answer(SiteAnswer::Head("500 Internal Server Error".into()));
    let shown = acme.after_daily_fetch(|shown| shown["metadata"]["failure"].is_string());
    assert_eq!(shown["metadata"]["failure"], "it answered 500 Internal Server Error");
    acme.admin.headers.push(("accept-language", "fr".into()));
    assert_eq!(acme.show()["metadata"]["failure"], "la réponse est 500 Internal Server Error");
    acme.admin.headers.pop();
    assert_eq!((count(&shown["candidates"]), count(&shown["certificates"])), (1, 1));
    assert!(acme.accepts(&KEY));
    acme.site.set_answer(SiteAnswer::Text("<x/>".into()));
    acme.after_daily_fetch(|shown| {
        shown["metadata"]["failure"].as_str().is_some_and(|why| why.contains("EntityDescriptor"))
    });
    assert_eq!(acme.logged("connection.metadata_failed"), 1, "a repeated failure is logged once");
    let saved = acme.admin.api("PUT", "/organisations/acme/sso", &settings_by_url(&acme.site.url(), false));
    assert_eq!(
        (saved.status, saved.field().as_str()),
        (422, "metadata_url"),
        "the address answers, but not with metadata"
    );
    acme.site.set_answer(SiteAnswer::Head("500 Internal Server Error".into()));
    let saved = acme.admin.api("PUT", "/organisations/acme/sso", &settings_by_url(&acme.site.url(), true));
    assert_eq!(saved.status, 200, "{}", saved.body);
    assert!(saved.json()["effect"]["warnings"][0].as_str().is_some_and(|text| text.contains("it answered 500")));
    acme.site.set_answer(metadata_with(&[&KEY]));
    let refreshed = acme.admin.api("POST", "/organisations/acme/sso/metadata/refresh", &Value::Null);
    assert_eq!((refreshed.status, &refreshed.json()["metadata"]["failure"]), (200, &Value::Null));
}

#[test]
fn setting_the_clock_back_does_not_stop_metadata_fetches() {
    let acme = Followed::new(false);
    let (visits, begun) = (acme.site.visits(), Instant::now());
    acme.app.wait(-3 * DAY);
    while acme.site.visits() == visits {
        assert!(begun.elapsed() < Duration::from_secs(20), "the metadata was not fetched");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_fifth_certificate_is_accepted_once_one_of_four_has_expired() {
    let mut acme = Followed::new(false);
    let (expiring, third) = (SigningKey::ec("Ending").valid_for(2), SigningKey::ec("Third"));
    acme.site.set_answer(metadata_with(&[&KEY, &EC_KEY, &expiring, &third]));
    let saved = acme.admin.api("PUT", "/organisations/acme/sso", &settings_by_url(&acme.site.url(), false));
    assert_eq!(count(&saved.json()["certificates"]), 4, "{}", saved.body);
    assert!(acme.accepts(&expiring) && acme.accepts(&third) && acme.accepts(&EC_KEY), "each certificate is accepted");
    acme.site.set_answer(metadata_with(&[&KEY, &OTHER_KEY]));
    let shown = acme.after_daily_fetch(|shown| count(&shown["candidates"]) == 1);
    let refused = acme.adopt(&shown["candidates"][0]);
    assert_eq!((refused.status, refused.code().as_str()), (409, "certificates_full"));
    acme.app.pass(DAY);
    let shown = acme.after_daily_fetch(|shown| shown["certificates"][2]["days_left"] == -1);
    assert_eq!(acme.adopt(&shown["candidates"][0]).status, 200);
    assert!(acme.accepts(&OTHER_KEY) && acme.accepts(&KEY) && !acme.accepts(&expiring));
}

#[test]
fn a_test_sign_in_of_a_ready_connection_confirms_its_current_certificates() {
    let mut acme = Followed::new(false);
    let with = |keys: &[&SigningKey]| {
        let mut body = settings("acme_SSO");
        body["certificates"] = keys.iter().map(|key| json!(key.certificate_pem())).collect();
        body
    };
    let after = |acme: &mut Followed, test: bool| {
        assert_eq!(acme.admin.api("PUT", "/organisations/acme/sso", &with(&[&KEY, &EC_KEY])).status, 200);
        if test {
            let tested = saml_sign_in(&acme.app, &mut acme.admin, "/sso?key=acme_SSO&test=1", "ann@acme.test");
            assert_eq!(tested.location(), "/", "{}", tested.body);
        }
        let saved = acme.admin.api("PUT", "/organisations/acme/sso?dry_run=true", &with(&[&EC_KEY])).json();
        let warnings = saved["effect"]["warnings"].to_string();
        warnings.contains("after a new test sign-in")
    };
    assert!(after(&mut acme, false), "a warning, because no test sign-in used the new certificate");
    assert!(!after(&mut acme, true));
    assert_eq!(status(&mut acme.admin, &acme.org), "ready");
}
