# Not run here. The app user_oidc. Redirect URI: https://NEXTCLOUD/apps/user_oidc/code
occ user_oidc:provider Vestibule \
  --discoveryuri="https://login.example.com/.well-known/openid-configuration" \
  --clientid="CLIENT_ID" --clientsecret="CLIENT_SECRET" \
  --scope="openid profile email groups" \
  --mapping-uid=sub --mapping-display-name=name --mapping-email=email --mapping-groups=groups \
  --group-provisioning=1
