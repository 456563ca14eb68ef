#!/bin/sh
# Builds and installs Vestibule, or runs the demo.
set -eu
cd "$(dirname "$0")"

usage() {
  cat <<'END'
usage: ./install.sh [--demo]

Without an argument: installs the Debian packages that building needs, builds libxml2 and xmlsec1 from Debian's
sources (packaging/static.sh) and Vestibule with them inside, installs the program as /usr/local/bin/vestibule with manual pages and shell completions, and where systemd runs makes a service "vestibule" with its data in /var/lib/vestibule.

--demo   installs the Debian packages, builds, and runs the demo: two organisations, ten people and a practice
         identity provider, all on this machine. Nothing else outside this folder is touched. Stop it with Ctrl-C.
--help   this text

Rust 1.90 or newer must already be installed (https://rustup.rs). Each step is announced first.
END
}

step="starting"
say() { step="$*"; printf '\n== %s\n' "$*"; }
# shellcheck disable=SC2154 # the code is set where the trap runs
trap 'code=$?; [ "$code" -eq 0 ] || [ "$code" -eq 130 ] || printf "\nThis step failed: %s.\nFix the error above and run ./install.sh again: it continues where it can.\n" "$step" >&2' EXIT

case "${1:-}" in
  --help|-h) usage; exit 0 ;;
  --demo|"") ;;
  *) usage >&2; exit 2 ;;
esac

# shellcheck source=packaging/debian.sh
. packaging/debian.sh

say "Installing the Debian packages that building needs"
# shellcheck disable=SC2086 # a list of words
install_debian $BUILD_PACKAGES

say "Checking Rust"
if ! command -v cargo >/dev/null && [ -x "$HOME/.cargo/bin/cargo" ]; then
  PATH="$HOME/.cargo/bin:$PATH"
fi
if ! command -v cargo >/dev/null; then
  echo "cargo was not found. Install Rust from https://rustup.rs and run this again." >&2
  exit 1
fi
cargo --version

say "Building the SAML libraries, to be linked in (a minute the first time)"
if packaging/static.sh; then
  # shellcheck source=/dev/null
  . target/static-prefix/current/env
  say "Building the single binary, which needs only glibc (a few minutes the first time)"
else
  say "Building with this machine's own libxml2, xmlsec1 and OpenSSL, because the libraries could not be built (a few minutes the first time)"
fi
cargo build --release --locked

if [ "${1:-}" = "--demo" ]; then
  say "Running the demo"
  trap - EXIT
  exec target/release/vestibule demo
fi

as_root=""
[ "$(id -u)" -eq 0 ] || as_root="sudo"

say "Installing /usr/local/bin/vestibule"
$as_root install -m 0755 target/release/vestibule /usr/local/bin/vestibule

say "Installing its manual pages and shell completions below /usr/local/share"
made=$(mktemp -d)
target/release/vestibule man "$made/man1" >/dev/null
for shell in bash zsh fish; do
  target/release/vestibule completions "$shell" >"$made/$shell"
done
share=/usr/local/share
$as_root install -d "$share/man/man1"
$as_root install -m 0644 "$made"/man1/*.1 "$share/man/man1"
$as_root install -D -m 0644 "$made/bash" "$share/bash-completion/completions/vestibule"
$as_root install -D -m 0644 "$made/zsh" "$share/zsh/site-functions/_vestibule"
$as_root install -D -m 0644 "$made/fish" "$share/fish/vendor_completions.d/vestibule.fish"
rm -r "$made"

if [ -d /run/systemd/system ]; then
  say "Setting up the service vestibule"
  $as_root install -m 0644 packaging/vestibule.service /etc/systemd/system/vestibule.service
  [ -e /etc/vestibule.env ] || $as_root install -m 0640 packaging/vestibule.env /etc/vestibule.env
  $as_root systemctl daemon-reload
  $as_root systemctl enable vestibule
  # Restart a service that is running already, because it still runs the version that was installed before.
  $as_root systemctl restart vestibule
  echo "The service is running. The set-up link is in its journal:  journalctl -u vestibule | grep 'Set-up link'"
  echo "Its settings are in /etc/vestibule.env: set VESTIBULE_PUBLIC_URL there, then: systemctl restart vestibule"
else
  echo "Done; systemd does not run here. Start it with:  vestibule serve --data ./data"
  echo "and open the set-up link that it prints."
fi
