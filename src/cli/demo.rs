//! `vestibule demo`.

use crate::demo;
use crate::domain::phrase::Phrase;
use crate::domain::{Error, Result};
use serde_json::{Value, json};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::ExitCode;

/// The flags of `demo`.
#[derive(clap::Args)]
pub struct Demo {
    /// Where to keep the data. Default: a temporary folder, removed at the end
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Where Vestibule listens, on loopback. Default: 127.0.0.1:8080, or a free port if that is in use
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<SocketAddr>,
    /// Where the practice identity provider listens. Default: 127.0.0.1:8081, or a free port if that is in use
    #[arg(long, value_name = "HOST:PORT")]
    idp_listen: Option<SocketAddr>,
    /// Let the practice identity provider encrypt its assertions
    #[arg(long)]
    encrypt: bool,
    /// Add this many people to the Enterprise organisation, to see long lists; up to 65,535
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    crowd: u16,
    /// Minutes after which sensitive actions ask for the password or a SAML sign-in again [default: 15]
    #[arg(long, value_name = "MINUTES")]
    reauthentication_minutes: Option<i64>,
    /// Print addresses, people and passwords as one line of JSON
    #[arg(long)]
    json: bool,
}

impl Demo {
    /// Runs the command until it is stopped.
    pub fn run(self) -> Result<ExitCode> {
        let temporary = tempfile::Builder::new().prefix("vestibule-demo-").tempdir();
        let temporary =
            temporary.map_err(|cause| Error::unavailable(Phrase::words(format!("No temporary folder: {cause}."))))?;
        let data = self.data.clone().unwrap_or_else(|| temporary.path().to_owned());
        let vestibule = listen("--listen", self.listen, 8080)?;
        let practice = listen("--idp-listen", self.idp_listen, 8081)?;
        let demo = demo::Demo::prepare(data, vestibule, practice, self.options())?;
        if self.json {
            say!("{}", description(&demo));
        } else {
            print_welcome(&demo);
        }
        actix_web::rt::System::new().block_on(demo.serve())?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Demo {
    fn options(&self) -> demo::Options {
        demo::Options {
            encrypt: self.encrypt,
            crowd: self.crowd.into(),
            reauthentication_minutes: self.reauthentication_minutes,
        }
    }
}

fn listen(flag: &str, wanted: Option<SocketAddr>, usual: u16) -> Result<TcpListener> {
    let refused = |cause: std::io::Error| Error::unavailable(Phrase::words(format!("{flag}: cannot listen: {cause}.")));
    match wanted {
        // The demo prints everybody's password, so it must be reachable from this machine only.
        Some(address) if !address.ip().is_loopback() => {
            Err(Error::invalid(flag, Phrase::words("must be on loopback, such as 127.0.0.1:8080")))
        }
        Some(address) => TcpListener::bind(address).map_err(refused),
        None => {
            TcpListener::bind(("127.0.0.1", usual)).or_else(|_| TcpListener::bind(("127.0.0.1", 0))).map_err(refused)
        }
    }
}

fn people(demo: &demo::Demo) -> Vec<Value> {
    let people = &demo.people;
    let operator = json!({
        "name": people.operator.name, "email": people.operator.email, "password": demo::PASSWORD, "role": "operator",
    });
    let members = people.companies.iter().flat_map(|company| {
        company.people.iter().enumerate().map(|(index, person)| {
            json!({
                "name": person.name,
                "email": person.email,
                "password": person.password.then_some(demo::PASSWORD),
                "organisation": company.slug,
                "role": if index == 0 { "organisation admin" } else { "member" },
            })
        })
    });
    std::iter::once(operator).chain(members).collect()
}

fn description(demo: &demo::Demo) -> Value {
    let organisations: Vec<_> = demo.people.companies.iter().map(|company| {
        json!({ "slug": company.slug, "name": company.name, "plan": company.plan, "portal_key": company.portal_key })
    }).collect();
    let applications: Vec<_> = demo
        .applications
        .iter()
        .map(|application| {
            let site = application.site;
            json!({ "name": site.name, "url": application.url, "kind": site.kind, "organisation": site.organisation })
        })
        .collect();
    json!({
        "url": demo.url(), "idp_url": demo.provider_url(), "people": people(demo), "organisations": organisations,
        "applications": applications,
    })
}

fn print_welcome(demo: &demo::Demo) {
    let [business, enterprise] = &demo.people.companies;
    let key = enterprise.portal_key.unwrap_or_default();
    say!("Vestibule's demo is running, all on this machine.\n");
    say!("  Vestibule                     {}", demo.url());
    say!("  Practice identity provider    {}", demo.provider_url());
    for application in &demo.applications {
        say!("  {:29} {}", application.site.name, application.url);
    }
    say!("");
    say!("1. With a password: open {}/login", demo.url());
    say!("   and sign in as {} with: {}\n", business.people[0].email, demo::PASSWORD);
    say!("2. Through SAML: open {}/sso?key={key}", demo.url());
    say!("   and choose who you are, for example {}.\n", enterprise.people[1].name);
    say!("3. A sign-in that is refused: open {}/sso?key={key} again,", demo.url());
    say!("   choose what goes wrong at the identity provider, and see the person's error page.");
    say!("   Then sign in as {} with: {}", enterprise.people[0].email, demo::PASSWORD);
    say!("   and open {}/o/{}/sso/attempts", demo.url(), enterprise.slug);
    say!("   which names the rule, the value received, and what to change.\n");
    if let [recipes, manual, planner] = &demo.applications[..] {
        say!("4. An application behind a reverse proxy: open {}, or after step 2 {}.", recipes.url, manual.url);
        say!("   It shows what the application receives. {}/admin/ is for admins only.\n", recipes.url);
        say!("5. An application that speaks OpenID Connect: open {} after step 2.", planner.url);
        let (_, person) = demo.people.with_custom_role();
        say!(
            "   {}, whose role is {}, is an operator there, and may not open {}.\n",
            person.name,
            demo::NIGHT_SHIFT,
            manual.url
        );
    }
    say!("The password of everybody who has one is: {}\n", demo::PASSWORD);
    for person in people(demo) {
        let text = |field: &str| person[field].as_str().unwrap_or_default().to_owned();
        let note = if person["password"].is_null() { ", through SAML only" } else { "" };
        say!("  {:28} {:20} {}{note}", text("email"), text("organisation"), text("role"));
    }
    say!("\nStop with Ctrl-C.");
}
