/** Of every one of them. */
export const PASSWORD = 'lab-sudo'

/** Users of a host of its own: bound over this machine's in a mount namespace, so that this machine is not changed. */
export const users = (sudoers = '') => `
mkdir "$FOLDER/etc" "$FOLDER/sudoers.d"
chmod 755 "$FOLDER"
for file in passwd shadow group; do cp -p /etc/$file "$FOLDER/etc/$file"; done
hash=$(openssl passwd -6 ${PASSWORD})
id=4200
for user in admin deploy plain; do
  id=$((id + 1))
  echo "$user:x:$id:$id::$FOLDER/home-$user:/bin/bash" >> "$FOLDER/etc/passwd"
  echo "$user:$hash:19000:0:99999:7:::" >> "$FOLDER/etc/shadow"
  echo "$user:x:$id:" >> "$FOLDER/etc/group"
  mkdir "$FOLDER/home-$user"
  chown $id:$id "$FOLDER/home-$user"
done
sed -i 's|^root:[^:]*:|root:'"$hash"':|' "$FOLDER/etc/shadow"
cat > "$FOLDER/sudoers" <<END
Defaults env_reset
${sudoers}
root ALL=(ALL:ALL) ALL
admin ALL=(ALL:ALL) ALL
deploy ALL=(ALL:ALL) NOPASSWD: ALL
END
chmod 440 "$FOLDER/sudoers"
for file in passwd shadow group; do mount --bind "$FOLDER/etc/$file" /etc/$file; done
mount --bind "$FOLDER/sudoers" /etc/sudoers
mount -t tmpfs none /run/sudo 2>/dev/null || { mkdir -p /run/sudo; mount -t tmpfs none /run/sudo; }
`
