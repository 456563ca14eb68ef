//! The state that every action receives. Imports `domain`, `store` and `config`.

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
pub use doctor::{Arrival, Fix, Lookout, ProxyLines, Sample, Sightings, Trouble, Wrong};
pub use files::{connections_turned_away, connections_within, file_limit, low_file_limit, raise_file_limit};
pub use gate::{Gate, Permit};
pub use hasher::{Checked, Hasher, Line};
pub use jobs::{JobFailure, JobKind, JobRecord, JobRecords, Jobs};
pub use pool::Pool;
pub use security_log::{Room, SecurityLog};
pub use throttle::{Charge, Source, Throttle};
pub use turns::{Turn, Turns};
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

/// The requests at work at once for each core: while one reads from the disk, another computes.
const TURNS_OF_A_CORE: usize = 2;
/// How many requests that take long run beside them.
const LONG_TURNS_OF_A_CORE: usize = 4;

/// How long a process that stops waits for what runs by itself.
const LAST_JOBS: Duration = Duration::from_secs(3);

/// The appliance.
pub struct App {
    /// How it serves.
    pub config: Config,
    /// Its state.
    pub store: Store,
    /// Hashes passwords.
    pub hasher: Hasher,
    /// Slows down guessing.
    pub throttle: Throttle,
    /// Bounds the lines of the security log.
    pub security_log: SecurityLog,
    /// True if e-mails that are queued here are sent: by this process, or by the server beside it.
    pub sends_mail: bool,
    /// Sees how requests arrive.
    pub lookout: Lookout,
    /// Takes letters; `None` where this process sends none.
    pub mail: Option<Sender>,
    /// Wakes the mail job when an e-mail waits.
    pub mail_wakeup: Arc<Wakeup>,
    /// Starts a round of the jobs now.
    pub jobs_wakeup: Arc<Wakeup>,
    /// The background jobs.
    pub jobs: Jobs,
    /// Fetches the metadata of identity providers.
    pub fetcher: Fetcher,
    /// The threads that fetch for people who wait: they keep no other work waiting.
    pub fetches: Pool,
    /// The reads of metadata that run now, by organisation.
    pub metadata_reads: Gate,
    /// The reads and searches of the audit log that run now, by organisation; those of API keys, and of files, apart.
    pub audit_reads: Gate,
    /// The files that are being sent, by organisation.
    pub downloads: Gate,
    /// The files that are being sent, by the person or key that asked for them.
    pub own_downloads: Gate,
    /// The place to make own SAML keys at: that takes a core for a while.
    pub key_making: Gate,
    /// Places for work that reads all people of an organisation, by organisation.
    pub costly: Gate,
    /// Places for lists of what a person has themselves, by person.
    pub own_lists: Gate,
    /// Places for passwords that are being checked, by account.
    pub guesses: Gate,
    /// Turns at work on a request.
    pub turns: Arc<Turns>,
    /// Turns at work on what identity providers answer: anybody can send it, and each takes a core for a while, so that it has only half of the
    /// turns, whatever else waits.
    pub callbacks: Arc<Turns>,
    /// Turns at work on a probe: load on everything else keeps none waiting.
    pub probes: Arc<Turns>,
    /// True if somebody is here: once true, it stays so.
    pub set_up: AtomicBool,
    untraced: Mutex<HashMap<OrganisationId, u64>>,
    /// Whoever serves holds it, and does nothing else with it.
    _lock: Option<ServerLock>,
}

impl App {
    /// Opens the data folder to serve from it. Commands beside the server learn its address from there, and whether it sends mail.
    ///
    /// # Errors
    /// `Unavailable` when its database cannot be used, or another process serves from there; `Invalid` when the settings for mail cannot;
    /// `Conflict` when the database was copied without its log of transactions.
    pub fn open(config: Config, clock: Clock) -> Result<Self> {
        // Before the file is looked at: a newer program must not upgrade it under a server that runs.
        let lock = ServerLock::take(&config.data)?;
        let store = Store::open_to_serve(&config.data, clock)?;
        let origin = config.public_url.origin().to_owned();
        let mail = config.mail.as_ref().map(sender).transpose()?;
        let sends_mail = mail.is_some();
        let kept_since = store.now().plus(-config.trace.kept_secs);
        let lives = config.lives;
        store.write(&Claim::job(), move |tx| {
            tx.set_lives(lives)?;
            tx.set_public_url(&origin)?;
            tx.set_sends_mail(sends_mail)?;
            tx.set_file_limit(file_limit())?;
            tx.purge_attempts(kept_since)
        })?;
        let fetcher = fetcher(&config.providers.fetch);
        Ok(Self { mail, sends_mail, fetcher, _lock: Some(lock), ..Self::new(config, store) })
    }

    /// Opens the data folder beside the server that may be running there, which sends the e-mails that are queued here. Its address is
    /// the server's own where `public_url` is `None`.
    ///
    /// # Errors
    /// `Unavailable` when the database or the address cannot be used.
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

    /// On an open store, without mail.
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
            jobs: Jobs::default(),
            fetcher: Fetcher::default(),
            fetches: Pool::new(4, 32),
            metadata_reads: Gate::new(2),
            audit_reads: Gate::new(2),
            downloads: Gate::new(4),
            own_downloads: Gate::new(2),
            key_making: Gate::new(1),
            costly,
            own_lists: Gate::new(2),
            guesses: Gate::new(4),
            set_up: AtomicBool::new(false),
            turns: Turns::new(TURNS_OF_A_CORE * cores, LONG_TURNS_OF_A_CORE * cores),
            callbacks: Turns::new(cores, 0),
            probes: Turns::new(cores, LONG_TURNS_OF_A_CORE * cores),
            untraced: Mutex::default(),
            _lock: None,
        }
    }

    /// When the server has stopped: lets background jobs end, and makes the database file whole by itself. Nothing is
    /// written any more.
    pub fn stop(&self) {
        self.jobs.stop(LAST_JOBS);
        if let Err(cause) = self.store.write_session_uses() {
            log::warn!("when sessions were used last could not be written down: {cause}");
        }
        if !self.store.finish() {
            log::warn!("another program reads the database: until it has finished, a copy needs vestibule.db-wal too");
        }
    }

    /// Writes by the right that `claim` names, judged in the same transaction.
    ///
    /// # Errors
    /// Those of `Store::write`.
    pub fn write<T: Send + 'static>(
        &self,
        claim: &Claim,
        write: impl FnOnce(&Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.store.write(claim, write)
    }

    /// The same for a write that concerns as many rows as an organisation has people.
    ///
    /// # Errors
    /// Those of `Store::write`.
    pub fn write_long<T: Send + 'static>(
        &self,
        claim: &Claim,
        write: impl FnOnce(&Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.store.write_long(claim, write)
    }

    /// Reads by the right that `claim` names, judged once more: for what is answered after a body was waited for.
    ///
    /// # Errors
    /// Those of the right, and of `read`.
    pub fn read<T>(&self, claim: &Claim, read: impl FnOnce(&Db) -> Result<T>) -> Result<T> {
        self.store.read(|db| {
            db.judge_again(claim)?;
            read(db)
        })
    }

    /// Judges a claim once more, before work that reads or fetches for it.
    ///
    /// # Errors
    /// Those of the right.
    pub fn confirm(&self, claim: &Claim) -> Result<()> {
        self.read(claim, |_| Ok(()))
    }

    /// Seals values that a browser keeps.
    pub fn seal(&self) -> &Seal {
        self.store.seal()
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.store.now()
    }

    /// Us, towards the identity provider of the organisation with this connection.
    pub fn service_provider(&self, connection: &ConnectionId) -> ServiceProvider {
        ServiceProvider {
            entity_id: self.config.public_url.join(&format!("/saml/{connection}/metadata")),
            acs_url: self.config.public_url.join(&format!("/saml/{connection}/acs")),
            keys: Vec::new(),
        }
    }

    /// Where members of the organisation with this portal key begin their sign-in.
    pub fn portal_url(&self, portal_key: &str) -> String {
        self.config.public_url.join(&format!("/sso?key={portal_key}"))
    }

    /// Counts a failed SSO attempt from an address.
    ///
    /// # Errors
    /// `Throttled` when too many from there led nowhere.
    pub fn charge_door(&self, address: &str) -> Result<Charge> {
        self.throttle.charge_door(address, self.config.sso_rate, self.now())
    }

    /// Counts a refusal that leaves no line in the trace.
    pub fn count_untraced(&self, organisation: &OrganisationId) {
        let mut untraced = self.untraced.lock().unwrap_or_else(PoisonError::into_inner);
        *untraced.entry(organisation.clone()).or_default() += 1;
    }

    /// How many refusals left no line in the trace since the start.
    pub fn untraced(&self, organisation: &OrganisationId) -> u64 {
        let untraced = self.untraced.lock().unwrap_or_else(PoisonError::into_inner);
        untraced.get(organisation).copied().unwrap_or_default()
    }
}

/// The fetcher of metadata with these settings.
pub fn fetcher(fetch: &FetchConfig) -> Fetcher {
    Fetcher::new(&fetch.private_hosts, &fetch.authorities)
}

/// The way to the mail server of these settings.
///
/// # Errors
/// `Invalid` with the flag that cannot be used.
pub fn sender(mail: &MailConfig) -> Result<Sender> {
    Sender::new(&mail.server, &mail.sender, &mail.authorities)
}
