#!/usr/bin/env bash
# busybox-base.sh ROOT BASE BUSYBOX: in ROOT a small system as of Alpine or a router: every program is an applet of one busybox, and
# there is no package manager, no bash, no systemd. Only its sshd is BASE's, with the libraries that it alone uses.
set -euo pipefail
root=$1 base=$2 busybox=$3

cd "$root"
mkdir -p bin dev etc/{crontabs,init.d,modules-load.d,modprobe.d,network,profile.d,ssh,sysctl.d} home mnt opt proc root run srv sys tmp usr/{bin,sbin,local/bin,local/sbin} \
  sbin lib64 var/{cache,empty,lib,log,spool/cron,tmp}
chmod 1777 tmp var/tmp
chmod 700 root
ln -s ../run var/run
ln -s /etc/crontabs var/spool/cron/crontabs
install "$busybox" bin/busybox
chmod 4755 bin/busybox
chroot . /bin/busybox --install -s

install "$base/usr/sbin/sshd" usr/sbin/sshd
for library in $(chroot "$base" ldd /usr/sbin/sshd | grep -o '/[^ ]*'); do
  install -D "$base$library" ".$library"
done

cat >etc/passwd <<'END'
root:x:0:0:root:/root:/bin/sh
daemon:x:2:2:daemon:/sbin:/sbin/nologin
sshd:x:22:22:sshd:/var/empty:/sbin/nologin
nobody:x:65534:65534:nobody:/:/sbin/nologin
END
cat >etc/group <<'END'
root:x:0:root
daemon:x:2:root,daemon
adm:x:4:root,daemon
tty:x:5:
wheel:x:10:root
sshd:x:22:
shadow:x:42:
nogroup:x:65533:
nobody:x:65534:
END
install -m 640 -g 42 /dev/null etc/shadow
sed 's/^\([^:]*\):.*/\1:*:19000:0:::::/' etc/passwd >etc/shadow
printf '/bin/sh\n/bin/ash\n' >etc/shells
echo 3.17.0 >etc/alpine-release
cat >etc/os-release <<'END'
NAME="Alpine Linux"
ID=alpine
VERSION_ID=3.17.0
PRETTY_NAME="Alpine Linux v3.17"
END
