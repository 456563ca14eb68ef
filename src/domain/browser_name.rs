//! The name of a browser from what it calls itself: a hint for people, never a decision.

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

/// `Firefox on Linux` for its User-Agent; `an unknown program` where it is none of the well-known browsers. Nothing of the text
/// itself is in it, which a stranger wrote.
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
    fn well_known_browsers_have_a_name_and_nothing_else_comes_through() {
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
