//! `static/api_types.d.ts`: the shapes of the API description as types, with which the web UI is type-checked.

use serde_json::Value;
use std::fmt::Write as _;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/static/api_types.d.ts");

#[test]
fn the_types_of_the_web_ui_match_the_api_description() {
    let types = types(&vestibule::http::document());
    if std::env::var_os("WRITE_OPENAPI").is_some() {
        std::fs::write(FILE, &types).unwrap();
    }
    let file = std::fs::read_to_string(FILE).unwrap_or_default();
    assert!(file == types, "out of date; run WRITE_OPENAPI=1 cargo test --test it openapi");
}

fn types(document: &Value) -> String {
    let mut text =
        "/** The shapes of the API. Written from its description: WRITE_OPENAPI=1 cargo test --test it openapi */\n"
            .to_owned();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        if !name.starts_with("Listing_") {
            write!(text, "\nexport type {name} = {};\n", type_of(schema)).unwrap();
        }
    }
    text
}

fn type_of(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.rsplit('/').next().unwrap().to_owned();
    }
    if let Some(words) = schema["enum"].as_array() {
        return joined(words, " | ", Value::to_string);
    }
    for (ways, between) in [("oneOf", " | "), ("anyOf", " | "), ("allOf", " & ")] {
        if let Some(parts) = schema[ways].as_array() {
            return joined(parts, between, part_of);
        }
    }
    match &schema["type"] {
        Value::Array(names) => joined(names, " | ", |name| named(name, schema)),
        name => named(name, schema),
    }
}

/// The type of one schema of an `allOf`. The description shows an optional flattened struct as an `anyOf` with any
/// object.
fn part_of(part: &Value) -> String {
    match part["anyOf"].as_array() {
        Some(ways) => format!("Partial<{}>", type_of(&ways[0])),
        None => type_of(part),
    }
}

fn named(name: &Value, schema: &Value) -> String {
    match name.as_str().unwrap_or("unknown") {
        "integer" | "number" => "number".into(),
        "array" => match type_of(&schema["items"]) {
            item if item.contains(' ') => format!("({item})[]"),
            item => format!("{item}[]"),
        },
        "object" => object(schema),
        other => other.into(),
    }
}

fn object(schema: &Value) -> String {
    let Some(fields) = schema["properties"].as_object() else {
        let values = &schema["additionalProperties"];
        return format!("Record<string, {}>", if values.is_object() { type_of(values) } else { "unknown".into() });
    };
    let required: Vec<_> = schema["required"].as_array().into_iter().flatten().collect();
    let lines = fields.iter().map(|(field, value)| {
        let mark = if required.iter().any(|one| *one == field) { "" } else { "?" };
        format!("  {field}{mark}: {};\n", type_of(value).replace('\n', "\n  "))
    });
    format!("{{\n{}}}", lines.collect::<String>())
}

fn joined(parts: &[Value], between: &str, type_name: impl Fn(&Value) -> String) -> String {
    parts.iter().map(type_name).collect::<Vec<_>>().join(between)
}
