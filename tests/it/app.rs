//! A running appliance, and helpers to create the state that a test needs.

use crate::browser::Browser;
use actix_web::web::Data;
use std::net::TcpListener;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use tempfile::TempDir;
use vestibule::actions::Caller;
use vestibule::actions::keys::create_operator_key;
use vestibule::app::{App, Line};
use vestibule::config::{Config, Flags, Limits};
use vestibule::domain::access::Standing;
use vestibule::domain::ids::{OrganisationId, UserId, WorkspaceId};
use vestibule::domain::key::Key;
use vestibule::domain::person::Role;
use vestibule::domain::principal::Claim;
use vestibule::domain::{Clock, Email, KnownBrowser, Name, Password, Timestamp};
use vestibule::http;
use vestibule::jobs;

/// The password of all test users. It is hashed only once, because hashing is slow by design.
pub const PASSWORD: &str = "right horse battery";

fn hash(app: &App) -> String {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| {
        app.hasher.hash(&Line::known("tests", "127.0.0.1"), &Password::typed(PASSWORD.into())).expect("hashed")
    })
    .clone()
}

pub struct TestApp {
    pub app: Data<App>,
    pub url: String,
    pub data: TempDir,
    clock: Arc<AtomicI64>,
    server: actix_web::dev::ServerHandle,
}

/// An organisation created by a test.
#[derive(Clone)]
pub struct Org {
    pub id: OrganisationId,
    pub slug: String,
    pub workspace: WorkspaceId,
}

impl TestApp {
    /// An appliance with an operator, `olivia@vestibule.test`, and no other people.
    pub fn new() -> Self {
        Self::with_operator(|_| {})
    }

    /// As `new`, but with changed flags.
    pub fn with_operator(change: impl FnOnce(&mut Flags)) -> Self {
        let app = Self::with_flags(change);
        app.add_operator();
        app
    }

    /// Adds the operator, `olivia@vestibule.test`.
    pub fn add_operator(&self) {
        let hash = hash(&self.app);
        self.write(move |tx| tx.add_user(&email("olivia@vestibule.test"), "Olivia", Some(&hash), true));
    }

    /// An appliance before its set-up.
    pub fn empty() -> Self {
        Self::with_flags(|_| {})
    }

    pub fn with_flags(change: impl FnOnce(&mut Flags)) -> Self {
        Self::start(change, |_| {})
    }

    pub fn with_limits(limits: Limits) -> Self {
        Self::start(|_| {}, |config| config.limits = limits)
    }

    pub fn start(change: impl FnOnce(&mut Flags), adjust: impl FnOnce(&mut Config)) -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let listen = listener.local_addr().expect("bound").to_string();
        let url = format!("http://{listen}");
        let mut flags = Flags { listen, ..Flags::default() };
        change(&mut flags);
        let mut config = Config::read(&flags, data.path().to_owned()).expect("usable flags");
        adjust(&mut config);
        let clock = Arc::new(AtomicI64::new(Clock::System.now().0));
        let app = Data::new(App::open(config, Clock::Fixed(clock.clone())).expect("opens"));
        jobs::start(&app.clone().into_inner()).expect("threads");
        let (send_handle, server_handle) = std::sync::mpsc::channel();
        let shared = app.clone();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let running = http::serve(shared, listener, None).expect("serves");
                send_handle.send(running.handle()).expect("the test waits");
                running.await
            })
        });
        let server = server_handle.recv().expect("a server");
        Self { app, url, data, clock, server }
    }

    /// The appliance's clock, for a second store on the same data.
    pub fn clock(&self) -> Clock {
        Clock::Fixed(self.clock.clone())
    }

    pub fn now(&self) -> Timestamp {
        Timestamp(self.clock.load(Ordering::SeqCst))
    }

    /// Advances the clock and wakes the background jobs.
    pub fn wait(&self, secs: i64) {
        self.clock.fetch_add(secs, Ordering::SeqCst);
        self.app.mail_wakeup.notify();
        self.app.jobs_wakeup.notify();
        self.app.backups_wakeup.notify();
    }

    /// Advances the clock without waking the background jobs.
    pub fn pass(&self, secs: i64) {
        self.clock.fetch_add(secs, Ordering::SeqCst);
    }

    pub fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&vestibule::store::Tx) -> vestibule::domain::Result<T> + Send + 'static,
    ) -> T {
        self.app.write(&Claim::job(), write).expect("written")
    }

    /// Waits until the entries of the audit log that are added in the background are written. Each write also writes
    /// one waiting entry of each other network; a test adds fewer than 20 entries from one network before it reads
    /// them.
    pub fn finish_log(&self) {
        for _ in 0..20 {
            self.write(|_| Ok(()));
        }
    }

    /// An organisation with one workspace and no people.
    pub fn org(&self, name: &str, plan: &'static str) -> Org {
        let name = Name::parse("name", name).expect("usable");
        self.write(move |tx| {
            let slug = vestibule::domain::text::slug_of(name.as_str());
            let organisation = tx.add_organisation(&name, &slug, plan)?;
            let workspace = tx.add_workspace(&organisation.id, &Name::parse("name", "Head office")?)?;
            Ok(Org { id: organisation.id, slug: organisation.slug, workspace: workspace.id })
        })
    }

    /// A person with a password and a role in the organisation's workspace.
    pub fn person(&self, org: &Org, address: &str, role: Role, admin: bool) -> UserId {
        let (org, address, hash) = (org.clone(), email(address), hash(&self.app));
        self.write(move |tx| {
            let user = match tx.find_user(&address)? {
                Some(user) => user,
                None => tx.add_user(&address, address.local_part(), Some(&hash), false)?,
            };
            tx.add_person(&org.id, &user, Standing { admin, password_agreed: true })?;
            tx.set_place(&org.id, &org.workspace, &user, &role)?;
            Ok(user.id)
        })
    }

    /// A person with a password and no memberships.
    pub fn account(&self, address: &str) -> UserId {
        let (address, hash) = (email(address), hash(&self.app));
        self.write(move |tx| tx.add_user(&address, address.local_part(), Some(&hash), false)).id
    }

    pub fn admin(&self, org: &Org, address: &str) -> UserId {
        self.person(org, address, Role::Admin, true)
    }

    pub fn member(&self, org: &Org, address: &str) -> UserId {
        self.person(org, address, Role::PowerUser, false)
    }

    /// A browser that is not signed in.
    pub fn anonymous(&self) -> Browser {
        let mut browser = Browser::new(&self.url);
        browser.cookie_suffix = self.app.config.public_url.cookie_suffix();
        browser
    }

    /// A browser that is signed in by password and known to the account.
    pub fn signed_in(&self, address: &str) -> Browser {
        self.signed_in_with(address, PASSWORD)
    }

    /// As `signed_in`, but with another password.
    pub fn signed_in_with(&self, address: &str, password: &str) -> Browser {
        let mut browser = self.anonymous();
        let (known, seal) = (KnownBrowser::default().with(&email(address)), self.app.store.seal());
        browser.cookies.insert("vestibule_known".into(), seal.seal("known browser", &known, self.now(), 3600));
        let answer = browser.sign_in(address, password);
        assert_eq!(answer.status, 200, "{}", answer.body);
        browser
    }

    pub fn operator(&self) -> Browser {
        self.signed_in("olivia@vestibule.test")
    }

    /// A program that uses this API key.
    pub fn program(&self, key: &str) -> Browser {
        Browser::program(&self.url, key)
    }

    /// A new API key with operator rights, and its secret.
    pub fn operators_key(&self, name: &str) -> (Key, String) {
        let name = Name::parse("name", name).expect("usable");
        create_operator_key(&self.app, &Caller::command_line(), name, None).expect("made")
    }

    /// A second operator, oscar@vestibule.test.
    pub fn second_operator(&self) -> UserId {
        let id = self.account("oscar@vestibule.test");
        let oscar = id.clone();
        self.write(move |tx| tx.set_operator(&oscar, true));
        id
    }

    /// The id of the person with this address.
    pub fn user(&self, address: &str) -> UserId {
        self.app.store.read(|db| db.find_user(&email(address))).expect("read").expect("there").id
    }

    /// The number of accounts with this address: 0 or 1.
    pub fn accounts(&self, address: &str) -> usize {
        let address = email(address);
        usize::from(self.app.store.read(|db| db.find_user(&address)).expect("read").is_some())
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

pub fn email(text: &str) -> Email {
    Email::parse(text).expect("usable")
}
