#!/bin/sh
# deploy/make-secrets.sh [DIR]: makes what docker-compose.yml expects below deploy/secrets/, each once: what is there
# stays as it is. Needs openssl, for random bytes and hashes. Elsewhere than in Compose, the URLs name other hosts:
#   REDIS=redis+cluster://redis-cluster-0.redis-cluster:6379,… MONGO='mongodb://db.example.org/conclave?tls=true'
set -eu
here=$(cd "$(dirname "$0")" && pwd)
dir=${1:-$here/secrets}
# Containers read these files under users of their own, so the files are readable; the folder is what keeps others out.
mkdir -p "$dir"
chmod 700 "$dir"
umask 022

random() { openssl rand -hex 24; }
# Reads a value from its file; makes the file when it is not there.
secret() {
  [ -s "$dir/$1" ] || printf '%s' "$2" > "$dir/$1"
  cat "$dir/$1"
}
sha256() { printf '%s' "$1" | openssl dgst -sha256 -r | cut -d ' ' -f 1; }

secret gateway-admin-token "$(random)" > /dev/null
secret grafana-admin-password "$(random)" > /dev/null
redis=$(secret redis-password "$(random)")
replica=$(secret redis-replica-password "$(random)")
admin=$(secret redis-admin-password "$(random)")
exporter=$(secret redis-exporter-password "$(random)")
# Puts a user and a password into a URL.
sign_in() { printf '%s' "${1%%://*}://$2@${1#*://}"; }
secret redis-url "$(sign_in "${REDIS:-redis://redis:6379}" "conclave:$redis")" > /dev/null
printf '{"redis://exporter@redis:6379":"%s"}\n' "$exporter" > "$dir/redis-exporter-passwords.json"
# Made anew each time, so that it follows the template and the passwords above.
sed -e '/^#/d' -e '/^$/d' \
  -e "s/CONCLAVE_SHA256/$(sha256 "$redis")/" \
  -e "s/REPLICA_SHA256/$(sha256 "$replica")/" \
  -e "s/ADMIN_SHA256/$(sha256 "$admin")/" \
  -e "s/EXPORTER_SHA256/$(sha256 "$exporter")/" "$here/redis/users.acl.template" |
  awk '/^ / { sub(/^ +/, " "); printf "%s", $0; next } NR > 1 { print "" } { printf "%s", $0 } END { print "" }' \
    > "$dir/redis-users.acl"

secret mongo-root-password "$(random)" > /dev/null
mongo=$(secret mongo-password "$(random)")
secret mongodb-url "$(sign_in "${MONGO:-mongodb://mongo:27017/conclave?replicaSet=conclave&authSource=conclave}" "conclave:$mongo")" \
  > /dev/null
secret mongo-exporter-password "$(random)" > /dev/null
secret s3-secret-access-key "$(random)" > /dev/null
# What the members of the replica set know each other by.
secret mongo-keyfile "$(openssl rand -base64 512 | tr -d '\n')" > /dev/null
echo "The secrets are in $dir"
