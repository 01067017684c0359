/**
 * Defines `label NEW PATH`: gives the file NEW, before it takes the name PATH, the SELinux label that it must have there: that of
 * the file it replaces, else the one that the policy has for the name, as Ansible does. PATH is absolute, with its folder's real
 * name: the policy knows no links. Where the file system keeps no labels of files (NFS, FAT, context=), there is none to give.
 * NEW may be /proc/self/fd/3; with -h as a third word a link is not followed. It goes along with every file, so it is short.
 */
export const LABEL = `label() {
[ -e /sys/fs/selinux/enforce ] && l=$(if [ -e "$2" ]; then stat -c %C "$2"; else matchpathcon -n -m file "$2"; fi 2>/dev/null) || return 0
w=$(chcon $3 "$l" "$1" 2>&1) || case $l$w in '<<none'* | *supported) ;; *) echo "$w" >&2; return 1 ;; esac
}`

/** The absolute path of a shell word, with its folder's real name. */
export const realName = (word: string): string => `"$(cd -P -- "$(dirname -- ${word})" && pwd)/$(basename -- ${word})"`
