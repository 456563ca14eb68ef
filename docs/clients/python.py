# pip install authlib flask requests; CLIENT_SECRET=... SESSION_KEY=... flask --app python run
import json
import os
import secrets
from urllib.parse import urlencode, urlsplit

from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask, redirect, session

ISSUER = "https://login.example.com"
CLIENT_ID = "CLIENT_ID"
REDIRECT_URI = "https://app.example.com/callback"
AFTER_SIGN_OUT = "https://app.example.com/"

app = Flask(__name__)
app.secret_key = os.environ["SESSION_KEY"]
app.config.update(SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_SECURE=REDIRECT_URI.startswith("https:"))
vestibule = OAuth(app).register(
    "vestibule",
    client_id=CLIENT_ID,
    client_secret=os.environ["CLIENT_SECRET"],
    server_metadata_url=f"{ISSUER}/.well-known/openid-configuration",
    client_kwargs={
        "scope": "openid profile email groups offline_access",
        "code_challenge_method": "S256",
        "token_endpoint_auth_method": "client_secret_basic",
    },
)
# Use a database in place of this dictionary, so that people stay signed in when the program restarts.
people = {}


@app.get("/")
def home():
    person = people.get(session.get("id"))
    return json.dumps(person["info"]) if person else "Not signed in. Open /sign-in."


@app.get("/sign-in")
def sign_in():
    return vestibule.authorize_redirect(REDIRECT_URI)


@app.get(urlsplit(REDIRECT_URI).path)
def callback():
    token = vestibule.authorize_access_token()
    session["id"] = secrets.token_hex()
    people[session["id"]] = {"token": token, "info": vestibule.userinfo(token=token)}
    return redirect("/")


@app.get("/refresh")
def refresh():
    """Asks whether the person still has access. Call it when the access token expires."""
    person = people.get(session.get("id"))
    if not person:
        return redirect("/")
    refresh_token = person["token"]["refresh_token"]
    token = vestibule.fetch_access_token(grant_type="refresh_token", refresh_token=refresh_token)
    person["token"] = person["token"] | token
    person["info"] = vestibule.userinfo(token=token)
    return json.dumps(person["info"])


@app.get("/sign-out")
def sign_out():
    person = people.pop(session.pop("id", None), None)
    if not person:
        return redirect("/")
    hint = {"id_token_hint": person["token"]["id_token"], "post_logout_redirect_uri": AFTER_SIGN_OUT}
    return redirect(f"{vestibule.load_server_metadata()['end_session_endpoint']}?{urlencode(hint)}")


@app.errorhandler(OAuthError)
def refused(error):
    people.pop(session.pop("id", None), None)
    return f"Not signed in: {error.error}", 403
