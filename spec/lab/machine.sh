#!/usr/bin/env bash
# machine.sh FOLDER ROOT ADDRESS NETWORK BRIDGE CGROUP: one host in a virtual machine. Run in a mount namespace of its own; it
# joins CGROUP. The kernel is ROOT's; FOLDER/disk.img is the disk, made of ROOT and FOLDER/layer when it is not there, and swap.img
# another one. With SELinux where ROOT has a policy. No hardware virtualization: it may be missing or hang inside another machine.
set -euo pipefail
folder=$1 root=$2 address=$3 network=$4 bridge=$5 cgroup=$6 last=${3##*.}
echo $$ >"$cgroup/cgroup.procs"

kernel='root=/dev/vda rw console=ttyS0 net.ifnames=0 quiet'
labels=/etc/selinux/default/contexts/files/file_contexts selinux=
if [[ -e $root$labels ]]; then selinux=1 kernel+=' security=selinux'; fi

if [[ ! -e $folder/disk.img ]]; then
  mount -t overlay overlay -o "lowerdir=$folder/layer:$root,upperdir=$folder/upper,workdir=$folder/work" "$folder/root"
  rm -f "$folder/disk.part"
  # the files of ROOT have their labels
  if [[ $selinux ]]; then
    mount -t proc proc "$folder/root/proc"
    find "$folder/layer" -mindepth 1 -printf '/%P\0' | chroot "$folder/root" setfiles -0 -F -f - "$labels"
    umount "$folder/root/proc"
  fi
  mkfs.ext4 -q -L root -d "$folder/root" "$folder/disk.part" 8G
  # mkfs.ext4 leaves out the labels of these two
  if [[ $selinux ]]; then
    debugfs -w -R "ea_set / security.selinux system_u:object_r:root_t:s0" "$folder/disk.part" 2>&1
    debugfs -w -R "ea_set /lost+found security.selinux system_u:object_r:lost_found_t:s0" "$folder/disk.part" 2>&1
  fi
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
  -append "$kernel" \
  -drive "file=$folder/disk.img,format=raw,if=virtio" -drive "file=$folder/swap.img,format=raw,if=virtio" -device virtio-rng-pci \
  -netdev "tap,id=lab,ifname=$tap,script=no,downscript=no" \
  -device "virtio-net-pci,netdev=lab,mac=02:00:c0:a8:01:$(printf %02x "$last")" \
  -display none -monitor none -serial stdio
