#!/usr/bin/env bash
# base.sh FOLDER SUITE MIRROR: a blank Debian in FOLDER, with what the lab adds: two users, the lab's own package source.
# Users: `admin` (password lab-sudo, asked by sudo too) and `deploy` (sudo without a password).
set -euo pipefail
root=$1 suite=$2 mirror=$3
include=systemd,systemd-sysv,dbus,openssh-server,iproute2,kmod,procps,python3,ca-certificates,sudo
debootstrap --variant=minbase --include="$include" "$suite" "$root" "$mirror"

chroot "$root" bash -eu <<'INSIDE'
useradd --create-home --uid 1000 --shell /bin/bash admin
useradd --create-home --uid 1001 --shell /bin/bash deploy
echo 'admin:lab-sudo' | chpasswd
echo 'admin ALL=(ALL:ALL) ALL' >/etc/sudoers.d/admin
echo 'deploy ALL=(ALL:ALL) NOPASSWD: ALL' >/etc/sudoers.d/deploy
chmod 440 /etc/sudoers.d/*

# what would change files by itself at some hour, or cannot work in a container
systemctl mask --quiet apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer \
  e2scrub_reap.service systemd-resolved.service console-getty.service
apt-get clean
rm -rf /var/lib/apt/lists/* /etc/ssh/ssh_host_* /var/log/* /var/cache/ldconfig
install -d -o root -g root -m 755 /var/log/apt
install -d -o root -g adm -m 755 /var/log
install -m 644 /dev/null /var/log/lastlog; install -m 664 -g utmp /dev/null /var/log/wtmp; install -m 660 -g utmp /dev/null /var/log/btmp
: >/etc/machine-id
: >/etc/resolv.conf
rm -f /var/lib/dbus/machine-id /etc/hostname
INSIDE

rm -f "$root"/etc/apt/sources.list.d/*
echo 'deb [trusted=yes] http://192.168.1.1/debian ./' >"$root/etc/apt/sources.list"
