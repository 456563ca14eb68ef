//! The command line, run as a process while a server runs on the same data.

use crate::app::TestApp;
use crate::browser::Browser;
use crate::program::{BINARY, free_port, serve_with};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output};
use vestibule::domain::principal::Claim;
use vestibule::domain::{Clock, Timestamp};

pub fn run(args: &[&str], data: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    command.args(args).arg("--data").arg(data).env_remove("VESTIBULE_PUBLIC_URL").output().expect("the program runs")
}

pub fn text(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

pub fn json(args: &[&str], data: &Path) -> Value {
    let mut args = args.to_vec();
    args.push("--json");
    serde_json::from_str(&text(&run(&args, data))).expect("JSON")
}

#[test]
fn organisations_are_created_listed_shown_and_switched_while_a_server_runs() {
    let app = TestApp::new();
    let data = app.data.path();
    let made = json(&["org", "create", "Acme", "--plan", "enterprise", "--admin", "ann@acme.test"], data);
    let link = made["invitation"]["accept_url"].as_str().expect("a link").to_owned();
    assert!(link.starts_with(&app.url), "{link} must begin with the running server's address");
    let token = link.split_once("token=").expect("a token").1;
    let mut ann = app.anonymous();
    let body = serde_json::json!({ "token": token, "name": "Ann", "password": "violet tractor lagoon" });
    assert_eq!(ann.api("POST", "/invitations/accept", &body).status, 200);
    assert_eq!(json(&["org", "list"], data)[0]["slug"], "acme");
    let shown = json(&["org", "show", "acme"], data);
    assert_eq!(shown["people"], 1);
    assert!(shown["callback_url"].as_str().expect("text").ends_with("/acs"));
    let dry = json(&["org", "set-plan", "acme", "business", "--dry-run"], data);
    assert_eq!((dry["applied"].as_bool(), dry["keeps"][0]["email"].as_str()), (Some(false), Some("ann@acme.test")));
    assert_eq!(json(&["org", "show", "acme"], data)["plan"]["id"], "enterprise");
    assert_eq!(json(&["org", "set-plan", "acme", "business"], data)["applied"], true);
    assert_eq!(ann.read("/organisations/acme").json()["plan"]["id"], "business");
    assert_eq!(json(&["plan", "list"], data).as_array().map(Vec::len), Some(3));
    let dry = json(&["plan", "set-auth", "business", "saml", "--dry-run"], data);
    assert_eq!((dry["applied"].as_bool(), dry["counts"]["keeps"].as_i64()), (Some(false), Some(1)));
    assert_eq!(run(&["plan", "set-auth", "business", "magic"], data).status.code(), Some(2));
    assert!(text(&run(&["org", "recover", "acme", "ann@acme.test"], data)).contains("/recover?token="));
    assert_eq!(run(&["org", "recover", "acme", "nobody@acme.test"], data).status.code(), Some(1));
    assert_eq!(run(&["org", "recover", "acme", "nobody"], data).status.code(), Some(2));
    assert!(text(&run(&["org", "list"], data)).contains("SLUG"));
    assert_eq!(run(&["org", "show", "nobody"], data).status.code(), Some(1));
    assert_eq!(run(&["org", "set-plan", "acme", "gold"], data).status.code(), Some(2));
}

#[test]
fn records_and_tables_are_printed_in_words() {
    let app = TestApp::new();
    app.admin(&app.org("Acme", "enterprise"), "ann@acme.test");
    let shown = text(&run(&["org", "show", "acme"], app.data.path()));
    let has = |line: &str| shown.lines().any(|shown| shown.split_whitespace().collect::<Vec<_>>().join(" ") == line);
    for line in ["plan Enterprise", "saml only no", "lives 24 invitation hours, 7 session days, 12 session idle hours"]
    {
        assert!(has(line), "{line}: {shown}");
    }
    let listed = text(&run(&["member", "list", "acme"], app.data.path()));
    assert!(!(shown + &listed).contains(['{', '"']) && listed.contains("yes"), "{listed}");
}

#[test]
fn a_server_on_any_free_port_prints_links_with_the_port_that_it_got() {
    use std::io::{BufRead, BufReader};
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(BINARY);
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder.path());
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().expect("the program runs");
    let mut lines = BufReader::new(child.stdout.take().expect("captured output")).lines();
    let link = lines.next().expect("a line").expect("text").replace("Set-up link: ", "");
    let server = crate::program::Server(child);
    let (url, path) = link.split_at(link.find("/setup").expect("a link"));
    assert!(!url.ends_with(":0"), "{link}");
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while std::net::TcpStream::connect(url.trim_start_matches("http://")).is_err() {
        assert!(std::time::Instant::now() < until, "nothing listens at {url}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert_eq!(Browser::new(url).get(path).status, 200);
    drop(server);
}

#[test]
fn a_refused_switch_prints_the_reason_and_changes_nothing() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    let (data, workspace) = (app.data.path(), org.workspace.to_string());
    for (command, code, why) in [
        (vec!["org", "remove-admin", "acme", "ann@acme.test"], 1, "last organisation admin"),
        (vec!["org", "remove-admin", "acme", "bob@acme.test"], 1, "Organisation admin not found: bob@acme.test. `vest"),
        (vec!["member", "revoke", &workspace, "ann@acme.test"], 1, "last Admin"),
        (
            vec!["member", "revoke", &workspace, "bob@acme.test"],
            1,
            "Member not found: bob@acme.test. `vestibule member",
        ),
        (vec!["member", "remove", "acme", "bob@acme.test"], 1, "Member not found: bob@acme.test. `vestibule member"),
        (vec!["user", "disable", "bob@acme.test"], 1, "Person not found: bob@acme.test. Check the address"),
        (vec!["operator", "remove", "bob@acme.test"], 1, "Operator not found: bob@acme.test. `vestibule operator"),
        (vec!["org", "show", "acmee"], 1, "Organisation not found: acmee. Name it by its slug or id"),
        (vec!["role", "remove", "acme", "auditor"], 1, "Role not found: auditor. Name it by"),
        (vec!["app", "show", "wiki"], 1, "Application not found: wiki. Name it by its id"),
        (vec!["sso", "remove", "acme"], 1, "Connection not found: acme. The organisation has none"),
        (vec!["sso", "allow-passwords", "acme"], 1, "SAML-only is not on"),
        (vec!["sso", "require-saml", "acme", "--dry-run"], 1, "not ready"),
        (vec!["sso", "require-saml", "acme"], 1, "SAML-only is turned on in the console"),
        (
            vec!["sso", "save", "acme", "--provider", "okta", "--portal-key", "k_1", "--metadata", "/nowhere"],
            2,
            "cannot be read",
        ),
        (vec!["sso", "save", "acme", "--provider", "okta", "--portal-key", "k_1"], 2, "--sign-on-url: "),
        (vec!["plan", "set-limits", "enterprise"], 2, "--max-members"),
        (vec!["plan", "set-limits", "enterprise", "--max-members", "many"], 2, "a number, or none"),
        (vec!["plan", "set-limits", "enterprise", "--max-members", "0"], 2, "--max-members: "),
    ] {
        let refused = run(&command, data);
        let printed = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(code), "{command:?}: {printed}");
        assert!(printed.contains(why), "{command:?}: {printed}");
    }
    assert_eq!(json(&["member", "list", "acme"], data)[0]["admin"], true);
}

#[test]
fn a_connection_is_saved_from_its_providers_metadata() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    let metadata = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(metadata.path(), crate::idp::metadata()).expect("written");
    let file = metadata.path().to_str().expect("text");
    let save = ["sso", "save", "acme", "--provider", "custom", "--portal-key", "acme_SSO", "--metadata", file];
    assert_eq!(json(&save, app.data.path())["applied"], true);
    let shown = app.operator().read("/organisations/acme/sso").json();
    assert_eq!(
        (shown["status"].as_str(), shown["sign_on_url"].as_str()),
        (Some("draft"), Some(crate::idp::SIGN_ON_URL))
    );
    let options = ["--sign-requests", "true", "--force-authn", "true", "--name-id-format", "email"];
    assert_eq!(json(&[&save[..], &options].concat(), app.data.path())["applied"], true);
    assert_eq!(json(&[&save[..], &["--force-authn", "false"]].concat(), app.data.path())["applied"], true);
    let shown = app.operator().read("/organisations/acme/sso").json();
    let asked = ["sign_requests", "force_authn", "name_id_format"].map(|name| shown[name].clone());
    assert_eq!(asked, [Value::from(true), Value::from(false), Value::from("email")]);
    for (words, asked) in [(["no", "1"], [false, true]), (["YES", "off"], [true, false])] {
        let options = ["--sign-requests", words[0], "--force-authn", words[1]];
        assert_eq!(json(&[&save[..], &options].concat(), app.data.path())["applied"], true);
        let shown = app.operator().read("/organisations/acme/sso").json();
        assert_eq!(["sign_requests", "force_authn"].map(|name| shown[name].as_bool()), asked.map(Some));
    }
    let refused = run(&[&save[..], &["--force-authn", "perhaps"]].concat(), app.data.path());
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn a_connection_follows_the_metadata_url_that_the_command_line_sets() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    let site = crate::site::Site::new(crate::site::SiteAnswer::Text(crate::idp::metadata()));
    let url = site.url();
    let save = ["sso", "save", "acme", "--provider", "custom", "--portal-key", "acme_SSO", "--metadata-url", &url];
    let refused = run(&save, app.data.path());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("not public") && refused.status.code() == Some(2));
    let allowed = [&save[..], &["--adopt-certificates", "--metadata-private-hosts", "localhost"]].concat();
    assert_eq!(json(&allowed, app.data.path())["applied"], true);
    let shown = app.operator().read("/organisations/acme/sso").json();
    assert_eq!(
        (shown["metadata_url"].as_str(), shown["adopt_certificates"].as_bool()),
        (Some(url.as_str()), Some(true))
    );
}

#[test]
fn members_are_invited_and_listed() {
    let app = TestApp::new();
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    let data = app.data.path();
    let link = text(&run(&["member", "invite", org.workspace.as_str(), "bob@acme.test", "--role", "power_user"], data));
    assert!(link.contains("/invitation?token="), "{link}");
    let twice = run(&["member", "invite", org.workspace.as_str(), "bob@acme.test", "--role", "power_user"], data);
    assert_eq!(twice.status.code(), Some(1));
    assert_eq!(json(&["member", "list", "acme"], data)[0]["email"], "ann@acme.test");
    assert_eq!(
        run(&["member", "invite", org.workspace.as_str(), "bob", "--role", "admin"], data).status.code(),
        Some(2)
    );
}

#[test]
fn operators_are_added_with_a_single_use_link_and_keys_are_printed_once() {
    let app = TestApp::new();
    let data = app.data.path();
    let link = text(&run(&["operator", "add", "oscar@vestibule.test"], data));
    let token = link.split_once("/reset?token=").expect("a link").1;
    let body = serde_json::json!({ "token": token, "password": "violet tractor lagoon" });
    assert_eq!(app.anonymous().api("POST", "/password-reset/finish", &body).status, 200);
    let mut oscar = app.anonymous();
    assert_eq!(oscar.sign_in("oscar@vestibule.test", "violet tractor lagoon").json()["person"]["operator"], true);
    let key = text(&run(&["key", "create", "ci", "--operator"], data));
    let mut program = app.program(&key);
    assert_eq!(program.read("/plans").status, 200);
    assert!(key.starts_with("vk_"));
    assert!(text(&run(&["user", "reset-link", "oscar@vestibule.test"], data)).contains("/reset?token="));
    assert_eq!(run(&["user", "reset-link", "nobody@vestibule.test"], data).status.code(), Some(1));
}

#[test]
fn all_invalid_flags_are_reported_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let faults = run(&["serve", "--listen", "nowhere", "--public-url", "x", "--trusted-proxies", "y"], folder.path());
    let printed = String::from_utf8_lossy(&faults.stderr).into_owned();
    assert_eq!(faults.status.code(), Some(2));
    assert!(["--listen", "--public-url", "--trusted-proxies"].iter().all(|flag| printed.contains(flag)), "{printed}");
    assert_eq!(run(&["serve", "--colour"], folder.path()).status.code(), Some(2));
    assert_eq!(run(&["org", "list"], folder.path()).status.code(), Some(2));
    assert_eq!(run(&["demo", "--listen", "0.0.0.0:0"], folder.path()).status.code(), Some(2));
}

#[test]
fn the_demo_shows_a_refused_sign_in_and_its_record() {
    use std::io::{BufRead, BufReader};
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    command.args(["demo", "--listen", "127.0.0.1:0", "--idp-listen", "127.0.0.1:0"]);
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().expect("the program runs");
    let lines = BufReader::new(child.stdout.take().expect("captured output")).lines().map_while(Result::ok);
    let printed: String = lines.take_while(|line| !line.starts_with("Stop with")).map(|line| line + "\n").collect();
    child.kill().expect("ended");
    child.wait().expect("ended");
    assert!(printed.contains("/o/northwind-robotics/sso/attempts"), "{printed}");
    for step in 1..=5 {
        assert!(printed.contains(&format!("\n\n{step}. ")), "an empty line is before step {step}: {printed}");
    }
    assert!(printed.contains("The password of everybody who has one is"), "{printed}");
    assert!(
        printed.lines().any(|line| line.contains("nell@northwind.example") && line.ends_with("SAML only")),
        "{printed}"
    );
}

#[test]
fn the_demos_custom_role_gives_other_levels_than_a_built_in_one() {
    use std::io::{BufRead, BufReader};
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    command.args(["demo", "--json", "--listen", "127.0.0.1:0", "--idp-listen", "127.0.0.1:0"]);
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().expect("the program runs");
    let line =
        BufReader::new(child.stdout.take().expect("captured output")).lines().next().expect("a line").expect("text");
    let demo: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    let levels = |email: &str| {
        let mut browser = Browser::new(demo["url"].as_str().expect("an address"));
        let person =
            demo["people"].as_array().expect("people").iter().find(|one| one["email"] == email).expect("a person");
        assert_eq!(browser.sign_in(email, person["password"].as_str().expect("a password")).status, 200);
        let tiles = browser.read("/me/applications").json();
        let level = |one: &serde_json::Value| format!("{}: {}", one["name"], one["level"]).replace('"', "");
        let mut all: Vec<_> = tiles["items"].as_array().expect("tiles").iter().map(level).collect();
        all.sort();
        all
    };
    let (built_in, custom) = (levels("nils@northwind.example"), levels("niko@northwind.example"));
    child.kill().expect("ended");
    child.wait().expect("ended");
    assert_eq!(built_in, ["Robot manual: editor", "Shift planner: editor"]);
    assert_eq!(custom, ["Shift planner: operator"]);
}

#[test]
fn the_server_shows_what_an_application_receives_on_request() {
    let folder = tempfile::tempdir().expect("a folder");
    let (port, echo) = (free_port(), free_port());
    let mut command = Command::new(BINARY);
    command.env("VESTIBULE_ECHO_LISTEN", format!("127.0.0.1:{echo}"));
    let server = serve_with(command, folder.path(), port);
    let mut proxy = Browser::new(&format!("http://127.0.0.1:{echo}"));
    proxy.headers = vec![
        ("Remote-User", "ann@acme.test".into()),
        ("Remote_Email", "eve@acme.test".into()),
        ("Cookie", "__Host-vestibule_app=secret".into()),
    ];
    let received = proxy.get("/any/page?x=1");
    let told = received.json();
    assert_eq!((&told["method"], &told["path"]), (&json!("GET"), &json!("/any/page?x=1")));
    let headers = told["headers"].as_array().expect("a list");
    assert!(headers.contains(&json!(["remote-user", "ann@acme.test"])), "{told}");
    assert!(!received.body.contains("secret"), "{told}");
    let faults = told["faults"].to_string();
    assert!(["remote-groups", "remote_email", "are not the same"].iter().all(|part| faults.contains(part)), "{faults}");
    drop(server);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = taken.local_addr().expect("an address").to_string();
    let refused = run(&["serve", "--listen", &format!("127.0.0.1:{port}"), "--echo-listen", &taken], folder.path());
    let printed = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && printed.contains("--echo-listen"), "{printed}");
}

#[test]
fn a_restarted_demo_keeps_its_data() {
    use std::io::{BufRead, BufReader};
    let folder = tempfile::tempdir().expect("a folder");
    let demo = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
        command.args(["demo", "--json", "--listen", "127.0.0.1:0", "--idp-listen", "127.0.0.1:0", "--data"]);
        let mut child =
            command.arg(folder.path()).stdout(std::process::Stdio::piped()).spawn().expect("the program runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("captured output")).read_line(&mut line).expect("a line");
        child.kill().expect("ended");
        child.wait().expect("ended");
        assert!(line.contains("northwind_SSO"), "{line}");
    };
    let store = || vestibule::store::Store::open(folder.path(), Clock::System).expect("opens");
    let northwind = || store().read(|db| db.organisation("northwind-robotics")).expect("there");
    demo();
    let id = northwind().id;
    store().write(&Claim::job(), move |tx| tx.set_saml_only(&id, true)).expect("written");
    demo();
    assert!(
        northwind().sign_in_policy().enforced(),
        "the practice provider's new key is saved, and nothing else has changed"
    );
    let id = northwind().id;
    store().write(&Claim::job(), move |tx| tx.delete_organisation(&id)).expect("written");
    demo();
    assert!(
        store().read(|db| db.organisation("northwind-robotics")).is_err(),
        "the demo does not recreate a deleted organisation"
    );
}

#[test]
fn a_missing_newer_or_read_only_database_is_refused_with_an_explanation() {
    let serve = |folder: &Path| {
        let output = run(&["serve", "--listen", "127.0.0.1:0"], folder);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("vestibule.db");
    std::fs::write(&file, "this is no database, and long enough to be looked at as one. ".repeat(20)).expect("written");
    assert!(serve(folder.path()).contains("is not a database of Vestibule"));
    assert!(std::fs::read_to_string(&file).expect("the file still exists").starts_with("this is no database"));

    let folder = tempfile::tempdir().expect("a folder");
    let other = rusqlite::Connection::open(folder.path().join("vestibule.db")).expect("opens");
    other.execute_batch("CREATE TABLE theirs (x)").expect("SQL");
    assert!(serve(folder.path()).contains("another program's database"));

    let folder = tempfile::tempdir().expect("a folder");
    drop(vestibule::store::Store::open(folder.path(), Clock::System).expect("made"));
    let database = rusqlite::Connection::open(folder.path().join("vestibule.db")).expect("opens");
    database.execute_batch("PRAGMA user_version = 99").expect("SQL");
    assert!(serve(folder.path()).contains("newer Vestibule"));

    let folder = tempfile::tempdir().expect("a folder");
    drop(vestibule::store::Store::open(folder.path(), Clock::System).expect("made"));
    let printed = serve_without_write_permission(folder.path());
    assert!(printed.contains("cannot be"), "{printed}");

    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("data"), "a file, not a folder").expect("written");
    assert!(serve(&folder.path().join("data")).contains("cannot be made"));
}

/// Root can write to every folder, so the program runs as `nobody`.
fn serve_without_write_permission(folder: &Path) -> String {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    for path in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o444)).expect("permissions set");
    }
    std::fs::set_permissions(folder, PermissionsExt::from_mode(0o555)).expect("permissions set");
    let program = env!("CARGO_BIN_EXE_vestibule");
    let mut command = if std::fs::metadata(folder).expect("there").uid() == 0 {
        let mut as_nobody = Command::new("setpriv");
        as_nobody.args(["--reuid=65534", "--regid=65534", "--clear-groups", program]);
        as_nobody
    } else {
        Command::new(program)
    };
    let output =
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder).output().expect("the program runs");
    std::fs::set_permissions(folder, PermissionsExt::from_mode(0o755)).expect("permissions set");
    assert_eq!(output.status.code(), Some(2));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub fn doctor(data: &Path, more: &[&str]) -> (Option<i32>, Value) {
    let output = run(&[&["doctor", "--json"], more].concat(), data);
    let json = serde_json::from_slice(&output.stdout);
    (output.status.code(), json.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr))))
}

/// The finding of one check in a report of `doctor`.
pub fn finding<'a>(report: &'a Value, check: &str) -> &'a Value {
    let checks = report["checks"].as_array().expect("a list");
    checks.iter().find(|one| one["check"] == check).unwrap_or_else(|| panic!("no finding of {check}: {report}"))
}

#[test]
fn doctor_reports_no_problem_of_a_healthy_appliance_and_prints_the_versions() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    crate::idp::connect(&app, &org, "ann@acme.test", "acme_SSO");
    let (code, report) = doctor(app.data.path(), &[]);
    assert_eq!((code, report["healthy"].as_bool()), (Some(0), Some(true)), "{report}");
    for check in ["data folder", "database", "schema", "integrity", "clock", "public URL", "mail", "certificate"] {
        finding(&report, check);
    }
    assert!(
        finding(&report, "certificate")["found"].as_str().is_some_and(|text| text.starts_with("acme: 3,6")),
        "{report}"
    );
    for (library, version) in [
        ("SQLite", "3."),
        ("libxml2", "2."),
        ("xmlsec", "1."),
        ("OpenSSL", "OpenSSL"),
        ("linked", "the libraries of this machine"),
    ] {
        assert!(finding(&report, library)["found"].as_str().is_some_and(|text| text.starts_with(version)), "{report}");
    }
    let words = text(&run(&["doctor"], app.data.path()));
    assert!(words.ends_with("Nothing is wrong."), "{words}");
}

#[test]
fn doctor_names_the_problems_and_exits_with_1() {
    use std::os::unix::fs::PermissionsExt;
    let mail_server = crate::mail_server::MailServer::new();
    let app = TestApp::with_flags(|flags| flags.public_url = Some("http://login.acme.test".into()));
    let data = app.data.path();
    let (_, report) = doctor(data, &["--smtp-url", &mail_server.url()]);
    assert_eq!(finding(&report, "mail")["ok"], true, "{report}");
    assert_eq!(finding(&report, "public URL")["ok"], false, "{report}");
    std::fs::set_permissions(data.join("vestibule.db"), PermissionsExt::from_mode(0o644)).expect("changed");
    app.wait(30 * 365 * 24 * 3600);
    app.write(|tx| {
        let event = vestibule::domain::audit::Event::new("x", "person", "1", "1");
        tx.add_event(&vestibule::domain::audit::Actor::System, "", &event)
    });
    let (code, report) = doctor(data, &["--smtp-url", "smtp://127.0.0.1:9"]);
    assert_eq!((code, report["healthy"].as_bool()), (Some(1), Some(false)));
    for check in ["database", "clock", "mail"] {
        assert_eq!(finding(&report, check)["ok"], false, "{check}: {report}");
    }
    let foreign = rusqlite::Connection::open(data.join("vestibule.db")).expect("opens");
    foreign
        .execute_batch(
            "PRAGMA foreign_keys = OFF; INSERT INTO grants VALUES ('no session', 'nowhere', 'saml', 1, 1, NULL)",
        )
        .expect("written");
    assert_eq!(finding(&doctor(data, &[]).1, "integrity")["ok"], false);
}

#[test]
fn doctor_prints_the_days_until_a_providers_certificate_expires() {
    use vestibule::saml::test_idp::SigningKey;
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    crate::idp::connect(&app, &org, "ann@acme.test", "acme_SSO");
    for (days, ok, words, code) in [
        (35, Value::Bool(true), " days left", 0),
        (15, Value::Null, " days left. Add the provider's next one beside it.", 0),
        (-1, Value::Bool(false), "Paste the provider's new one.", 1),
    ] {
        let (id, pem) = (org.id.clone(), SigningKey::ec("Acme").valid_for(days).certificate_pem());
        app.write(move |tx| {
            let mut connection = tx.find_connection(&id)?.expect("connected");
            connection.settings.certificates = vec![pem];
            tx.set_connection(&connection)
        });
        let (exit, report) = doctor(app.data.path(), &[]);
        let found = finding(&report, "certificate");
        assert_eq!((exit, &found["ok"]), (Some(code), &ok), "{report}");
        let text = found["found"].as_str().expect("text");
        assert!(text.starts_with("acme: ") && text.ends_with(words), "{text}");
    }
}

#[test]
fn commands_remove_operators_keys_people_and_members() {
    let app = TestApp::new();
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    app.member(&org, "bob@acme.test");
    let data = app.data.path();
    assert_eq!(run(&["operator", "remove", "olivia@vestibule.test"], data).status.code(), Some(1));
    assert!(text(&run(&["operator", "add", "oscar@vestibule.test"], data)).contains("/reset?token="));
    let again = run(&["operator", "add", "oscar@vestibule.test"], data);
    let printed = text(&again);
    assert!(
        printed.contains("is an operator already. Nothing was changed") && !printed.contains("token="),
        "{printed}"
    );
    let dry = text(&run(&["operator", "add", "oscar@vestibule.test", "--dry-run"], data));
    assert!(dry.contains("is an operator already"), "{dry}");
    let forced = text(&run(&["operator", "add", "oscar@vestibule.test", "--new-password"], data));
    assert!(forced.contains("/reset?token="), "{forced}");
    assert_eq!(json(&["operator", "list"], data)[1]["email"], "oscar@vestibule.test");
    text(&run(&["operator", "remove", "oscar@vestibule.test"], data));
    assert_eq!(json(&["operator", "list"], data).as_array().map(Vec::len), Some(1));
    assert_eq!(run(&["operator", "remove", "nobody@vestibule.test"], data).status.code(), Some(1));

    let create = |args: &[&str]| run(&[&["key", "create"], args].concat(), data);
    assert_eq!(create(&["ci"]).status.code(), Some(2), "--operator is required");
    for (name, expires) in [("past", "2001-01-01"), ("word", "tomorrow")] {
        assert_eq!(create(&[name, "--operator", "--expires", expires]).status.code(), Some(2), "{expires}");
    }
    let secret = text(&create(&["usual", "--operator"]));
    text(&create(&["never", "--operator", "--expires", "never"]));
    text(&create(&["dated", "--operator", "--expires", "2099-01-31"]));
    let listed = json(&["key", "list", "--operator"], data);
    let of = |name: &str| listed.as_array().expect("a list").iter().find(|key| key["name"] == name).expect("there");
    assert_eq!(
        (&of("never")["expires_at"], &of("dated")["expires_at"]),
        (&Value::Null, &"2099-01-31T00:00:00Z".into())
    );
    let days = (Timestamp::parse(of("usual")["expires_at"].as_str().expect("a time")).expect("a valid time").0
        - app.now().0)
        / 86_400;
    assert!((89..=90).contains(&days), "{days}");
    let mut program = app.program(&secret);
    assert_eq!(program.read("/plans").status, 200);
    let id = of("usual")["id"].as_str().expect("an id");
    text(&run(&["key", "delete", id, "--operator"], data));
    assert_eq!(program.read("/plans").status, 401);
    assert_eq!(run(&["key", "delete", id, "--operator"], data).status.code(), Some(1));

    let mut bob = app.signed_in("bob@acme.test");
    let dry = json(&["user", "disable", "bob@acme.test", "--dry-run"], data);
    assert_eq!((&dry["applied"], &dry["loses"][0]["email"]), (&false.into(), &"bob@acme.test".into()));
    assert_eq!(bob.read("/me").status, 200);
    assert!(
        text(&run(&["user", "disable", "bob@acme.test"], data))
            .contains("loses access: bob@acme.test (is disabled; loses")
    );
    assert_eq!(bob.read("/me").status, 401);
    assert_eq!(json(&["member", "list", "acme"], data)[1]["disabled"], true);
    assert_eq!(json(&["user", "enable", "bob@acme.test"], data)["keeps"][0]["email"], "bob@acme.test");
    assert_eq!(run(&["user", "disable", "nobody@acme.test"], data).status.code(), Some(1));
    assert_eq!(run(&["user", "disable", "olivia@vestibule.test"], data).status.code(), Some(1));

    assert_eq!(json(&["member", "remove", "acme", "bob@acme.test", "--dry-run"], data)["counts"]["loses"], 1);
    assert_eq!(json(&["member", "list", "acme"], data).as_array().map(Vec::len), Some(2));
    assert_eq!(json(&["member", "remove", "acme", "bob@acme.test"], data)["applied"], true);
    assert_eq!(json(&["member", "list", "acme"], data).as_array().map(Vec::len), Some(1));
    assert_eq!(run(&["member", "remove", "acme", "ann@acme.test"], data).status.code(), Some(1));
}

/// Removes the remaining days of certificates, because the command uses the system clock and the appliance a fixed one.
fn without_days_left(mut items: Value) -> Value {
    for item in items.as_array_mut().into_iter().flatten() {
        for certificate in ["signing", "encryption"] {
            item[certificate].as_object_mut().and_then(|fields| fields.remove("days_left"));
        }
    }
    items
}

#[test]
fn the_command_line_prints_the_same_json_as_the_api() {
    let app = TestApp::new();
    let acme = app.org("Acme", "enterprise");
    app.admin(&acme, "ann@acme.test");
    app.member(&acme, "bob@acme.test");
    let (mut operator, mut ann) = (app.operator(), app.signed_in("ann@acme.test"));
    ann.api("POST", "/organisations/acme/sso/setup-links", &serde_json::json!({}));
    operator.api("POST", "/keys", &serde_json::json!({"name": "Backup"}));
    let data = app.data.path();
    let lists: [(&[&str], &str, bool); 8] = [
        (&["org", "list"], "/organisations", false),
        (&["plan", "list"], "/plans", false),
        (&["operator", "list"], "/operators", false),
        (&["key", "list", "--operator"], "/keys", false),
        (&["member", "list", "acme"], "/organisations/acme/members", true),
        (&["saml", "keys", "acme"], "/organisations/acme/sso/own-keys", true),
        (&["sso", "setup-link", "list", "acme"], "/organisations/acme/sso/setup-links", true),
        (&["sso", "attempts", "acme"], "/organisations/acme/sso/attempts", true),
    ];
    for (command, path, admins) in lists {
        let answer = if admins { ann.read(path) } else { operator.read(path) };
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(
            without_days_left(json(command, data)),
            without_days_left(answer.json()["items"].clone()),
            "{command:?}"
        );
    }
    let shown = json(&["org", "show", "acme"], data);
    for (field, value) in ann.read("/organisations/acme").json().as_object().expect("an object") {
        assert_eq!(shown[field], *value, "org show: {field}");
    }
}
