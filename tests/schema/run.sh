#!/bin/sh
# Asks a running Vestibule everything that its OpenAPI description allows, and much that it forbids, and holds the answers to it:
# with an operator's key, with an organisation's, and with none. The same seed asks the same; it takes about three minutes on two cores.
set -eu
cd "$(dirname "$0")/../.."

test -x tests/schema/.venv/bin/python || python3 -m venv tests/schema/.venv
tests/schema/.venv/bin/pip install --quiet --disable-pip-version-check -r tests/schema/requirements.txt
program=${VESTIBULE_BIN:-target/debug/vestibule}
room=$(mktemp -d)
demo=""
finish() {
  [ -z "$demo" ] || kill "$demo" 2>/dev/null || true
  rm -rf "$room"
}
trap finish EXIT INT TERM

"$program" demo --data "$room/data" --listen 127.0.0.1:0 --idp-listen 127.0.0.1:0 --json >"$room/demo.json" 2>"$room/log" &
demo=$!
tries=0
while [ ! -s "$room/demo.json" ]; do
  kill -0 "$demo" 2>/dev/null || { cat "$room/log" >&2; exit 1; }
  tries=$((tries + 1))
  [ "$tries" -lt 600 ] || { echo "the demo did not start in a minute" >&2; exit 1; }
  sleep 0.1
done
url=$(sed 's/.*"url":"\([^"]*\)".*/\1/' "$room/demo.json")
operator=$("$program" key create Schemathesis --operator --data "$room/data" | grep -o 'vk_[0-9A-Za-z_-]*')

# An admin's session makes the organisation's key.
password=$(sed 's/.*"email":"nora@northwind.example"[^}]*"password":"\([^"]*\)".*/\1/' "$room/demo.json")
curl --silent --fail --cookie-jar "$room/jar" --json "{\"email\": \"nora@northwind.example\", \"password\": \"$password\"}" "$url/api/v1/login" >/dev/null
own=$(curl --silent --fail --cookie "$room/jar" --json '{"name": "Schemathesis", "scopes": ["read", "manage_members", "manage_sso"]}' \
  "$url/api/v1/organisations/northwind-robotics/keys" | grep -o 'vk_[0-9A-Za-z_-]*')

VESTIBULE_WORKSPACE=$(curl --silent --fail --cookie "$room/jar" "$url/api/v1/organisations/northwind-robotics/workspaces" |
  sed 's/.*"id":"\([0-9a-f]*\)".*/\1/')
export VESTIBULE_WORKSPACE

# The pattern of an e-mail address is one that few invented texts fit: that slows the asking down, and says nothing of the answers.
ask() {
  VESTIBULE_KEY=$1
  export VESTIBULE_KEY
  shift
  tests/schema/.venv/bin/st --config-file tests/schema/schemathesis.toml run "$url/api/openapi.json" --no-color \
    --suppress-health-check=filter_too_much "$@"
}

# What takes away the ground that the others stand on comes last.
set -- --exclude-operation-id delete_organisation --exclude-operation-id delete_workspace --exclude-operation-id delete_operators_key
echo "-- with no key that is known"
ask vk_nobody "$@" --max-examples 4
echo "-- with an organisation's key"
ask "$own" "$@"
echo "-- with an operator's key"
ask "$operator" "$@"
echo "-- what deletes the rest"
ask "$operator" --include-operation-id delete_workspace --include-operation-id delete_organisation --include-operation-id delete_operators_key --phases examples,coverage,fuzzing
