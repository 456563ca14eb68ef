//! Examples for the text fields of the API description that declare none.

use serde_json::{Value, json};

/// Examples by field name. If several schemas have a field of that name, the schema's name and a dot come before it.
const EXAMPLES: &[(&str, &str)] = &[
    ("AccountEvent.address", "192.0.2.7"),
    ("AuditEntry.address", "192.0.2.7"),
    ("AuditEntry.reason", "The response was made at a time that is too far from now."),
    ("Change.field", "sign_on_url"),
    ("Finding.check", "proxy"),
    ("InspectedInvitation.workspace", "Berlin"),
    ("Job.failure", "The database is busy. Nothing was changed; try again."),
    ("Job.name", "fetching metadata"),
    ("Key.name", "Directory sync"),
    ("Mail.subject", "Join Acme"),
    ("MailTest.from", "Vestibule <vestibule@login.acme.example>"),
    ("MailTest.server", "mail.acme.example:587"),
    (
        "MailTest.warning",
        "Vestibule greets the mail server as localhost, which some servers refuse: set a host name with --smtp-helo",
    ),
    ("MailTestStep.found", "the server accepted the e-mail: 250 2.0.0 Ok: queued as 4bX1"),
    ("MailTestStep.step", "send"),
    ("MailTestStep.what", "Check host and port in --smtp-url."),
    ("MemberSession.address", "192.0.2.7"),
    ("Named.id", "9f86d081884c7d659a2feaa0c55ad015"),
    ("Place.name", "Berlin"),
    ("Plan.id", "enterprise"),
    ("Plan.name", "Enterprise"),
    ("PlanUse.id", "enterprise"),
    ("PlanUse.name", "Enterprise"),
    ("RefusalLine.code", "audience"),
    ("RefusalLine.message", "The assertion is for another application."),
    ("Session.address", "192.0.2.7"),
    ("Share.name", "Acme"),
    ("WholeRefusal.code", "audience"),
    ("WholeRefusal.message", "The assertion is for another application."),
    ("WholeRule.name", "Not on or after"),
    ("Workspace.name", "Berlin"),
    ("accept_url", "https://login.acme.example/invitation?token=2cf24dba5fb0a30e26e83b2ac5b9e29e"),
    ("agent", "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"),
    ("apache", "RequestHeader set X-Forwarded-Proto \"https\""),
    ("asks", "that the audience is our Entity ID"),
    ("by", "ann@acme.example"),
    ("caddy", "header_up X-Forwarded-Proto {scheme}"),
    ("certificate", "22:CB:64:70:21:06:4A:F0:06:E5:F8:06:52:36:D3:44:AE:AB:50:A8:E6:23:9D:8B:5B:5B:02:0A:71:B9:3D:5B"),
    ("created_by", "ann@acme.example"),
    ("email", "ann@acme.example"),
    ("expected", "https://login.acme.example/saml/2cf24dba5fb0a30e26e83b2ac5b9e29e/metadata"),
    ("expected_text", "not over yet"),
    ("failure", "it answered 404 Not Found"),
    ("fault", "must be at least 12 characters; several words work well"),
    ("fault_text", "At the identity provider"),
    ("fingerprint", "22:CB:64:70:21:06:4A:F0:06:E5:F8:06:52:36:D3:44:AE:AB:50:A8:E6:23:9D:8B:5B:5B:02:0A:71:B9:3D:5B"),
    ("fix", "Set Audience URI (SP Entity ID) to our Entity ID."),
    ("forwarded_for", "192.0.2.7"),
    ("forwarded_host", "login.acme.example"),
    ("forwarded_proto", "https"),
    ("found", "Requests come over https, as the public URL says."),
    ("full_name", "Ann Archer"),
    ("host", "login.acme.example"),
    ("id", "9f86d081884c7d659a2feaa0c55ad015"),
    ("idp_entity_id", "http://www.okta.com/exk1fcia6d6EMsf331d8"),
    ("invited_by", "ann@acme.example"),
    ("kind", "person"),
    ("language", "en"),
    ("last_error", "Connection refused"),
    ("message", "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\">…</samlp:Response>"),
    ("metadata_url", "https://acme.okta.com/app/exk1fcia6d6EMsf331d8/sso/saml/metadata"),
    ("metadata_xml", "<EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\">…</EntityDescriptor>"),
    ("name", "Ann Archer"),
    ("next", "WyI5Zjg2ZDA4MSJd"),
    ("nginx", "proxy_set_header X-Forwarded-Proto $scheme;"),
    ("note", "For the IT of Acme"),
    ("organisation", "Acme"),
    ("ours", "https://acme.okta.com/app/vestibule/exk1fcia6d6EMsf331d8/sso/saml"),
    ("path", "/o/acme/people"),
    ("peer", "127.0.0.1"),
    ("pem", "-----BEGIN CERTIFICATE-----\nMIIC…\n-----END CERTIFICATE-----\n"),
    ("plan", "enterprise"),
    ("portal_key", "acme_SSO"),
    ("settings_digest", "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE"),
    ("portal_url", "https://login.acme.example/sso?key=acme_SSO"),
    ("public_url", "https://login.acme.example"),
    ("reason", "signs in with a password or through SAML"),
    ("received", "https://other.example/metadata"),
    ("received_text", "none"),
    ("recovery_code", "K7M2-QX9D-4TRW"),
    ("reference", "K7M2QX"),
    ("reset_url", "https://login.acme.example/reset?token=2cf24dba5fb0a30e26e83b2ac5b9e29e"),
    ("resource_id", "9f86d081884c7d659a2feaa0c55ad015"),
    ("resource_name", "bob@acme.example"),
    ("return", "/members?page=2"),
    ("rule", "audience"),
    ("sign_on_url", "https://acme.okta.com/app/vestibule/exk1fcia6d6EMsf331d8/sso/saml"),
    ("slug", "acme"),
    ("source", "SAML 2.0 Core 2.5.1.4"),
    ("step", "invite"),
    ("subject", "CN=acme.okta.com"),
    ("text", "Invite the people who are to sign in."),
    ("theirs", "https://acme.okta.com/app/vestibule/exk2fcia6d6EMsf331d8/sso/saml"),
    ("title", "Invite your people"),
    ("token", "2cf24dba5fb0a30e26e83b2ac5b9e29e2cf24dba5fb0a30e26e83b2ac5b9e29e"),
    ("traefik", "entryPoints.websecure.forwardedHeaders.trustedIPs"),
    ("what", "Set the header that says https."),
];

/// Adds its example to each text field. `schemas`: by name, as in the document.
pub fn add(schemas: &mut Value) {
    for (schema, told) in schemas.as_object_mut().into_iter().flatten() {
        let fields = told.get_mut("properties").and_then(Value::as_object_mut);
        for (field, it) in fields.into_iter().flatten() {
            let text = it["type"] == "string" || it["type"] == json!(["string", "null"]);
            let known = ["examples", "enum", "format"].iter().any(|word| it.get(word).is_some());
            if let Some(example) = example(schema, field).filter(|_| text && !known) {
                it["examples"] = json!([example]);
            }
        }
    }
}

fn example(schema: &str, field: &str) -> Option<&'static str> {
    let of = |name: &str| EXAMPLES.iter().find(|(known, _)| *known == name).map(|(_, example)| *example);
    of(&format!("{schema}.{field}")).or_else(|| of(field))
}
