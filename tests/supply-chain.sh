#!/bin/sh
# Checks the dependencies: licences, sources, bans, and known vulnerabilities. The list of vulnerabilities needs the
# network.
set -eu
cd "$(dirname "$0")/.."
command -v cargo-deny >/dev/null || cargo install --locked cargo-deny
cargo deny check bans licenses sources
cargo deny check advisories
