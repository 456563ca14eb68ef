#!/bin/sh
# SimpleSAMLphp as an identity provider on PHP's built-in server.
# Arguments: port, our metadata file, a folder for its files, what it signs (assertion, response or both), and optionally
# encrypt=aes128-cbc, the only encryption it supports, or requests=signed.
# Each user's password is the user name followed by "pass".
set -eu
port=$1; metadata=$2; folder=$3; signs=$4; word=${5:-}
base="http://127.0.0.1:$port/"
mkdir -p "$folder/config" "$folder/metadata" "$folder/log" "$folder/data" "$folder/tmp"
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=simplesamlphp.test \
  -keyout "$folder/idp.key" -out "$folder/idp.crt" 2>/dev/null

entity_id=$(sed -n 's/.*entityID="\([^"]*\)".*/\1/p' "$metadata")
callback=$(sed -n 's/.*Location="\([^"]*\)".*/\1/p' "$metadata")
# The first certificate of our metadata for a use: signing or encryption.
certificate() { sed -n 's/.*use="'"$1"'"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>\([^<]*\).*/\1/p' "$metadata"; }
encrypt=false; [ "$word" = encrypt=aes128-cbc ] && encrypt=true
validate=false; [ "$word" = requests=signed ] && validate=true
sign_response=false; [ "$signs" = assertion ] || sign_response=true
sign_assertion=false; [ "$signs" = response ] || sign_assertion=true

cat > "$folder/config/config.php" <<PHP
<?php
\$config = [
    'baseurlpath' => '$base', 'certdir' => '$folder/', 'loggingdir' => '$folder/log/', 'datadir' => '$folder/data/',
    'tempdir' => '$folder/tmp', 'metadatadir' => '$folder/metadata', 'secretsalt' => 'onlyforthetestsonlyforthetests',
    'auth.adminpassword' => 'onlyforthetests', 'technicalcontact_email' => 'na@example.org', 'timezone' => 'UTC',
    'logging.handler' => 'file', 'enable.saml20-idp' => true, 'module.enable' => ['core' => true, 'saml' => true, 'exampleauth' => true],
    'session.cookie.secure' => false, 'session.cookie.name' => 'ssp', 'session.authtoken.cookiename' => 'sspauth',
    'session.phpsession.cookiename' => 'sspphp', 'session.phpsession.savepath' => '$folder/data', 'store.type' => 'phpsession',
    'production' => false, 'metadata.sources' => [['type' => 'flatfile']],
];
PHP
cat > "$folder/config/authsources.php" <<'PHP'
<?php
$users = ['exampleauth:UserPass'];
foreach (['alice', 'bob', 'carl'] as $name) {
    $users["$name:{$name}pass"] = ['uid' => [$name], 'mail' => ["$name@acme.test"], 'sn' => ['Ångström & <co>']];
}
$config = ['users' => $users];
PHP
cat > "$folder/metadata/saml20-idp-hosted.php" <<PHP
<?php
\$metadata['${base}metadata'] = [
    'host' => '__DEFAULT__', 'privatekey' => 'idp.key', 'certificate' => 'idp.crt', 'auth' => 'users',
    'signature.algorithm' => 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    'NameIDFormat' => 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
    'authproc' => [3 => ['class' => 'saml:AttributeNameID', 'attribute' => 'mail', 'Format' => 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress']],
];
PHP
cat > "$folder/metadata/saml20-sp-remote.php" <<PHP
<?php
\$metadata['$entity_id'] = [
    'AssertionConsumerService' => '$callback', 'NameIDFormat' => 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
    'assertion.encryption' => $encrypt, 'validate.authnrequest' => $validate,
    'keys' => [
        ['encryption' => false, 'signing' => true, 'type' => 'X509Certificate', 'X509Certificate' => '$(certificate signing)'],
        ['encryption' => true, 'signing' => false, 'type' => 'X509Certificate', 'X509Certificate' => '$(certificate encryption)'],
    ],
    'saml20.sign.response' => $sign_response, 'saml20.sign.assertion' => $sign_assertion,
];
PHP
export SIMPLESAMLPHP_CONFIG_DIR="$folder/config"
exec php -d display_errors=0 -S "127.0.0.1:$port" -t /usr/share/simplesamlphp/www
