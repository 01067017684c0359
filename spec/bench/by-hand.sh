#!/usr/bin/env bash
# by-hand.sh COMMANDS BIG HOST=ADDRESS=NUMBER…: what a person with ssh and a loop does. Each line of the file COMMANDS is an ssh
# command over one shared connection a host; all hosts at once. BIG, if not empty, is a file to bring to /opt/bench/big.
set -euo pipefail
commands=$1 big=$2
shift 2
digest=${big:+$(sha256sum <"$big")}
mapfile -t lines <"$commands"
sockets=$(mktemp -d)

visit() {
  local host address number line on
  IFS== read -r host address number <<<"$1"
  on=(ssh -o ControlMaster=auto -o ControlPersist=60 -o "ControlPath=$sockets/$host" -o LogLevel=ERROR "root@$address")
  for line in "${lines[@]}"; do
    line=${line//@HOST@/$host}
    "${on[@]}" "${line//@NUMBER@/$number}" </dev/null
  done
  if [[ $big ]]; then
    if [[ $("${on[@]}" 'sha256sum </opt/bench/big' 2>/dev/null </dev/null || true) != "$digest" ]]; then
      "${on[@]}" 'umask 022; cat >/opt/bench/big' <"$big"
    fi
  fi
  "${on[@]}" -O exit
}

visits=()
for host; do
  visit "$host" &
  visits+=($!)
done
for number in "${visits[@]}"; do wait "$number"; done
rm -r "$sockets"
