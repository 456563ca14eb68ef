//! The values of an identity provider: files in all formats and encodings, and our own values entered by mistake.

use crate::acme::Acme;
use crate::app::TestApp;
use crate::browser::Answer;
use crate::idp::{ENTITY_ID, KEY, SIGN_ON_URL, metadata, settings};
use crate::site::{Site, SiteAnswer};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::process::{Command, Output};
use vestibule::saml::test_idp::SigningKey;

fn acme() -> Acme {
    let app = TestApp::with_flags(|flags| flags.providers.fetch.metadata_private_hosts = Some("localhost".into()));
    Acme::on_at("enterprise", app)
}

impl Acme {
    fn read_values(&mut self, body: &Value) -> Answer {
        self.admin.api("POST", &format!("/organisations/{}/sso/metadata", self.org.slug), body)
    }

    /// Saves the connection on the command line.
    fn run(&self, options: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
        command.args(["sso", "save", &self.org.slug, "--provider", "custom", "--portal-key", "acme_SSO"]).args(options);
        command
            .arg("--data")
            .arg(self.app.data.path())
            .env_remove("VESTIBULE_PUBLIC_URL")
            .output()
            .expect("the program runs")
    }
}

fn by_metadata(field: &str, value: &str) -> Value {
    json!({ "provider": "custom", "portal_key": "acme_SSO", field: value })
}

fn utf_16(text: &str) -> Vec<u8> {
    [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

fn latin_1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin")).collect()
}

/// Metadata with a non-ASCII letter in the name of the organisation.
fn metadata_of_zurich(encoding: &str) -> String {
    let organisation =
        "<md:Organization><md:OrganizationName xml:lang=\"de\">Zürich</md:OrganizationName></md:Organization>";
    let xml = metadata().replace("</md:EntityDescriptor>", &format!("{organisation}</md:EntityDescriptor>"));
    format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>\n{xml}")
}

#[test]
fn metadata_in_other_encodings_is_read_from_a_file_a_text_and_an_address() {
    let mut acme = acme();
    let folder = tempfile::tempdir().expect("a folder");
    let site = Site::new(SiteAnswer::Drip);
    let (wide, narrow) = (metadata_of_zurich("utf-16"), metadata_of_zurich("ISO-8859-1"));
    for (kind, bytes) in [
        ("text/xml", utf_16(&wide)),
        ("application/xml", latin_1(&narrow)),
        ("text/xml; charset=windows-1252", latin_1(&narrow)),
        ("application/samlmetadata+xml", format!("\u{feff}{}", metadata_of_zurich("UTF-8")).into_bytes()),
        ("text/plain", STANDARD.encode(utf_16(&wide)).into_bytes()),
    ] {
        site.set_answer(SiteAnswer::Bytes(kind, bytes.clone()));
        let filled = acme.read_values(&json!({ "metadata_url": site.url() }));
        assert_eq!(filled.json()["idp_entity_id"], ENTITY_ID, "{kind}: {}", filled.body);
        let file = folder.path().join("metadata.xml");
        std::fs::write(&file, &bytes).expect("written");
        let saved = acme.run(&["--metadata", file.to_str().expect("text")]);
        assert!(saved.status.success(), "{kind}: {}", String::from_utf8_lossy(&saved.stderr));
        assert_eq!(acme.show()["sign_on_url"], SIGN_ON_URL);
    }
    for text in [wide, narrow] {
        assert_eq!(acme.save(&by_metadata("metadata_xml", &text)).status, 200);
    }
    let refused = acme.read_values(&json!({ "metadata_xml": "{\"issuer\":\"https://idp.test\"}" }));
    assert_eq!((refused.status, refused.field().as_str()), (422, "metadata_xml"));
    assert!(refused.body.contains("is the discovery document of OpenID Connect"), "{}", refused.body);
    site.set_answer(SiteAnswer::Bytes("application/zip", b"PK\x03\x04".to_vec()));
    let refused = acme.read_values(&json!({ "metadata_url": site.url() }));
    assert!(refused.body.contains("its answer is a ZIP archive, not a text file"), "{}", refused.body);
}

#[test]
fn the_command_line_reads_certificate_files_in_pem_and_der() {
    let mut acme = acme();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("idp.cer");
    let pem = KEY.certificate_pem();
    let base64: String = pem.lines().filter(|line| !line.contains("-----")).collect();
    let values = ["--sign-on-url", SIGN_ON_URL, "--entity-id", ENTITY_ID, "--certificate"];
    let options = [&values[..], &[file.to_str().expect("text")]].concat();
    for bytes in [STANDARD.decode(base64).expect("base64"), utf_16(&pem), pem.replace('\n', " ").into_bytes()] {
        std::fs::write(&file, bytes).expect("written");
        let saved = acme.run(&options);
        assert!(saved.status.success(), "{}", String::from_utf8_lossy(&saved.stderr));
        assert_eq!(acme.show()["certificates"][0]["pem"], pem);
    }
    std::fs::write(&file, KEY.private_key_pem()).expect("written");
    let refused = acme.run(&options);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("is a private key"));
}

#[test]
fn of_five_certificates_in_metadata_the_four_that_expire_last_are_used() {
    let mut acme = acme();
    let keys: Vec<_> = [50, 10, 40, 20, 30].map(|days| SigningKey::ec("idp").valid_for(days)).into();
    let one = metadata();
    let (start, rest) = one.split_once("<md:KeyDescriptor").expect("a key");
    let (key, end) = rest.split_once("</md:KeyDescriptor>").expect("an end");
    let (before, inner) = key.split_once("X509Certificate>").expect("a certificate");
    let (_, after) = inner.split_once("</ds:").expect("an end");
    let own = |key: &SigningKey| {
        let pem = key.certificate_pem();
        let base64: String = pem.lines().filter(|line| !line.contains("-----")).collect();
        format!("<md:KeyDescriptor{before}X509Certificate>{base64}</ds:{after}</md:KeyDescriptor>")
    };
    let all = format!("{start}{}{end}", keys.iter().map(own).collect::<String>());
    let used: Vec<_> = [0, 2, 3, 4].map(|at: usize| keys[at].certificate_pem()).into();

    let filled = acme.read_values(&json!({ "metadata_xml": all })).json();
    assert_eq!(filled["certificates"], json!(used));
    assert!(filled["warnings"][0].as_str().expect("a warning").contains("has 5 signing certificates"), "{filled}");
    let saved = acme.save(&by_metadata("metadata_xml", &all)).json();
    assert!(saved["effect"]["warnings"].to_string().contains("those that expire last are used"), "{saved}");
    assert_eq!(saved["certificates"].as_array().map(Vec::len), Some(4));
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), &all).expect("written");
    let reported = acme.run(&["--metadata", file.path().to_str().expect("text"), "--dry-run"]);
    let reported = String::from_utf8_lossy(&reported.stdout).into_owned();
    assert!(reported.contains("has 5 signing certificates"), "{reported}");
    let four = format!("{start}{}{end}", keys[..4].iter().map(own).collect::<String>());
    assert_eq!(acme.read_values(&json!({ "metadata_xml": four })).json()["warnings"], json!([]));
}

#[test]
fn our_own_values_in_place_of_the_providers_are_refused_by_field() {
    let mut acme = acme();
    let ours = acme.show();
    let text = |field: &str| ours[field].as_str().expect("text").to_owned();
    let portal = format!("{}/sso?key=acme_SSO", acme.app.url);
    for (field, value, which) in [
        ("sign_on_url", text("callback_url"), "our Callback URL"),
        ("sign_on_url", text("entity_id"), "our Entity ID"),
        ("sign_on_url", portal.clone(), "our Portal URL"),
        ("idp_entity_id", text("entity_id"), "our Entity ID"),
        ("idp_entity_id", format!("{}/", text("callback_url")), "our Callback URL"),
        ("idp_entity_id", acme.app.url.clone(), "an address of this site"),
    ] {
        let mut body = settings("acme_SSO");
        body[field] = json!(value);
        let refused = acme.save(&body);
        assert_eq!((refused.status, refused.field().as_str()), (422, field), "{value}");
        assert!(refused.body.contains(which) && refused.body.contains("; enter the "), "{}", refused.body);
    }
    let own_metadata = acme
        .app
        .anonymous()
        .get(text("entity_id").strip_prefix(&acme.app.url).expect("an address of the appliance"))
        .body;
    let theirs = metadata();
    for (field, value, which) in [
        ("metadata_url", text("entity_id"), "our Entity ID"),
        ("metadata_url", portal, "our Portal URL"),
        ("metadata_xml", own_metadata, "our own metadata"),
        ("metadata_xml", theirs.replace(ENTITY_ID, &text("entity_id")), "idp entity id is our Entity ID"),
        ("metadata_xml", theirs.replace(SIGN_ON_URL, &text("callback_url")), "sign on url is our Callback URL"),
    ] {
        for refused in [acme.save(&by_metadata(field, &value)), acme.read_values(&json!({ field: value }))] {
            assert_eq!((refused.status, refused.field().as_str()), (422, field), "{value}");
            assert!(refused.body.contains(which), "{which}: {}", refused.body);
        }
    }
    let mut own_certificate = settings("acme_SSO");
    let keys = acme.admin.read("/organisations/acme/sso/own-keys").json();
    let pem = keys["items"][0]["signing"]["pem"].as_str().unwrap_or_else(|| panic!("{keys}"));
    own_certificate["certificates"] = json!([pem]);
    let refused = acme.save(&own_certificate);
    assert_eq!((refused.status, refused.field().as_str()), (422, "certificates"), "{}", refused.body);
    assert!(refused.body.contains("is our own certificate"), "{}", refused.body);
    assert_eq!(acme.show()["status"], "none");
    assert_eq!(acme.save(&settings("acme_SSO")).status, 200);
}
