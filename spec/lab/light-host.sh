#!/bin/sh
# light-host.sh LAYERS NAME ADDRESS PORT: one light host. Run in mount, pid, uts and ipc namespaces of its own, as their first
# process: what it mounts, its files (they are in memory) and all that it started go with it.
set -eu
layers=$1 name=$2 address=$3 port=$4

# the /proc seen here is still the machine's, so this is the number by which the machine knows us
read -r pid rest </proc/self/stat
echo "first process: $pid" >&2

hostname "$name"
mount -t tmpfs -o mode=700 light /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay overlay -o "lowerdir=$layers,upperdir=/mnt/upper,workdir=/mnt/work" /mnt/root
cd /mnt/root
mount -t proc proc proc
mount -t tmpfs -o mode=755 dev dev
mount -t tmpfs -o mode=755 run run
mkdir -p dev/pts dev/shm run/sshd run/lock
chmod 1777 dev/shm
mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts dev/pts
for device in null zero full random urandom tty; do
  : >"dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount --rbind -o ro /sys sys
echo "$name" >etc/hostname
printf '127.0.0.1\tlocalhost\n%s\t%s\n' "$address" "$name" >etc/hosts
printf '%s' "$name" | md5sum | cut -c1-32 >etc/machine-id
pivot_root . mnt
umount -l /mnt

/usr/sbin/sshd -D -e -f /etc/ssh/light_config -o "ListenAddress=$address:$port" </dev/null &
# a first process has to bury the dead of others: a shell that waits does
wait $!
