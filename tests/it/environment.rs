//! Environment variables, the settings file of the service, and closed pipes.

use crate::app::TestApp;
use crate::program::BINARY;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Output, Stdio};

fn run(args: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(BINARY);
    command.args(args).env("VESTIBULE_ENV_FILE", "/dev/null").envs(variables.iter().copied());
    command.output().expect("the program runs")
}

fn stderr_of(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// All environment variables that the help of `serve` lists.
fn variables() -> Vec<String> {
    let help = String::from_utf8(run(&["serve", "--help"], &[]).stdout).expect("text");
    let after = |part: &str| Some(part.split(']').next()?.trim().to_owned());
    help.split("[env:").skip(1).filter_map(after).collect()
}

/// Starts `serve` and reads until the set-up link; returns that line and the warnings before it.
fn first_line(args: &[&str], variables: &[(String, String)], file: &str) -> (String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = Command::new(BINARY)
        .arg("serve")
        .args(args)
        .arg("--data")
        .arg(folder.path())
        .env("VESTIBULE_ENV_FILE", file)
        .envs(variables.iter().cloned())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("output")).read_line(&mut line).expect("a line");
    child.kill().expect("ended");
    child.wait().expect("ended");
    let mut printed = String::new();
    child.stderr.take().expect("output").read_to_string(&mut printed).expect("text");
    (line, printed)
}

#[test]
fn an_empty_variable_is_treated_as_absent() {
    let names = variables();
    assert!(names.len() > 10, "{names:?}");
    let mut all: Vec<_> = names.into_iter().map(|name| (name, String::new())).collect();
    all.push(("VESTIBULE_LOG".into(), String::new()));
    let (line, reported) = first_line(&["--listen", "127.0.0.1:0"], &all, "");
    assert!(line.starts_with("Set-up link: http://127.0.0.1:"), "{line}{reported}");
    assert!(reported.contains("are sent unencrypted"), "an empty VESTIBULE_LOG means the default level: {reported}");
}

/// The test sets the hard limit, which `serve` cannot raise.
#[test]
fn a_low_limit_of_open_files_causes_a_warning_at_the_start() {
    for (limit, warned) in [("128", true), ("5000", false)] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut child = Command::new("sh")
            .args([
                "-c",
                "ulimit -n \"$1\" && exec \"$2\" serve --listen 127.0.0.1:0 --data \"$3\"",
                "sh",
                limit,
                BINARY,
            ])
            .arg(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("output")).read_line(&mut line).expect("a line");
        child.kill().expect("ended");
        child.wait().expect("ended");
        let mut printed = String::new();
        child.stderr.take().expect("output").read_to_string(&mut printed).expect("text");
        assert!(line.starts_with("Set-up link: "), "{line}{printed}");
        assert_eq!(printed.contains("may open only 128 files"), warned, "{printed}");
    }
}

#[test]
fn connections_per_address_can_be_set_by_flag_or_variable() {
    for (args, variables, refused) in [
        (&["--connections-per-address", "0"][..], &[][..], "--connections-per-address"),
        (&[], &[("VESTIBULE_CONNECTIONS_PER_ADDRESS".to_owned(), "16385".to_owned())], "16385 must be 1 to 16384"),
    ] {
        let (line, reported) = first_line(&[&["--listen", "127.0.0.1:0"], args].concat(), variables, "");
        assert!(line.is_empty() && reported.contains(refused), "{line}{reported}");
    }
    let (line, reported) = first_line(&["--listen", "127.0.0.1:0", "--connections-per-address", "1"], &[], "");
    assert!(line.starts_with("Set-up link: "), "{line}{reported}");
}

#[test]
fn an_unknown_log_level_is_refused_with_the_list_of_levels() {
    for wrong in ["verbose", "info,actix_server", "vestibule=loud"] {
        let output = run(&["plan", "list"], &[("VESTIBULE_LOG", wrong)]);
        assert_eq!(output.status.code(), Some(2), "{wrong}");
        let printed = stderr_of(&output);
        assert!(
            printed.contains("VESTIBULE_LOG") && printed.contains("off, error, warn, info, debug or trace"),
            "{printed}"
        );
    }
    for right in ["warn", "INFO,actix_server=warn", "vestibule::saml=debug,info"] {
        let output = run(&["plan", "--help"], &[("VESTIBULE_LOG", right)]);
        assert!(output.status.success(), "{right}: {}", stderr_of(&output));
    }
}

#[test]
fn every_boolean_accepts_the_same_words() {
    let booleans =
        ["VESTIBULE_HSTS_SUBDOMAINS", "VESTIBULE_TRACE_HIDE_VALUES", "VESTIBULE_REFUSE_EXPIRED_CERTIFICATES"];
    for name in booleans {
        for word in ["1", "0", "yes", "no", "on", "off", "true", "FALSE", "perhaps"] {
            // The invalid address prevents the server from starting.
            let printed = stderr_of(&run(&["serve", "--listen", "nowhere"], &[(name, word)]));
            assert_eq!(printed.contains(name), word == "perhaps", "{name}={word}: {printed}");
        }
    }
}

#[test]
fn errors_name_the_variable_or_flag_that_is_invalid() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("settings.env");
    std::fs::write(&file, "VESTIBULE_SMTP_URL=\"gopher://x\"\n").expect("written");
    let file = file.to_str().expect("text");
    for (args, variables, named) in [
        (&["serve"][..], &[("VESTIBULE_SSO_RATE", "many")][..], "VESTIBULE_SSO_RATE"),
        (&["serve"], &[("VESTIBULE_SSO_RATE", "60001")], "VESTIBULE_SSO_RATE:"),
        (&["serve"], &[("VESTIBULE_PUBLIC_URL", "example")], "VESTIBULE_PUBLIC_URL:"),
        (&["serve", "--sso-rate", "many"], &[("VESTIBULE_SSO_RATE", "5")], "--sso-rate"),
        (&["serve", "--public-url=x"], &[("VESTIBULE_PUBLIC_URL", "https://x.test")], "--public-url:"),
        (&["serve"], &[("VESTIBULE_ENV_FILE", file)], "VESTIBULE_SMTP_URL in "),
    ] {
        let refused = run(args, variables);
        let printed = stderr_of(&refused);
        assert_eq!(refused.status.code(), Some(2), "{printed}");
        assert!(printed.contains(named), "{named}: {printed}");
    }
}

#[test]
fn flags_and_environment_take_precedence_over_the_settings_file() {
    let app = TestApp::new();
    app.org("Acme", "business");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("settings.env");
    let data = app.data.path().display();
    let text = format!("# settings\nVESTIBULE_DATA=\"{data}\"\nVESTIBULE_PUBLIC_URL='https://file.test'\n");
    std::fs::write(&file, text).expect("written");
    let file = ("VESTIBULE_ENV_FILE", file.to_str().expect("text"));
    let link = |args: &[&str], variables: &[(&str, &str)]| {
        let args = [&["user", "reset-link", "olivia@vestibule.test"], args].concat();
        let output = run(&args, &[&[file], variables].concat());
        assert!(output.status.success(), "{}", stderr_of(&output));
        String::from_utf8(output.stdout).expect("text")
    };
    assert!(link(&[], &[]).contains("https://file.test/reset"));
    assert!(
        link(&[], &[("VESTIBULE_PUBLIC_URL", "")]).contains("https://file.test/reset"),
        "an empty variable is treated as absent"
    );
    let variable = ("VESTIBULE_PUBLIC_URL", "https://variable.test");
    assert!(link(&[], &[variable]).contains("https://variable.test/reset"));
    assert!(link(&["--public-url", "https://flag.test"], &[variable]).contains("https://flag.test/reset"));
    let missing = run(&["org", "list"], &[("VESTIBULE_DATA", "")]);
    assert_eq!(missing.status.code(), Some(2), "without the settings file, the data folder is unknown");
}

#[test]
fn a_flag_takes_precedence_over_a_conflicting_variable() {
    let both = [("VESTIBULE_SMTP_URL", "smtp://127.0.0.1:1"), ("VESTIBULE_SMTP_URL_FILE", "/nowhere")];
    let refused = run(&["serve"], &both);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr_of(&refused).contains("both set"), "{}", stderr_of(&refused));
    let url = run(&["serve", "--listen", "nowhere", "--smtp-url", "smtp://127.0.0.1:1"], &both[1..]);
    let printed = stderr_of(&url);
    assert!(printed.contains("--listen") && !printed.contains("smtp") && !printed.contains("SMTP"), "{printed}");
    let twice = run(&["serve", "--smtp-url", "smtp://127.0.0.1:1", "--smtp-url-file", "/nowhere"], &[]);
    assert!(stderr_of(&twice).contains("cannot be used with"), "{}", stderr_of(&twice));
}

#[test]
fn a_wildcard_address_is_not_used_in_links() {
    for listen in ["0.0.0.0:0", "[::]:0"] {
        let (line, reported) = first_line(&["--listen", listen], &[], "/dev/null");
        assert!(line.starts_with("Set-up link: http://localhost:"), "{line}{reported}");
        assert!(reported.contains("--public-url"), "{reported}");
        let (line, reported) = first_line(&["--listen", listen, "--public-url", "http://x.test"], &[], "/dev/null");
        assert!(line.starts_with("Set-up link: http://x.test/setup"), "{line}{reported}");
        assert!(!reported.contains("--public-url"), "{reported}");
    }
}

#[test]
fn a_closed_pipe_ends_commands_quietly_with_their_exit_code() {
    let app = TestApp::new();
    app.org("Acme", "business");
    let data = app.data.path().to_str().expect("text");
    let metadata = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(metadata.path(), crate::idp::metadata()).expect("written");
    let file = metadata.path().to_str().expect("text");
    let explain = ["saml", "explain", file, "--idp-metadata", file, "--entity-id", "x", "--acs-url", "https://x.test"];
    for (args, code) in [
        (&["org", "list"][..], 0),
        (&["org", "show", "acme"], 0),
        (&["org", "list", "--json"], 0),
        (&["plan", "list"], 0),
        (&["operator", "list"], 0),
        (&["member", "list", "acme"], 0),
        (&["audit", "export"], 0),
        (&["user", "reset-link", "olivia@vestibule.test"], 0),
        (&["org", "set-plan", "acme", "starter"], 0),
        (&["org", "show", "nobody"], 1),
        (&explain, 1),
        (&["org", "--help"], 0),
    ] {
        let mut command = Command::new(BINARY);
        command.args(args).env("VESTIBULE_ENV_FILE", "/dev/null").env("VESTIBULE_DATA", data);
        // A pipe whose reader is closed before the first byte is written.
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = command.stdout(writer).stderr(Stdio::piped()).output().expect("the program runs");
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", stderr_of(&output));
        assert!(!stderr_of(&output).contains("panicked"), "{args:?}: {}", stderr_of(&output));
    }
}

#[test]
fn each_line_of_the_log_is_a_json_object_if_wanted() {
    let data = tempfile::tempdir().expect("a folder");
    let port = crate::program::free_port();
    let mut server = Command::new(BINARY)
        .args(["serve", "--log-format", "json", "--listen", &format!("127.0.0.1:{port}"), "--data"])
        .arg(data.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut lines = BufReader::new(server.stderr.take().expect("captured output")).lines();
    let mut found = Vec::new();
    while !found.iter().any(|line: &serde_json::Value| line["message"].to_string().contains("listening on")) {
        let line = lines.next().expect("a line").expect("text");
        found.push(serde_json::from_str(&line).unwrap_or_else(|_| panic!("no JSON: {line}")));
    }
    drop(server.kill());
    drop(server.wait());
    for line in found {
        assert!(line["time"].as_str().is_some_and(|time| time.ends_with('Z')), "{line}");
        assert!(
            ["info", "warn"].contains(&line["level"].as_str().expect("a level")) && line["target"].is_string(),
            "{line}"
        );
    }
    let wrong = Command::new(BINARY).args(["serve", "--log-format", "xml"]).output().expect("the program runs");
    assert_eq!(wrong.status.code(), Some(2));
}
