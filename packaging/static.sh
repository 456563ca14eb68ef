#!/bin/sh
# Builds the SAML libraries as static libraries, from Debian's source packages.
set -eu
cd "$(dirname "$0")/.."

usage() {
  cat <<'END'
usage: packaging/static.sh [--help]

Fetches Debian's source packages of libxml2 and xmlsec1 with apt and builds them as static libraries without
unneeded parts (XSLT, HTTP, FTP, catalogs, plug-ins, weak algorithms), and puts the static OpenSSL of Debian's
libssl-dev beside them, all below target/static-prefix. Nothing outside that folder is changed: apt uses separate lists
there. The libraries are kept until Debian has newer versions.

Then build the single binary with:   . target/static-prefix/current/env && cargo build --release --locked

The exit code is 3 if Debian's source packages are not available.
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

# Runs apt with its own lists and cache, and with Debian's archive as its only source.
private_apt() {
  apt-get -q -o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists="$apt/lists" \
    -o Dir::Cache="$apt/cache" -o APT::Update::Error-Mode=any -o Acquire::Languages=none \
    -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false -o APT::Sandbox::User=root "$@"
}

# Prints the sources of this machine's apt: address, release, component. Arguments filter them.
targets() {
  # shellcheck disable=SC2016 # apt fills these in
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' "$@" 2>/dev/null | grep ' main$'
}

# Prints the sources.list lines of Debian's archives among them, with their sources. An archive is Debian's if its
# Release file says so or, if apt has no lists yet, by its address. Packages must be signed with Debian's key in any
# case.
list_archives() {
  { targets 'Origin: Debian' || targets | grep -E '/debian(-security)?/ '; } |
    sed "s|.*|deb [signed-by=$keyring] &\ndeb-src [signed-by=$keyring] &|"
}

# Prints the name of the file with this ending that apt would fetch.
file_of() {
  ending=$1
  shift
  private_apt "$@" --print-uris 2>/dev/null | cut -d ' ' -f 2 | grep "$ending\$" | head -n 1 || true
}

look_for_newest() {
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
  command -v apt-get >/dev/null || no_sources "apt-get was not found: this is not Debian."
  command -v dpkg-source >/dev/null || no_sources "dpkg-source was not found: install dpkg-dev."
  [ -e "$keyring" ] || no_sources "$keyring was not found: this is not Debian."
  list_archives >"$apt/sources.list" || no_sources "Debian's archive is not among the sources of this machine's apt."
  say "Asking Debian's archive which versions of libxml2, xmlsec1 and OpenSSL are newest (apt-get update, with separate lists)"
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
  ) || { cat "$work/fetch.log" >&2; no_sources "The sources could not be fetched."; }
}

# unpack DSC FOLDER
unpack() {
  # apt has verified the files that it fetched.
  dpkg-source --no-check -x "$work/$1" "$work/$2" >"$work/$2.log" 2>&1
  # Debian's patches make the generated files look out of date: without this, make would need autotools.
  cd "$work/$2"
  touch aclocal.m4
  find . -name Makefile.in -exec touch {} +
  touch config.h.in configure
}

# Runs a step, and shows its output only if it fails.
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
  say "Extracting the static OpenSSL $openssl_version from libssl-dev"
  dpkg-deb -x "$work/$openssl" "$work/openssl"
  mkdir -p "$prefix/lib" "$prefix/include"
  find "$work/openssl/usr/lib" \( -name libssl.a -o -name libcrypto.a \) -exec cp {} "$prefix/lib/" \;
  # The headers for the architecture are in a separate folder.
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

# Succeeds if this machine's loader reads packed relocations, which save a megabyte: glibc does since 2.36.
packs_relocations() {
  printf '%s\n' 2.36 "$(getconf GNU_LIBC_VERSION | cut -d ' ' -f 2)" | sort -V -C
}

# Writes the settings for cargo. The full Debian versions are compiled into the binary for `vestibule doctor`, because
# the libraries only know their upstream versions.
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
  # Inlining less saves two megabytes, and costs no measurable time in the benchmark `load`.
  rust_flags="-C llvm-args=-inline-threshold=100 -C llvm-args=-inlinehint-threshold=150"
  ! packs_relocations || rust_flags="$rust_flags -C link-arg=-Wl,-z,pack-relative-relocs"
  echo "export RUSTFLAGS=\"$rust_flags\"" >>"$prefix/env"
}

look_for_newest
libxml2_version=$(version_in "$libxml2")
xmlsec1_version=$(version_in "$xmlsec1")
openssl_version=$(version_in "$openssl")
# The folder's name depends on the versions and on this script.
prefix=$root/$( { cat packaging/static.sh; echo "$libxml2 $xmlsec1 $openssl"; } | cksum | cut -d ' ' -f 1)
if [ -e "$prefix/env" ]; then
  say "Already built:"
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
