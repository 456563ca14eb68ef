# pip install oauthenticator; CLIENT_SECRET=... JUPYTERHUB_CRYPT_KEY=... jupyterhub. Keep the key: openssl rand -hex 32
# The redirect URI of the application ends in /hub/oauth_callback.
import os

c = get_config()  # noqa: F821

c.JupyterHub.authenticator_class = "generic-oauth"
c.GenericOAuthenticator.login_service = "Vestibule"
c.GenericOAuthenticator.client_id = "CLIENT_ID"
c.GenericOAuthenticator.client_secret = os.environ["CLIENT_SECRET"]
c.GenericOAuthenticator.oauth_callback_url = "https://app.example.com/callback"
c.GenericOAuthenticator.authorize_url = "https://login.example.com/oauth2/authorize"
c.GenericOAuthenticator.token_url = "https://login.example.com/oauth2/token"
c.GenericOAuthenticator.userdata_url = "https://login.example.com/oauth2/userinfo"
c.GenericOAuthenticator.logout_redirect_url = "https://login.example.com/oauth2/logout"
c.GenericOAuthenticator.basic_auth = "client_secret_basic" == "client_secret_basic"
c.GenericOAuthenticator.enable_pkce = True
c.GenericOAuthenticator.scope = ["openid", "profile", "email", "groups", "offline_access"]
c.GenericOAuthenticator.username_claim = "email"
# Ask every five minutes whether the person still has access.
c.GenericOAuthenticator.enable_auth_state = True
c.GenericOAuthenticator.auth_refresh_age = 300
# Everybody who may open the application, and its admins as admins of the hub.
c.GenericOAuthenticator.allow_all = True
c.GenericOAuthenticator.manage_groups = True
c.GenericOAuthenticator.auth_state_groups_key = "oauth_user.groups"
c.GenericOAuthenticator.admin_groups = {"level:admin"}
