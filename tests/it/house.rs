//! The rules of the project's structure, checked in its sources.

use std::path::{Path, PathBuf};

/// Finds the Rust files of a folder, at any depth.
pub fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The modules, each with the modules that it may use.
const MODULES: [(&str, &[&str]); 16] = [
    ("domain", &[]),
    ("store", &["domain"]),
    ("saml", &["domain"]),
    ("tokens", &["domain"]),
    ("logo", &["domain"]),
    ("mail", &["domain"]),
    ("fetch", &["domain"]),
    ("config", &["domain"]),
    ("app", &["domain", "store", "saml", "mail", "fetch", "config"]),
    ("actions", &["domain", "store", "saml", "tokens", "logo", "mail", "fetch", "config", "app"]),
    ("api", &["domain", "saml", "config", "app", "actions"]),
    ("http", &["domain", "saml", "logo", "mail", "fetch", "config", "app", "actions", "api"]),
    ("jobs", &["domain", "store", "mail", "app", "actions"]),
    ("demo", &["domain", "store", "saml", "mail", "fetch", "config", "app", "actions", "http", "jobs"]),
    ("cli", &["domain", "saml", "logo", "mail", "fetch", "config", "app", "actions", "api", "http", "jobs", "demo"]),
    ("main", &["cli"]),
];

/// The crates, each with the modules or folders that may use it.
const TOOLS: [(&str, &[&str]); 17] = [
    ("fluent_bundle", &["domain"]),
    ("ureq", &["fetch", "demo"]),
    ("lettre", &["mail"]),
    ("native_tls", &["mail"]),
    ("actix_web", &["http", "demo", "cli"]),
    ("actix_http", &["http"]),
    ("rusqlite", &["store/engine"]),
    ("samael", &["saml"]),
    ("openssl", &["saml", "tokens", "http"]),
    ("tokio_openssl", &["http"]),
    ("jsonwebtoken", &["tokens"]),
    ("jsonwebtoken_openssl", &["tokens"]),
    ("quick_xml", &["saml", "logo"]),
    ("argon2", &["app"]),
    ("pulldown_cmark", &["http"]),
    ("rust_embed", &["http"]),
    ("utoipa", &["api", "http"]),
];

#[test]
fn imports_follow_the_order_of_modules_and_each_crate_stays_in_its_module() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut faults = Vec::new();
    for file in &files {
        let inside = file.strip_prefix(&root).expect("a path in the folder").with_extension("");
        let place = inside.iter().next().and_then(|name| name.to_str()).expect("a name").to_owned();
        if place == "lib" {
            continue;
        }
        let (_, may) =
            MODULES.iter().find(|(name, _)| *name == place).unwrap_or_else(|| panic!("{place} is not a module"));
        let text = std::fs::read_to_string(file).expect("text");
        let code: String =
            text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        for (other, _) in MODULES.iter().filter(|(other, _)| *other != place && !may.contains(other)) {
            if code.contains(&format!("crate::{other}")) || code.contains(&format!("vestibule::{other}")) {
                faults.push(format!("{} uses {other}", file.display()));
            }
        }
        for (tool, modules) in TOOLS {
            if code.contains(&format!("{tool}::")) && !modules.iter().any(|module| inside.starts_with(module)) {
                faults.push(format!("{} uses {tool}", file.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(files.len() > 60, "too few source files found");
}

/// Code, without spaces, that reads or writes the database directly and not through an action.
const STORE_OF_THE_APP: [&str; 7] =
    ["app.store.", "app.store,", "app.store)", "app.read(", "app.write(", "|db|", "|tx|"];

#[test]
fn http_cli_and_api_reach_the_store_only_through_actions() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut faults = Vec::new();
    for module in ["http", "cli", "api"] {
        let mut files = Vec::new();
        sources(&root.join(module), &mut files);
        assert!(files.len() > 20, "too few source files of {module} found");
        for file in files {
            let code: String = std::fs::read_to_string(&file).expect("text").split_whitespace().collect();
            let found = STORE_OF_THE_APP.iter().filter(|way| code.contains(**way));
            faults.extend(found.map(|way| format!("{} has {way}", file.display())));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn unsafe_code_is_in_one_file() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let unsafe_files: Vec<_> = files
        .iter()
        .filter(|file| std::fs::read_to_string(file).expect("text").contains("unsafe {"))
        .map(|file| file.file_name().expect("a name").to_owned())
        .collect();
    assert_eq!(unsafe_files, ["lockdown.rs"]);
}

/// The calls that write without checking a right, with the number of uses in each file: work of background jobs, notes,
/// sign-ins that prove the identity within the transaction, the first run, and the command line.
const WITHOUT_A_RIGHT: [(&str, &[(&str, usize)]); 10] = [
    (
        "Claim::job(",
        &[
            ("actions/backup/schedule.rs", 1),
            ("actions/certificates.rs", 1),
            ("actions/doctor/jobs.rs", 1),
            ("actions/doctor/sign_in_path.rs", 1),
            ("actions/first_run.rs", 1),
            ("actions/mod.rs", 1),
            ("actions/oidc/notices.rs", 3),
            ("actions/own_keys.rs", 1),
            ("actions/security.rs", 1),
            ("actions/signing_keys.rs", 1),
            ("app/mod.rs", 1),
            ("demo/crowd.rs", 1),
            ("demo/seed.rs", 2),
            ("jobs/mail.rs", 3),
            ("jobs/mod.rs", 1),
            ("store/live_sessions_tests.rs", 5),
            ("store/portals.rs", 2),
            ("store/writer.rs", 7),
        ],
    ),
    (
        "Claim::sign_in(",
        &[
            ("actions/account.rs", 2),
            ("actions/forward_auth.rs", 2),
            ("actions/invitations.rs", 2),
            ("actions/operators.rs", 1),
            ("actions/recovery.rs", 1),
            ("actions/saml_sign_in/callback.rs", 1),
            ("actions/saml_sign_in/finish.rs", 1),
            ("actions/saml_sign_in/refusal.rs", 1),
            ("actions/saml_sign_in/second_look.rs", 1),
            ("actions/sessions.rs", 1),
            ("actions/sign_in.rs", 2),
        ],
    ),
    ("Claim::first_run(", &[("actions/first_run.rs", 1)]),
    ("Claim::command_line(", &[("actions/mod.rs", 1)]),
    ("Caller::command_line(", &[("cli/mod.rs", 1), ("demo/seed.rs", 1)]),
    (
        "Caller::job(",
        &[
            ("actions/backup/schedule.rs", 1),
            ("actions/metadata.rs", 1),
            ("actions/security.rs", 1),
            ("actions/signing_keys.rs", 1),
        ],
    ),
    ("Claim { principal", &[("actions/admission.rs", 1)]),
    (".write_later(", &[("actions/account.rs", 1), ("store/writer.rs", 1)]),
    (".note_later(", &[("actions/security.rs", 2), ("store/mod.rs", 1)]),
    (
        ".note_if_possible(",
        &[("actions/keys.rs", 1), ("actions/setup_links.rs", 1), ("actions/workspaces.rs", 1), ("store/mod.rs", 1)],
    ),
];

/// The source files that contain this text, each with the number of occurrences.
fn uses(text: &str) -> Vec<(String, usize)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let count = |file: &PathBuf| {
        let times = std::fs::read_to_string(file).expect("text").matches(text).count();
        (file.strip_prefix(&root).expect("a path in the folder").to_string_lossy().into_owned(), times)
    };
    let mut found: Vec<_> = files.iter().map(count).filter(|(_, times)| *times > 0).collect();
    found.sort_unstable();
    found
}

#[track_caller]
fn only_here(text: &str, expected: &[(&str, usize)]) {
    let expected: Vec<_> = expected.iter().map(|(file, times)| ((*file).to_owned(), *times)).collect();
    assert_eq!(uses(text), expected, "{text}");
}

#[test]
fn only_listed_files_write_without_checking_a_right() {
    for (call, expected) in WITHOUT_A_RIGHT {
        only_here(call, expected);
    }
}

/// A request is authenticated once, before the handler runs; a sign-in answers with its new session.
#[test]
fn a_request_is_authenticated_in_one_place() {
    only_here("sessions::authenticate(", &[("actions/admission.rs", 1), ("demo/seed.rs", 1)]);
    // `http/cookies.rs` calls this function only to choose the lane in which a request waits.
    only_here("sessions::known(", &[("actions/admission.rs", 1), ("http/admission.rs", 1), ("http/cookies.rs", 1)]);
    only_here("sessions::look(", &[("http/admission.rs", 1)]);
    only_here("keys::authenticate(", &[("actions/admission.rs", 1)]);
    only_here("setup_links::authenticate(", &[("actions/admission.rs", 1)]);
    only_here("admission::admit(", &[("http/admission.rs", 1)]);
}

/// A response is parsed on arrival, and again only after its encrypted assertion has been decrypted.
#[test]
fn a_response_is_parsed_in_one_place() {
    only_here("profile::response(", &[("saml/encrypted_response.rs", 1), ("saml/message.rs", 1)]);
    only_here("Message::read", &[("actions/saml_sign_in/callback.rs", 1), ("saml/response.rs", 1)]);
}

/// Notes are written without a check of rights, so they must not be able to write anything else.
#[test]
fn notes_write_only_last_use_and_log_entries() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut found = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file).expect("text");
        for part in text.split("impl Note<'_> {").skip(1) {
            let body = part.split("\n}\n").next().expect("a body");
            found.extend(body.split("pub fn ").skip(1).map(|one| one.split('(').next().expect("a name").to_owned()));
        }
    }
    found.sort_unstable();
    assert_eq!(found, ["add_event", "set_last_workspace", "touch_key", "touch_session", "touch_setup_link"]);
}

/// The options that isolate the service from the system, and the limit of open files.
#[test]
fn the_systemd_unit_is_hardened_and_may_open_enough_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let unit = std::fs::read_to_string(root.join("packaging/vestibule.service")).expect("text");
    let lines: Vec<_> = unit.lines().collect();
    for line in [
        "DynamicUser=yes",
        "StateDirectoryMode=0700",
        "LimitNOFILE=65536",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "ProtectHome=yes",
        "PrivateTmp=yes",
        "PrivateDevices=yes",
        "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
        "MemoryDenyWriteExecute=yes",
        "SystemCallFilter=@system-service",
        "UMask=0077",
    ] {
        assert!(lines.contains(&line), "{line} is missing");
    }
}

#[test]
fn only_the_demo_command_uses_the_demo() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let users = files.iter().filter(|file| std::fs::read_to_string(file).expect("text").contains("use crate::demo"));
    let users: Vec<_> = users
        .map(|file| file.strip_prefix(env!("CARGO_MANIFEST_DIR")).expect("a path in the folder").to_owned())
        .collect();
    assert_eq!(users, [PathBuf::from("src/cli/demo.rs")]);
}

#[test]
fn every_event_has_a_resource_type_that_the_log_can_filter_by() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let mut found = std::collections::BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(file).expect("text");
        for call in text.split("Event::new(").skip(1) {
            let kind = call.split(',').nth(1).expect("a second argument").trim().trim_matches('"').to_owned();
            found.insert(kind);
        }
    }
    let found: Vec<_> = found.iter().map(String::as_str).collect();
    assert_eq!(found, vestibule::domain::audit::RESOURCE_TYPES);
}

#[test]
fn a_new_database_has_exactly_the_schema_of_schema_sql() {
    let app = crate::app::TestApp::new();
    let fresh = schema_of(&rusqlite::Connection::open(app.data.path().join("vestibule.db")).expect("opens"));
    let whole = rusqlite::Connection::open_in_memory().expect("opens");
    whole.execute_batch(include_str!("../../schema.sql")).expect("SQL");
    assert_eq!(fresh, schema_of(&whole));
}

fn schema_of(database: &rusqlite::Connection) -> Vec<String> {
    let mut statement =
        database.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name").expect("SQL");
    statement.query_map([], |row| row.get(0)).expect("rows").map(|row| row.expect("text")).collect()
}

#[test]
fn every_test_named_in_the_asvs_table_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = std::fs::read_to_string(root.join("docs/asvs.md")).expect("text");
    let mut named = 0;
    let is_test = |text: &&str| text.contains(".rs::") && !text.contains("x.rs::name");
    for reference in table.split('`').filter(is_test) {
        let (file, test) = reference.split_once("::").expect("two parts");
        let places = [root.join("tests").join(file), root.join(file), root.join("src").join(file)];
        let source = places.iter().find_map(|place| std::fs::read_to_string(place).ok());
        let source = source.unwrap_or_else(|| panic!("{file}, named in docs/asvs.md, does not exist"));
        let name = test.rsplit("::").next().expect("a name");
        assert!(source.contains(&format!("fn {name}(")), "{reference}, named in docs/asvs.md, does not exist");
        named += 1;
    }
    assert!(named > 50, "{named}");
}

/// The rows of the table: whether the requirement is of level 1, its state, and the fourth column.
fn asvs_rows(table: &str) -> Vec<(bool, &str, &str)> {
    let cells = table.lines().map(|line| line.split(" | ").collect::<Vec<_>>());
    let is_number = |cell: &str| cell.starts_with("| ") && cell.matches('.').count() == 2;
    let rows = cells.filter(|cells| cells.len() >= 4 && is_number(cells[0]));
    rows.map(|cells| (cells[0].contains("(L1)"), cells[2], cells[3])).collect()
}

#[test]
fn the_asvs_table_has_right_totals_and_names_existing_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = std::fs::read_to_string(root.join("docs/asvs.md")).expect("text");
    let rows = asvs_rows(&table);
    for state in ["met", "partly", "missing"] {
        let count = |first: bool| rows.iter().filter(|(level_1, its, _)| *its == state && *level_1 == first).count();
        let (one, two) = (count(true), count(false));
        let line = format!("| {state} | {one} | {two} | {} |", one + two);
        assert!(table.contains(&line), "the totals lack the line {line}");
    }
    assert!(rows.len() > 200, "{}", rows.len());
    let mut named = 0;
    for name in rows.iter().flat_map(|(.., how)| how.split('`').skip(1).step_by(2)) {
        let name = name.split("::").next().expect("a file");
        let is_file = [".rs", ".js", ".html", ".css", ".toml", ".service", ".sh"].iter().any(|end| name.ends_with(end));
        let is_folder = name.ends_with('/') && !name.starts_with('/');
        if !is_file && !is_folder {
            continue;
        }
        let places = [root.join(name), root.join("src").join(name), root.join("tests").join(name)];
        assert!(places.iter().any(|place| place.exists()), "{name}, named in docs/asvs.md, does not exist");
        named += 1;
    }
    assert!(named > 100, "{named}");
}

#[test]
fn every_file_named_in_the_architecture_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("ARCHITECTURE.md")).expect("text");
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    let mut named = 0;
    let is_file = |one: &&str| one.contains('.') && !one.contains([' ', '(', '{', '=']) && !one.starts_with('.');
    for name in text.split('`').skip(1).step_by(2).filter(is_file) {
        let there = [root.join(name), root.join("src").join(name)].iter().any(|path| path.exists());
        // Within the description of its folder, a file is named without the folder.
        assert!(
            there || files.iter().any(|file| file.ends_with(name)),
            "{name}, named in ARCHITECTURE.md, does not exist"
        );
        named += 1;
    }
    assert!(named > 40, "{named}");
}
