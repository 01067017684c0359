# Makes a light host one that is seen to have SELinux. Its kernel keeps no labels, so tools stand in that keep them in an attribute, and
# answer what a machine with SELinux answered (/run/selinux-record); what was not asked there is noted in /run/unrecorded.
# Like a kernel, they give what is made the user of who makes it and the type of its folder, but in /tmp a type of its own.
set -e
umount -l /sys
mkdir -p /sys/fs/selinux /etc/selinux/default/policy
cat >/usr/local/bin/recorded <<'T'
#!/bin/sh
awk -v c="\$ $*" '$0 == c { on = there = 1; next } /^\$ / { on = 0 } on; END { exit !there }' /run/selinux-record && exit
[ "$1" = stat ] || echo "$*" >>/run/unrecorded
exit 64
T
cat >/usr/local/bin/matchpathcon <<'T'
#!/bin/sh
exec recorded matchpathcon "$@"
T
cat >/usr/local/bin/stat <<'T'
#!/bin/sh
[ "$1 $2" = '-c %C' ] || exec /usr/bin/stat "$@"
[ "$3" = -- ] || set -- "$1" "$2" -- "$3"
/usr/bin/stat -c %i -- "$4" >/dev/null || exit 1
python3 -c 'import os, sys; print(os.getxattr(sys.argv[1], "trusted.label", follow_symlinks=False).decode())' "$4" 2>/dev/null && exit
recorded stat -c %C -- "$4" && exit
case $4 in /*) ;; *) set -- "$1" "$2" "$3" "$PWD/$4" ;; esac
d=${4%/*}
IFS=: read -r u r t l <<L
$(stat -c %C -- "${d:-/}")
L
[ "$t" != tmp_t ] || t=user_tmp_t
echo "unconfined_u:object_r:$t:s0"
T
cat >/usr/local/bin/chcon <<'T'
#!/bin/sh
while [ $# -gt 2 ]; do
  case $1 in -h) h=1; shift ;; --) shift ;; -u) u=$2; shift 2 ;; -r) r=$2; shift 2 ;; -t) t=$2; shift 2 ;; -l) l=$2; shift 2 ;; *) break ;; esac
done
[ "$1" != -- ] || shift
if [ $# = 2 ]; then
  case $1 in *:*:*) ;; *) echo "chcon: invalid context: '$1': Invalid argument" >&2; exit 1 ;; esac
  IFS=: read -r u r t l <<L
$1
L
  shift
fi
[ -n "$h" ] || set -- "$(readlink -f -- "$1")"
IFS=: read -r u1 r1 t1 l1 <<L
$(stat -c %C -- "$1")
L
case ${t:-x_t} in *_t) ;; *) echo "chcon: failed to change context of '$1' to '${u:-$u1}:${r:-$r1}:$t:${l:-$l1}': Invalid argument" >&2; exit 1 ;; esac
exec python3 -c 'import os, sys; os.setxattr(sys.argv[1], "trusted.label", sys.argv[2].encode(), follow_symlinks=False)' "$1" "${u:-$u1}:${r:-$r1}:${t:-$t1}:${l:-$l1}"
T
printf '#!/bin/sh\nprintf %%s "$1" >/sys/fs/selinux/enforce\n' >/usr/local/bin/setenforce
chmod 755 /usr/local/bin/recorded /usr/local/bin/matchpathcon /usr/local/bin/stat /usr/local/bin/chcon /usr/local/bin/setenforce
for file in enforce policyvers; do printf %s "$(recorded cat /sys/fs/selinux/$file)" >/sys/fs/selinux/$file; done
recorded cat /etc/selinux/config >/etc/selinux/config
chcon -- system_u:object_r:selinux_config_t:s0 /etc/selinux/config
