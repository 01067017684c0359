#!/usr/bin/env bash
# machine-base.sh ROOT: turn the base system in ROOT into one that boots by itself: kernel, initial RAM disk, network, fstab.
# ROOT/debs holds the packages to install; ROOT/boot then has vmlinuz-* and initrd.img-*.
set -euo pipefail
root=$1
mkdir -p "$root/etc/initramfs-tools/conf.d"
# only what the machine's disk needs: a small RAM disk is unpacked sooner
echo MODULES=list >"$root/etc/initramfs-tools/conf.d/lab"
printf '%s\n' virtio_pci virtio_blk ext4 >"$root/etc/initramfs-tools/modules"
mount -t proc proc "$root/proc"
chroot "$root" bash -eu <<'INSIDE'
export DEBIAN_FRONTEND=noninteractive
dpkg --force-confold -i /debs/*.deb
rm -rf /debs /var/log/dpkg.log /var/log/alternatives.log
systemctl enable --quiet systemd-networkd.service
systemctl mask --quiet systemd-networkd-wait-online.service serial-getty@ttyS0.service getty@tty1.service
INSIDE
umount "$root/proc"
cat >"$root/etc/fstab" <<'FSTAB'
/dev/vda  /     ext4  errors=remount-ro  0  1
/dev/vdb  none  swap  sw                 0  0
FSTAB
