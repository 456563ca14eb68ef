# shellcheck shell=sh
# Names of Debian packages, and a function that installs packages. Source this file.

# The packages that the build needs. libclang is for the bindings to xmlsec, dpkg-dev for unpacking Debian's sources.
# shellcheck disable=SC2034 # used by the scripts that source this
BUILD_PACKAGES="pkg-config gcc make dpkg-dev libxmlsec1-dev libxml2-dev libxslt1-dev libssl-dev libclang-dev ca-certificates"
# The packages that the tests need as well.
# shellcheck disable=SC2034
TEST_PACKAGES="shellcheck curl nginx-light caddy haproxy apache2 libapache2-mod-auth-openidc systemd chromium xmlsec1 openssl python3 python3-venv simplesamlphp php-cli php-xml php-mbstring"

# Installs those of the given packages that are missing.
install_debian() {
  missing=""
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
  done
  if [ -z "$missing" ]; then
    echo "All are installed already."
    return 0
  fi
  as_root=""
  [ "$(id -u)" -eq 0 ] || as_root="sudo"
  echo "Installing with apt-get, without starting any service:$missing"
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
    $as_root chmod 755 "$policy"
  else
    policy=""
  fi
  # $missing is a list, and must be split.
  # shellcheck disable=SC2086
  { $as_root apt-get update -q && DEBIAN_FRONTEND=noninteractive $as_root apt-get install -q -y --no-install-recommends $missing; } || failed=$?
  [ -z "$policy" ] || $as_root rm -f "$policy"
  return "${failed:-0}"
}
