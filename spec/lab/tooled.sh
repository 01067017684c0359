#!/bin/sh
# tooled.sh BASE FOLDER PACKAGE…: what installing the packages on BASE changes, into FOLDER. Run in a mount namespace of its own.
set -eu
base=$1 folder=$2
shift 2

# in memory first: not every file system can be the upper one
mount -t tmpfs -o mode=755 tooled /mnt
mkdir /mnt/upper /mnt/work /mnt/root /mnt/packages
mount -t overlay overlay -o "lowerdir=$base,upperdir=/mnt/upper,workdir=/mnt/work" /mnt/root
cp "$@" /mnt/packages
mount -t proc proc /mnt/root/proc
mount --rbind /dev /mnt/root/dev
printf '#!/bin/sh\nexit 101\n' >/mnt/root/usr/sbin/policy-rc.d
chmod 755 /mnt/root/usr/sbin/policy-rc.d
mkdir /mnt/root/debs
mount --bind /mnt/packages /mnt/root/debs
DEBIAN_FRONTEND=noninteractive LC_ALL=C chroot /mnt/root sh -c 'apt-get -qq -y --no-install-recommends -o APT::Sandbox::User=root install /debs/*.deb' >&2
umount /mnt/root/debs
rmdir /mnt/root/debs
rm -rf /mnt/root/usr/sbin/policy-rc.d /mnt/root/var/log/* /mnt/root/var/cache/apt/*.bin
cp -a /mnt/upper/. "$folder"
