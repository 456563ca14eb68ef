#!/bin/sh
# Long checks, on a release build and an otherwise idle machine. They take about 40 minutes on two cores. Run them
# before a release.
set -eu
cd "$(dirname "$0")/.."

case "${1:-}" in
  --help|-h)
    echo "usage: tests/long.sh"
    echo "Runs the checks that tests/run.sh leaves out because they take long: the answers to others during attacks, the cost of each"
    echo "refusal, whether the time of a decryption reveals what failed, random sequences of switches and of access to applications against the models,"
    echo "and the checks of OpenID Connect clients on oidc-provider."
    echo "Run tests/run.sh first, which installs the packages. Nothing else should run on the machine meanwhile."
    exit 0 ;;
  "") ;;
  *) echo "tests/long.sh takes no argument but --help" >&2; exit 2 ;;
esac

begun=$(date +%s)
say() { printf '\n== %s (after %d min)\n' "$*" $((($(date +%s) - begun) / 60)); }

say "Build in release"
cargo bench --locked --no-run

say "Answers to others during each attack"
cargo bench --locked --bench abuse

say "The cost of each refusal"
cargo bench --locked --bench refusals

say "The time of refused decryptions"
cargo bench --locked --bench decryption

say "Random sequences of switches, and of changes of access to applications"
PROPTEST_CASES=200 cargo test --locked --test it switches
PROPTEST_CASES=50 cargo test --locked --test it one_rule

say "The checks of OpenID Connect clients, on a known provider as it is and with nine faults"
npm ci --prefix tests/oidc --no-audit --no-fund
node --test tests/oidc/harness.js

say "All long checks passed"
