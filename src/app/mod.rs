//! The state that every action receives. Imports `domain`, `store` and `config`.

mod answered;
mod application_log;
mod assertions;
mod doctor;
mod files;
mod gate;
mod hasher;
mod jobs;
mod pool;
mod security_log;
mod throttle;
mod throttle_table;
mod turns;
mod wakeup;

pub use crate::store::behalf::of as on_behalf_of;
pub use answered::Answered;
pub use application_log::ApplicationLog;
pub use assertions::Assertions;
pub use doctor::{Arrival, Fix, Lookout, ProxyLines, Sample, Sightings, Trouble, Wrong};
pub use files::{connections_turned_away, connections_within, file_limit, low_file_limit, raise_file_limit};
pub use gate::{Gate, Permit};
pub use hasher::{Checked, Hasher, Line, is_hash};
pub use jobs::{JobFailure, JobKind, JobRecord, JobRecords, Jobs};
pub use pool::Pool;
pub use security_log::{Room, SecurityLog};
pub use throttle::{Charge, Source, Throttle};
pub use turns::{Lane, Turn, Turns};
pub use wakeup::Wakeup;

use crate::config::{Config, FetchConfig, Flags, MailConfig};
use crate::domain::ids::{ConnectionId, OrganisationId};
use crate::domain::phrase::Phrase;
use crate::domain::principal::Claim;
use crate::domain::seal::Seal;
use crate::domain::{Clock, Error, Result, Timestamp};
use crate::fetch::Fetcher;
use crate::mail::Sender;
use crate::saml::ServiceProvider;
use crate::store::{Db, ServerLock, Store, Tx, cut_off};
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::available_parallelism;
use std::time::Duration;

/// The number of requests processed at once per core: while one reads from the disk, another computes.
const TURNS_OF_A_CORE: usize = 2;
/// The number of long-running requests per core that may run in addition.
const LONG_TURNS_OF_A_CORE: usize = 4;

/// How long a stopping process waits for background jobs.
const LAST_JOBS: Duration = Duration::from_secs(3);

/// The appliance.
pub struct App {
    /// The settings of this process.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// Hashes passwords.
    pub hasher: Hasher,
    /// Throttles attempts, such as guesses of passwords.
    pub throttle: Throttle,
    /// Limits the lines of the security log.
    pub security_log: SecurityLog,
    /// True if queued e-mails are sent, by this process or by a server that uses the same data folder.
    pub sends_mail: bool,
    /// Observes incoming requests, to find mistakes in the reverse proxy's configuration.
    pub lookout: Lookout,
    /// Sends e-mails; `None` if this process sends none.
    pub mail: Option<Sender>,
    /// Wakes the mail job when an e-mail waits.
    pub mail_wakeup: Arc<Wakeup>,
    /// Starts a round of the jobs now.
    pub jobs_wakeup: Arc<Wakeup>,
    /// Starts a check for due backups now.
    pub backups_wakeup: Arc<Wakeup>,
    /// The background jobs.
    pub jobs: Jobs,
    /// Fetches the metadata of identity providers.
    pub fetcher: Fetcher,
    /// Tells applications that sessions have ended.
    pub logout_fetcher: Fetcher,
    /// The threads for fetches that a person waits for, so that slow servers do not delay other work.
    pub fetches: Pool,
    /// Permits for reading metadata, by organisation.
    pub metadata_reads: Gate,
    /// Permits for reading and searching the audit log, by organisation, with separate ones for API keys and for
    /// downloads.
    pub audit_reads: Gate,
    /// Permits for sending files, by organisation.
    pub downloads: Gate,
    /// Permits for sending files, by the person or API key that requests them.
    pub own_downloads: Gate,
    /// The permit for creating a SAML key of our own, which occupies a core for a while.
    pub key_making: Gate,
    /// Permits for work that reads all people of an organisation, by organisation.
    pub costly: Gate,
    /// Permits for lists of a person's own sessions, organisations and so on, by person.
    pub own_lists: Gate,
    /// Permits for checking passwords, by account.
    pub guesses: Gate,
    /// The turns of requests.
    pub turns: Arc<Turns>,
    /// The turns of SAML responses: anybody can send one, and each occupies a core for a while, so they have only half
    /// as many turns, whatever else waits.
    pub callbacks: Arc<Turns>,
    /// The turns of short reads that find out who sends a request, which therefore do not wait for sign-ins and other long
    /// work.
    pub lookups: Arc<Turns>,
    /// The turns of health probes, which therefore never wait for other requests.
    pub probes: Arc<Turns>,
    /// The last decisions about requests to applications.
    pub application_log: ApplicationLog,
    /// The authorization requests that a new sign-in has just answered.
    pub answered: Answered,
    /// The signed statements for applications of the last seconds.
    pub assertions: Assertions,
    /// True once the first run is finished; it never becomes false again.
    pub set_up: AtomicBool,
    untraced: Mutex<HashMap<OrganisationId, u64>>,
    /// Held while this process serves, and never read.
    _lock: Option<ServerLock>,
}

impl App {
    /// Opens the data folder as its server, and stores there what commands need to know: the public URL, and whether
    /// mail is sent.
    ///
    /// # Errors
    /// `Unavailable` when the database cannot be used or another process serves from the folder; `Invalid` when the
    /// settings for mail cannot be used; `Conflict` when the database was copied without its write-ahead log.
    pub fn open(config: Config, clock: Clock) -> Result<Self> {
        // The lock comes before the database is opened: a newer program must not upgrade it while a server uses it.
        let lock = ServerLock::take(&config.data)?;
        let store = Store::open_to_serve(&config.data, clock)?;
        let origin = config.public_url.origin().to_owned();
        let mail = config.mail.as_ref().map(sender).transpose()?;
        let sends_mail = mail.is_some();
        let kept_since = store.now().plus(-config.trace.kept_secs);
        let lives = config.lives;
        let tls = config.tls.as_ref().map(|tls| tls.certificate.display().to_string());
        let backup_secs = config.backups.as_ref().map(|backups| backups.every_secs);
        store.write(&Claim::job(), move |tx| {
            tx.set_lives(lives)?;
            tx.set_public_url(&origin)?;
            tx.set_sends_mail(sends_mail)?;
            tx.set_file_limit(file_limit())?;
            tx.set_backup_schedule(backup_secs)?;
            tx.set_tls_certificate(tls.as_deref())?;
            tx.purge_attempts(kept_since)
        })?;
        let fetch = &config.providers.fetch;
        let logout_fetcher = Fetcher::new(&config.application_private_hosts, &fetch.authorities);
        let fetcher = fetcher(fetch);
        Ok(Self { mail, sends_mail, fetcher, logout_fetcher, _lock: Some(lock), ..Self::new(config, store) })
    }

    /// Opens the data folder for a command, while a server may use it too, which then sends the e-mails that the
    /// command queues. If `public_url` is `None`, the server's public URL is used.
    ///
    /// # Errors
    /// `Unavailable` when the database or the public URL cannot be used.
    pub fn open_beside(folder: &Path, public_url: Option<String>) -> Result<Self> {
        let store = Store::open(folder, Clock::System)?;
        if store.is_cut_off() {
            log::warn!("{}", cut_off(folder));
        }
        let (known_url, sends_mail) = store.read(|db| Ok((db.find_public_url()?, db.sends_mail()?)))?;
        let public_url = public_url.or(known_url);
        let flags = Flags { listen: "127.0.0.1:8080".into(), public_url, ..Flags::default() };
        let config = Config::read(&flags, folder.to_owned())
            .map_err(|faults| Error::unavailable(Phrase::words(faults.join("\n"))))?;
        Ok(Self { sends_mail, ..Self::new(config, store) })
    }

    /// An app with an open store, which sends no mail.
    pub fn new(config: Config, store: Store) -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        let costly = Gate::new(config.limits.costly);
        Self {
            config,
            store,
            hasher: Hasher::new(),
            throttle: Throttle::default(),
            security_log: SecurityLog::default(),
            lookout: Lookout::default(),
            sends_mail: false,
            mail: None,
            mail_wakeup: Arc::default(),
            jobs_wakeup: Arc::default(),
            backups_wakeup: Arc::default(),
            jobs: Jobs::default(),
            fetcher: Fetcher::default(),
            logout_fetcher: Fetcher::default(),
            fetches: Pool::new(4, 32),
            metadata_reads: Gate::new(2),
            audit_reads: Gate::new(2),
            downloads: Gate::new(4),
            own_downloads: Gate::new(2),
            key_making: Gate::new(1),
            costly,
            own_lists: Gate::new(2),
            guesses: Gate::new(4),
            application_log: ApplicationLog::default(),
            answered: Answered::default(),
            assertions: Assertions::default(),
            set_up: AtomicBool::new(false),
            turns: Turns::in_lanes(TURNS_OF_A_CORE * cores, LONG_TURNS_OF_A_CORE * cores),
            callbacks: Turns::new(cores, 0),
            lookups: Turns::in_lanes(TURNS_OF_A_CORE * cores, LONG_TURNS_OF_A_CORE * cores),
            probes: Turns::new(cores, LONG_TURNS_OF_A_CORE * cores),
            untraced: Mutex::default(),
            _lock: None,
        }
    }

    /// Finishes after the server has stopped: waits for background jobs and moves the write-ahead log into the database
    /// file. Nothing may be written afterwards.
    pub fn stop(&self) {
        self.jobs.stop(LAST_JOBS);
        if let Err(cause) = self.store.write_session_uses() {
            log::warn!("the last-use times of sessions could not be saved: {cause}");
        }
        if !self.store.finish() {
            log::warn!("another program reads the database: until it has finished, a copy needs vestibule.db-wal too");
        }
    }

    /// Runs `write` in a transaction, after the claim has been judged in the same transaction.
    ///
    /// # Errors
    /// The errors of `Store::write`.
    pub fn write<T: Send + 'static>(
        &self,
        claim: &Claim,
        write: impl FnOnce(&Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.store.write(claim, write)
    }

    /// As `write`, for a write that may change a row for each person of an organisation.
    ///
    /// # Errors
    /// The errors of `Store::write`.
    pub fn write_long<T: Send + 'static>(
        &self,
        claim: &Claim,
        write: impl FnOnce(&Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.store.write_long(claim, write)
    }

    /// Runs `read` after the claim has been judged again: for requests whose body arrived after it was first judged.
    ///
    /// # Errors
    /// The errors of judging the claim, and of `read`.
    pub fn read<T>(&self, claim: &Claim, read: impl FnOnce(&Db) -> Result<T>) -> Result<T> {
        self.store.read(|db| {
            db.judge_again(claim)?;
            read(db)
        })
    }

    /// Judges a claim again, before work that reads or fetches for it.
    ///
    /// # Errors
    /// The errors of judging the claim.
    pub fn confirm(&self, claim: &Claim) -> Result<()> {
        self.read(claim, |_| Ok(()))
    }

    /// The seal for values that browsers keep, such as cookies.
    pub fn seal(&self) -> &Seal {
        self.store.seal()
    }

    /// The current time.
    pub fn now(&self) -> Timestamp {
        self.store.now()
    }

    /// This appliance as the service provider of a connection.
    pub fn service_provider(&self, connection: &ConnectionId) -> ServiceProvider {
        ServiceProvider {
            entity_id: self.config.public_url.join(&format!("/saml/{connection}/metadata")),
            acs_url: self.config.public_url.join(&format!("/saml/{connection}/acs")),
            keys: Vec::new(),
        }
    }

    /// The portal URL, at which members of the organisation with this portal key start to sign in.
    pub fn portal_url(&self, portal_key: &str) -> String {
        self.config.public_url.join(&format!("/sso?key={portal_key}"))
    }

    /// Charges a failed request of SSO, or one that may fail, to an IP address; see `Throttle::charge_sso_failure`.
    ///
    /// # Errors
    /// `Throttled` when too many such requests from the address have failed.
    pub fn charge_sso_failure(&self, address: &str) -> Result<Charge> {
        self.throttle.charge_sso_failure(address, self.config.sso_rate, self.now())
    }

    /// Counts a refusal for which no attempt is stored.
    pub fn count_untraced(&self, organisation: &OrganisationId) {
        let mut untraced = self.untraced.lock().unwrap_or_else(PoisonError::into_inner);
        *untraced.entry(organisation.clone()).or_default() += 1;
    }

    /// The number of refusals since the start for which no attempt was stored.
    pub fn untraced(&self, organisation: &OrganisationId) -> u64 {
        let untraced = self.untraced.lock().unwrap_or_else(PoisonError::into_inner);
        untraced.get(organisation).copied().unwrap_or_default()
    }
}

/// A fetcher of metadata with these settings.
pub fn fetcher(fetch: &FetchConfig) -> Fetcher {
    Fetcher::new(&fetch.private_hosts, &fetch.authorities)
}

/// A sender of e-mails with these settings.
///
/// # Errors
/// `Invalid` with the name of the flag that cannot be used.
pub fn sender(mail: &MailConfig) -> Result<Sender> {
    Sender::new(&mail.server, &mail.sender, &mail.authorities)
}
