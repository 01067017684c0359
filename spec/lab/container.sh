#!/usr/bin/env bash
# container.sh FOLDER LAYERS NAME ADDRESS NETWORK BRIDGE CGROUP: one host. Run in a mount and a network namespace of its own;
# it joins CGROUP, so that its mounts, its interface and its processes all go when that control group is killed.
set -euo pipefail
folder=$1 layers=$2 name=$3 address=$4 network=$5 bridge=$6 cgroup=$7

echo $$ >"$cgroup/cgroup.procs"

mount -t overlay overlay -o "lowerdir=$layers,upperdir=$folder/upper,workdir=$folder/work" "$folder/root"
port=port${address##*.}
ip -n "$network" link delete "$port" 2>/dev/null || true # of a run that was killed a moment ago
# a new namespace has the machine's setting, whatever that is; a new host forwards nothing
echo 0 >/proc/sys/net/ipv4/ip_forward
ip link set lo up
# always the same hardware address: its neighbours remember it when the host is made anew
ip link add eth0 address "02:00:c0:a8:01:$(printf %02x "${address##*.}")" type veth peer name "$port" netns "$network"
ip address add "$address/24" dev eth0
ip link set eth0 up
ip -n "$network" link set "$port" master "$bridge" up
ip route add default via 192.168.1.1

# nspawn ends with 133 when the host reboots: start it again, as a machine would
status=133
while [[ $status == 133 ]]; do
  status=0
  SYSTEMD_NSPAWN_TMPFS_TMP=0 SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 SYSTEMD_NSPAWN_API_VFS_WRITABLE=network \
    systemd-nspawn --quiet --register=no --keep-unit --network-namespace-path=/proc/self/ns/net \
    --capability=CAP_NET_ADMIN,CAP_SYS_RESOURCE --resolv-conf=off --timezone=off --link-journal=no \
    --directory="$folder/root" --hostname="$name" --boot || status=$?
done
exit "$status"
