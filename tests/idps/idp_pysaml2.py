"""A login page around pysaml2's identity provider engine.

Arguments: port, our metadata file, a folder for its key, what it signs (assertion, response or both), and optionally
`encrypt=tripledes-cbc`, the only encryption it supports, and `requests=signed`. Each user's password is the user name followed by "pass".
"""

import html
import subprocess
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT, SAMLError
from saml2.authn_context import PASSWORD
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.saml import NAME_FORMAT_BASIC, NAMEID_FORMAT_EMAILADDRESS, NameID
from saml2.server import Server
from saml2.sigver import SignatureError

PORT, METADATA, FOLDER = int(sys.argv[1]), sys.argv[2], sys.argv[3]
SIGN_RESPONSE, SIGN_ASSERTION = sys.argv[4] in ("response", "both"), sys.argv[4] in ("assertion", "both")
WORDS = dict(word.split("=") for word in sys.argv[5:])
SIGNED_REQUESTS = WORDS.get("requests") == "signed"
BASE = f"http://127.0.0.1:{PORT}"
SSO = f"{BASE}/sso?tenant=1" if SIGNED_REQUESTS else f"{BASE}/sso"
KEY, CERTIFICATE = f"{FOLDER}/idp.key", f"{FOLDER}/idp.crt"

subprocess.run(
    ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=pysaml2.test"]
    + ["-keyout", KEY, "-out", CERTIFICATE],
    check=True,
    stderr=subprocess.DEVNULL,
)
SERVER = Server(
    config=IdPConfig().load(
        {
            "entityid": f"{BASE}/metadata",
            "xmlsec_binary": "/usr/bin/xmlsec1",
            "key_file": KEY,
            "cert_file": CERTIFICATE,
            "metadata": {"local": [METADATA]},
            "service": {
                "idp": {
                    "name": "pysaml2",
                    "endpoints": {"single_sign_on_service": [(SSO, BINDING_HTTP_REDIRECT)]},
                    "policy": {"default": {"lifetime": {"minutes": 5}, "name_form": NAME_FORMAT_BASIC}},
                    "want_authn_requests_signed": SIGNED_REQUESTS,
                    "name_id_format": [NAMEID_FORMAT_EMAILADDRESS],
                    "signing_algorithm": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
                    "digest_algorithm": "http://www.w3.org/2001/04/xmlenc#sha256",
                }
            },
        }
    )
)


# The arguments of pysaml2 for the query parameters of a signed redirect.
SIGNED = {"relay_state": "RelayState", "sigalg": "SigAlg", "signature": "Signature"}


class Page(BaseHTTPRequestHandler):
    """Serves the metadata and a login form."""

    def log_message(self, *_):
        """Suppresses the log."""

    def answer(self, body, status=200):
        """Sends a page."""
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        """Shows the metadata or the form."""
        if self.path == "/metadata":
            return self.answer(str(entity_descriptor(SERVER.config)))
        return self.answer(
            f'<form method="post" action="{html.escape(self.path)}"><input name="username">'
            '<input name="password" type="password"></form>'
        )

    def do_POST(self):
        """Checks the password and sends the response."""
        length = int(self.headers["Content-Length"])
        form = dict(urllib.parse.parse_qsl(self.rfile.read(length).decode()))
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlparse(self.path).query))
        name = form["username"]
        if form["password"] != f"{name}pass":
            return self.answer("wrong password", 401)
        signed = {key: query.get(name) for key, name in SIGNED.items()}
        try:
            request = SERVER.parse_authn_request(query["SAMLRequest"], BINDING_HTTP_REDIRECT, **signed)
        except (SAMLError, SignatureError) as fault:
            return self.answer(f"refused: {html.escape(repr(fault))}", 400)
        arguments = SERVER.response_args(request.message)
        arguments.pop("binding", None)
        email = f"{name}@acme.test"
        response = SERVER.create_authn_response(
            {"mail": email, "givenName": name, "sn": "Ångström & <co>"},
            userid=name,
            name_id=NameID(format=NAMEID_FORMAT_EMAILADDRESS, text=email),
            authn={"class_ref": PASSWORD, "authn_auth": BASE},
            sign_response=SIGN_RESPONSE,
            sign_assertion=SIGN_ASSERTION,
            encrypt_assertion="encrypt" in WORDS,
            **{key: value for key, value in arguments.items() if key != "name_id_policy"},
        )
        page = SERVER.apply_binding(
            BINDING_HTTP_POST, str(response), arguments["destination"], query.get("RelayState", ""), response=True
        )
        return self.answer(page["data"])


ThreadingHTTPServer(("127.0.0.1", PORT), Page).serve_forever()
