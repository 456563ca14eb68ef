//! Checks every API answer that the tests receive against the API description: no undescribed status, field or type.

use crate::browser::Answer;
use jsonschema::Validator;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

/// The API description, changed so that objects may have only the described fields.
static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let mut document = vestibule::http::document();
    let parts = parts_of_others(&document);
    for (name, schema) in document["components"]["schemas"].as_object_mut().unwrap() {
        if !parts.contains(&format!("#/components/schemas/{name}")) {
            close(schema);
        }
    }
    document
});

/// The names of the schemas that other schemas include with `allOf`.
fn parts_of_others(document: &Value) -> Vec<String> {
    let schemas = document["components"]["schemas"].as_object().unwrap().values();
    let parts = schemas.filter_map(|schema| schema["allOf"].as_array()).flatten();
    let references = parts.flat_map(|part| [&part["$ref"], &part["anyOf"][0]["$ref"]]);
    references.filter_map(|reference| reference.as_str().map(str::to_owned)).collect()
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(fields) if fields.contains_key("allOf") => {
            fields.insert("unevaluatedProperties".into(), false.into());
        }
        Value::Object(fields) => {
            if fields.contains_key("properties") {
                fields.entry("additionalProperties").or_insert(false.into());
            }
            fields.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// The described path that matches an address. Literal segments take precedence over parameters.
fn described(address: &str) -> Option<(&'static str, &'static Map<String, Value>)> {
    let parts: Vec<_> = address.split('/').collect();
    let fits = |path: &str| {
        let names: Vec<_> = path.split('/').collect();
        names.len() == parts.len()
            && names.iter().zip(&parts).all(|(name, part)| name == part || (name.starts_with('{') && !part.is_empty()))
    };
    let paths = DOCUMENT["paths"].as_object().unwrap().iter().filter(|(path, _)| fits(path));
    let best = paths.min_by_key(|(path, _)| path.matches('{').count())?;
    Some((best.0, best.1.as_object().unwrap()))
}

/// The validator for the body of an answer, compiled once.
fn validator(name: String, schema: &Value) -> Arc<Validator> {
    static COMPILED: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);
    let mut compiled = COMPILED.lock().unwrap();
    let compile = || {
        let mut schema = schema.clone();
        close(&mut schema);
        let whole = json!({ "allOf": [schema], "components": DOCUMENT["components"] });
        Arc::new(jsonschema::draft202012::new(&whole).unwrap())
    };
    compiled.entry(name).or_insert_with(compile).clone()
}

/// Panics if the description does not allow the answer.
pub fn check(method: &str, address: &str, answer: &Answer) {
    let path = address.split_once("://").map_or(address, |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
    let path = path.split('?').next().unwrap();
    let Some((path, operations)) = path.strip_prefix("/api/v1").and_then(described) else { return };
    let method = if method == "HEAD" { "get" } else { &method.to_ascii_lowercase() };
    let Some(operation) = operations.get(method) else {
        // Other refusals precede the check of the method: 403 for another site, 503 for an appliance that is not set
        // up.
        assert!([403, 405, 503].contains(&answer.status), "{method} {path} is not described: {}", answer.status);
        return;
    };
    let name = format!("{method} {path} {}", answer.status);
    let response = &operation["responses"][answer.status.to_string()];
    assert!(!response.is_null(), "{name} is not described: {}", answer.body);
    let response = response["$ref"].as_str().map_or(response, |reference| DOCUMENT.pointer(&reference[1..]).unwrap());
    let Some(content) = response["content"].as_object() else {
        assert_eq!(answer.body, "", "{name} is described as empty");
        return;
    };
    let (kind, content) = content.iter().next().unwrap();
    assert_eq!(answer.headers.get("content-type"), Some(kind), "{name}");
    if answer.body.is_empty() || kind != "application/json" {
        return; // The answer to a HEAD request, or a file.
    }
    let judge = validator(name.clone(), &content["schema"]);
    let faults: Vec<_> =
        judge.iter_errors(&answer.json()).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{name}: {faults:#?}\n{}", answer.body);
}
