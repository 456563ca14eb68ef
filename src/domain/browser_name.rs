//! The name of a browser according to its User-Agent: a hint for people, by which nothing is decided.

use super::phrase::{Phrase, phrase};

/// The order matters: Edge and Opera also call themselves Chrome, and Chrome also calls itself Safari.
const BROWSERS: [(&str, &str); 6] = [
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Chromium/", "Chrome"),
    ("Safari/", "Safari"),
];
const SYSTEMS: [(&str, &str); 7] = [
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iOS"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// Returns a name such as `Firefox on Linux` for a User-Agent, or `an unknown program` if it is not a well-known
/// browser. The result never contains the User-Agent itself, which an attacker can choose.
pub fn browser_name(agent: &str) -> Phrase {
    let first =
        |names: &[(&str, &'static str)]| names.iter().find(|(part, _)| agent.contains(part)).map(|(_, name)| *name);
    match (first(&BROWSERS), first(&SYSTEMS)) {
        (Some(browser), Some(system)) => phrase!("browser-on-system", browser = browser, system = system),
        (Some(browser), None) => Phrase::words(browser),
        (None, _) => phrase!("from-unknown-program"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_known_browsers_are_named_and_other_text_is_never_returned() {
        for (agent, name) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/141.0 Safari/537.36 Edg/141.0",
                "Edge on Windows",
            ),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iOS"),
            ("visit https://evil.example", "an unknown program"),
            ("", "an unknown program"),
        ] {
            assert_eq!(browser_name(agent).to_string(), name);
        }
    }
}
