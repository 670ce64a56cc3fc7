#!/bin/sh
# Make the certificates anew: `sh tests/certificates/make.sh`. They last a hundred years and guard nothing but tests.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
from=20200101000000Z
to=21200101000000Z

cat >openssl.cnf <<'CNF'
[ca]
default_ca = tests
[tests]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
email_in_dn = no
unique_subject = no
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
CNF
: >index.txt

# certify NAME COMMON-NAME END EXTENSIONS WORDS…: a key, and a certificate in NAME.crt
certify() {
    name=$1 common_name=$2 end=$3 extensions=$4
    shift 4
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$name.key"
    openssl req -config openssl.cnf -new -key "$name.key" -subj "/CN=$common_name" -out "$name.csr"
    printf '%b\n' "$extensions" >"$name.ext"
    openssl ca -config openssl.cnf -batch -notext -startdate "$from" -enddate "$end" -extfile "$name.ext" \
        -in "$name.csr" -out "$name.crt" "$@"
}

authority() {
    certify "$1" "$2" "$to" "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign" \
        -selfsign -keyfile "$1.key"
    cp "$1.crt" "$here/$1.pem"
}

# The file that a server which is vouched for by an intermediate authority shows: its key, its certificate, and that one's.
issue_chained() {
    certify intermediate "an authority in between" "$to" "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign" \
        -cert ca.crt -keyfile ca.key
    certify "$1" "$2" "$to" "$3" -cert intermediate.crt -keyfile intermediate.key
    cat "$1.key" "$1.crt" intermediate.crt >"$here/$1.pem"
}

# issue NAME COMMON-NAME END EXTENSIONS: key and certificate in NAME.pem
issue() {
    certify "$@" -cert ca.crt -keyfile ca.key
    cat "$1.key" "$1.crt" >"$here/$1.pem"
}

authority ca "acklab test authority"
authority stranger "an authority that nobody trusts"
issue server localhost "$to" "subjectAltName=DNS:localhost,IP:127.0.0.1"
issue_chained chained localhost "subjectAltName=DNS:localhost,IP:127.0.0.1"
issue elsewhere elsewhere.invalid "$to" "subjectAltName=DNS:elsewhere.invalid"
issue expired localhost 20200102000000Z "subjectAltName=DNS:localhost,IP:127.0.0.1"
issue client alice "$to" "extendedKeyUsage=clientAuth"
openssl pkcs8 -topk8 -in client.key -v2 aes-256-cbc -passout pass:open-sesame -out client-encrypted.key
cat client-encrypted.key client.crt >"$here/client-encrypted.pem"
