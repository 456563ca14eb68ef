//! The API description is complete and correct. `contract.rs` checks every answer of these tests against it.

use crate::app::TestApp;
use crate::browser::Answer;
use crate::contract::check;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/static/openapi.json");

#[test]
fn the_openapi_file_matches_the_code() {
    let document = format!("{:#}\n", vestibule::http::document());
    if std::env::var_os("WRITE_OPENAPI").is_some() {
        std::fs::write(FILE, &document).unwrap();
    }
    let file = std::fs::read_to_string(FILE).unwrap_or_default();
    assert!(file == document, "out of date; run WRITE_OPENAPI=1 cargo test --test it openapi");
}

/// The method and the path of each routed operation.
fn routed() -> BTreeSet<String> {
    let operations = vestibule::http::operations();
    operations.iter().map(|one| format!("{} {}", one.method.to_lowercase(), one.path)).collect()
}

fn documented() -> BTreeSet<String> {
    let document = vestibule::http::document();
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, methods)| {
            methods.as_object().unwrap().keys().map(move |method| format!("{method} {path}")).collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn exactly_the_routes_are_described() {
    let (routed, documented) = (routed(), documented());
    assert!(routed.len() > 50, "too few routes found: {routed:?}");
    let undescribed: Vec<_> = routed.difference(&documented).collect();
    assert!(
        undescribed.is_empty(),
        "routes without a description; see \"Add a route\" in CONTRIBUTING.md: {undescribed:?}"
    );
    let unrouted: Vec<_> = documented.difference(&routed).collect();
    assert!(unrouted.is_empty(), "described, but not in routes.rs: {unrouted:?}");
}

#[test]
fn every_text_field_has_an_example() {
    let document = vestibule::http::document();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        for (field, it) in schema["properties"].as_object().into_iter().flatten() {
            let text = it["type"] == "string" || it["type"] == json!(["string", "null"]);
            let shown = ["examples", "enum", "format"].iter().any(|word| it.get(word).is_some());
            assert!(!text || shown, "{name}.{field} needs an example in src/http/openapi_examples.rs");
        }
    }
}

/// The described handlers: for each, its file, its description and its parameters.
fn handlers() -> Vec<(String, String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/http");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.is_file())
        .flat_map(|path| {
            let source = std::fs::read_to_string(&path).unwrap();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let parts = source.split("#[utoipa::path(").skip(1);
            parts
                .map(|part| {
                    let (described, rest) = part.split_once("\n)]\n").unwrap();
                    let taken = rest.split(") -> ").next().unwrap();
                    (name.clone(), described.to_owned(), taken.to_owned())
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn the_described_parameters_are_those_of_the_handlers() {
    for (file, described, taken) in handlers() {
        assert_eq!(
            described.contains("params(Run") || described.contains("Run)"),
            taken.contains("Run"),
            "{file}: {taken}"
        );
        assert_eq!(described.contains("params(Page"), taken.contains("Page"), "{file}: {taken}");
        assert_eq!(described.contains("request_body"), taken.contains("Body<"), "{file}: {taken}");
    }
}

#[test]
fn the_description_is_public_and_revalidated() {
    let app = TestApp::new();
    let answer = app.anonymous().get("/api/openapi.json");
    assert_eq!((answer.status, answer.headers["content-type"].as_str()), (200, "application/json"));
    assert_eq!(answer.headers["cache-control"], "no-cache");
    let document = answer.json();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"][0]["url"], "/api/v1");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn an_operation_describes_its_role_body_and_error_answers() {
    let document = vestibule::http::document();
    let create = &document["paths"]["/organisations/{org}/keys"]["post"];
    assert_eq!(create["security"], json!([{ "session": ["organisation_admin"] }, { "key": ["operator"] }]));
    let statuses: Vec<_> = create["responses"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(statuses, ["201", "400", "401", "403", "404", "408", "413", "414", "422", "431", "500", "503"]);
    let list = &document["paths"]["/workspaces/{id}/members"]["get"];
    assert_eq!(list["security"][1], json!({ "key": ["read"] }));
    let names: Vec<_> = list["parameters"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["id", "limit", "cursor", "search", "role", "method", "state"]);
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            assert!(
                operation["summary"].as_str().is_some_and(|text| !text.contains('`')),
                "{method} {path} has a summary"
            );
            assert_ne!(operation["tags"], Value::Null, "{method} {path} has a tag");
        }
    }
}

#[test]
fn an_operation_describes_its_conditions_besides_the_role() {
    let document = vestibule::http::document();
    let of = |method: &str, path: &str| {
        let operation = &document["paths"][path][method];
        (operation["security"].clone(), operation["x-conditions"].clone())
    };
    let person = json!([{ "session": ["organisation_admin"] }]);
    let codes = "/organisations/{org}/sso/recovery-codes";
    assert_eq!(of("post", codes), (person, json!(["sso_plan", "fresh_sign_in"])));
    assert_eq!(of("put", "/me/password"), (json!([{ "session": ["person"] }]), json!(["own_password"])));
    assert_eq!(of("get", "/organisations/{org}/sso").1, Value::Null);
    for one in vestibule::http::operations() {
        let conditions = of(&one.method.to_lowercase(), one.path).1;
        let has = |name: &str| conditions.as_array().is_some_and(|all| all.contains(&json!(name)));
        assert_eq!(has("fresh_sign_in"), one.policy.sensitive, "{} {}", one.method, one.path);
        assert_eq!(has("sso_plan"), one.policy.sso_plan, "{} {}", one.method, one.path);
    }
}

#[test]
fn operation_ids_are_unique_and_references_resolve() {
    let document = vestibule::http::document();
    let mut names = BTreeSet::new();
    for operations in document["paths"].as_object().unwrap().values() {
        for operation in operations.as_object().unwrap().values() {
            assert!(names.insert(operation["operationId"].as_str().unwrap().to_owned()), "{operation:#}");
        }
    }
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(document.pointer(reference).is_some(), "{reference}");
    }
}

fn answered(status: u16, body: &Value) -> Answer {
    let headers = [("content-type".to_owned(), "application/json".to_owned())].into();
    Answer { status, headers, set_cookies: Vec::new(), body: body.to_string() }
}

#[test]
fn a_described_answer_passes_the_check() {
    check("GET", "/api/v1/plans?limit=1", &answered(200, &json!({ "items": [], "next": null })));
    check(
        "GET",
        "/api/v1/plans",
        &answered(401, &json!({ "error": { "code": "unauthorized", "message": "Sign in." } })),
    );
}

#[test]
#[should_panic(expected = "cake")]
fn an_undescribed_field_fails_the_check() {
    check("GET", "/api/v1/plans", &answered(200, &json!({ "items": [], "next": null, "cake": 1 })));
}

#[test]
#[should_panic(expected = "get /plans 418 is not described")]
fn an_undescribed_status_fails_the_check() {
    check("GET", "/api/v1/plans", &answered(418, &json!({})));
}

#[test]
#[should_panic(expected = "/items")]
fn a_wrong_type_fails_the_check() {
    check("GET", "/api/v1/plans", &answered(200, &json!({ "items": "none", "next": null })));
}
