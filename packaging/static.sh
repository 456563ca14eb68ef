#!/bin/sh
# Builds the SAML libraries as static ones, from Debian's own source packages.
set -eu
cd "$(dirname "$0")/.."

usage() {
  cat <<'END'
usage: packaging/static.sh [--help]

Fetches Debian's source packages of libxml2 and xmlsec1 with apt and builds them as static libraries without
unneeded parts (XSLT, HTTP, FTP, catalogs, plug-ins, weak algorithms), and puts the static OpenSSL of Debian's
libssl-dev beside them, all below target/static-prefix. Nothing outside that folder is touched: apt works on lists of
its own there. What is built is kept until Debian has newer versions.

Then build the one binary with:   . target/static-prefix/current/env && cargo build --release --locked

Ends with 3 where Debian's source packages cannot be had.
END
}

case "${1:-}" in
  --help|-h) usage; exit 0 ;;
  "") ;;
  *) usage >&2; exit 2 ;;
esac

root=$PWD/target/static-prefix
apt=$root/apt
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
flags="-O2 -fPIC -fstack-protector-strong -D_FORTIFY_SOURCE=2 -ffunction-sections -fdata-sections"

say() { printf '%s\n' "-- $*"; }

no_sources() {
  say "$*" >&2
  exit 3
}

# apt with lists and a cache of its own, that knows Debian's archive and nothing else.
private_apt() {
  apt-get -q -o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists="$apt/lists" \
    -o Dir::Cache="$apt/cache" -o APT::Update::Error-Mode=any -o Acquire::Languages=none \
    -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false -o APT::Sandbox::User=root "$@"
}

# Where this machine's apt takes packages from: address, release, component. More words narrow it down.
targets() {
  # shellcheck disable=SC2016 # apt fills these in
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' "$@" 2>/dev/null | grep ' main$'
}

# Debian's own archives among them, with their sources: those that say so of themselves, or where apt has not asked them yet,
# those whose address does. Debian's own key must have signed what comes from there, whatever they say.
list_archives() {
  { targets 'Origin: Debian' || targets | grep -E '/debian(-security)?/ '; } |
    sed "s|.*|deb [signed-by=$keyring] &\ndeb-src [signed-by=$keyring] &|"
}

# The name of the file with this ending that apt would fetch.
file_of() {
  ending=$1
  shift
  private_apt "$@" --print-uris 2>/dev/null | cut -d ' ' -f 2 | grep "$ending\$" | head -n 1 || true
}

look_for_newest() {
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
  command -v apt-get >/dev/null || no_sources "There is no apt-get here: this is no Debian."
  command -v dpkg-source >/dev/null || no_sources "There is no dpkg-source here: install dpkg-dev."
  [ -e "$keyring" ] || no_sources "There is no $keyring here: this is no Debian."
  list_archives >"$apt/sources.list" || no_sources "This machine's apt knows no archive of Debian's."
  say "Asking Debian's archive which versions of libxml2, xmlsec1 and OpenSSL are newest (apt-get update, on lists of its own)"
  if ! private_apt update >"$apt/update.log" 2>&1; then
    tail -n 3 "$apt/update.log" >&2
    [ -e "$root/current/env" ] || no_sources "Debian's archive cannot be reached."
    say "Debian's archive cannot be reached: the libraries built earlier stay in use:"
    cat "$root/current/versions"
    exit 0
  fi
  libxml2=$(file_of .dsc source --download-only libxml2)
  xmlsec1=$(file_of .dsc source --download-only xmlsec1)
  openssl=$(file_of .deb download libssl-dev)
  for file in "$libxml2" "$xmlsec1" "$openssl"; do
    [ -n "$file" ] || no_sources "Debian's archive has no sources of libxml2 or xmlsec1, or no libssl-dev."
  done
}

# libxml2_2.9.14+dfsg-1.dsc -> 2.9.14+dfsg-1
version_in() { printf '%s\n' "$1" | sed 's/^[^_]*_//; s/\.dsc$//; s/_[^_]*\.deb$//; s/%3a/:/'; }

fetch() {
  say "Fetching the sources of libxml2 and xmlsec1, and libssl-dev, with apt"
  (
    cd "$work" &&
      private_apt source --download-only libxml2 xmlsec1 >fetch.log 2>&1 &&
      private_apt download libssl-dev >>fetch.log 2>&1
  ) || { cat "$work/fetch.log" >&2; no_sources "They could not be fetched."; }
}

# unpack DSC FOLDER
unpack() {
  # apt has checked what it fetched.
  dpkg-source --no-check -x "$work/$1" "$work/$2" >"$work/$2.log" 2>&1
  # Debian's patches make the generated files look out of date: without this, make wants autotools.
  cd "$work/$2"
  touch aclocal.m4
  find . -name Makefile.in -exec touch {} +
  touch config.h.in configure
}

# Runs a step and shows its output only where it fails.
quietly() {
  log=$1
  shift
  "$@" >>"$log" 2>&1 || { tail -n 30 "$log" >&2; return 1; }
}

build_libxml2() {
  say "Building libxml2 $libxml2_version (about half a minute)"
  unpack "$libxml2" libxml2
  quietly "$work/libxml2.log" ./configure --prefix="$prefix" --disable-shared --enable-static --with-pic --without-python \
    --without-icu --without-iconv --without-lzma --without-zlib --without-http --without-ftp --without-legacy --without-debug \
    --without-catalog --without-docbook --without-modules --without-readline --without-history CFLAGS="$flags"
  quietly "$work/libxml2.log" make -j "$(nproc)" libxml2.la libxml-2.0.pc xml2-config
  quietly "$work/libxml2.log" make install-libLTLIBRARIES install-pkgconfigDATA install-binSCRIPTS
  quietly "$work/libxml2.log" make -C include install
}

take_openssl() {
  say "Taking the static OpenSSL $openssl_version out of libssl-dev"
  dpkg-deb -x "$work/$openssl" "$work/openssl"
  mkdir -p "$prefix/lib" "$prefix/include"
  find "$work/openssl/usr/lib" \( -name libssl.a -o -name libcrypto.a \) -exec cp {} "$prefix/lib/" \;
  # The architecture's own headers stand in a folder of their own.
  cp -r "$work/openssl/usr/include/openssl" "$prefix/include/"
  find "$work/openssl/usr/include" -path '*-linux-*/openssl/*' -name '*.h' -exec cp {} "$prefix/include/openssl/" \;
  mkdir -p "$prefix/lib/pkgconfig"
  for file in "$work"/openssl/usr/lib/*/pkgconfig/*.pc; do
    sed "s|^prefix=.*|prefix=$prefix|; s|^libdir=.*|libdir=$prefix/lib|; s|^includedir=.*|includedir=$prefix/include|" "$file" \
      >"$prefix/lib/pkgconfig/${file##*/}"
  done
}

build_xmlsec1() {
  say "Building xmlsec1 $xmlsec1_version (about half a minute)"
  unpack "$xmlsec1" xmlsec1
  PKG_CONFIG_PATH="$prefix/lib/pkgconfig" quietly "$work/xmlsec1.log" ./configure --prefix="$prefix" --disable-shared \
    --enable-static --with-pic --with-libxml="$prefix" --without-libxslt --with-openssl --without-nss --without-gnutls \
    --without-gcrypt --with-default-crypto=openssl --disable-crypto-dl --disable-apps --disable-apps-crypto-dl --disable-docs \
    --disable-mans --disable-md5 --disable-ripemd160 --disable-hmac --disable-dsa --disable-des --disable-soap CFLAGS="$flags"
  quietly "$work/xmlsec1.log" make -j "$(nproc)"
  quietly "$work/xmlsec1.log" make install
}

# Whether this machine's loader reads relocations that are packed, which saves a megabyte: glibc's does from 2.36 on.
packs_relocations() {
  printf '%s\n' 2.36 "$(getconf GNU_LIBC_VERSION | cut -d ' ' -f 2)" | sort -V -C
}

# What cargo has to know. The full versions go into the binary, for `vestibule doctor`: the libraries themselves know only theirs.
write_env() {
  cat >"$prefix/env" <<END
export PATH="$prefix/bin:\$PATH"
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
export PKG_CONFIG_ALL_STATIC=1
export OPENSSL_STATIC=1
export OPENSSL_LIB_DIR="$prefix/lib"
export OPENSSL_INCLUDE_DIR="$prefix/include"
export VESTIBULE_LINKED_IN="$(paste -s -d , "$prefix/versions" | sed 's/,/, /g')"
END
  packs_relocations || return 0
  echo 'export RUSTFLAGS="-C link-arg=-Wl,-z,pack-relative-relocs"' >>"$prefix/env"
}

look_for_newest
libxml2_version=$(version_in "$libxml2")
xmlsec1_version=$(version_in "$xmlsec1")
openssl_version=$(version_in "$openssl")
# Other versions, another recipe: another folder.
prefix=$root/$( { cat packaging/static.sh; echo "$libxml2 $xmlsec1 $openssl"; } | cksum | cut -d ' ' -f 1)
if [ -e "$prefix/env" ]; then
  say "Built already:"
else
  work=$prefix/work
  rm -rf "$prefix"
  mkdir -p "$work"
  fetch
  (build_libxml2)
  take_openssl
  (build_xmlsec1)
  printf '%s\n' "libxml2 $libxml2_version" "xmlsec1 $xmlsec1_version" "OpenSSL $openssl_version" >"$prefix/versions"
  rm -rf "$work"
  write_env
  say "Built, in $prefix:"
fi
cat "$prefix/versions"
ln -sfn "$prefix" "$root/current"
