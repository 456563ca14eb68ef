//! Environment variables, the settings file of the service, and closed pipes: the program as people start it.

use crate::app::TestApp;
use crate::program::BINARY;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Output, Stdio};

fn run(args: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(BINARY);
    command.args(args).env("VESTIBULE_ENV_FILE", "/dev/null").envs(variables.iter().copied());
    command.output().expect("it runs")
}

fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// All variables in the help of `serve`.
fn variables() -> Vec<String> {
    let help = String::from_utf8(run(&["serve", "--help"], &[]).stdout).expect("text");
    let after = |part: &str| Some(part.split(']').next()?.trim().to_owned());
    help.split("[env:").skip(1).filter_map(after).collect()
}

/// Starts `serve` until its first line, the set-up link; returns that line and the warnings up to then.
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
        .expect("it runs");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("output")).read_line(&mut line).expect("a line");
    child.kill().expect("ended");
    child.wait().expect("ended");
    let mut told = String::new();
    child.stderr.take().expect("output").read_to_string(&mut told).expect("text");
    (line, told)
}

#[test]
fn an_empty_variable_counts_as_absent() {
    let names = variables();
    assert!(names.len() > 10, "{names:?}");
    let mut all: Vec<_> = names.into_iter().map(|name| (name, String::new())).collect();
    all.push(("VESTIBULE_LOG".into(), String::new()));
    let (line, told) = first_line(&["--listen", "127.0.0.1:0"], &all, "");
    assert!(line.starts_with("Set-up link: http://127.0.0.1:"), "{line}{told}");
    assert!(told.contains("are sent unencrypted"), "an empty VESTIBULE_LOG is the usual level: {told}");
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
            .expect("it runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("output")).read_line(&mut line).expect("a line");
        child.kill().expect("ended");
        child.wait().expect("ended");
        let mut told = String::new();
        child.stderr.take().expect("output").read_to_string(&mut told).expect("text");
        assert!(line.starts_with("Set-up link: "), "{line}{told}");
        assert_eq!(told.contains("may open only 128 files"), warned, "{told}");
    }
}

#[test]
fn connections_per_address_can_be_set_by_flag_or_variable() {
    for (args, variables, refused) in [
        (&["--connections-per-address", "0"][..], &[][..], "--connections-per-address"),
        (&[], &[("VESTIBULE_CONNECTIONS_PER_ADDRESS".to_owned(), "16385".to_owned())], "16385 must be 1 to 16384"),
    ] {
        let (line, told) = first_line(&[&["--listen", "127.0.0.1:0"], args].concat(), variables, "");
        assert!(line.is_empty() && told.contains(refused), "{line}{told}");
    }
    let (line, told) = first_line(&["--listen", "127.0.0.1:0", "--connections-per-address", "1"], &[], "");
    assert!(line.starts_with("Set-up link: "), "{line}{told}");
}

#[test]
fn an_unknown_log_level_is_refused_with_the_list_of_levels() {
    for wrong in ["verbose", "info,actix_server", "vestibule=loud"] {
        let output = run(&["plan", "list"], &[("VESTIBULE_LOG", wrong)]);
        assert_eq!(output.status.code(), Some(2), "{wrong}");
        let told = complaint(&output);
        assert!(told.contains("VESTIBULE_LOG") && told.contains("off, error, warn, info, debug or trace"), "{told}");
    }
    for right in ["warn", "INFO,actix_server=warn", "vestibule::saml=debug,info"] {
        let output = run(&["plan", "--help"], &[("VESTIBULE_LOG", right)]);
        assert!(output.status.success(), "{right}: {}", complaint(&output));
    }
}

#[test]
fn every_boolean_accepts_the_same_words() {
    let booleans =
        ["VESTIBULE_HSTS_SUBDOMAINS", "VESTIBULE_TRACE_HIDE_VALUES", "VESTIBULE_REFUSE_EXPIRED_CERTIFICATES"];
    for name in booleans {
        for word in ["1", "0", "yes", "no", "on", "off", "true", "FALSE", "perhaps"] {
            // The address is invalid in any case, so nothing is served.
            let told = complaint(&run(&["serve", "--listen", "nowhere"], &[(name, word)]));
            assert_eq!(told.contains(name), word == "perhaps", "{name}={word}: {told}");
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
        let told = complaint(&refused);
        assert_eq!(refused.status.code(), Some(2), "{told}");
        assert!(told.contains(named), "{named}: {told}");
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
        assert!(output.status.success(), "{}", complaint(&output));
        String::from_utf8(output.stdout).expect("text")
    };
    assert!(link(&[], &[]).contains("https://file.test/reset"));
    assert!(link(&[], &[("VESTIBULE_PUBLIC_URL", "")]).contains("https://file.test/reset"), "empty is absent");
    let variable = ("VESTIBULE_PUBLIC_URL", "https://variable.test");
    assert!(link(&[], &[variable]).contains("https://variable.test/reset"));
    assert!(link(&["--public-url", "https://flag.test"], &[variable]).contains("https://flag.test/reset"));
    let missing = run(&["org", "list"], &[("VESTIBULE_DATA", "")]);
    assert_eq!(missing.status.code(), Some(2), "without the file the data is not found");
}

#[test]
fn a_flag_takes_precedence_over_a_conflicting_variable() {
    let both = [("VESTIBULE_SMTP_URL", "smtp://127.0.0.1:1"), ("VESTIBULE_SMTP_URL_FILE", "/nowhere")];
    let refused = run(&["serve"], &both);
    assert_eq!(refused.status.code(), Some(2));
    assert!(complaint(&refused).contains("both set"), "{}", complaint(&refused));
    let url = run(&["serve", "--listen", "nowhere", "--smtp-url", "smtp://127.0.0.1:1"], &both[1..]);
    let told = complaint(&url);
    assert!(told.contains("--listen") && !told.contains("smtp") && !told.contains("SMTP"), "{told}");
    let twice = run(&["serve", "--smtp-url", "smtp://127.0.0.1:1", "--smtp-url-file", "/nowhere"], &[]);
    assert!(complaint(&twice).contains("cannot be used with"), "{}", complaint(&twice));
}

#[test]
fn a_wildcard_address_is_not_used_in_links() {
    for listen in ["0.0.0.0:0", "[::]:0"] {
        let (line, told) = first_line(&["--listen", listen], &[], "/dev/null");
        assert!(line.starts_with("Set-up link: http://localhost:"), "{line}{told}");
        assert!(told.contains("--public-url"), "{told}");
        let (line, told) = first_line(&["--listen", listen, "--public-url", "http://x.test"], &[], "/dev/null");
        assert!(line.starts_with("Set-up link: http://x.test/setup"), "{line}{told}");
        assert!(!told.contains("--public-url"), "{told}");
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
        // A pipe whose reader is closed before the first byte.
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = command.stdout(writer).stderr(Stdio::piped()).output().expect("it runs");
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", complaint(&output));
        assert!(!complaint(&output).contains("panicked"), "{args:?}: {}", complaint(&output));
    }
}
