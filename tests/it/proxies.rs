//! The configurations of reverse proxies in `docs/proxies`, as printed, before a small application: only paths, ports and
//! addresses are replaced by those of the test.

use crate::app::TestApp;
use crate::browser::Browser;
use crate::program::free_port;
use serde_json::{Value, json};
use std::fs::{read_to_string, write};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The address of the proxy: not that of the public URL, since cookies ignore ports.
const PROXY: &str = "127.0.0.2";

/// The longest body that the application shows, in bytes.
const SHOWN: usize = 1 << 16;
/// The size of an upload, in bytes.
const UPLOAD: usize = 100 << 20;
/// The host of another organisation's application, all of which is public. No proxy of these tests serves it.
const OTHER_HOST: &str = "bread.localhost";

/// An application that answers with the request that it received. It runs until the tests end.
fn application() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.expect("a request");
            std::thread::spawn(move || drop(echo(stream)));
        }
    });
    port
}

/// Answers with the request that arrived; a body of more than `SHOWN` bytes is only counted. A websocket gets back what it sends.
fn echo(mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let (mut request, mut part) = (Vec::new(), vec![0; 1 << 16]);
    let end = loop {
        match stream.read(&mut part)? {
            0 => return Ok(()),
            read => request.extend(&part[..read]),
        }
        if let Some(end) = request.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
    let value = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':').map(str::trim));
    if value("upgrade").is_some_and(|protocol| protocol == "websocket") {
        stream.write_all(
            b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
              sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
        )?;
        loop {
            match stream.read(&mut part)? {
                0 => return Ok(()),
                read => stream.write_all(&part[..read])?,
            }
        }
    }
    let length: usize = value("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut read = request.len() - end;
    while read < length {
        let more = stream.read(&mut part)?;
        if more == 0 {
            return Ok(());
        }
        read += more;
        if read <= SHOWN {
            request.extend(&part[..more]);
        }
    }
    if read > SHOWN {
        request.truncate(end);
        request.extend(read.to_string().into_bytes());
    }
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        request.len()
    )?;
    stream.write_all(&request)
}

/// The answer to a request through the proxy.
#[derive(Debug)]
struct Reply {
    status: u16,
    head: String,
    body: String,
}

impl Reply {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (own, value) = line.split_once(':')?;
            own.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }

    fn location(&self) -> &str {
        self.header("location").unwrap_or_else(|| panic!("no redirect: {self:?}"))
    }

    /// The values of a header in the request that the application received.
    fn received(&self, name: &str) -> Vec<String> {
        let head = self.body.split("\r\n\r\n").next().unwrap_or_default();
        let lines = head.lines().filter_map(|line| line.split_once(':'));
        lines.filter(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned()).collect()
    }
}

/// A running proxy, with Vestibule and the application behind it.
struct World {
    app: TestApp,
    proxy: Child,
    port: u16,
    folder: TempDir,
}

impl Drop for World {
    fn drop(&mut self) {
        // The proxy may have ended already.
        drop(self.proxy.kill());
        drop(self.proxy.wait());
    }
}

/// Writes the configuration of a proxy into a folder, from the text of its page, and returns the command that runs it.
type Prepare = fn(&Path, &str, u16) -> Command;

impl World {
    fn new(page: &str, prepare: Prepare) -> Self {
        let app = TestApp::with_operator(|_| ());
        let org = app.org("Acme", "business");
        app.admin(&org, "ann@acme.test");
        app.member(&org, "pat@acme.test");
        let port = free_port();
        let hosts = json!({ "hosts": [PROXY] });
        assert_eq!(app.operator().api("PUT", "/organisations/acme/application-hosts", &hosts).status, 200);
        let body = json!({
            "kind": "proxy", "name": "Wiki", "url": format!("http://{PROXY}:{port}"), "hosts": [format!("{PROXY}:{port}")],
            "rules": [{ "path": "/static/", "require": "public" }, { "path": "/admin/", "require": "admin" }],
        });
        let list = format!("/workspaces/{}/applications", org.workspace);
        let made = app.signed_in("ann@acme.test").api("POST", &list, &body);
        assert_eq!(made.status, 201, "{}", made.body);
        let birch = app.org("Birch", "business");
        app.admin(&birch, "bea@birch.test");
        let hosts = json!({ "hosts": [OTHER_HOST] });
        assert_eq!(app.operator().api("PUT", "/organisations/birch/application-hosts", &hosts).status, 200);
        let body = json!({
            "kind": "proxy", "name": "Bread", "url": format!("http://{OTHER_HOST}:{port}"),
            "hosts": [format!("{OTHER_HOST}:{port}")], "rules": [{ "path": "/", "require": "public" }],
        });
        let list = format!("/workspaces/{}/applications", birch.workspace);
        assert_eq!(app.signed_in("bea@birch.test").api("POST", &list, &body).status, 201);
        let folder = tempfile::tempdir().expect("a folder");
        let text =
            read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/proxies").join(page)).expect("a page");
        let (own, behind) = (app.url.rsplit(':').next().expect("a port"), application().to_string());
        let text = text
            .replace("127.0.0.1:8080", &format!("127.0.0.1:{own}"))
            .replace("port_value: 8080", &format!("port_value: {own}"))
            .replace("127.0.0.1:3000", &format!("127.0.0.1:{behind}"))
            .replace("port_value: 3000", &format!("port_value: {behind}"));
        let mut command = prepare(folder.path(), &text, port);
        let log = std::fs::File::create(folder.path().join("log")).expect("a file");
        let proxy = command.stdin(Stdio::null()).stdout(log.try_clone().expect("a file")).stderr(log).spawn();
        let world = Self { app, proxy: proxy.expect("the proxy is installed"), port, folder };
        let deadline = Instant::now() + Duration::from_secs(20);
        // Some proxies listen before they have read their routes.
        let ready =
            || TcpStream::connect((PROXY, port)).is_ok() && world.send("GET", "/static/ready", &[], "").status == 200;
        while !ready() {
            let log = read_to_string(world.folder.path().join("log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "the proxy does not answer: {log}");
            std::thread::sleep(Duration::from_millis(50));
        }
        world
    }

    /// Sends a request through the proxy.
    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        self.send_to(&format!("{PROXY}:{}", self.port), method, path, headers, body)
    }

    /// Sends a request that names this host.
    fn send_to(&self, host: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let first = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
        let length = Some(format!("content-length: {}\r\n", body.len())).filter(|_| !body.is_empty());
        let headers = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        let request: String = [first].into_iter().chain(headers).chain(length).collect();
        let mut stream = TcpStream::connect((PROXY, self.port)).expect("connects");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
        stream.write_all(format!("{request}\r\n{body}").as_bytes()).expect("sent");
        let mut answer = Vec::new();
        drop(stream.read_to_end(&mut answer));
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer:?}"));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        Reply { status, head: head.to_owned(), body: body.to_owned() }
    }

    /// Sends a request whose connection stays open; returns it with the beginning of the answer.
    fn begin(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> (TcpStream, String) {
        let first = format!("{method} {path} HTTP/1.1\r\nhost: {PROXY}:{}\r\n", self.port);
        let headers: Vec<_> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let mut stream = TcpStream::connect((PROXY, self.port)).expect("connects");
        stream.set_read_timeout(Some(Duration::from_secs(5))).expect("set");
        stream.write_all(format!("{first}{}\r\n", headers.concat()).as_bytes()).expect("sent");
        let (mut answer, mut part) = (Vec::new(), [0; 4096]);
        while !answer.windows(4).any(|four| four == b"\r\n\r\n") {
            match stream.read(&mut part) {
                Ok(read) if read > 0 => answer.extend(&part[..read]),
                _ => break,
            }
        }
        (stream, String::from_utf8_lossy(&answer).into_owned())
    }

    /// The beginning of the answer to a request, and what follows within a moment.
    fn raw(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> String {
        let (mut stream, mut answer) = self.begin(method, path, headers);
        stream.set_read_timeout(Some(Duration::from_millis(300))).expect("set");
        let mut rest = Vec::new();
        drop(stream.read_to_end(&mut rest));
        answer.push_str(&String::from_utf8_lossy(&rest));
        answer
    }

    /// True if a websocket opens and returns what is sent.
    fn echoes(&self, path: &str, headers: &[(&str, &str)]) -> bool {
        let (mut stream, answer) = self.begin("GET", path, headers);
        stream.write_all(b"ping").expect("sent");
        let mut back = [0; 4];
        answer.starts_with("HTTP/1.1 101") && stream.read_exact(&mut back).is_ok() && back == *b"ping"
    }

    fn open(&self, path: &str, cookie: &str) -> Reply {
        let page = [("accept", "text/html"), ("sec-fetch-mode", "navigate"), ("cookie", cookie)];
        self.send("GET", path, &page[..if cookie.is_empty() { 2 } else { 3 }], "")
    }

    /// Signs a person in at the application; returns the cookie of the session there, and the page to which they return.
    fn enter(&self, home: &mut Browser, path: &str) -> (String, String) {
        let origin = format!("http://{PROXY}:{}", self.port);
        let refused = self.open(path, "");
        assert_eq!(refused.status, 302, "{refused:?}");
        let at_proxy = |address: &str| address.strip_prefix(&origin).expect("at the application").to_owned();
        let begun = self.open(&at_proxy(refused.location()), "");
        assert_eq!(begun.status, 303, "{begun:?}");
        let start =
            begun.header("set-cookie").and_then(|cookie| cookie.split(';').next()).expect("a cookie").to_owned();
        let onward = begun.location().strip_prefix(&self.app.url).expect("at the public URL").to_owned();
        let back = home.get(&onward);
        let finished = self.open(&at_proxy(back.location()), &start);
        assert_eq!(finished.status, 303, "{finished:?}");
        let cookies = finished.head.lines().filter_map(|line| line.split_once(':'));
        let mut cookies = cookies.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
        let own = cookies.find(|(_, cookie)| cookie.contains("vestibule_app=")).expect("a session").1;
        (own.trim().split(';').next().expect("a cookie").to_owned(), finished.location().to_owned())
    }
}

/// What every proxy must do.
fn check(page: &str, prepare: Prepare) {
    let world = World::new(page, prepare);
    let mut home = world.app.signed_in("pat@acme.test");
    let (cookie, landing) = world.enter(&mut home, "/deep/page?a=1&b=%2F");
    assert_eq!(landing, "/deep/page?a=1&b=%2F", "the deep link with its query");
    let opened = world.open(&landing, &cookie);
    assert_eq!((opened.status, opened.received("remote-user")), (200, vec!["pat@acme.test".to_owned()]), "{opened:?}");
    assert_eq!(opened.received("x-vestibule-level"), ["editor"]);
    assert!(opened.body.starts_with("GET /deep/page?a=1&b=%2F HTTP/1.1"), "{opened:?}");
    // The body of a request reaches the application.
    let sent = world.send("POST", "/form", &[("cookie", &cookie)], "a=b&c=d");
    assert!(sent.status == 200 && sent.body.ends_with("a=b&c=d"), "{sent:?}");
    // Without a session, nothing reaches it.
    let program = world.send("POST", "/form", &[("accept", "application/json")], "a=b");
    assert!(program.status == 401 && program.body.contains("sign_in_required"), "{program:?}");
    let form = world.send("POST", "/form", &[("accept", "text/html"), ("sec-fetch-mode", "navigate")], "a=b");
    assert!(form.status == 401 && form.body.contains("send it again"), "{form:?}");
    let denied = world.open("/admin/", &cookie);
    assert!(
        denied.status == 403 && denied.body.contains("Wiki") && denied.body.contains("ann@acme.test"),
        "{denied:?}"
    );
    // Headers of a client's own do not reach the application, in neither spelling.
    let forged = [
        ("Remote-User", "evil"),
        ("Remote_User", "evil"),
        ("Remote-Email", "evil"),
        ("Remote_Email", "evil"),
        ("Remote-Name", "evil"),
        ("Remote_Name", "evil"),
        ("Remote-Groups", "evil"),
        ("Remote_Groups", "evil"),
        ("X-Vestibule-Level", "evil"),
        ("X_Vestibule_Level", "evil"),
        ("X-Vestibule-User", "evil"),
        ("X_Vestibule_User", "evil"),
        ("X-Vestibule-Assertion", "evil"),
        ("X_Vestibule_Assertion", "evil"),
        ("X-Vestibule_Level", "evil"),
        ("X_Vestibule-User", "evil"),
    ];
    let public = world.send("GET", "/static/x", &forged, "");
    assert!(public.status == 200 && !public.body.contains("evil"), "{public:?}");
    let own = [&forged[..], &[("cookie", &cookie)]].concat();
    let signed_in = world.send("GET", "/page", &own, "");
    assert!(signed_in.status == 200 && !signed_in.body.contains("evil"), "{signed_in:?}");
    assert_eq!(signed_in.received("remote-user"), ["pat@acme.test"]);
    // Many cookie lines may be refused, and do not harm the proxy.
    let many = world.send("GET", "/static/x", &[("cookie", "a=b"); 99], "");
    assert!([200, 400, 431, 500].contains(&many.status), "{many:?}");
    assert_eq!(world.send("GET", "/static/x", &[], "").status, 200);
    // A client cannot describe another request than its own.
    let url = format!("http://{PROXY}:{}/static/x", world.port);
    for convention in [
        &[("X-Forwarded-Uri", "/static/x")][..],
        &[("X-Forwarded-Method", "GET"), ("X-Forwarded-Uri", "/static/x"), ("X-Forwarded-Host", "127.0.0.2")],
        &[("X-Original-URL", &url), ("X-Original-Method", "GET")],
        &[("X-Forwarded-Uri", "/static/x"), ("X-Original-URL", &url)],
    ] {
        let refused = world.send("GET", "/admin/", convention, "");
        assert!([400, 401, 403, 500].contains(&refused.status), "{convention:?}: {refused:?}");
    }
    for path in ["/static/../admin/", "/static/%2e%2e/admin/", "//admin/", "/static/..%2fadmin/", "/static/;/../admin/"]
    {
        let refused = world.send("GET", path, &[], "");
        // A proxy may pass on another path than it got, if it is the path that it asked about.
        let received = refused.body.split(' ').nth(1).unwrap_or_default();
        let plain =
            received.starts_with("/static/") && !["..", "//", ";", "%"].iter().any(|part| received.contains(part));
        assert!(refused.status != 200 || plain, "{path}: {refused:?}");
    }
    // A host that the proxy does not serve reaches no application, in whatever spelling.
    for host in [OTHER_HOST, "\u{ff42}read.localhost", "br\u{ad}ead.localhost"] {
        let host = format!("{host}:{}", world.port);
        let other = world.send_to(&host, "GET", "/secret", &[("cookie", &cookie)], "");
        assert!(!other.body.contains("GET /secret"), "{host}: {other:?}");
    }
    // HTTP/2 in a connection that the proxy does not look into would carry requests that nobody checks.
    let upgrade =
        [("connection", "Upgrade, HTTP2-Settings"), ("upgrade", "h2c"), ("http2-settings", "AAMAAABkAAQAoAAAAAIAAAAA")];
    let raw = world.raw("GET", "/static/x", &upgrade);
    assert!(!raw.starts_with("HTTP/1.1 101") && !raw.contains("h2c"), "{raw}");
    // Websockets and large uploads reach the application, and only of people who may open it.
    let socket = [
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    assert!(world.raw("GET", "/live", &socket).starts_with("HTTP/1.1 401"));
    assert!(world.echoes("/live", &[&socket[..], &[("cookie", &cookie)]].concat()));
    let uploaded = world.send("POST", "/upload", &[("cookie", &cookie)], &"a".repeat(UPLOAD));
    assert!(uploaded.status == 200 && uploaded.body.ends_with(&UPLOAD.to_string()), "{}", uploaded.status);
    // A session that ends is refused at the next request, and the page of the sign-out works.
    let asked = world.open("/.vestibule/sign-out", &cookie);
    assert!(asked.status == 200 && asked.body.contains("Wiki"), "{asked:?}");
    let styled = world.send("GET", "/.vestibule/style.css", &[], "");
    assert!(styled.status == 200 && styled.header("content-type").is_some_and(|kind| kind.starts_with("text/css")));
    assert_eq!(home.api("POST", "/logout", &Value::Null).status, 204);
    assert_eq!(world.open("/page", &cookie).status, 302);
}

/// The parts of a configuration, each after a comment line that begins with one of these.
fn parts<'t>(text: &'t str, heads: &[&str]) -> Vec<&'t str> {
    let starts: Vec<_> =
        heads.iter().map(|head| text.find(head).unwrap_or_else(|| panic!("no part {head:?}"))).collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().zip(ends).map(|(start, end)| &text[*start..end]).collect()
}

#[test]
fn nginx_protects_an_application() {
    check("nginx.conf", |folder, text, port| {
        let text = text
            .replace("/etc/nginx", folder.to_str().expect("UTF-8"))
            .replace("listen 443 ssl;", &format!("listen {PROXY}:{port};"))
            .replace("wiki.example.com", PROXY);
        let all = parts(&text, &["# ", "# For each application"]);
        write(folder.join("vestibule.conf"), all[0]).expect("written");
        let path = |name: &str| folder.join(name).display().to_string();
        let folder_of = |kind: &str| format!("{kind}_temp_path {};", path(kind));
        let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(folder_of).join("\n");
        let whole = format!(
            "daemon off;\npid {};\nerror_log {} warn;\nevents {{}}\nhttp {{\naccess_log off;\n{folders}\n{}\n}}\n",
            path("pid"),
            path("errors"),
            all[1]
        );
        write(folder.join("nginx.conf"), whole).expect("written");
        let mut command = Command::new("/usr/sbin/nginx");
        command.args(["-c", &path("nginx.conf"), "-p", folder.to_str().expect("UTF-8")]);
        command
    });
}

fn caddy(mut command: Command, folder: &Path, text: &str, port: u16) -> Command {
    let text = text.replace("wiki.example.com", &format!("http://{PROXY}:{port}"));
    let file = folder.join("Caddyfile");
    write(&file, format!("{{\n  admin off\n}}\n{text}")).expect("written");
    command.args(["run", "--adapter", "caddyfile", "--config"]).arg(file);
    command.env("HOME", folder).env("XDG_DATA_HOME", folder).env("XDG_CONFIG_HOME", folder);
    command
}

#[test]
fn caddy_protects_an_application() {
    check("caddy.conf", |folder, text, port| caddy(Command::new("/usr/bin/caddy"), folder, text, port));
}

/// Some versions since 2.10 pass on the headers of a client in place of empty ones of Vestibule.
#[test]
fn a_newer_caddy_protects_an_application() {
    check("caddy.conf", |folder, text, port| caddy(installed("caddy"), folder, text, port));
}

#[test]
fn haproxy_protects_an_application() {
    check("haproxy.conf", |folder, text, port| {
        let text = text
            .replace("/etc/haproxy", folder.to_str().expect("UTF-8"))
            .replace(&format!("bind :443 ssl crt {}/certificates/", folder.display()), &format!("bind {PROXY}:{port}"))
            .replace("wiki.example.com", PROXY);
        let heads = [format!("-- {}", folder.display()), format!("# {}", folder.display())];
        let all = parts(&text, &[&heads[0], &heads[1]]);
        write(folder.join("vestibule.lua"), all[0]).expect("written");
        write(folder.join("haproxy.cfg"), all[1]).expect("written");
        let mut command = Command::new("/usr/sbin/haproxy");
        command.arg("-db").arg("-f").arg(folder.join("haproxy.cfg"));
        command
    });
}

/// A program of `tests/proxies/requirements.txt`, which `tests/run.sh` installs.
fn installed(name: &str) -> Command {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/proxies/.venv/bin").join(name);
    assert!(path.exists(), "{} is missing: tests/run.sh installs it", path.display());
    Command::new(path)
}

#[test]
fn traefik_protects_an_application() {
    check("traefik.yml", |folder, text, port| {
        let file = folder.join("dynamic.yml");
        write(&file, text.replace("wiki.example.com", PROXY)).expect("written");
        let mut command = installed("traefik");
        command.arg(format!("--entryPoints.web.address={PROXY}:{port}"));
        command.arg(format!("--providers.file.filename={}", file.display()));
        command.args(["--global.checkNewVersion=false", "--global.sendAnonymousUsage=false"]);
        command
    });
}

#[test]
fn envoy_protects_an_application() {
    check("envoy.yaml", |folder, text, port| {
        let text = text
            .replace("address: 0.0.0.0, port_value: 443", &format!("address: {PROXY}, port_value: {port}"))
            .replace("wiki.example.com", PROXY);
        let file = folder.join("envoy.yaml");
        write(&file, text).expect("written");
        let mut command = installed("envoy");
        command.arg("-c").arg(file).args(["--use-dynamic-base-id", "--log-level", "warn", "--concurrency", "1"]);
        command
    });
}

#[test]
fn the_documentation_shows_the_configurations_that_are_tested() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let page = read_to_string(folder.join("proxies.md")).expect("a page");
    let files: Vec<_> =
        std::fs::read_dir(folder.join("proxies")).expect("a folder").map(|file| file.expect("a file")).collect();
    assert_eq!(files.len(), 5);
    for file in files {
        let text = read_to_string(file.path()).expect("text");
        assert!(page.contains(&format!("\n{text}```\n")), "{} is not as printed", file.path().display());
    }
}
