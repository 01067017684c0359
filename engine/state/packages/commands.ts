import { LEAVE } from '../../wire/framing.ts'
import { quote } from '../../wire/quote.ts'
import type { PackageRequest } from './request.ts'

export type PackageVerb = 'install' | 'remove' | 'autoremove' | 'upgrade' | 'build-dep'

/** The words after `apt-get`, the same for the simulation and the transaction. */
export function aptWords(request: PackageRequest, verb: PackageVerb, names: readonly string[]): string {
  const words: string[] = []
  // What an administrator changed in a configuration file is kept.
  for (const option of request.dpkgOptions ?? ['force-confdef', 'force-confold'])
    words.push('-o', quote(`Dpkg::Options::=--${option}`))
  if (request.installRecommends !== undefined)
    words.push('-o', `APT::Install-Recommends=${request.installRecommends ? 'yes' : 'no'}`)
  if (request.allowDowngrade) words.push('--allow-downgrades')
  if (request.allowUnauthenticated) words.push('--allow-unauthenticated')
  if (request.allowHeld) words.push('--allow-change-held-packages')
  if (request.fixBroken) words.push('--fix-broken')
  if (request.removesNothing && verb !== 'remove' && verb !== 'autoremove') words.push('--no-remove')
  if (request.onlyUpgrade && verb === 'install') words.push('--only-upgrade')
  if (request.release !== undefined) words.push('-t', quote(request.release))
  if (request.purge && (verb === 'remove' || verb === 'autoremove')) words.push('--purge')
  if (request.autoremove && verb !== 'autoremove') words.push('--auto-remove')
  words.push(verb === 'upgrade' ? (request.upgrade === 'full' ? 'dist-upgrade' : '--with-new-pkgs upgrade') : verb)
  if (names.length > 0) words.push('--', ...names.map(quote))
  return words.join(' ')
}

/** A whole dnf or yum command; a look says itself what is to be done. */
export function dnfWords(
  manager: 'dnf' | 'yum',
  request: PackageRequest,
  verb: PackageVerb,
  names: readonly string[],
  how: 'make' | 'simulate' | 'look',
): string {
  const simulate = how === 'simulate'
  const words: string[] = [manager, ...{ make: ['-y'], simulate: ['--assumeno'], look: [] }[how]]
  // A simulation must not fetch anything; only `latest` cannot be answered from what is there.
  const offline = simulate && request.state !== 'latest' && request.upgrade === undefined && request.root === undefined
  if (offline || request.cacheOnly) words.push('-C')
  words.push(...(request.words ?? []))
  if (request.root !== undefined) words.push(`--installroot=${quote(request.root)}`)
  if (request.downloadOnly && how === 'make') words.push('--downloadonly')
  for (const repo of request.enableRepo ?? []) words.push(quote(`--enablerepo=${repo}`))
  for (const repo of request.disableRepo ?? []) words.push(quote(`--disablerepo=${repo}`))
  for (const name of request.exclude ?? []) words.push(quote(`--exclude=${name}`))
  if (request.disableGpgCheck) words.push('--nogpgcheck')
  if (request.installRecommends !== undefined && manager === 'dnf')
    words.push(`--setopt=install_weak_deps=${request.installRecommends ? 'True' : 'False'}`)
  if (request.autoremove === false && verb === 'remove' && manager === 'dnf') words.push('--noautoremove')
  const plain =
    verb === 'install' && request.onlyUpgrade
      ? 'upgrade'
      : verb === 'install' && request.state === 'latest' && names.length > 0
        ? 'install --best'
        : verb
  words.push(manager === 'yum' ? plain.replace(' --best', '') : plain, ...names.map(quote))
  return words.join(' ')
}

/**
 * A file for what a program says; where there is room, for else nobody hears why a full disk is in its way. It goes with
 * the subshell, whenever that is told to end: its name is known before it is there.
 */
const roomFor = (name: string, also = ''): string =>
  `${name}=
${LEAVE}
trap '[ -z "$${name}" ] || rm -f -- "$${name}"${also}' EXIT
for d in "\${TMPDIR:-/tmp}" /run /dev/shm; do
  ${name}=$d/\${tsplay_n}${name}
  if ( umask 077; set -C; echo >"$${name}" ) 2>/dev/null; then break; fi
  rm -f -- "$${name}"
done
[ -f "$${name}" ] || { echo "nothing can be written in \${TMPDIR:-/tmp}, /run or /dev/shm" >&2; exit 1; }`

/**
 * Runs a command of apt, waiting while another process holds one of its locks; when the time is over, apt's own words
 * say which process that is.
 */
export function aptScript(words: string, lockTimeout: number, servicePolicy?: number): string {
  return `${servicePolicy === undefined ? '' : policyScript(servicePolicy)}export DEBIAN_FRONTEND=noninteractive APT_LISTCHANGES_FRONTEND=none NEEDRESTART_MODE=l UCF_FORCE_CONFFOLD=1
end=$(( $(date +%s) + ${Math.floor(lockTimeout)} ))
${roomFor('t', servicePolicy === undefined ? '' : '; restore_policy')}
while :; do
  apt-get -y -q -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=0 ${words} 2>"$t" </dev/null; s=$?
  [ $s -eq 0 ] && break
  grep -qE 'Could not get lock|Unable to (acquire|lock)' "$t" || break
  # Not held by anybody: it may not be opened.
  ! grep -qE 'Permission denied|Read-only' "$t" || break
  [ "$(date +%s)" -lt $end ] || { echo "another package manager was still at work after ${Math.floor(lockTimeout)} seconds:" >&2; break; }
  sleep 2
done
cat "$t" >&2
exit $s`
}

/** Packages ask /usr/sbin/policy-rc.d whether they may start services; another one is put back afterwards. */
function policyScript(status: number): string {
  return `p=/usr/sbin/policy-rc.d k=
if [ -e "$p" ] || [ -L "$p" ]; then k=$(mktemp -d /usr/sbin/.tsplay-XXXXXXXX) && mv -- "$p" "$k/policy" || exit 1; fi
restore_policy() { rm -f -- "$p"; [ -z "$k" ] || { mv -- "$k/policy" "$p" && rmdir -- "$k"; }; }
trap restore_policy EXIT
printf '#!/bin/sh\\nexit %s\\n' ${status} >"$p" && chmod 0755 "$p" || exit 1
`
}

/** Fetches the index, again while a server does not answer; with the last one's output and status. */
export function aptFetchScript(lockTimeout: number, { most, rest }: { most: number; rest: number }): string {
  return `n=1 rest=1
${roomFor('o')}
fetch() {
${aptScript('update', lockTimeout)}
}
while :; do
  ( fetch ) >"$o" 2>&1; s=$?
  [ "$n" -lt ${most} ] && grep -q 'Failed to fetch' "$o" || break
  sleep "$rest"; n=$((n+1)); rest=$((rest*2)); [ "$rest" -le ${rest} ] || rest=${rest}
done
if [ "$s" -eq 0 ]; then cat "$o"; else cat "$o" >&2; fi
rm -f -- "$o"
exit "$s"`
}
