#!/usr/bin/env bash
# machine.sh FOLDER ROOT ADDRESS NETWORK BRIDGE CGROUP: one host in a virtual machine. Run in a mount namespace of its own; it
# joins CGROUP. The kernel is ROOT's; FOLDER/disk.img is the disk, made of ROOT and FOLDER/layer when it is not there, and swap.img
# another one. No hardware virtualization: it may be missing or hang inside another machine.
set -euo pipefail
folder=$1 root=$2 address=$3 network=$4 bridge=$5 cgroup=$6 last=${3##*.}
echo $$ >"$cgroup/cgroup.procs"

if [[ ! -e $folder/disk.img ]]; then
  mount -t overlay overlay -o "lowerdir=$folder/layer:$root" "$folder/root"
  rm -f "$folder/disk.part"
  mkfs.ext4 -q -L root -d "$folder/root" "$folder/disk.part" 8G
  umount "$folder/root"
  truncate -s 512M "$folder/swap.img"
  mkswap --quiet "$folder/swap.img"
  mv "$folder/disk.part" "$folder/disk.img"
fi

tap=tap$last
ip -n "$network" link delete "$tap" 2>/dev/null || true # of a run that was killed
nsenter --net="/run/netns/$network" ip tuntap add dev "$tap" mode tap
ip -n "$network" link set "$tap" master "$bridge" up
exec nsenter --net="/run/netns/$network" qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 1536 \
  -kernel "$root"/boot/vmlinuz-* -initrd "$root"/boot/initrd.img-* \
  -append 'root=/dev/vda rw console=ttyS0 net.ifnames=0 quiet' \
  -drive "file=$folder/disk.img,format=raw,if=virtio" -drive "file=$folder/swap.img,format=raw,if=virtio" -device virtio-rng-pci \
  -netdev "tap,id=lab,ifname=$tap,script=no,downscript=no" \
  -device "virtio-net-pci,netdev=lab,mac=02:00:c0:a8:01:$(printf %02x "$last")" \
  -display none -monitor none -serial stdio
