#!/usr/bin/env bash
# inside.sh ETC SSH HOMES CMD...: run CMD with the lab's hosts file and ~/.ssh. Run in a mount namespace of its own: nobody
# else sees them there.
set -euo pipefail
etc=$1 ssh=$2 homes=$3
shift 3
mount --bind "$etc/hosts" /etc/hosts
mount --bind "$etc/resolv.conf" /etc/resolv.conf
IFS=: read -ra folders <<<"$homes"
for folder in "${folders[@]}"; do
  [[ -d $folder/.ssh ]] || mkdir -m 700 "$folder/.ssh"
  mount --bind "$ssh" "$folder/.ssh"
done
# /sys/class/net tells of the namespace that /sys was mounted in; control groups move over from the machine's
mkdir -p "$ssh/../cgroup"
mount --rbind /sys/fs/cgroup "$ssh/../cgroup"
mount -t sysfs sysfs /sys
mount --move "$ssh/../cgroup" /sys/fs/cgroup
exec "$@"
