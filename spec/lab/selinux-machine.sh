#!/usr/bin/env bash
# selinux-machine.sh ROOT: turn the system of a virtual machine in ROOT into one with SELinux, enforcing from its start, all files
# labelled. ROOT/debs holds the packages to install.
set -euo pipefail
root=$1
mount -t proc proc "$root/proc" # setfiles goes to files by it
chroot "$root" bash -eu <<'INSIDE'
export DEBIAN_FRONTEND=noninteractive
dpkg --force-confold -i /debs/*.deb
rm -rf /debs /var/log/dpkg.log /var/log/alternatives.log
sed -i 's/^SELINUX=.*/SELINUX=enforcing/' /etc/selinux/config
setfiles -F -e /proc /etc/selinux/default/contexts/files/file_contexts /
INSIDE
umount "$root/proc"
