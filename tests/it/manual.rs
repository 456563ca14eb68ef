//! Shell completions and manual pages, which are generated from the commands; and the text that commands print with
//! links.

use crate::app::TestApp;
use crate::program::{BINARY, vestibule};
use std::collections::BTreeSet;
use std::process::{Command, Output};

fn run(args: &[&str]) -> Output {
    Command::new(BINARY).args(args).output().expect("the program runs")
}

#[test]
fn the_completions_for_each_shell_contain_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let made = run(&["completions", shell]);
        let text = String::from_utf8_lossy(&made.stdout).into_owned();
        assert!(made.status.success(), "{shell}");
        for word in ["setup-link", "set-lives", "session-idle-hours", "completions"] {
            assert!(text.contains(word), "the completions for {shell} lack {word}");
        }
    }
    assert_eq!(run(&["completions", "tcl"]).status.code(), Some(2));
}

#[test]
fn bash_completes_a_command() {
    let ask = "source <(\"$0\" completions bash) && COMP_WORDS=(vestibule workspace del) COMP_CWORD=2 && _vestibule vestibule del workspace \
        && echo \"${COMPREPLY[@]}\"";
    let reported = Command::new("bash").args(["-c", ask, BINARY]).output().expect("bash");
    assert_eq!(
        String::from_utf8_lossy(&reported.stdout).trim(),
        "delete",
        "{}",
        String::from_utf8_lossy(&reported.stderr)
    );
}

#[test]
fn each_command_has_a_manual_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let pages = folder.path().join("share/man1");
    let written = run(&["man", pages.to_str().expect("text")]);
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    let entries = std::fs::read_dir(&pages).expect("a folder");
    let names: BTreeSet<_> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("text")).collect();
    for page in ["vestibule.1", "vestibule-serve.1", "vestibule-org-set-lives.1", "vestibule-sso-setup-link-create.1"] {
        assert!(names.contains(page), "{page} is missing: {names:?}");
    }
    let serve = std::fs::read_to_string(pages.join("vestibule-serve.1")).expect("text");
    assert!(serve.contains("session\\-days") && serve.contains("VESTIBULE_SESSION_DAYS"), "{serve}");
    let blocked = run(&["man", &format!("{}/vestibule.1/x", pages.display())]);
    let printed = String::from_utf8_lossy(&blocked.stderr).into_owned();
    assert!(blocked.status.code() == Some(2) && printed.contains("cannot be written"), "{printed}");
}

#[test]
fn a_printed_link_has_an_explanation_and_its_expiry() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    for (command, what, life, address) in [
        ("org recover acme ann@acme.test", "Recovery link by which ann@acme.test", "15 minutes", "/recover?token="),
        ("operator add oscar@x.test", "oscar@x.test", "24 hours", "/reset?token="),
        ("user reset-link ann@acme.test", "ann@acme.test sets a new password", "24 hours", "/reset?token="),
        ("member invite acme/head-office b@x.test --role admin", "b@x.test", "24 hours", "/invitation?token="),
        ("sso setup-link create acme", "For Acme's IT admin, until", "", "/sso-setup"),
    ] {
        let output = vestibule(app.data.path(), &command.split(' ').collect::<Vec<_>>());
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let (first, link) = printed.trim_end().rsplit_once('\n').unwrap_or_else(|| panic!("{command}: {printed}"));
        assert!(first.contains(what) && first.contains(life), "{command}: {printed}");
        assert!(link.starts_with(&app.url) && link.contains(address), "{command}: {printed}");
    }
}
