#!/bin/sh
# Runs schemathesis against a demo: it sends requests that the OpenAPI description allows and forbids, and checks the responses against it,
# with an operator's key, an organisation's key and an unknown key. The seed is fixed. A run takes about three minutes on two cores.
set -eu
cd "$(dirname "$0")/../.."

test -x tests/schema/.venv/bin/python || python3 -m venv tests/schema/.venv
tests/schema/.venv/bin/pip install --quiet --disable-pip-version-check -r tests/schema/requirements.txt
program=${VESTIBULE_BIN:-target/debug/vestibule}
folder=$(mktemp -d)
demo=""
finish() {
  [ -z "$demo" ] || kill "$demo" 2>/dev/null || true
  rm -rf "$folder"
}
trap finish EXIT INT TERM

"$program" demo --data "$folder/data" --listen 127.0.0.1:0 --idp-listen 127.0.0.1:0 --json >"$folder/demo.json" 2>"$folder/log" &
demo=$!
tries=0
while [ ! -s "$folder/demo.json" ]; do
  kill -0 "$demo" 2>/dev/null || { cat "$folder/log" >&2; exit 1; }
  tries=$((tries + 1))
  [ "$tries" -lt 600 ] || { echo "the demo did not start in a minute" >&2; exit 1; }
  sleep 0.1
done
url=$(sed 's/.*"url":"\([^"]*\)".*/\1/' "$folder/demo.json")
operator=$("$program" key create Schemathesis --operator --data "$folder/data" | grep -o 'vk_[0-9A-Za-z_-]*')

# Create the organisation's key with an admin's session.
password=$(sed 's/.*"email":"nora@northwind.example"[^}]*"password":"\([^"]*\)".*/\1/' "$folder/demo.json")
curl --silent --fail --cookie-jar "$folder/jar" --json "{\"email\": \"nora@northwind.example\", \"password\": \"$password\"}" "$url/api/v1/login" >/dev/null
own=$(curl --silent --fail --cookie "$folder/jar" --json '{"name": "Schemathesis", "scopes": ["read", "manage_members", "manage_sso"]}' \
  "$url/api/v1/organisations/northwind-robotics/keys" | grep -o 'vk_[0-9A-Za-z_-]*')

VESTIBULE_WORKSPACE=$(curl --silent --fail --cookie "$folder/jar" "$url/api/v1/organisations/northwind-robotics/workspaces" |
  sed 's/.*"id":"\([0-9a-f]*\)".*/\1/')
export VESTIBULE_WORKSPACE

# Few generated texts match the pattern of an e-mail address. That is slow, but not a fault, so the health check about it is off.
ask() {
  VESTIBULE_KEY=$1
  export VESTIBULE_KEY
  shift
  tests/schema/.venv/bin/st --config-file tests/schema/schemathesis.toml run "$url/api/openapi.json" --no-color \
    --suppress-health-check=filter_too_much "$@"
}

# Operations that delete what the others need are tested last.
set -- --exclude-operation-id delete_organisation --exclude-operation-id delete_workspace --exclude-operation-id delete_operators_key
echo "-- with an unknown key"
ask vk_nobody "$@" --max-examples 4
echo "-- with an organisation's key"
ask "$own" "$@"
echo "-- with an operator's key"
ask "$operator" "$@"
echo "-- operations that delete organisations, workspaces and keys"
ask "$operator" --include-operation-id delete_workspace --include-operation-id delete_organisation --include-operation-id delete_operators_key --phases examples,coverage,fuzzing
