#!/bin/sh
# Installs everything that the tests need, and runs all tests. From nothing, this takes about 20 minutes on two cores.
set -eu
cd "$(dirname "$0")/.."

case "${1:-}" in
  --help|-h)
    echo "usage: tests/run.sh"
    echo "Installs Debian packages (with sudo where you are not root), npm and PyPI packages into tests/, then runs:"
    echo "format and lints, the Rust tests, the documentation build, shellcheck, the JavaScript type check,"
    echo "sign-ins against real identity providers and by real OpenID Connect clients, the API against its OpenAPI description, a real browser on the demo, and the single binary in an empty root."
    exit 0 ;;
  "") ;;
  *) echo "tests/run.sh takes no argument but --help" >&2; exit 2 ;;
esac

begun=$(date +%s)
say() { printf '\n== %s (after %d min)\n' "$*" $((($(date +%s) - begun) / 60)); }

# shellcheck source=packaging/debian.sh
. packaging/debian.sh
say "Debian packages"
command -v node >/dev/null && command -v npm >/dev/null || TEST_PACKAGES="$TEST_PACKAGES nodejs npm"
# shellcheck disable=SC2086 # lists of words
install_debian $BUILD_PACKAGES $TEST_PACKAGES

say "Format and lints"
cargo fmt --check
cargo clippy --locked --all-targets -- -D warnings
shellcheck -x .ci/run install.sh packaging/*.sh tests/*.sh tests/idps/*.sh tests/schema/*.sh

say "Reverse proxies that Debian does not have"
test -x tests/proxies/.venv/bin/python || python3 -m venv tests/proxies/.venv
tests/proxies/.venv/bin/pip install --quiet --disable-pip-version-check -r tests/proxies/requirements.txt

say "Rust tests"
cargo test --locked

say "Documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps

say "JavaScript types"
npm ci --prefix tests/browser --no-audit --no-fund
npm exec --prefix tests/browser -- tsc -p tests/browser

say "Sign-ins against real identity providers"
npm ci --prefix tests/idps --no-audit --no-fund
test -x tests/idps/.venv/bin/python || python3 -m venv tests/idps/.venv
tests/idps/.venv/bin/pip install --quiet --disable-pip-version-check -r tests/idps/requirements.txt
cargo build --locked
node --test tests/idps/*.test.js

say "OpenID Connect with real clients"
npm ci --prefix tests/oidc --no-audit --no-fund
test -x tests/oidc/.venv/bin/python || python3 -m venv tests/oidc/.venv
tests/oidc/.venv/bin/pip install --quiet --disable-pip-version-check -r tests/oidc/requirements.txt
node --test tests/oidc/*.test.js

say "The API against its description"
tests/schema/run.sh

say "A real browser"
node --test --test-concurrency=2 tests/browser/*.test.js

say "The single binary"
tests/static.sh

say "All tests passed"
