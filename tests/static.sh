#!/bin/sh
# Tests the single binary, with only glibc's libraries beside it: an admin signs in through SAML in an otherwise empty
# root.
set -eu
cd "$(dirname "$0")/.."

program=target/release/vestibule
most_bytes=$((24 * 1024 * 1024))
say() { printf '%s\n' "-- $*"; }
fail() { printf '%s\n' "FAILED: $*" >&2; exit 1; }

code=0
packaging/static.sh || code=$?
if [ "$code" -eq 3 ]; then
  say "SKIPPED: the single binary needs Debian's source packages."
  exit 0
fi
[ "$code" -eq 0 ] || fail "packaging/static.sh ended with $code"
# shellcheck source=/dev/null
. target/static-prefix/current/env
say "Building the single binary"
cargo build --release --locked

say "The libraries that it loads"
libraries=$(ldd "$program" | awk '{ print ($3 ~ /^\//) ? $3 : $1 }' | grep -v '^linux-vdso')
printf '%s\n' "$libraries"
for library in $libraries; do
  case "${library##*/}" in
    libc.so.6|libm.so.6|libgcc_s.so.1|ld-linux*) ;;
    *) fail "$library is not glibc's own" ;;
  esac
done
bytes=$(wc -c <"$program")
say "Its size is $bytes bytes"
[ "$bytes" -le "$most_bytes" ] || fail "that is more than $most_bytes"

room=$(mktemp -d)
demo=""
finish() {
  [ -z "$demo" ] || kill "$demo" 2>/dev/null || true
  rm -rf "$room"
}
trap finish EXIT INT TERM

mkdir -p "$room/data" "$room/tmp"
for library in $libraries; do
  mkdir -p "$room${library%/*}"
  cp -L "$library" "$room$library"
done
cp "$program" "$room/vestibule"
if [ "$(id -u)" -eq 0 ] && chroot "$room" /vestibule --version; then
  enter="chroot"
elif unshare --user --map-root-user chroot "$room" /vestibule --version; then
  enter="unshare --user --map-root-user chroot"
else
  say "SKIPPED: this user cannot run chroot here."
  exit 0
fi

say "The demo in an empty root: it begins with a SAML sign-in of an admin"
# $enter is a list, and must be split.
# shellcheck disable=SC2086
$enter "$room" /vestibule demo --data /data --listen 127.0.0.1:0 --idp-listen 127.0.0.1:0 --json >"$room/demo.json" &
demo=$!
tries=0
while [ ! -s "$room/demo.json" ]; do
  kill -0 "$demo" 2>/dev/null || fail "the demo ended"
  tries=$((tries + 1))
  [ "$tries" -lt 300 ] || fail "the demo did not start in 30 seconds"
  sleep 0.1
done
# shellcheck disable=SC2086
$enter "$room" /vestibule org show northwind-robotics --data /data --json | tee "$room/shown.json"
grep -q '"sso":"ready"' "$room/shown.json" || fail "the test sign-in failed"

say "The web UI, in each encoding that browsers request"
url=$(sed 's/.*"url":"\([^"]*\)".*/\1/' "$room/demo.json")
for encoding in br gzip; do
  curl -sS -D "$room/head" -o "$room/body" -H "Accept-Encoding: $encoding" "$url/static/style.css"
  grep -qi "^content-encoding: $encoding" "$room/head" || fail "the style sheet is not sent as $encoding"
  curl -sS --compressed -H "Accept-Encoding: $encoding" "$url/static/style.css" | cmp - static/style.css
done
curl -sS "$url/static/style.css" | cmp - static/style.css
curl -sS "$url/help" | grep -q "<h1" || fail "the help page is missing"

say "The versions of the linked libraries"
# shellcheck disable=SC2086
$enter "$room" /vestibule doctor --data /data | tee "$room/doctor.txt" || true
versions=$(paste -s -d , target/static-prefix/current/versions | sed 's/,/, /g')
grep -qF "into the program: $versions" "$room/doctor.txt" || fail "doctor does not name the linked libraries"
for library in libxml2 xmlsec OpenSSL; do
  version=$(printf '%s\n' "$versions" | sed "s/.*${library}1\{0,1\} \([0-9.]*\).*/\1/")
  grep "^ok *$library " "$room/doctor.txt" | grep -qF "$version" || fail "doctor does not show $library $version"
done
say "Single binary: passed"
