//! Reads `Config` from flags and environment variables. Reports all faults at once, each with the name of its flag.

mod backups;
mod env_file;
mod environment;
mod limits;
mod lives;
mod tls;

pub use backups::{BackupConfig, BackupFlags};
pub use environment::Environment;
pub use limits::{LimitFlags, Limits};
pub use lives::LifeFlags;
pub use tls::{TlsConfig, TlsFlags};

use crate::domain::application_host::{AppHost, without_port};
use crate::domain::lives::Lives;
use crate::domain::mail::{MailSecurity, MailSender, MailServer};
use crate::domain::mail_host::MailHost;
use crate::domain::phrase::Phrase;
use crate::domain::{Email, Error, Result, Together, authorities};
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use url::{Host, Url};

/// The flags and environment variables, unparsed.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Flags {
    /// Address and port to listen on
    #[arg(long, env = "VESTIBULE_LISTEN", default_value = "127.0.0.1:8080", value_name = "HOST:PORT")]
    pub listen: String,
    /// Also serve the echo application, which shows what a reverse proxy passes on to an application
    #[arg(long, env = "VESTIBULE_ECHO_LISTEN", value_name = "HOST:PORT")]
    pub echo_listen: Option<String>,
    /// The public URL, as people type it. Default: the address of --listen
    #[arg(long, env = "VESTIBULE_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// Proxies whose forwarded headers are trusted, such as 127.0.0.1/32,10.0.0.0/8, or none. Without it, only proxies on
    /// this machine may ask about requests to applications
    #[arg(long, env = "VESTIBULE_TRUSTED_PROXIES", value_name = "CIDR,...")]
    pub trusted_proxies: Option<String>,
    /// Failed SAML sign-ins (unknown portal key, refused response) that one IP address may make in a minute; 0 for no limit.
    /// Default: 1200
    #[arg(long, env = "VESTIBULE_SSO_RATE", value_name = "NUMBER")]
    pub sso_rate: Option<u32>,
    /// Minutes after which sensitive actions ask for the password or a SAML sign-in again
    /// [default: 15]
    #[arg(long, env = "VESTIBULE_REAUTHENTICATION_MINUTES", value_name = "MINUTES")]
    pub reauthentication_minutes: Option<i64>,
    /// The lifetimes of invitations and sessions
    #[command(flatten)]
    pub lives: LifeFlags,
    /// Tell browsers to use https for all subdomains of the public URL's host as well (HSTS includeSubDomains)
    #[arg(long, env = "VESTIBULE_HSTS_SUBDOMAINS")]
    pub hsts_subdomains: bool,
    /// TLS of the server
    #[command(flatten)]
    pub tls: TlsFlags,
    /// Scheduled backups
    #[command(flatten)]
    pub backups: BackupFlags,
    /// How mail is sent
    #[command(flatten)]
    pub mail: MailFlags,
    /// Settings of the trace of SAML sign-ins
    #[command(flatten)]
    pub trace: TraceFlags,
    /// Days that the audit log keeps each entry, 30 to 36500. Default: without end
    #[arg(long, env = "VESTIBULE_AUDIT_DAYS", value_name = "DAYS")]
    pub audit_days: Option<i64>,
    /// Settings for identity providers
    #[command(flatten)]
    pub providers: ProviderFlags,
    /// Hosts with private addresses that applications may name to be told that a session has ended, such as wiki.corp.example
    #[arg(long, env = "VESTIBULE_APPLICATION_PRIVATE_HOSTS", value_name = "HOST,...")]
    pub application_private_hosts: Option<String>,
    /// Limits of the HTTP server
    #[command(flatten)]
    pub limits: LimitFlags,
}

/// Flags and environment variables about the trace, unparsed.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct TraceFlags {
    /// Days that the trace keeps each SAML sign-in, 1 to 3650. Default: 30
    #[arg(long, env = "VESTIBULE_TRACE_DAYS", value_name = "DAYS")]
    pub trace_days: Option<i64>,
    /// Keep only the names of a person's attributes in the trace, not the values
    #[arg(long, env = "VESTIBULE_TRACE_HIDE_VALUES")]
    pub trace_hide_values: bool,
}

/// Flags and environment variables about identity providers, unparsed.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ProviderFlags {
    /// The servers from which their metadata may be fetched
    #[command(flatten)]
    pub fetch: FetchFlags,
    /// Refuse responses signed with an expired certificate, instead of a warning
    #[arg(long, env = "VESTIBULE_REFUSE_EXPIRED_CERTIFICATES")]
    pub refuse_expired_certificates: bool,
}

/// Flags and environment variables about fetching metadata, unparsed.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct FetchFlags {
    /// Hosts with private addresses whose metadata may be loaded, such as idp.corp.example,localhost
    #[arg(long, env = "VESTIBULE_METADATA_PRIVATE_HOSTS", value_name = "HOST,...")]
    pub metadata_private_hosts: Option<String>,
    /// CA certificates (PEM) for metadata servers, besides the system's
    #[arg(long, env = "VESTIBULE_METADATA_CA_FILE", value_name = "FILE")]
    pub metadata_ca_file: Option<PathBuf>,
}

/// Flags and environment variables about mail, unparsed.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct MailFlags {
    /// The mail server: `smtp://user:password@host:587` (STARTTLS; unencrypted on loopback) or `smtps://host` (TLS)
    #[arg(long, env = "VESTIBULE_SMTP_URL", value_name = "URL", hide_env_values = true)]
    pub smtp_url: Option<String>,
    /// A file with the URL of the mail server, instead of --smtp-url
    #[arg(long, env = "VESTIBULE_SMTP_URL_FILE", value_name = "FILE", conflicts_with = "smtp_url")]
    pub smtp_url_file: Option<PathBuf>,
    /// CA certificates (PEM) for the mail server, besides the system's
    #[arg(long, env = "VESTIBULE_SMTP_CA_FILE", value_name = "FILE")]
    pub smtp_ca_file: Option<PathBuf>,
    /// The sender of mail: an address, or a name and an address. Default: vestibule@ the host of --public-url
    #[arg(long, env = "VESTIBULE_MAIL_FROM", value_name = "ADDRESS")]
    pub mail_from: Option<String>,
    /// The name that Vestibule gives to the mail server (EHLO): a host name, or an address such as [192.0.2.7]. Default: the
    /// host of --public-url
    #[arg(long, env = "VESTIBULE_SMTP_HELO", value_name = "HOST")]
    pub smtp_helo: Option<String>,
}

/// The checked settings of this process.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address and port to listen on.
    pub listen: SocketAddr,
    /// The address and port of the echo application, if it is served.
    pub echo_listen: Option<SocketAddr>,
    /// The URL under which people reach this server.
    pub public_url: PublicUrl,
    /// The folder with `vestibule.db`.
    pub data: PathBuf,
    /// The proxies whose forwarded headers are trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// True if nothing says which proxies are trusted: then those on this machine may ask about requests to applications.
    pub local_proxies: bool,
    /// TLS of the server; `None` if a proxy provides it.
    pub tls: Option<TlsConfig>,
    /// Scheduled backups; `None` if the server makes none.
    pub backups: Option<BackupConfig>,
    /// The mail server; `None` if this appliance sends no mail.
    pub mail: Option<MailConfig>,
    /// Settings of the trace of SAML sign-ins.
    pub trace: TraceConfig,
    /// How long the audit log keeps each entry, in seconds; `None` if without end.
    pub audit_secs: Option<i64>,
    /// Settings for identity providers.
    pub providers: ProviderConfig,
    /// The number of failed SAML sign-ins allowed for one IP address in a minute; 0 for no limit.
    pub sso_rate: u32,
    /// True if browsers are told to use https for all subdomains too.
    pub hsts_subdomains: bool,
    /// Hosts with private addresses that applications may name to be told that a session has ended.
    pub application_private_hosts: Vec<String>,
    /// The maximum age of the grant for a sensitive action, in seconds.
    pub fresh_secs: i64,
    /// The lifetimes of invitations and sessions.
    pub lives: Lives,
    /// Deadlines and limits of the HTTP server.
    pub limits: Limits,
}

/// Settings of the trace of SAML sign-ins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceConfig {
    /// The time for which attempts are kept, in seconds.
    pub kept_secs: i64,
    /// True if the values of a person's attributes are not stored.
    pub hide_values: bool,
}

impl TraceConfig {
    /// Reads the flags.
    ///
    /// # Errors
    /// `Invalid` with the name of the flag.
    fn read(flags: &TraceFlags) -> Result<Self> {
        let days = within("--trace-days", flags.trace_days, 30, 3650)?;
        Ok(Self { kept_secs: days * 24 * 3600, hide_values: flags.trace_hide_values })
    }
}

/// Settings for identity providers.
#[derive(Debug, Clone, Default)]
pub struct ProviderConfig {
    /// The servers from which their metadata may be fetched.
    pub fetch: FetchConfig,
    /// True if a signature by an expired certificate is refused.
    pub refuse_expired: bool,
}

/// The servers from which metadata may be fetched.
#[derive(Debug, Clone, Default)]
pub struct FetchConfig {
    /// Hosts with private addresses from which it may be fetched.
    pub private_hosts: Vec<String>,
    /// CA certificates for metadata servers, as DER, besides the system's.
    pub authorities: Vec<Vec<u8>>,
}

/// The names in a list that is separated by commas.
fn host_names(list: Option<&str>) -> Vec<String> {
    let names = list.unwrap_or_default().split(',').map(str::trim);
    names.filter(|name| !name.is_empty()).map(ToOwned::to_owned).collect()
}

impl FetchConfig {
    /// Reads the flags.
    ///
    /// # Errors
    /// `Invalid` with the name of the flag.
    pub fn read(flags: &FetchFlags) -> Result<Self> {
        Ok(Self {
            private_hosts: host_names(flags.metadata_private_hosts.as_deref()),
            authorities: flags
                .metadata_ca_file
                .as_ref()
                .map(|file| read_authorities("--metadata-ca-file", file))
                .transpose()?
                .unwrap_or_default(),
        })
    }
}

/// How mail is sent.
#[derive(Debug, Clone)]
pub struct MailConfig {
    /// The mail server.
    pub server: MailServer,
    /// The sender of e-mails.
    pub sender: MailSender,
    /// CA certificates for the mail server, as DER, besides the system's.
    pub authorities: Vec<Vec<u8>>,
}

impl MailConfig {
    /// Reads the flags; `None` if no mail server is set. By default the sender is an address at the host of
    /// `public_url`.
    ///
    /// # Errors
    /// `Invalid` with the name of the flag.
    pub fn read(flags: &MailFlags, public_url: Option<&PublicUrl>) -> Result<Option<Self>> {
        let url = match (&flags.smtp_url, &flags.smtp_url_file) {
            (Some(_), Some(_)) => {
                return Err(Error::invalid("--smtp-url", Phrase::words("and --smtp-url-file are both set: keep one")));
            }
            (Some(url), None) => url.clone(),
            (None, Some(file)) => String::from_utf8_lossy(&read_file("--smtp-url-file", file)?).into_owned(),
            (None, None) => String::new(),
        };
        let authorities = flags.smtp_ca_file.as_ref().map(|file| read_authorities("--smtp-ca-file", file)).transpose();
        // Without a mail server the other flags have no effect, but they are checked anyway: otherwise a mistake would
        // be found much later.
        let server = (!url.is_empty()).then(|| MailServer::parse(&url)).transpose();
        let (server, sender, authorities) = (server, read_sender(flags, public_url), authorities).together()?;
        Ok(server.map(|server| Self { server, sender, authorities: authorities.unwrap_or_default() }))
    }

    /// A warning about settings that other mail servers would reject; `None` for an unencrypted server, which is on
    /// this machine.
    pub fn doubt(&self) -> Option<Phrase> {
        self.sender.doubt().filter(|_| self.server.security != MailSecurity::Clear)
    }
}

fn read_sender(flags: &MailFlags, public_url: Option<&PublicUrl>) -> Result<MailSender> {
    let domain = public_url.map_or_else(|| MailHost::Name("localhost".into()), PublicUrl::mail_host);
    let hello = flags.smtp_helo.as_ref().map(|host| MailHost::parse("--smtp-helo", host)).transpose();
    let from = flags.mail_from.clone().unwrap_or_else(|| match &domain {
        MailHost::Name(name) if name.contains('.') => format!("Vestibule <vestibule@{name}>"),
        _ => "Vestibule <vestibule@localhost>".into(),
    });
    let (hello, ()) = (hello, check_address(&from)).together()?;
    Ok(MailSender { from, hello: hello.unwrap_or_else(|| domain.clone()), domain })
}

/// Checks that the sender is an address, or a name and an address.
fn check_address(from: &str) -> Result<()> {
    let address = from.trim().strip_suffix('>').map_or(from.trim(), |rest| rest.rsplit('<').next().unwrap_or_default());
    let unusable = "must be an address, such as Acme <no-reply@acme.example>";
    Email::parse(address).map(drop).map_err(|_| Error::invalid("--mail-from", Phrase::words(unusable)))
}

/// The origin (scheme, host and port) under which people reach this server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
    host: String,
    secure: bool,
    port: Option<u16>,
}

impl PublicUrl {
    /// Reads an absolute http or https URL without path, such as `https://login.example.com`.
    ///
    /// # Errors
    /// `Invalid` with field `--public-url`.
    pub fn parse(raw: &str) -> Result<Self> {
        let refuse = |why: &str| Error::invalid("--public-url", Phrase::words(why));
        let url = Url::parse(raw.trim()).map_err(|_| refuse("must be a URL such as https://login.example.com"))?;
        let secure = url.scheme() == "https";
        if !secure && url.scheme() != "http" {
            return Err(refuse("must begin with https:// (or http:// for trying it out)"));
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
            return Err(refuse("must have no path: give Vestibule a host name of its own"));
        }
        let name = match url.host() {
            Some(Host::Domain(name)) => name.to_owned(),
            Some(Host::Ipv4(ip)) => ip.to_string(),
            Some(Host::Ipv6(ip)) => format!("[{ip}]"),
            None => return Err(refuse("must name a host")),
        };
        let host = url.port().map_or_else(|| name.clone(), |port| format!("{name}:{port}"));
        Ok(Self { origin: format!("{}://{host}", url.scheme()), host, secure, port: url.port() })
    }

    /// Scheme, host and port, as a browser sends it in `Origin`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Host and port, as a browser sends it in `Host`.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// An authority such as `login.example.com:443` without the port, if that is the default of the scheme.
    pub fn without_default_port<'a>(&self, authority: &'a str) -> &'a str {
        let default_port = if self.secure { ":443" } else { ":80" };
        authority.strip_suffix(default_port).unwrap_or(authority)
    }

    /// True if the host is an address or a name of this machine.
    pub fn is_loopback(&self) -> bool {
        AppHost::read(&self.host).is_some_and(|host| host.is_loopback())
    }

    /// The host without the port.
    pub fn host_name(&self) -> &str {
        without_port(&self.host)
    }

    /// The host without the port, as e-mail writes it; `localhost` if e-mail does not accept the name, such as one with
    /// `_`.
    fn mail_host(&self) -> MailHost {
        MailHost::parse("--public-url", self.host_name()).unwrap_or_else(|_| MailHost::Name("localhost".into()))
    }

    /// The suffix of each cookie's name: `_PORT` if the port is not the scheme's default. Cookies ignore ports, so that
    /// two servers on one host would otherwise sign people out of each other.
    ///
    /// Source: RFC 6265, 8.5.
    pub fn cookie_suffix(&self) -> String {
        self.port.map(|port| format!("_{port}")).unwrap_or_default()
    }

    /// True if the scheme is https.
    pub const fn is_secure(&self) -> bool {
        self.secure
    }

    /// The absolute URL of a path.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

impl Config {
    /// Reads the flags.
    ///
    /// # Errors
    /// All faults, each as one line.
    pub fn read(flags: &Flags, data: PathBuf) -> std::result::Result<Self, Vec<String>> {
        let mut faults = Vec::new();
        let listen = keep(&mut faults, parse_listen("--listen", &flags.listen));
        let echo_listen = flags.echo_listen.as_deref().map(|raw| parse_listen("--echo-listen", raw)).transpose();
        let echo_listen = keep(&mut faults, echo_listen).flatten();
        let tls = TlsConfig::read(&flags.tls, &mut faults);
        let scheme = if flags.tls.tls_cert.is_some() { "https" } else { "http" };
        let implied = format!("{scheme}://{}", listen.map_or_else(|| flags.listen.clone(), local_name));
        // An invalid address to listen on is reported once, not also as an invalid public URL.
        let given = flags.public_url.as_deref().or(listen.is_some().then_some(implied.as_str()));
        let public_url = given.and_then(|url| keep(&mut faults, PublicUrl::parse(url)));
        if tls.is_some() && public_url.as_ref().is_some_and(|url| !url.is_secure()) {
            faults.push("--public-url: must begin with https://, because --tls-cert is set".into());
        }
        let proxies = flags.trusted_proxies.as_deref().unwrap_or_default().split(',').map(str::trim);
        let trusted_proxies: Vec<_> = proxies
            .filter(|cidr| !["", "none"].contains(cidr))
            .filter_map(|cidr| keep(&mut faults, parse_cidr(cidr)))
            .collect();
        let backups = keep(&mut faults, BackupConfig::read(&flags.backups)).flatten();
        let mail = keep(&mut faults, MailConfig::read(&flags.mail, public_url.as_ref())).flatten();
        let trace = keep(&mut faults, TraceConfig::read(&flags.trace));
        let audit_secs = keep(&mut faults, parse_audit_days(flags.audit_days)).flatten();
        let fresh_secs = keep(&mut faults, parse_reauthentication(flags.reauthentication_minutes)).unwrap_or_default();
        let [invitation_hours, session_idle_hours, session_days] =
            flags.lives.read().map(|life| keep(&mut faults, life).unwrap_or_default());
        let sso_rate = keep(&mut faults, parse_sso_rate(flags.sso_rate)).unwrap_or_default();
        let fetch = keep(&mut faults, FetchConfig::read(&flags.providers.fetch));
        let refuse_expired = flags.providers.refuse_expired_certificates;
        let limits = keep(&mut faults, Limits::read(&flags.limits)).unwrap_or_default();
        match (listen, public_url, trace, fetch) {
            (Some(listen), Some(public_url), Some(trace), Some(fetch)) if faults.is_empty() => {
                let providers = ProviderConfig { fetch, refuse_expired };
                Ok(Self {
                    listen,
                    echo_listen,
                    public_url,
                    data,
                    trusted_proxies,
                    local_proxies: flags.trusted_proxies.as_deref().is_none_or(|all| all.trim().is_empty()),
                    tls,
                    backups,
                    mail,
                    trace,
                    audit_secs,
                    providers,
                    sso_rate,
                    fresh_secs,
                    lives: Lives { invitation_hours, session_idle_hours, session_days },
                    hsts_subdomains: flags.hsts_subdomains,
                    application_private_hosts: host_names(flags.application_private_hosts.as_deref()),
                    limits,
                })
            }
            _ => Err(faults),
        }
    }

    /// True if forwarded headers from this peer are trusted.
    pub fn trusts(&self, peer: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|net| net.contains(&peer.to_canonical()))
    }

    /// True if this peer may ask about requests to applications.
    pub fn believes(&self, peer: IpAddr) -> bool {
        self.trusts(peer) || self.local_proxies && peer.to_canonical().is_loopback()
    }
}

fn keep<T>(faults: &mut Vec<String>, outcome: Result<T>) -> Option<T> {
    outcome.map_err(|fault| faults.extend(fault.to_string().lines().map(ToOwned::to_owned))).ok()
}

fn read_file(flag: &str, file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file)
        .map_err(|cause| Error::invalid(flag, Phrase::words(format!("{} cannot be read: {cause}", file.display()))))
}

/// The CA certificates in a file, as DER.
fn read_authorities(flag: &str, file: &Path) -> Result<Vec<Vec<u8>>> {
    authorities::certificates(&read_file(flag, file)?)
        .map_err(|why| Error::invalid(flag, Phrase::words(format!("{} {why}", file.display()))))
}

fn parse_listen(flag: &str, raw: &str) -> Result<SocketAddr> {
    let named = raw.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    named.as_deref().unwrap_or(raw).parse().map_err(|_| {
        Error::invalid(flag, Phrase::words(format!("{raw:?} must be an address and a port, such as 127.0.0.1:8080")))
    })
}

/// The host and port under which a browser on this machine reaches the address: a link cannot contain a wildcard
/// address.
fn local_name(listen: SocketAddr) -> String {
    if listen.ip().is_unspecified() { format!("localhost:{}", listen.port()) } else { listen.to_string() }
}

/// The maximum age of a grant for a sensitive action, in seconds; at most a week.
fn parse_reauthentication(minutes: Option<i64>) -> Result<i64> {
    within("--reauthentication-minutes", minutes, 15, 10_080).map(|minutes| minutes * 60)
}

/// Checks that a number is from 1 to `longest`. Its unit is the last word of the flag's name.
fn within(flag: &str, given: Option<i64>, usual: i64, longest: i64) -> Result<i64> {
    let number = given.unwrap_or(usual);
    if !(1..=longest).contains(&number) {
        let unit = flag.rsplit('-').next().unwrap_or_default();
        return Err(Error::invalid(flag, Phrase::words(format!("{number} must be 1 to {longest} {unit}"))));
    }
    Ok(number)
}

/// How long entries of the audit log are kept, in seconds; `None` if without end.
fn parse_audit_days(days: Option<i64>) -> Result<Option<i64>> {
    match days {
        Some(days) if !(30..=36_500).contains(&days) => {
            Err(Error::invalid("--audit-days", Phrase::words(format!("{days} must be 30 to 36500 days"))))
        }
        days => Ok(days.map(|days| days * 24 * 3600)),
    }
}

fn parse_sso_rate(given: Option<u32>) -> Result<u32> {
    match given {
        None => Ok(1200),
        Some(rate) if rate <= 60_000 => Ok(rate),
        Some(rate) => Err(Error::invalid("--sso-rate", Phrase::words(format!("{rate} must be 0 to 60000 a minute")))),
    }
}

fn parse_cidr(raw: &str) -> Result<IpNet> {
    raw.parse().or_else(|_| raw.parse::<IpAddr>().map(IpNet::from)).map_err(|_| {
        Error::invalid(
            "--trusted-proxies",
            Phrase::words(format!("{raw:?} must be an address range, such as 10.0.0.0/8")),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(listen: &str, public_url: Option<&str>, proxies: Option<&str>) -> Flags {
        Flags {
            listen: listen.into(),
            public_url: public_url.map(Into::into),
            trusted_proxies: proxies.map(Into::into),
            ..Flags::default()
        }
    }

    #[test]
    fn every_fault_is_reported_at_once_with_its_flag() {
        let mut flags = flags("8080", Some("login.example.com"), Some("10.0.0.0/8,nonsense"));
        flags.trace.trace_days = Some(0);
        flags.limits.connections_per_address = Some(0);
        flags.lives = LifeFlags { invitation_hours: Some(337), session_idle_hours: Some(0), session_days: Some(91) };
        let faults = Config::read(&flags, "data".into()).expect_err("eight faults");
        assert_eq!(faults.len(), 8, "{faults:?}");
        let named = [
            "--listen",
            "--public-url",
            "--trusted-proxies",
            "--trace-days",
            "--invitation-hours",
            "--session-idle-hours",
            "--session-days",
            "--connections-per-address",
        ];
        for (fault, flag) in faults.iter().zip(named) {
            assert!(fault.starts_with(flag), "{fault}");
        }
    }

    #[test]
    fn mail_flags_are_checked_even_without_a_mail_server() {
        let mut flags = flags("127.0.0.1:8080", None, None);
        flags.mail.mail_from = Some("nobody".into());
        flags.mail.smtp_helo = Some("not a host".into());
        flags.mail.smtp_ca_file = Some("no/such/file".into());
        let faults = Config::read(&flags, "data".into()).expect_err("faults");
        for flag in ["--mail-from", "--smtp-helo", "--smtp-ca-file"] {
            assert!(faults.iter().any(|fault| fault.starts_with(flag)), "{flag}: {faults:?}");
        }
        flags.mail = MailFlags { mail_from: Some("Acme <no-reply@acme.example>".into()), ..MailFlags::default() };
        assert!(Config::read(&flags, "data".into()).expect("usable").mail.is_none());
    }

    #[test]
    fn the_public_url_defaults_to_the_address_to_listen_on() {
        let config = Config::read(&flags("127.0.0.1:8080", None, None), "data".into()).expect("usable");
        assert_eq!(config.public_url.join("/sso"), "http://127.0.0.1:8080/sso");
        let flags = flags("127.0.0.1:8080", Some("https://Login.Example.com/"), Some("127.0.0.1, 10.0.0.0/8"));
        let config = Config::read(&flags, "data".into()).expect("usable");
        assert_eq!(config.public_url.origin(), "https://login.example.com");
        assert!(config.public_url.is_secure());
        assert!(config.trusts("::ffff:10.1.2.3".parse().expect("address")));
        assert!(!config.trusts("192.0.2.1".parse().expect("address")));
    }

    #[test]
    fn links_never_contain_a_wildcard_address() {
        for (listen, url) in [
            ("0.0.0.0:8080", "http://localhost:8080"),
            ("[::]:8080", "http://localhost:8080"),
            ("192.0.2.1:8080", "http://192.0.2.1:8080"),
            ("localhost:8080", "http://127.0.0.1:8080"),
        ] {
            let config = Config::read(&flags(listen, None, None), "data".into()).expect("usable");
            assert_eq!(config.public_url.origin(), url, "{listen}");
        }
        let config = Config::read(&flags("0.0.0.0:80", Some("https://x.test"), None), "data".into()).expect("usable");
        assert_eq!(config.public_url.origin(), "https://x.test");
    }

    #[test]
    fn a_public_url_is_an_origin() {
        for bad in ["ftp://x.test", "https://x.test/path", "https://ann@x.test", "https://x.test/?a", "x"] {
            assert!(PublicUrl::parse(bad).is_err(), "{bad} was taken");
        }
    }
}
