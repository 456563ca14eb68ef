//! Applications that are OpenID Connect clients: their settings and secrets.

use crate::app::{Org, TestApp};
use crate::browser::{Answer, Browser};
use serde_json::{Value, json};
use vestibule::domain::Error;
use vestibule::domain::ids::ApplicationId;
use vestibule::domain::person::Role;

/// Acme with the organisation admin Ann and the Power User Pat.
struct World {
    app: TestApp,
    org: Org,
    ann: Browser,
}

impl World {
    fn new() -> Self {
        let app = TestApp::with_operator(|_| ());
        let org = app.org("Acme", "business");
        app.admin(&org, "ann@acme.test");
        app.member(&org, "pat@acme.test");
        let ann = app.signed_in("ann@acme.test");
        Self { app, org, ann }
    }

    fn create(&mut self, body: &Value) -> Answer {
        let list = format!("/workspaces/{}/applications", self.org.workspace);
        self.ann.api("POST", &list, body)
    }

    /// Creates a client; returns its path and the answer.
    fn created(&mut self, body: &Value) -> (String, Value) {
        let made = self.create(body);
        assert_eq!(made.status, 201, "{}", made.body);
        let made = made.json();
        (format!("/applications/{}", made["id"].as_str().expect("an id")), made)
    }

    /// True if the secret is one of the client's.
    fn knows(&self, client: &Value, secret: &Value) -> bool {
        let id = ApplicationId::parse(client["id"].as_str().expect("an id")).expect("an id");
        let client = self.app.write(move |tx| tx.oidc_client(&id));
        client.has_secret(secret.as_str().expect("a secret"))
    }

    fn secrets(&mut self, path: &str) -> Vec<Value> {
        let secrets = self.ann.read(path).json()["secrets"].as_array().expect("a list").clone();
        secrets.into_iter().map(|one| one["id"].clone()).collect()
    }
}

fn board() -> Value {
    json!({
        "kind": "oidc", "name": "Board", "url": "https://board.acme.test",
        "redirect_uris": ["https://Board.acme.test:443/cb?a=%2f", "http://127.0.0.1:3000/cb"],
    })
}

#[test]
fn a_client_is_created_with_its_defaults_and_shows_its_secret_once() {
    let mut world = World::new();
    let (path, made) = world.created(&board());
    let secret = made["client_secret"].clone();
    assert!(secret.as_str().is_some_and(|secret| secret.starts_with("vcs_") && secret.len() == 68), "{secret}");
    let shown = world.ann.read(&path).json();
    assert_eq!(
        (&shown["kind"], &shown["client_type"], &shown["token_auth"], &shown["signing"], &shown["pkce_optional"]),
        (&json!("oidc"), &json!("confidential"), &json!("client_secret_basic"), &json!("RS256"), &json!(false))
    );
    assert_eq!((&shown["client_id"], &shown["redirect_uris"]), (&shown["id"], &board()["redirect_uris"]));
    assert_eq!(shown["post_logout_redirect_uris"], json!([]));
    assert!(shown.get("client_secret").is_none() && shown.get("hosts").is_none(), "{shown}");
    assert_eq!(shown["secrets"].as_array().map(Vec::len), Some(1));
    assert!(world.knows(&made, &secret) && !world.knows(&made, &json!("vcs_other")));
    // Members see only the tile.
    let mut pat = world.app.signed_in("pat@acme.test");
    let tile = pat.read(&path).json();
    assert_eq!(tile["kind"], "oidc");
    assert!(tile.get("secrets").is_none() && tile.get("redirect_uris").is_none(), "{tile}");
    // Neither the secret nor its digest is in the audit log.
    let log = world.ann.read("/organisations/acme/audit?resource_type=application");
    assert!(log.body.contains("client_secret_basic") && !log.body.contains("vcs_"), "{}", log.body);
}

#[test]
fn the_settings_of_a_client_can_be_changed() {
    let mut world = World::new();
    let (path, _) = world.created(&board());
    let wanted = json!({
        "redirect_uris": ["https://board.acme.test/"], "post_logout_redirect_uris": ["https://board.acme.test/bye"],
        "backchannel_logout_uri": "https://board.acme.test/logout", "token_auth": "client_secret_post", "signing": "ES256",
        "pkce_optional": true,
    });
    let changed = world.ann.api("PATCH", &path, &wanted);
    assert_eq!(changed.status, 200, "{}", changed.body);
    let changed = changed.json();
    for (field, value) in wanted.as_object().expect("an object") {
        assert_eq!(changed[field], *value, "{field}");
    }
    assert!(changed.get("client_secret").is_none());
    let named = world.ann.api("PATCH", &path, &json!({ "name": "Boards" })).json();
    assert_eq!((&named["redirect_uris"], &named["signing"]), (&wanted["redirect_uris"], &json!("ES256")));
    let without = world.ann.api("PATCH", &path, &json!({ "backchannel_logout_uri": null })).json();
    assert!(without.get("backchannel_logout_uri").is_none(), "{without}");
    assert_eq!(without["post_logout_redirect_uris"], wanted["post_logout_redirect_uris"]);
}

#[test]
fn a_client_that_becomes_public_loses_its_secrets_and_gets_one_when_it_is_confidential_again() {
    let mut world = World::new();
    let (path, made) = world.created(&board());
    let public = world.ann.api("PATCH", &path, &json!({ "client_type": "public" })).json();
    assert_eq!((&public["token_auth"], &public["secrets"]), (&json!("none"), &json!([])));
    assert!(!world.knows(&made, &made["client_secret"]));
    let refused = world.ann.api("POST", &format!("{path}/secrets"), &Value::Null);
    assert_eq!((refused.status, refused.code()), (409, "no_secrets".into()));
    let again = world.ann.api("PATCH", &path, &json!({ "client_type": "confidential" })).json();
    assert_eq!(again["token_auth"], "client_secret_basic");
    assert!(world.knows(&made, &again["client_secret"]) && again["client_secret"] != made["client_secret"]);
    let mut public = board();
    public["client_type"] = json!("public");
    let (_, public) = world.created(&public);
    assert!(public.get("client_secret").is_none(), "{public}");
}

#[test]
fn a_client_has_at_most_two_secrets_and_keeps_the_last() {
    let mut world = World::new();
    let (path, made) = world.created(&board());
    let list = format!("{path}/secrets");
    let first = world.secrets(&path)[0].clone();
    let only = world.ann.api("DELETE", &format!("{list}/{}", first.as_str().expect("an id")), &Value::Null);
    assert_eq!((only.status, only.code()), (409, "last_secret".into()));
    let second = world.ann.api("POST", &list, &Value::Null);
    assert_eq!(second.status, 201, "{}", second.body);
    let second = second.json();
    assert_eq!(world.secrets(&path), [first.clone(), second["id"].clone()]);
    assert!(world.knows(&made, &made["client_secret"]) && world.knows(&made, &second["client_secret"]));
    let third = world.ann.api("POST", &list, &Value::Null);
    assert_eq!((third.status, third.code()), (409, "too_many_secrets".into()));
    let delete = format!("{list}/{}", first.as_str().expect("an id"));
    let dry = world.ann.api("DELETE", &format!("{delete}?dry_run=true"), &Value::Null);
    assert_eq!((dry.status, &dry.json()["applied"]), (200, &json!(false)));
    assert!(world.knows(&made, &made["client_secret"]));
    let real = world.ann.api("DELETE", &delete, &Value::Null);
    assert_eq!((real.status, &real.json()["applied"]), (200, &json!(true)));
    assert!(!world.knows(&made, &made["client_secret"]) && world.knows(&made, &second["client_secret"]));
    assert_eq!(world.ann.api("DELETE", &delete, &Value::Null).status, 404);
    let log = world.ann.read("/organisations/acme/audit?resource_type=application").json();
    let actions: Vec<_> = log["items"].as_array().expect("a list").iter().map(|one| &one["action"]).collect();
    assert_eq!(actions, ["application.secret_deleted", "application.secret_created", "application.created"]);
    // Deleting the application deletes its secrets.
    assert_eq!(world.ann.api("DELETE", &path, &Value::Null).status, 200);
    let id = ApplicationId::parse(made["id"].as_str().expect("an id")).expect("an id");
    let gone = world.app.write(move |tx| Ok(tx.oidc_client(&id)));
    assert!(matches!(gone, Err(Error::NotFound(_))));
}

#[test]
fn secrets_belong_to_one_client_and_only_its_admins_make_them() {
    let mut world = World::new();
    let (path, made) = world.created(&board());
    let (other, _) = world.created(&board());
    let secret = world.ann.api("POST", &format!("{path}/secrets"), &Value::Null).json();
    let id = secret["id"].as_str().expect("an id");
    assert_eq!(world.ann.api("DELETE", &format!("{other}/secrets/{id}"), &Value::Null).status, 404);
    assert!(world.knows(&made, &secret["client_secret"]));
    let mut pat = world.app.signed_in("pat@acme.test");
    assert_eq!(pat.api("POST", &format!("{other}/secrets"), &Value::Null).status, 403);
    assert_eq!(pat.api("DELETE", &format!("{path}/secrets/{id}"), &Value::Null).status, 403);
    let birch = world.app.org("Birch", "business");
    world.app.person(&birch, "bob@birch.test", Role::Admin, false);
    let mut bob = world.app.signed_in("bob@birch.test");
    assert_eq!(bob.api("POST", &format!("{other}/secrets"), &Value::Null).status, 404);
    assert_eq!(bob.api("DELETE", &format!("{path}/secrets/{id}"), &Value::Null).status, 404);
    let link = json!({ "kind": "link", "name": "Intranet", "url": "http://intranet.acme.test/" });
    let (link, _) = world.created(&link);
    assert_eq!(world.ann.api("POST", &format!("{link}/secrets"), &Value::Null).code(), "no_secrets");
}

#[test]
fn invalid_settings_are_reported_at_their_fields() {
    let mut world = World::new();
    let (path, _) = world.created(&board());
    for (field, value) in [
        ("redirect_uris", json!([])),
        ("redirect_uris", json!(["http://board.acme.test/cb"])),
        ("redirect_uris", json!(["https://board.acme.test/cb#x"])),
        ("redirect_uris", json!(["https://*.acme.test/cb"])),
        ("redirect_uris", json!(["https://u@board.acme.test/cb"])),
        ("redirect_uris", json!(["https://board.acme.test/cb", "board:/cb"])),
        ("redirect_uris", json!(vec!["https://board.acme.test/cb"; 51])),
        ("post_logout_redirect_uris", json!(["javascript:alert(1)"])),
        ("backchannel_logout_uri", json!("http://board.acme.test/logout")),
        ("client_type", json!("native")),
        ("token_auth", json!("none")),
        ("token_auth", json!("private_key_jwt")),
        ("signing", json!("none")),
        ("signing", json!("HS256")),
        ("hosts", json!(["board.acme.test"])),
        ("rules", json!([])),
        ("assertion", json!(false)),
    ] {
        let mut body = board();
        body[field] = value.clone();
        let answer = world.create(&body);
        assert_eq!((answer.status, answer.field()), (422, field.to_owned()), "{value}: {}", answer.body);
        let answer = world.ann.api("PATCH", &path, &json!({ (field): value }));
        assert_eq!((answer.status, answer.field()), (422, field.to_owned()), "{value}: {}", answer.body);
    }
    let public = json!({ "client_type": "public", "pkce_optional": true });
    assert_eq!(world.ann.api("PATCH", &path, &public).field(), "pkce_optional");
    let mut without = board();
    without.as_object_mut().expect("an object").remove("redirect_uris");
    assert_eq!(world.create(&without).field(), "redirect_uris");
    for field in ["redirect_uris", "post_logout_redirect_uris"] {
        let mut link = json!({ "kind": "link", "name": "Intranet", "url": "http://intranet.acme.test/" });
        link[field] = json!(["https://board.acme.test/cb"]);
        assert_eq!(world.create(&link).field(), field);
    }
}

fn snippets(world: &mut World, path: &str) -> Vec<(String, String)> {
    let items = world.ann.read(&format!("{path}/snippets")).json()["items"].as_array().expect("a list").clone();
    let text = |one: &Value, field: &str| one[field].as_str().expect("a text").to_owned();
    items.iter().map(|one| (text(one, "name"), text(one, "text"))).collect()
}

#[test]
fn the_snippets_of_a_client_have_its_id_and_addresses_and_no_secret() {
    let mut world = World::new();
    let mut body = board();
    body["signing"] = json!("ES256");
    body["token_auth"] = json!("client_secret_post");
    body["redirect_uris"] = json!(["https://board.acme.test/cb"]);
    let (path, made) = world.created(&body);
    let issuer = world.app.app.config.public_url.origin().to_owned();
    let found = snippets(&mut world, &path);
    let names: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
    let known =
        ["node", "python", "apache", "jupyterhub", "grafana", "gitea", "nextcloud", "jenkins", "home-assistant"];
    assert_eq!(names, known);
    for (name, text) in &found {
        assert!(text.contains(&issuer) && text.contains(made["id"].as_str().expect("an id")), "{name}: {text}");
        for example in ["example.com", "RS256", "\"CLIENT_ID\"", " CLIENT_ID\n", "vcs_"] {
            assert!(!text.contains(example), "{name} has {example}");
        }
        assert_eq!(text.to_lowercase().contains("not run here"), known[4..].contains(&name.as_str()), "{name}");
    }
    for (number, part) in [
        (0, "ways[\"client_secret_post\"]"),
        (0, "new URL(\"https://board.acme.test/cb\")"),
        (0, "id_token_signed_response_alg: \"ES256\""),
        (1, "\"token_endpoint_auth_method\": \"client_secret_post\""),
        (2, "OIDCProviderTokenEndpointAuth client_secret_post"),
        (3, "basic_auth = \"client_secret_post\" == \"client_secret_basic\""),
    ] {
        assert!(found[number].1.contains(part), "{part}: {}", found[number].1);
    }
    // A value that a shell could read as more than a text stays an example.
    let odd = json!({ "redirect_uris": ["https://board.acme.test/'$x"], "client_type": "public" });
    assert_eq!(world.ann.api("PATCH", &path, &odd).status, 200);
    let found = snippets(&mut world, &path);
    assert_eq!((found.len(), found[0].0.as_str()), (1, "browser"));
    assert!(found[0].1.contains("https://app.example.com/callback") && !found[0].1.contains("'$x"));
    let (link, _) = world.created(&json!({ "kind": "link", "name": "Intranet", "url": "http://intranet.acme.test/" }));
    assert_eq!(snippets(&mut world, &link), []);
}

#[test]
fn the_documentation_shows_the_programs_and_settings_of_the_snippets() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let page = std::fs::read_to_string(folder.join("clients.md")).expect("a page");
    let files: Vec<_> =
        std::fs::read_dir(folder.join("clients")).expect("a folder").map(|file| file.expect("a file").path()).collect();
    assert_eq!(files.len(), 10);
    for file in files {
        let text = std::fs::read_to_string(&file).expect("text");
        assert!(page.contains(&format!("\n{text}```\n")), "{} is not as printed", file.display());
    }
}

#[test]
fn the_command_line_creates_changes_and_rotates_clients() {
    let mut world = World::new();
    let run = |args: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_vestibule"))
            .args(args)
            .arg("--data")
            .arg(world.app.data.path())
            .output()
            .expect("runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.success(), text(&output.stdout), text(&output.stderr))
    };
    let workspace = world.org.workspace.to_string();
    let create = ["app", "create", &workspace, "Board", "--kind", "oidc", "--url", "https://board.acme.test", "--json"];
    let (done, _, fault) = run(&create);
    assert!(!done && fault.contains("--redirect-uri"), "{fault}");
    let with = [&create[..], &["--redirect-uri", "https://board.acme.test/cb", "--signing", "ES256"]].concat();
    let (done, made, fault) = run(&with);
    assert!(done, "{fault}");
    let made: Value = serde_json::from_str(&made).expect("JSON");
    assert_eq!((&made["signing"], &made["token_auth"]), (&json!("ES256"), &json!("client_secret_basic")));
    assert!(world.knows(&made, &made["client_secret"]));
    let id = made["id"].as_str().expect("an id");
    let rotate = |more: &[&str]| {
        let (done, text, fault) = run(&[&["app", "rotate-secret", id, "--json"], more].concat());
        assert!(done, "{fault}");
        serde_json::from_str::<Value>(&text).expect("JSON")["client_secret"].clone()
    };
    let second = rotate(&[]);
    assert!(world.knows(&made, &made["client_secret"]) && world.knows(&made, &second));
    let third = rotate(&[]);
    assert!(!world.knows(&made, &made["client_secret"]) && world.knows(&made, &second) && world.knows(&made, &third));
    let fourth = rotate(&["--end-old"]);
    assert!(!world.knows(&made, &second) && !world.knows(&made, &third) && world.knows(&made, &fourth));
    let (done, text, fault) = run(&[
        "app",
        "set",
        id,
        "--pkce-optional",
        "true",
        "--backchannel-logout-uri",
        "https://board.acme.test/out",
        "--json",
    ]);
    assert!(done && text.contains("\"pkce_optional\":true"), "{fault}");
    assert_eq!(
        world.ann.read(&format!("/applications/{id}")).json()["backchannel_logout_uri"],
        "https://board.acme.test/out"
    );
    let (done, _, fault) = run(&["app", "set", id, "--host", "board.acme.test"]);
    assert!(!done && fault.contains("--host"), "{fault}");
    let (done, text, fault) = run(&["app", "snippet", id, "node"]);
    assert!(done && text.contains(id), "{fault}");
    let link = ["app", "create", &workspace, "Intranet", "--kind", "link", "--url", "https://intranet.acme.test"];
    let (done, _, fault) = run(&[&link[..], &["--redirect-uri", "https://board.acme.test/cb"]].concat());
    assert!(!done && fault.contains("--redirect-uri"), "{fault}");
}
