#!/usr/bin/env bash
# busybox.sh OUT WORK: OUT/busybox, compiled from Debian's source as its makers set it; Debian's own build lacks adduser and its
# like. Without what manages packages of other systems. APT_CONFIG names the apt to use.
set -euo pipefail
out=$1 work=$2
(cd "$work" && apt-get -qq source busybox >/dev/null 2>"$work/source.log") || { cat "$work/source.log" >&2; exit 1; }
cd "$work"/busybox-*/
make defconfig >/dev/null 2>&1
# tc does not compile with the headers of today's kernels
sed -E -i 's/^# CONFIG_STATIC is not set/CONFIG_STATIC=y/; s/^CONFIG_(TC|DPKG|DPKG_DEB|RPM)=y/# CONFIG_\1 is not set/' .config
make -j"$(nproc)" >"$work/make.log" 2>&1 || { tail -n 20 "$work/make.log" >&2; exit 1; }
cp busybox "$out/busybox"
