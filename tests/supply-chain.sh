#!/bin/sh
# Looks over the dependencies: licences, sources, bans, and known flaws. Needs the network for the list of flaws.
set -eu
cd "$(dirname "$0")/.."
command -v cargo-deny >/dev/null || cargo install --locked cargo-deny
cargo deny check bans licenses sources
cargo deny check advisories
