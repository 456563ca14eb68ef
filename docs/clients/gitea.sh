# Not run here. Redirect URI: https://GITEA/user/oauth2/Vestibule/callback
# If Gitea sends no code challenge, allow the application to leave out PKCE.
gitea admin auth add-oauth --name Vestibule --provider openidConnect \
  --auto-discover-url "https://login.example.com/.well-known/openid-configuration" \
  --key "CLIENT_ID" --secret "CLIENT_SECRET" \
  --scopes profile --scopes email --scopes groups \
  --group-claim-name groups --admin-group level:admin
