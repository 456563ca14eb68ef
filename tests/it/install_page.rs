//! Runs each code block of `docs/install.md`, and then of `docs/operate.md`, as printed, from top to bottom, on a simulated
//! machine in a folder. Only paths and ports are replaced: by those of the folder, and by free ports.

use crate::program::{BINARY, free_port};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs::{self, read_to_string, write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const PAGE: &str = "docs/install.md";
const OPERATE: &str = "docs/operate.md";
const HOST: &str = "login.example.com";
const PASSWORD: &str = "violet tractor lagoon";

/// A fenced block: its language, its text, and the number of its first line.
struct Block {
    language: String,
    text: String,
    line: usize,
}

fn blocks(page: &str) -> Vec<Block> {
    let page = read_to_string(repository(page)).unwrap();
    let mut blocks: Vec<Block> = Vec::new();
    let mut inside = false;
    for (at, line) in page.lines().enumerate() {
        match (line.trim_start().strip_prefix("```"), inside) {
            (Some(language), false) => {
                blocks.push(Block { language: language.to_owned(), text: String::new(), line: at + 1 });
                inside = true;
            }
            (Some(_), true) => inside = false,
            (None, true) => writeln!(blocks.last_mut().unwrap().text, "{line}").unwrap(),
            (None, false) => {}
        }
    }
    assert!(!inside, "each block has an end");
    blocks
}

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A simulated machine in a folder, with the files that `install.sh` creates and a minimal `systemctl`.
struct Machine {
    root: TempDir,
    port: u16,
    /// The operator's cookies, once the set-up link has been used.
    cookies: PathBuf,
}

/// A replacement of `systemctl`, which starts the service by its unit, drop-ins and settings, as systemd would.
const SYSTEMCTL: &str = r#"#!/bin/sh
set -eu
[ "$*" != daemon-reload ] || exit 0
case "$*" in
  "restart vestibule"|"stop vestibule"|"start vestibule") ;;
  *) echo "systemctl $* is not known here" >&2; exit 9 ;;
esac
units="ROOT/etc/systemd/system/vestibule.service $(ls ROOT/etc/systemd/system/vestibule.service.d/*.conf 2>/dev/null || true)"
if [ -e ROOT/run/pid ]; then
  kill "$(cat ROOT/run/pid)"
  while kill -0 "$(cat ROOT/run/pid)" 2>/dev/null; do sleep 0.05; done
  rm ROOT/run/pid
fi
[ "$1" != stop ] || exit 0
told() { cat $units | sed -n "s/^$1=\(..*\)/\1/p" | sed "s,%d,ROOT/run/credentials,g"; }
for credential in $(told LoadCredential); do cp "${credential#*:}" "ROOT/run/credentials/${credential%%:*}"; done
# The service's user may not read the settings: it has their values from systemd.
VESTIBULE_ENV_FILE=/dev/null setsid env $(told Environment) $(grep '^VESTIBULE' "$(told EnvironmentFile)") $(told ExecStart | tail -n 1) >>ROOT/run/journal 2>&1 &
echo $! >ROOT/run/pid
tries=0
until curl -fso /dev/null http://127.0.0.1:PORT/healthz; do
  tries=$((tries + 1))
  [ $tries -lt 300 ] || { cat ROOT/run/journal >&2; exit 1; }
  sleep 0.1
done
"#;

impl Machine {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let machine = Self { port: free_port(), cookies: root.path().join("run/cookies"), root };
        for folder in
            ["bin", "run/credentials", "etc/systemd/system/vestibule.service.d", "var/lib/vestibule", "usr/local/bin"]
        {
            fs::create_dir_all(machine.path(folder)).unwrap();
        }
        symlink(BINARY, machine.path("usr/local/bin/vestibule")).unwrap();
        for (from, to) in [
            ("packaging/vestibule.env", "etc/vestibule.env"),
            ("packaging/vestibule.service", "etc/systemd/system/vestibule.service"),
        ] {
            write(machine.path(to), machine.adapted(&read_to_string(repository(from)).unwrap())).unwrap();
        }
        let systemctl = SYSTEMCTL.replace("ROOT", &machine.root()).replace("PORT", &machine.port.to_string());
        machine.program("systemctl", &systemctl);
        machine.program(
            "journalctl",
            &format!("#!/bin/sh\n[ \"$1 $2\" = '-u vestibule' ] && cat {}/run/journal\n", machine.root()),
        );
        machine.program("sudo", "#!/bin/sh\nexec \"$@\"\n");
        machine
    }

    fn root(&self) -> String {
        self.root.path().display().to_string()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn program(&self, name: &str, text: &str) {
        write(self.path("bin").join(name), text).unwrap();
        fs::set_permissions(self.path("bin").join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// A text with its paths and ports replaced.
    fn adapted(&self, text: &str) -> String {
        let mut text = text.replace("127.0.0.1:8080", &format!("127.0.0.1:{}", self.port));
        for path in [
            "/etc/vestibule",
            "/etc/systemd",
            "/etc/letsencrypt",
            "/var/lib/vestibule",
            "/var/backups",
            "/usr/local/bin/vestibule",
        ] {
            text = text.replace(path, &format!("{}{path}", self.root()));
        }
        text
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let path = std::env::var("PATH").unwrap();
        command.env("PATH", format!("{0}/bin:{0}/usr/local/bin:{path}", self.root()));
        command.env("VESTIBULE_ENV_FILE", self.path("etc/vestibule.env")).current_dir(self.root.path());
        command
    }

    /// Runs shell commands and returns their output.
    fn shell(&self, text: &str) -> String {
        let output = self.command("sh").args(["-euc", &self.adapted(text)]).output().unwrap();
        assert!(output.status.success(), "{text}{}", printed(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Sets lines of the settings file, in place of those with the same names.
    fn set(&self, lines: &str) {
        let file = self.path("etc/vestibule.env");
        let names: Vec<_> = lines.lines().map(|line| line.split_once('=').unwrap().0).collect();
        let old = read_to_string(&file).unwrap();
        let is_kept = |line: &&str| !names.iter().any(|name| line.starts_with(&format!("{name}=")));
        let kept: Vec<_> = old.lines().filter(is_kept).collect();
        write(file, format!("{}\n{}", kept.join("\n"), self.adapted(lines))).unwrap();
    }

    /// Calls curl as a browser at the public URL, whose host resolves to the TLS port `port` of this machine; returns
    /// its output.
    fn visit(&self, port: u16, authority: &Path, method: &str, path: &str, body: Option<&Value>) -> Output {
        let mut curl = self.command("curl");
        curl.args([
            "--silent",
            "--show-error",
            "--max-time",
            "20",
            "--request",
            method,
            "--header",
            "Sec-Fetch-Site: same-origin",
        ]);
        curl.args(["--connect-to", &format!("{HOST}:443:127.0.0.1:{port}"), "--cacert"]).arg(authority);
        curl.arg("--cookie").arg(&self.cookies).arg("--cookie-jar").arg(&self.cookies);
        if let Some(body) = body {
            curl.args(["--header", "Content-Type: application/json", "--data", &body.to_string()]);
        }
        curl.arg(format!("https://{HOST}{path}")).output().unwrap()
    }

    fn json(&self, port: u16, authority: &Path, method: &str, path: &str, body: Option<&Value>) -> Value {
        let output = self.visit(port, authority, method, &format!("/api/v1{path}"), body);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{path}: {}", printed(&output)))
    }

    /// Opens the appliance through a proxy as the operator, and asserts that the doctor finds no problem with the
    /// request.
    fn assert_reached_correctly(&self, port: u16, authority: &Path) {
        if !self.cookies.exists() {
            let journal = read_to_string(self.path("run/journal")).unwrap();
            let token =
                journal.lines().filter_map(|line| line.strip_prefix("Set-up link: ")).next_back().expect("a link");
            let token = token.split_once("/setup?token=").unwrap().1;
            let body = json!({"token": token, "name": "Ann", "email": "ann@acme.test", "password": PASSWORD, "organisation": "Acme"});
            let made = self.json(port, authority, "POST", "/setup", Some(&body));
            assert_eq!(made["person"]["email"], "ann@acme.test", "{made}");
        }
        let report = self.json(port, authority, "GET", "/doctor", None);
        assert_eq!(report["here"], json!([]), "{report}");
        assert_eq!(report["request"]["trusted"], true, "{report}");
        assert_eq!(report["request"]["host"], HOST, "{report}");
        assert_eq!(report["request"]["forwarded_for"], "127.0.0.1", "{report}");
        assert_eq!(report["request"]["forwarded_proto"], "https", "{report}");
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if let Ok(pid) = read_to_string(self.path("run/pid")) {
            drop(Command::new("kill").arg(pid.trim()).status());
        }
    }
}

fn printed(output: &Output) -> String {
    format!("\n{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A running proxy, which is stopped when this value is dropped.
struct Proxy(Child);

impl Drop for Proxy {
    fn drop(&mut self) {
        drop(Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status());
        drop(self.0.wait());
    }
}

/// Starts a proxy and waits until its TLS port accepts connections.
fn start(mut command: Command, port: u16) -> Proxy {
    let proxy = Proxy(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the proxy is installed"));
    until(|| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok(), "the proxy does not listen");
    proxy
}

fn until(mut happens: impl FnMut() -> bool, else_: &str) {
    let began = Instant::now();
    while !happens() {
        assert!(began.elapsed() < Duration::from_secs(30), "{else_}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn every_block_of_the_install_page_runs_as_printed_from_top_to_bottom() {
    let machine = Machine::new();
    let mut ran = Vec::new();
    for block in blocks(PAGE) {
        let Block { language, text, line } = &block;
        eprintln!("{PAGE}:{line}: {language}");
        match language.as_str() {
            "sh" if text.starts_with("vestibule serve ") => serve(&machine, text),
            "sh" => shell(&machine, text),
            "env" => machine.set(text),
            "nginx" => nginx(&machine, text),
            "caddyfile" => caddy(&machine, text),
            "apache" => apache(&machine, text),
            "yaml" => traefik(&machine, text),
            "ini" => drop_in(&machine, text),
            other => panic!("{PAGE}:{line}: this test cannot run a block of {other:?}"),
        }
        ran.push(block.language);
    }
    for language in ["sh", "env", "nginx", "caddyfile", "apache", "yaml", "ini"] {
        assert!(ran.iter().any(|one| one == language), "{PAGE} has no block of {language}");
    }
    check_mail(&machine);
    for Block { language, text, line } in blocks(OPERATE) {
        eprintln!("{OPERATE}:{line}: {language}");
        match language.as_str() {
            "env" => schedule_backups(&machine, &text),
            _ => operate(&machine, &text),
        }
    }
}

/// Sets the schedule: after the next start, the server makes a backup.
fn schedule_backups(machine: &Machine, text: &str) {
    machine.set(text);
    machine.shell("systemctl restart vestibule");
    let folder = machine.path("var/lib/vestibule-backups");
    let is_backup = |name: &str| name.starts_with("vestibule-2") && name.ends_with("Z.db");
    let made = || {
        fs::read_dir(&folder).is_ok_and(|all| all.flatten().any(|one| is_backup(&one.file_name().to_string_lossy())))
    };
    until(made, "no backup was made");
}

/// Runs a block of the page on operation and checks its result.
fn operate(machine: &Machine, text: &str) {
    let printed = machine.shell(text);
    let backups = machine.path("var/backups/vestibule");
    if text.contains("vestibule backup /") {
        assert!(printed.contains("Backup made and proved"), "{printed}");
    }
    if text.contains("| gzip >") {
        assert!(fs::metadata(backups.join("today.db.gz")).unwrap().len() > 1000);
    }
    if text.contains("vestibule restore") {
        assert!(printed.contains("Restored: 2 organisations and 1 person."), "{printed}");
        let ended = printed.contains("All sessions, tokens and one-time links have ended");
        assert_eq!(ended, !text.contains("--keep-sessions"), "{printed}");
    }
    if text.contains("upgrade --rehearse") {
        assert!(
            printed.contains("there is nothing to upgrade") && printed.contains("A server could run with it"),
            "{printed}"
        );
    }
    let known = ["vestibule backup", "vestibule restore", "vestibule upgrade"];
    assert!(known.iter().any(|command| text.contains(command)), "unknown lines:\n{text}");
}

/// Runs a block of shell commands and checks its result.
fn shell(machine: &Machine, text: &str) {
    let printed = machine.shell(text);
    match text {
        _ if text.contains("grep 'Set-up link'") => {
            assert!(printed.starts_with(&format!("Set-up link: https://{HOST}/setup?token=")), "{printed}");
            assert_eq!(printed.lines().count(), 1, "{printed}");
        }
        _ if text.contains("vestibule plan list") => {
            assert!(
                printed.contains("business") && machine.path("var/lib/vestibule/vestibule.db").exists(),
                "{printed}"
            );
        }
        _ if text.contains("org list --data") => {}
        _ if text.contains("/etc/vestibule.smtp") => {
            let file = machine.path("etc/vestibule.smtp");
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
            assert!(
                read_to_string(&file).unwrap().starts_with("smtp://user:password@"),
                "the settings name the mail server"
            );
        }
        _ if text.contains("systemctl restart vestibule") => {}
        _ => panic!("this test does not know the expected result of these lines:\n{text}"),
    }
}

/// Starts the server by hand: it prints the set-up link and answers requests.
fn serve(machine: &Machine, text: &str) {
    let port = free_port();
    let data = machine.path("by-hand").display().to_string();
    let text = text.replace("127.0.0.1:8080", &format!("127.0.0.1:{port}")).replace("/var/lib/vestibule", &data);
    let log = machine.path("run/by-hand");
    let out = fs::File::create(&log).unwrap();
    let mut child = machine.command("sh").args(["-c", &format!("exec {text}")]).stdout(out).spawn().unwrap();
    let printed = || read_to_string(&log).unwrap().contains(&format!("Set-up link: https://{HOST}/setup?token="));
    until(printed, "no set-up link");
    until(|| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok(), "it does not listen");
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Creates a certificate for the host at the path that the page names. Returns the path of the CA certificate.
fn certificate(machine: &Machine) -> PathBuf {
    let folder = machine.path(&format!("etc/letsencrypt/live/{HOST}"));
    fs::create_dir_all(&folder).unwrap();
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", &format!("/CN={HOST}")])
        .args(["-addext", &format!("subjectAltName=DNS:{HOST}"), "-keyout"])
        .arg(folder.join("privkey.pem"))
        .arg("-out")
        .arg(folder.join("fullchain.pem"))
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", printed(&made));
    folder.join("fullchain.pem")
}

fn nginx(machine: &Machine, text: &str) {
    // The service reads the settings of the previous block when it restarts.
    machine.shell("systemctl restart vestibule");
    let (authority, port, plain) = (certificate(machine), free_port(), free_port());
    let folder = machine.path("nginx");
    fs::create_dir_all(&folder).unwrap();
    let site = machine.adapted(text).replace("listen 443 ", &format!("listen 127.0.0.1:{port} "));
    let site = site.replace("listen 80;", &format!("listen 127.0.0.1:{plain};"));
    // A configuration that includes the page's block, as the `nginx.conf` of the package does.
    let here = folder.display();
    let config = format!(
        "daemon off; pid {here}/pid; error_log {here}/log; events {{}}\nhttp {{ access_log off; \
         client_body_temp_path {here}/b; proxy_temp_path {here}/p; fastcgi_temp_path {here}/f; uwsgi_temp_path {here}/u; \
         scgi_temp_path {here}/s;\n{site}\n}}\n"
    );
    write(folder.join("config"), config).unwrap();
    let program = |more: &[&str]| {
        let mut command = Command::new("/usr/sbin/nginx");
        command.arg("-p").arg(&folder).arg("-c").arg(folder.join("config")).args(more);
        command
    };
    let judged = program(&["-t"]).output().expect("nginx is installed");
    assert!(judged.status.success(), "nginx -t: {}", printed(&judged));
    let _proxy = start(program(&[]), port);
    machine.assert_reached_correctly(port, &authority);
    let redirect = Command::new("curl")
        .args(["-si", "-H", &format!("Host: {HOST}")])
        .arg(format!("http://127.0.0.1:{plain}/login"))
        .output();
    let redirect = printed(&redirect.unwrap());
    assert!(redirect.contains(&format!("Location: https://{HOST}/login")), "{redirect}");
}

fn caddy(machine: &Machine, text: &str) {
    let (port, plain, folder) = (free_port(), free_port(), machine.path("caddy"));
    fs::create_dir_all(&folder).unwrap();
    // Caddy uses a local CA, because no public CA can reach this machine.
    let options = format!("{{\nadmin off\nlocal_certs\nskip_install_trust\nhttps_port {port}\nhttp_port {plain}\n}}\n");
    write(folder.join("config"), options + &machine.adapted(text)).unwrap();
    let mut command = Command::new("/usr/bin/caddy");
    command.args(["run", "--adapter", "caddyfile", "--config"]).arg(folder.join("config"));
    command.env("HOME", &folder).env("XDG_DATA_HOME", &folder).env("XDG_CONFIG_HOME", &folder);
    let _proxy = start(command, port);
    let authority = folder.join("caddy/pki/authorities/local/root.crt");
    let answers = || machine.visit(port, &authority, "GET", "/healthz", None).status.success();
    until(answers, "Caddy has no certificate");
    machine.assert_reached_correctly(port, &authority);
}

fn apache(machine: &Machine, text: &str) {
    let (authority, port, folder) = (certificate(machine), free_port(), machine.path("apache"));
    fs::create_dir_all(&folder).unwrap();
    // The modules that Debian enables, and those that the page enables.
    let page = read_to_string(repository(PAGE)).unwrap();
    let enabled = page.split_once("`a2enmod ").expect("the modules").1.split_once('`').unwrap().0;
    let modules: Vec<String> = ["mpm_event", "authz_core"]
        .into_iter()
        .chain(enabled.split(' '))
        // `a2enmod` also enables the modules on which these depend.
        .flat_map(|name| if name == "ssl" { vec!["socache_shmcb", "ssl"] } else { vec![name] })
        .map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"))
        .collect();
    let (here, modules) = (folder.display(), modules.concat());
    let site = machine.adapted(text).replace("*:443", &format!("127.0.0.1:{port}"));
    let config = format!(
        "ServerRoot {here}\nServerName localhost\nPidFile {here}/pid\nErrorLog {here}/log\n{modules}User www-data\nGroup www-data\nListen 127.0.0.1:{port}\n{site}"
    );
    write(folder.join("config"), config).unwrap();
    let mut command = Command::new("/usr/sbin/apache2");
    command.arg("-DFOREGROUND").arg("-f").arg(folder.join("config"));
    let _proxy = start(command, port);
    machine.assert_reached_correctly(port, &authority);
}

/// Debian has no Traefik package, so the configuration is only parsed; it must route the host to the service.
fn traefik(machine: &Machine, text: &str) {
    let settings = flat(&machine.adapted(text));
    let value = |key: &str| {
        settings.iter().find(|(name, _)| name == key).unwrap_or_else(|| panic!("no {key} in {settings:?}")).1.as_str()
    };
    assert_eq!(value("http.routers.vestibule.rule"), format!("\"Host(`{HOST}`)\""));
    assert_eq!(value("http.routers.vestibule.tls"), "{}");
    let service = format!("http.services.{}.loadBalancer", value("http.routers.vestibule.service"));
    assert_eq!(value(&format!("{service}.passHostHeader")), "true");
    assert_eq!(value(&format!("{service}.servers.url")), format!("http://127.0.0.1:{}", machine.port));
    assert_eq!(settings.len(), 5, "{settings:?}");
}

/// The values of simple YAML, each with the path of its keys.
fn flat(text: &str) -> Vec<(String, String)> {
    let mut above: Vec<(usize, String)> = Vec::new();
    let mut values = Vec::new();
    for line in text.lines() {
        let entry = line.trim_start().trim_start_matches("- ");
        let indent = line.len() - entry.len();
        let (name, value) = entry.split_once(':').unwrap_or_else(|| panic!("no YAML: {line}"));
        above.retain(|(depth, _)| *depth < indent);
        above.push((indent, name.to_owned()));
        if !value.trim().is_empty() {
            let names: Vec<_> = above.iter().map(|(_, name)| name.as_str()).collect();
            values.push((names.join("."), value.trim().to_owned()));
        }
    }
    values
}

/// A drop-in of the service, which systemd itself checks together with the unit.
fn drop_in(machine: &Machine, text: &str) {
    write(machine.path("etc/systemd/system/vestibule.service.d/mail.conf"), machine.adapted(text)).unwrap();
    let units = machine.path("etc/systemd/system");
    let judged = Command::new("systemd-analyze")
        .args(["verify", "--recursive-errors=no", "--man=no"])
        .arg(units.join("vestibule.service"))
        .env("SYSTEMD_UNIT_PATH", format!("{}:", units.display()))
        .output()
        .expect("systemd-analyze is installed");
    assert!(judged.status.success() && judged.stderr.is_empty(), "systemd-analyze verify: {}", printed(&judged));
    let wrong = machine.adapted(text).replace("LoadCredential=", "LoadCredentials=");
    write(units.join("vestibule.service.d/mail.conf"), wrong).unwrap();
    let judged = Command::new("systemd-analyze")
        .args(["verify", "--recursive-errors=no", "--man=no"])
        .arg(units.join("vestibule.service"))
        .env("SYSTEMD_UNIT_PATH", format!("{}:", units.display()))
        .output()
        .unwrap();
    assert!(printed(&judged).contains("LoadCredentials"), "systemd must read the drop-in: {}", printed(&judged));
    write(units.join("vestibule.service.d/mail.conf"), machine.adapted(text)).unwrap();
}

/// Finally, checks that the service gets the mail server from its credential, and commands get it from the settings.
fn check_mail(machine: &Machine) {
    let pid = read_to_string(machine.path("run/pid")).unwrap();
    let command = read_to_string(format!("/proc/{}/cmdline", pid.trim())).unwrap();
    assert!(command.contains(&format!("{}/run/credentials/smtp-url", machine.root())), "{command}");
    let invited = machine.shell("vestibule org create Birch --plan business --admin bruno@birch.example");
    assert!(
        !invited.contains("/invitation?token="),
        "with a mail server, a command sends the link by e-mail and does not print it: {invited}"
    );
    let waiting = machine.shell("vestibule doctor || true");
    assert!(waiting.contains("mail.example.com"), "{waiting}");
}
