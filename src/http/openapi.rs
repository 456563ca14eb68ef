//! The description of the API in `OpenAPI` 3.1, generated from the code. A test writes it to `static/openapi.json` and
//! checks that it is up to date. A release serves that file and does not contain this module.

use super::policy::{OPEN, Policy};
use super::routes;
use super::{
    account, admins, applications, attempts, audit, branding, connection, doctor, events, first_run, invitations, keys,
    mails, members, next_steps, oidc_clients, openapi_examples, operators, organisations, own_keys, passwords, plans,
    readiness, roles, session, setup_links, withdrawal, workspaces,
};
use crate::api::error::ErrorBody;
use crate::domain::principal::Need;
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Vestibule",
        description = "Organisations, workspaces, members, plans and single sign-on. Lists come in pages of `limit` items; `next` is the `cursor` of the next page, null at the end. A switch answers with its effect, and with \
            `dry_run=true` changes nothing. `x-conditions` says what an operation needs besides a role: `own_password` (the person gave their \
            password in this session), `sso_plan` (the organisation's plan has single sign-on), `fresh_sign_in` (the grant that the action is done by is younger than `--reauthentication-minutes`; keys are exempt).",
    ),
    servers((url = "/api/v1", description = "This appliance")),
    paths(
        first_run::inspect_setup,
        first_run::create_setup,
        session::create_session,
        session::delete_current_session,
        account::request_reset,
        account::inspect_reset,
        account::finish_reset,
        session::show_me,
        account::update_me,
        account::update_password,
        account::create_reauthentication,
        events::list_events,
        session::list_sessions,
        session::delete_session,
        session::delete_other_sessions,
        passwords::judge_password,
        organisations::list_organisations,
        organisations::create_organisation,
        organisations::show_organisation,
        organisations::update_organisation,
        organisations::delete_organisation,
        organisations::update_plan,
        next_steps::list_organisation_steps,
        next_steps::list_steps,
        organisations::list_members,
        organisations::download_members,
        roles::list_roles,
        roles::create_role,
        roles::show_role,
        roles::update_role,
        roles::delete_role,
        roles::list_role_choices,
        members::list_members,
        members::update_member,
        members::delete_member,
        account::create_reset_link,
        withdrawal::disable_user,
        withdrawal::enable_user,
        withdrawal::delete_member,
        withdrawal::list_sessions,
        withdrawal::delete_sessions,
        withdrawal::delete_session,
        admins::list_admins,
        admins::create_admin,
        admins::delete_admin,
        workspaces::list_workspaces,
        workspaces::create_workspace,
        workspaces::show_workspace,
        workspaces::update_workspace,
        workspaces::delete_workspace,
        applications::list_applications,
        applications::create_application,
        applications::show_application,
        applications::update_application,
        applications::delete_application,
        applications::show_access,
        applications::list_application_sessions,
        applications::list_decisions,
        applications::show_snippets,
        oidc_clients::create_secret,
        oidc_clients::delete_secret,
        applications::list_tiles,
        applications::show_hosts,
        applications::update_hosts,
        invitations::list_invitations,
        invitations::create_invitation,
        invitations::create_invitations,
        invitations::resend_invitation,
        invitations::delete_invitation,
        invitations::inspect_invitation,
        invitations::accept_invitation,
        connection::show_connection,
        connection::update_connection,
        connection::delete_connection,
        connection::show_saml_only,
        connection::update_saml_only,
        connection::create_recovery_codes,
        readiness::show_readiness,
        readiness::create_reminders,
        connection::read_metadata,
        connection::refresh_metadata,
        connection::delete_candidate,
        connection::adopt_candidate,
        own_keys::list_own_keys,
        own_keys::create_own_keys,
        own_keys::delete_own_keys,
        setup_links::list_setup_links,
        setup_links::create_setup_link,
        setup_links::delete_setup_link,
        setup_links::show_setup,
        setup_links::update_setup,
        setup_links::read_setup_metadata,
        attempts::list_attempts,
        attempts::show_attempt,
        keys::list_keys,
        keys::create_key,
        keys::delete_key,
        audit::list_organisation_audit,
        audit::list_audit,
        audit::download_organisation_audit,
        audit::download_audit,
        audit::show_organisation_activity,
        audit::show_activity,
        operators::list_operators,
        operators::create_operator,
        operators::delete_operator,
        operators::list_keys,
        operators::create_key,
        operators::delete_key,
        plans::list_plans,
        plans::update_plan,
        mails::list_mails,
        mails::create_test_mail,
        mails::retry_mail,
        mails::delete_mail,
        doctor::show_doctor,
        branding::show_organisation_branding,
        branding::update_organisation_branding,
        branding::delete_organisation_branding,
        branding::show_branding,
        branding::update_branding,
        branding::delete_branding,
    ),
    components(schemas(ErrorBody)),
    tags(
        (name = "Signing in"),
        (name = "Own account"),
        (name = "Organisations"),
        (name = "People"),
        (name = "Organisation admins"),
        (name = "Workspaces"),
        (name = "Applications"),
        (name = "Roles", description = "Custom roles, which give levels in applications."),
        (name = "Invitations"),
        (name = "Single sign-on", description = "An organisation's SAML connection and its sign-ins."),
        (name = "Set-up link", description = "For the IT admin who has no account: a link that sets the connection up, and nothing else."),
        (name = "API keys"),
        (name = "Audit log"),
        (name = "Operators", description = "For operators: who they are, and their API keys."),
        (name = "Plans", description = "For operators."),
        (name = "Mail", description = "For operators."),
        (name = "Appliance", description = "For operators."),
    ),
)]
struct Document;

/// Every error answer: its status, its name among the components, and when it is given.
const REFUSALS: [(u16, &str, &str); 15] = [
    (400, "Malformed", "The body is not JSON."),
    (401, "Refused", "Not signed in, or the credentials are wrong; `session_over`: the session has ended."),
    (402, "PlanLimit", "The plan has no room."),
    (403, "Forbidden", "Insufficient rights, or this session may not do it."),
    (404, "NotFound", "Unknown, expired, used, or belongs to another organisation."),
    (405, "WrongMethod", "This method is not supported here."),
    (408, "Late", "The body arrived too late or too slowly."),
    (409, "Conflict", "It exists already, is the last of its kind, or is in the wrong state."),
    (413, "TooLarge", "The body is too large."),
    (414, "AddressTooLong", "The path or the query is too long."),
    (422, "Invalid", "A field is unknown, missing or unusable."),
    (429, "Throttled", "Too many attempts."),
    (431, "HeadersTooLarge", "The headers are too large."),
    (500, "Internal", "Internal error; the message has a number, which is in the operator's log too."),
    (503, "Unavailable", "Not possible now: try again later, or after the set-up."),
];

/// The parameters in paths.
const IN_PATHS: [(&str, &str); 4] = [
    ("org", "The organisation's id or slug."),
    ("workspace", "The workspace's id, or the slugs of its organisation and its own, such as `acme%2Fwarehouse`."),
    ("plan", "The plan's id, such as `starter`."),
    ("fingerprint", "The certificate's SHA-256 fingerprint."),
];

/// The API description as JSON.
///
/// # Panics
/// It does not panic: the output of utoipa is JSON.
#[allow(clippy::missing_panics_doc)]
pub fn document() -> Value {
    let mut document = json!(Document::openapi());
    document["components"]["securitySchemes"] = json!({
        "session": {
            "type": "apiKey", "in": "cookie", "name": "vestibule_session",
            "description": "The cookie that signing in sets: `__Host-vestibule_session` on https; with `_PORT` appended if the public URL names a non-default port. Its roles say which role the person needs. Requests that change something must \
                come from the same origin.",
        },
        "key": {
            "type": "http", "scheme": "bearer", "bearerFormat": "vk_...",
            "description": "An API key. Its role is the scope that an organisation's key needs; `operator` is only for an operator's key, which may do everything that others may.",
        },
        "setup_link": {
            "type": "http", "scheme": "SetupLink",
            "description": "`Authorization: SetupLink` and the token of a set-up link's address.",
        },
    });
    document["components"]["responses"] = REFUSALS.iter().map(refusal).collect::<Map<_, _>>().into();
    let declared = routes::operations();
    for (path, operations) in document["paths"].as_object_mut().into_iter().flatten() {
        for (method, operation) in operations.as_object_mut().into_iter().flatten() {
            let declared = declared.iter().find(|one| one.path == path && one.method.eq_ignore_ascii_case(method));
            complete(path, method, declared.map_or(OPEN, |declared| declared.policy), operation);
        }
    }
    correct(&mut document);
    openapi_examples::add(&mut document["components"]["schemas"]);
    document
}

fn refusal((status, name, words): &(u16, &str, &str)) -> (String, Value) {
    let mut response = json!({
        "description": words,
        "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } },
    });
    let seconds = json!({ "description": "The number of seconds after which to retry.", "schema": { "type": "string", "pattern": "^[0-9]+$" } });
    if [429, 503].contains(status) {
        response["headers"] = json!({ "Retry-After": seconds });
    }
    ((*name).to_owned(), response)
}

/// Completes an operation by its path, its method and the route's policy.
fn complete(path: &str, method: &str, policy: Policy, operation: &mut Value) {
    operation["security"] = security(policy);
    if !policy.conditions().is_empty() {
        operation["x-conditions"] = json!(policy.conditions());
    }
    let role = policy.role();
    let in_path = path.split('{').skip(1).filter_map(|rest| Some(path_parameter(path, rest.split('}').next()?)));
    let mut parameters: Vec<_> = in_path.collect();
    parameters.extend(operation["parameters"].as_array().into_iter().flatten().cloned());
    let has_body = !operation["requestBody"].is_null();
    let asks = has_body || parameters.iter().any(|one| one["in"] == "query");
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    let mut statuses = vec![414, 431, 500, 503];
    statuses.extend(role.is_some().then_some([401, 403]).into_iter().flatten());
    statuses.extend((method != "get").then_some(403));
    statuses.extend(path.contains('{').then_some(404));
    statuses.extend(policy.costly.then_some(429));
    // 422 also covers an invalid `dry_run` on routes that do not take it.
    statuses.extend((asks || method != "get").then_some(422));
    statuses.extend(has_body.then_some([400, 408, 413]).into_iter().flatten());
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    for status in statuses {
        responses.entry(status.to_string()).or_insert(Value::Null);
    }
    for (status, response) in responses.iter_mut() {
        describe(status, response);
    }
}

/// The accepted credentials of an operation.
fn security(policy: Policy) -> Value {
    let Some(role) = policy.role() else {
        return match policy.need {
            Some(_) => json!([{ "setup_link": [] }]),
            None if policy.looks => json!([{}, { "session": ["person"] }]),
            None => json!([]),
        };
    };
    let session = json!({ "session": [role] });
    match (role, policy.scope) {
        _ if matches!(policy.need, Some(Need::OperatorInPerson | Need::OrganisationAdminInPerson)) => json!([session]),
        ("person", _) => json!([session]),
        (_, Some(scope)) => json!([session, { "key": [scope.as_str()] }]),
        (_, None) => json!([session, { "key": ["operator"] }]),
    }
}

fn path_parameter(path: &str, name: &str) -> Value {
    let name_told = if name == "id" && path.starts_with("/workspaces/") { "workspace" } else { name };
    let told = IN_PATHS.iter().find(|(known, _)| *known == name_told);
    let schema = match told {
        Some(_) => json!({ "type": "string", "minLength": 1 }),
        None => json!({ "$ref": "#/components/schemas/Id" }),
    };
    let description =
        told.map_or_else(|| format!("The id of the {}.", in_words(name)), |(_, words)| (*words).to_owned());
    json!({ "name": name, "in": "path", "required": true, "description": description, "schema": schema })
}

fn in_words(name: &str) -> &str {
    match name {
        "inv" => "invitation",
        "user" => "person",
        "keys" => "generation",
        "id" => "thing",
        other => other,
    }
}

/// Corrects utoipa's output to JSON Schema: examples become a list; flattened optional shapes become optional parts
/// instead of null; and the fields of shapes that are always flattened become fields of the whole.
fn correct(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if let Some(example) = fields.remove("example") {
                fields.insert("examples".into(), json!([example]));
            }
            for part in fields.get_mut("allOf").and_then(Value::as_array_mut).into_iter().flatten() {
                if let Some(ways) = part.as_object_mut().and_then(|part| part.remove("oneOf")) {
                    *part = json!({ "anyOf": [ways[0], { "type": "object" }] });
                }
            }
            fields.values_mut().for_each(correct);
            join_parts(fields);
        }
        Value::Array(items) => items.iter_mut().for_each(correct),
        _ => {}
    }
}

/// Merges the fields of all parts of a schema into the schema itself, if each part lists its own.
fn join_parts(schema: &mut Map<String, Value>) {
    let Some(Value::Array(parts)) = schema.get("allOf") else { return };
    if !parts.iter().all(|part| part["properties"].is_object()) {
        return;
    }
    let each = |name: &str| parts.iter().map(|part| part[name].clone()).collect::<Vec<_>>();
    let (properties, required) = (each("properties"), each("required"));
    let properties: Map<_, _> =
        properties.iter().filter_map(Value::as_object).flatten().map(|(name, it)| (name.clone(), it.clone())).collect();
    let required: Vec<_> = required.iter().filter_map(Value::as_array).flatten().cloned().collect();
    let closed = parts.iter().any(|part| part["additionalProperties"] == false);
    schema.remove("allOf");
    if closed {
        schema.insert("additionalProperties".into(), false.into());
    }
    schema.insert("type".into(), "object".into());
    schema.insert("properties".into(), properties.into());
    if !required.is_empty() {
        schema.insert("required".into(), required.into());
    }
}

/// Describes a response that has no description: an error by its status, a success briefly.
fn describe(status: &str, response: &mut Value) {
    let known = REFUSALS.iter().find(|(known, ..)| known.to_string() == status);
    if response["content"].is_null()
        && let Some((_, name, _)) = known
    {
        *response = json!({ "$ref": format!("#/components/responses/{name}") });
    } else if response["description"].as_str().is_none_or(str::is_empty) {
        response["description"] = match status {
            "201" => "Created.",
            "204" => "Done.",
            _ => "Done as requested.",
        }
        .into();
    }
}
