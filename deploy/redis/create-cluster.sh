#!/bin/sh
# Makes one Redis Cluster of the nodes in $NODES (`host:port host:port …`), with $REPLICAS replicas for each primary; does
# nothing when it is already there. Asks as the user `admin`, whose password is in $REDISCLI_AUTH.
set -eu
ask() { redis-cli --user admin --no-auth-warning -h "${1%:*}" -p "${1##*:}" "$2" "$3"; }

addresses=
for node in $NODES; do
  tries=0
  until ask "$node" cluster info > /dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 120 ] || { echo "$node does not answer" >&2; exit 1; }
    sleep 1
  done
  # Nodes know each other by addresses.
  address=$(getent hosts "${node%:*}" | head -n 1 | cut -d ' ' -f 1)
  addresses="$addresses ${address:-${node%:*}}:${node##*:}"
done

if ask "${NODES%% *}" cluster info | grep -q '^cluster_slots_assigned:16384'; then
  echo "the cluster is there"
  exit 0
fi
# shellcheck disable=SC2086 # one argument per address
redis-cli --user admin --no-auth-warning --cluster create $addresses --cluster-replicas "${REPLICAS:-1}" --cluster-yes
