//! The configurations of reverse proxies and of clients for an application, with this appliance's addresses. The tests run
//! the same files.

use super::client_snippets;
use crate::config::Config;
use crate::domain::application::{Application, ApplicationKind};
use crate::domain::snippet::Snippet;
use std::net::IpAddr;

/// The proxies, and the languages and files of their configurations.
const FILES: [(&str, &str, &str); 5] = [
    ("nginx", "nginx", include_str!("../../docs/proxies/nginx.conf")),
    ("caddy", "caddyfile", include_str!("../../docs/proxies/caddy.conf")),
    ("traefik", "yaml", include_str!("../../docs/proxies/traefik.yml")),
    ("haproxy", "haproxy", include_str!("../../docs/proxies/haproxy.conf")),
    ("envoy", "yaml", include_str!("../../docs/proxies/envoy.yaml")),
];

/// The configurations for a proxy application or a client; none for a link.
pub fn of(config: &Config, application: &Application) -> Vec<Snippet> {
    if let Some(client) = &application.oidc {
        return client_snippets::of(config, application, client);
    }
    let Some(host) = application.proxy.hosts.first().filter(|_| application.kind == ApplicationKind::Proxy) else {
        return Vec::new();
    };
    let (address, port) = (config.listen.ip(), config.listen.port());
    let address = if address.is_unspecified() { IpAddr::from([127, 0, 0, 1]) } else { address };
    let fill = |text: &str| {
        text.replace("wiki.example.com", host.name())
            .replace("127.0.0.1:8080", &std::net::SocketAddr::new(address, port).to_string())
            .replace("address: 127.0.0.1, port_value: 8080", &format!("address: \"{address}\", port_value: {port}"))
    };
    FILES.into_iter().map(|(name, language, text)| Snippet { name, language, text: fill(text) }).collect()
}
