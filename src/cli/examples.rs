//! An example for each command, at the end of its help and of its manual page.

use clap::Command;

/// The names of each command, and example lines, which a test parses.
const EXAMPLES: &[(&str, &[&str])] = &[
    ("serve", &["vestibule serve --data /var/lib/vestibule --public-url https://login.example.com"]),
    ("demo", &["vestibule demo", "vestibule demo --crowd 500 --encrypt"]),
    (
        "setup",
        &[
            "vestibule setup --operator ada@example.com --organisation \"Acme Tools\" --plan enterprise",
            "vestibule setup --operator ada@example.com --organisation \"Acme Tools\" --password-file - < password.txt",
        ],
    ),
    ("operator list", &["vestibule operator list"]),
    ("operator add", &["vestibule operator add ada@example.com"]),
    ("operator remove", &["vestibule operator remove ada@example.com"]),
    ("org list", &["vestibule org list --json"]),
    ("org show", &["vestibule org show acme"]),
    ("org create", &["vestibule org create \"Acme Tools\" --plan business --admin ada@example.com"]),
    (
        "org set-lives",
        &[
            "vestibule org set-lives acme --session-days 1 --session-idle-hours 2",
            "vestibule org set-lives acme --invitation-hours default",
        ],
    ),
    ("org set-language", &["vestibule org set-language acme en", "vestibule org set-language acme default"]),
    ("org set-hosts", &["vestibule org set-hosts acme wiki.example.com *.apps.example.com"]),
    ("org set-plan", &["vestibule org set-plan acme enterprise --dry-run"]),
    ("org delete", &["vestibule org delete acme --dry-run", "vestibule org delete acme --confirm \"Acme Tools\""]),
    ("org remove-admin", &["vestibule org remove-admin acme ada@example.com --dry-run"]),
    ("org recover", &["vestibule org recover acme ada@example.com"]),
    ("plan list", &["vestibule plan list"]),
    ("plan set-auth", &["vestibule plan set-auth business password_or_saml --dry-run"]),
    ("plan set-limits", &["vestibule plan set-limits starter --max-members 50 --max-workspaces none"]),
    (
        "sso save",
        &[
            "vestibule sso save acme --provider okta --portal-key acme --metadata okta.xml --dry-run",
            "vestibule sso save acme --provider entra --portal-key acme --metadata-url https://idp.example.com/metadata",
        ],
    ),
    ("sso remove", &["vestibule sso remove acme --dry-run"]),
    ("sso require-saml", &["vestibule sso require-saml acme --dry-run"]),
    ("sso attempts", &["vestibule sso attempts acme", "vestibule sso attempts acme --reference ABC123"]),
    ("sso setup-link create", &["vestibule sso setup-link create acme --days 3 --note \"Ivan, IT\""]),
    ("sso setup-link list", &["vestibule sso setup-link list acme"]),
    ("sso setup-link revoke", &["vestibule sso setup-link revoke acme 0192f0c1-7d3e-7a55-9c1b-2f6d8e4a7b10"]),
    ("sso readiness", &["vestibule sso readiness acme"]),
    ("sso remind", &["vestibule sso remind acme", "vestibule sso remind acme bo@example.com"]),
    ("sso allow-passwords", &["vestibule sso allow-passwords acme --dry-run"]),
    ("workspace list", &["vestibule workspace list acme"]),
    ("workspace show", &["vestibule workspace show acme/warehouse"]),
    ("workspace delete", &["vestibule workspace delete acme/warehouse --dry-run"]),
    ("app list", &["vestibule app list acme/warehouse"]),
    ("app show", &["vestibule app show 9f86d081884c7d659a2feaa0c55ad015"]),
    (
        "app create",
        &[
            "vestibule app create acme/warehouse Wiki --kind proxy --url https://wiki.example.com --host wiki.example.com",
            "vestibule app create acme/warehouse Board --kind oidc --url https://board.example.com --redirect-uri https://board.example.com/callback",
            "vestibule app create acme/warehouse Intranet --kind link --url https://intranet.example.com",
        ],
    ),
    (
        "app set",
        &["vestibule app set 9f86d081884c7d659a2feaa0c55ad015 --rule \"/static/=public\" --rule \"/admin/=admin\""],
    ),
    ("app snippet", &["vestibule app snippet 9f86d081884c7d659a2feaa0c55ad015 nginx"]),
    ("app rotate-secret", &["vestibule app rotate-secret 9f86d081884c7d659a2feaa0c55ad015"]),
    ("app remove", &["vestibule app remove 9f86d081884c7d659a2feaa0c55ad015 --dry-run"]),
    ("role list", &["vestibule role list acme"]),
    ("role create", &["vestibule role create acme Auditor --default viewer"]),
    ("role set-level", &["vestibule role set-level acme auditor 9f86d081884c7d659a2feaa0c55ad015 no_access --dry-run"]),
    ("role remove", &["vestibule role remove acme auditor --replace-by power_user --dry-run"]),
    ("member list", &["vestibule member list acme --state away", "vestibule member list acme --csv > people.csv"]),
    (
        "member invite",
        &[
            "vestibule member invite acme/warehouse bo@example.com --role power_user",
            "vestibule member invite acme/warehouse --file people.csv --role power_user --dry-run",
        ],
    ),
    ("member revoke", &["vestibule member revoke acme/warehouse bo@example.com --dry-run"]),
    ("member remove", &["vestibule member remove acme bo@example.com --dry-run"]),
    ("user reset-link", &["vestibule user reset-link bo@example.com"]),
    ("user disable", &["vestibule user disable bo@example.com --dry-run"]),
    ("user enable", &["vestibule user enable bo@example.com"]),
    ("key list", &["vestibule key list --operator"]),
    ("key create", &["vestibule key create \"nightly report\" --operator --expires 2027-01-31"]),
    ("key delete", &["vestibule key delete --operator 0192f0c1-7d3e-7a55-9c1b-2f6d8e4a7b10 --dry-run"]),
    ("branding show", &["vestibule branding show --org acme"]),
    ("branding set", &["vestibule branding set --org acme --name \"Acme Tools\" --logo logo.svg"]),
    ("branding remove", &["vestibule branding remove --org acme"]),
    (
        "audit export",
        &[
            "vestibule audit export acme --from 2026-11-01 --to 2026-11-30 > audit.csv",
            "vestibule audit export --format jsonl > audit.jsonl",
        ],
    ),
    ("audit verify", &["vestibule audit verify", "vestibule audit verify acme --json"]),
    ("mail test", &["vestibule mail test ada@example.com"]),
    ("doctor", &["vestibule doctor --data /var/lib/vestibule"]),
    ("backup", &["vestibule backup /backups/vestibule.db --replace", "vestibule backup - > vestibule.db"]),
    ("restore", &["vestibule restore /backups/vestibule.db", "vestibule restore - < vestibule.db"]),
    ("upgrade", &["vestibule upgrade --rehearse --data /var/lib/vestibule"]),
    ("accept-copy", &["vestibule accept-copy --data /var/lib/vestibule"]),
    ("completions", &["vestibule completions bash > /etc/bash_completion.d/vestibule"]),
    ("man", &["vestibule man /usr/local/share/man/man1"]),
    (
        "saml explain",
        &[
            "vestibule saml explain response.txt --connection acme",
            "vestibule saml explain - --idp-metadata idp.xml --entity-id https://login.example.com/saml/acme --acs-url https://login.example.com/sso < response.txt",
        ],
    ),
    ("oidc rotate-keys", &["vestibule oidc rotate-keys"]),
    ("saml keys", &["vestibule saml keys acme", "vestibule saml keys acme --rotate"]),
];

/// Adds its example lines to the help of each command.
pub fn with_examples(command: Command) -> Command {
    below("", command)
}

fn below(path: &str, command: Command) -> Command {
    let command = command.mut_subcommands(|command| {
        let path = format!("{path} {}", command.get_name());
        below(path.trim_start(), command)
    });
    match EXAMPLES.iter().find(|(of, _)| *of == path) {
        Some((_, lines)) => {
            let title = if lines.len() == 1 { "Example:" } else { "Examples:" };
            command.after_help(format!("{title}\n  {}", lines.join("\n  ")))
        }
        None => command,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::command;

    /// The words of a line as a shell splits it, without redirections.
    fn words(line: &str) -> Vec<String> {
        let line = line.split(['<', '>']).next().unwrap_or_default();
        let quoted = line.split('"').enumerate();
        let parts = quoted.flat_map(|(index, part)| match index % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        });
        parts.collect()
    }

    fn leaves(path: &str, command: &Command, found: &mut Vec<(String, Command)>) {
        if !command.has_subcommands() {
            found.push((path.trim().to_owned(), command.clone()));
        }
        for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
            leaves(&format!("{path} {}", below.get_name()), below, found);
        }
    }

    #[test]
    fn each_command_has_an_example_that_clap_accepts() {
        let mut all = Vec::new();
        leaves("", &command(), &mut all);
        for (path, mut leaf) in all {
            let example = EXAMPLES.iter().find(|(of, _)| *of == path);
            let (_, lines) = example.unwrap_or_else(|| panic!("{path} has no example"));
            let help = leaf.render_help().to_string();
            for line in *lines {
                assert!(line.starts_with(&format!("vestibule {path}")) && help.contains(line), "{path}: {line}");
                if let Err(fault) = command().try_get_matches_from(words(line)) {
                    panic!("{line}: {fault}");
                }
            }
        }
        for (path, _) in EXAMPLES {
            assert!(exists(path), "{path} is not a command");
        }
    }

    #[test]
    fn the_usage_of_each_command_names_its_arguments_in_their_order() {
        let mut all = Vec::new();
        leaves("", &command(), &mut all);
        for (path, mut leaf) in all {
            let usage = leaf.render_usage().to_string();
            let names = leaf.get_positionals().map(|arg| {
                let name = arg.get_value_names().and_then(|names| names.first()).map(ToString::to_string);
                name.unwrap_or_else(|| arg.get_id().as_str().to_uppercase())
            });
            let places: Vec<_> = names.map(|name| (usage.find(&name), name)).collect();
            assert!(places.is_sorted() && places.iter().all(|(at, _)| at.is_some()), "{path}: {usage}");
        }
    }

    fn exists(path: &str) -> bool {
        let mut command = command();
        path.split(' ').all(|word| {
            let below = command.find_subcommand(word).cloned();
            below.is_some_and(|below| {
                command = below;
                true
            })
        })
    }
}
