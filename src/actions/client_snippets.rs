//! Programs and settings for OpenID Connect clients, with this appliance's address and the client's id. The tests run the
//! same files, except those that say that they are not run.

use crate::config::Config;
use crate::domain::application::Application;
use crate::domain::oidc_client::{ClientType, OidcClient};
use crate::domain::snippet::Snippet;

/// The clients, and the languages and files of their configurations.
const CONFIDENTIAL: [(&str, &str, &str); 9] = [
    ("node", "javascript", include_str!("../../docs/clients/node.mjs")),
    ("python", "python", include_str!("../../docs/clients/python.py")),
    ("apache", "apache", include_str!("../../docs/clients/apache.conf")),
    ("jupyterhub", "python", include_str!("../../docs/clients/jupyterhub_config.py")),
    ("grafana", "ini", include_str!("../../docs/clients/grafana.ini")),
    ("gitea", "shell", include_str!("../../docs/clients/gitea.sh")),
    ("nextcloud", "shell", include_str!("../../docs/clients/nextcloud.sh")),
    ("jenkins", "yaml", include_str!("../../docs/clients/jenkins.yaml")),
    ("home-assistant", "yaml", include_str!("../../docs/clients/home-assistant.yaml")),
];
const PUBLIC: [(&str, &str, &str); 1] = [("browser", "html", include_str!("../../docs/clients/browser.html"))];

/// The programs and settings for a client.
pub(super) fn of(config: &Config, application: &Application, client: &OidcClient) -> Vec<Snippet> {
    let files = match client.client_type {
        ClientType::Confidential => &CONFIDENTIAL[..],
        ClientType::Public => &PUBLIC[..],
    };
    let after_sign_out = client.post_logout_redirect_uris.first().unwrap_or(&application.tile.url);
    let mut addresses = vec![
        ("https://app.example.com/callback", client.redirect_uris.first().map_or("", String::as_str)),
        ("https://app.example.com/", after_sign_out),
    ];
    if !addresses.iter().all(|(_, address)| is_plain(address)) {
        addresses.clear();
    }
    let values = [
        ("https://login.example.com", config.public_url.origin()),
        ("\"CLIENT_ID\"", &format!("\"{}\"", application.id)),
        ("client_id = CLIENT_ID", &format!("client_id = {}", application.id)),
        ("OIDCClientID CLIENT_ID", &format!("OIDCClientID {}", application.id)),
        ("[\"client_secret_basic\"]", &format!("[\"{}\"]", client.token_auth.as_str())),
        ("= \"client_secret_basic\" ==", &format!("= \"{}\" ==", client.token_auth.as_str())),
        ("auth_method\": \"client_secret_basic\"", &format!("auth_method\": \"{}\"", client.token_auth.as_str())),
        ("EndpointAuth client_secret_basic", &format!("EndpointAuth {}", client.token_auth.as_str())),
        ("RS256", client.signing.as_str()),
    ];
    let fill = |text: &str| {
        // In this order: the second address is a part of the first.
        addresses.iter().chain(&values).fold(text.to_owned(), |text, (example, value)| text.replace(example, value))
    };
    files.iter().map(|(name, language, text)| Snippet { name, language, text: fill(text) }).collect()
}

/// False for an address that a program or shell could read as more than a text; then the examples stay.
fn is_plain(address: &str) -> bool {
    !address.is_empty() && !address.contains(['\'', '"', '$'])
}
