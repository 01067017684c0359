# Makes a light host one that is seen to have SELinux. Its kernel keeps no labels, so tools stand in that keep them by inode and
# answer as the real ones do:
# - labels and the policy's rules as in the reference policy's file_contexts (targeted); what it has no label for is <<none>>;
# - /sys/fs/selinux/enforce ends without a newline (selinuxfs);
# - a new file has the user of who made it and the type of its folder, and restorecon without -F sets the type only (restorecon(8));
# - matchpathcon -n prints the label alone (matchpathcon(8)); chcon refuses a type that the policy does not have (chcon(1), EINVAL).
set -e
umount -l /sys
mkdir -p /sys/fs/selinux /etc/selinux /run/labels
printf 1 >/sys/fs/selinux/enforce
printf 33 >/sys/fs/selinux/policyvers
printf '%s\n' '# SELINUX= can take one of these three values:' '#     enforcing - the policy is enforced.' \
  SELINUX=enforcing '# SELINUXTYPE= can take one of these:' SELINUXTYPE=targeted >/etc/selinux/config
cat >/usr/local/bin/matchpathcon <<'T'
#!/bin/sh
[ "$1 $2" = '-n --' ] || { echo "matchpathcon: not as it is asked here: $*" >&2; exit 64; }
case $3 in
/etc/shadow*) echo system_u:object_r:shadow_t:s0 ;;
/etc/*) echo system_u:object_r:etc_t:s0 ;;
/srv/www/*) echo system_u:object_r:httpd_sys_content_t:s0 ;;
/srv/*) echo system_u:object_r:var_t:s0 ;;
/tmp/*) echo '<<none>>' ;;
*) echo system_u:object_r:default_t:s0 ;;
esac
T
cat >/usr/local/bin/stat <<'T'
#!/bin/sh
[ "$1 $2 $3" = '-c %C --' ] || exec /usr/bin/stat "$@"
i=$(/usr/bin/stat -c %i-%W -- "$4") || exit 1
cat "/run/labels/$i" 2>/dev/null && exit
t=$(matchpathcon -n -- "$(dirname "$4")/") && [ "$t" != '<<none>>' ] || t=x:x:user_tmp_t
echo "unconfined_u:object_r:$(echo "$t" | cut -d : -f 3):s0"
T
cat >/usr/local/bin/chcon <<'T'
#!/bin/sh
while [ $# -gt 2 ]; do
  case $1 in -h) shift ;; -u) u=$2; shift 2 ;; -r) r=$2; shift 2 ;; -t) t=$2; shift 2 ;; -l) l=$2; shift 2 ;; --) break ;; esac
done
IFS=: read -r u1 r1 t1 l1 <<L
$(stat -c %C -- "$2")
L
case ${t:-x_t} in *_t) ;; *) echo "chcon: failed to change context of '$2' to '${u:-$u1}:${r:-$r1}:$t:${l:-$l1}': Invalid argument" >&2; exit 1 ;; esac
echo "${u:-$u1}:${r:-$r1}:${t:-$t1}:${l:-$l1}" >"/run/labels/$(/usr/bin/stat -c %i-%W -- "$2")"
T
cat >/usr/local/bin/restorecon <<'T'
#!/bin/sh
p=$(matchpathcon -n -- "$2")
[ "$p" = '<<none>>' ] || exec chcon -h -t "$(echo "$p" | cut -d : -f 3)" -- "$2"
T
printf '#!/bin/sh\nprintf %%s "$1" >/sys/fs/selinux/enforce\n' >/usr/local/bin/setenforce
chmod 755 /usr/local/bin/matchpathcon /usr/local/bin/stat /usr/local/bin/chcon /usr/local/bin/restorecon /usr/local/bin/setenforce
mkdir -p /srv/www
echo there >/srv/www/there
chcon -h -t user_home_t -- /srv/www/there
