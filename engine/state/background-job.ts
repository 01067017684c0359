import type { Reply } from '../wire/connection.ts'
import { quote } from '../wire/quote.ts'

/** What is known of a job that runs by itself on a host, in a folder of its own below the home of who started it. */
export type JobState =
  /** No such job, or it has been cleaned away. */
  | { readonly state: 'missing'; readonly folder: string }
  | { readonly state: 'running'; readonly folder: string }
  /** It took longer than it was allowed to, and was killed. */
  | { readonly state: 'expired'; readonly folder: string }
  /** It ended without leaving a result: killed, or the host went down. */
  | { readonly state: 'lost'; readonly folder: string }
  | {
      readonly state: 'ended'
      readonly folder: string
      /** What was known when it was started, as it was given. */
      readonly base: string
      readonly began: Date
      readonly ended: Date
      /** Those of its steps that ran, in order: the last may have failed. */
      readonly replies: readonly Reply[]
    }

export interface Job {
  readonly id: string
  /** The host ends it after so many seconds. */
  readonly seconds: number
  /** Shell texts, run in order; the first that fails ends the job. */
  readonly scripts: readonly string[]
  /** Kept beside the result, for whoever asks for it. */
  readonly base: string
}

const FOLDER = '.tsplay_async'
const NAME = /^[A-Za-z0-9][\w.-]*$/

export function isJobName(id: string): boolean {
  return NAME.test(id)
}

/** Sets `$d` to the job's folder: below the user's home, whatever a task's environment says of HOME. */
function folder(id: string): string {
  return `d=$(eval echo "~$(id -un 2>/dev/null)"); [ -d "$d" ] || d=\${HOME:-/tmp}
d="\${ANSIBLE_ASYNC_DIR:-$d/${FOLDER}}/"${quote(id)}`
}

/** Runs in a session of its own, so that neither the end of the connection nor that of tsplay ends it. */
const RUNNER = `d=$1; limit=$2
echo $$ >"$d/pid"; date +%s >"$d/began"
cd 2>/dev/null || cd /
umask 022
( trap 'kill $s 2>/dev/null; exit 0' TERM
  sleep "$limit" & s=$!; wait $s
  [ ! -e "$d/result" ] || exit 0
  echo expired >"$d/.late" && mv -f "$d/.late" "$d/result"
  kill -9 -$$ 2>/dev/null || kill -9 "$(cat "$d/step")" $$ 2>/dev/null ) &
w=$!
n=0
while [ -e "$d/$n.sh" ]; do
  sh "$d/$n.sh" </dev/null >"$d/$n.out" 2>"$d/$n.err" & p=$!
  echo $p >"$d/step"
  wait $p; status=$?
  rm -f "$d/$n.sh"
  echo $status >"$d/$n.status"
  n=$((n+1))
  [ $status -eq 0 ] || break
done
{ echo ended; date +%s; echo $n; } >"$d/.result" && mv -f "$d/.result" "$d/result"
rm -f "$d"/*.sh
kill $w 2>/dev/null
`

/** Starts a job and prints its folder. */
export function startJob(job: Job): string {
  const file = (name: string, text: string) => [
    `base64 -d >"$d/${name}" <<'TSPLAY_JOB' || exit 1`,
    ...(Buffer.from(text)
      .toString('base64')
      .match(/.{1,76}/g) ?? []),
    'TSPLAY_JOB',
  ]
  return [
    'umask 077',
    folder(job.id),
    'mkdir -p "$d" || exit 1',
    ...file('base', job.base),
    ...file('run', RUNNER),
    ...job.scripts.flatMap((script, index) => file(`${index}.sh`, script)),
    `set -- sh "$d/run" "$d" ${job.seconds}`,
    'if command -v setsid >/dev/null 2>&1; then set -- setsid "$@"; else set -- nohup "$@"; fi',
    '"$@" </dev/null >/dev/null 2>&1 &',
    'printf %s "$d"',
  ].join('\n')
}

/** Looks at a job, waiting at most so many seconds for its end. `parseJob` reads what it says. */
export function lookAtJob(id: string, seconds = 0): string {
  return `${folder(id)}
alive() { [ ! -e "$d/pid" ] || kill -0 "$(cat "$d/pid")" 2>/dev/null; }
end=$(($(date +%s)+${Math.ceil(seconds)}))
while [ -d "$d" ] && [ ! -e "$d/result" ] && alive && [ "$(date +%s)" -lt $end ]; do sleep 0.2 2>/dev/null || sleep 1; done
echo "folder $d"
if [ ! -d "$d" ]; then echo "state missing"; exit 0; fi
if [ ! -e "$d/result" ]; then
  if alive; then echo "state running"; elif [ ! -e "$d/result" ]; then echo "state lost"; fi
fi
[ -e "$d/result" ] || exit 0
{ read -r state; read -r ended; read -r count; } <"$d/result"
echo "state $state"
[ "$state" = ended ] || exit 0
coded() { base64 <"$1" | tr -d '\\n'; }
echo "base $(coded "$d/base")"
echo "began $(cat "$d/began")"
echo "ended $ended"
n=0
while [ $n -lt "$count" ]; do echo "step $(cat "$d/$n.status") $(coded "$d/$n.out"),$(coded "$d/$n.err")"; n=$((n+1)); done`
}

export function parseJob(reply: Reply): JobState {
  const lines = reply.stdout.toString('latin1').split('\n')
  const all = (word: string) =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1))
  const one = (word: string) => all(word)[0] ?? ''
  const path = Buffer.from(one('folder'), 'latin1').toString()
  const state = one('state')
  if (state !== 'ended') return { state: state as 'missing', folder: path }
  const bytes = (text = '') => Buffer.from(text, 'base64')
  return {
    state,
    folder: path,
    base: bytes(one('base')).toString(),
    began: new Date(Number(one('began')) * 1000),
    ended: new Date(Number(one('ended')) * 1000),
    replies: all('step').map((line) => {
      const [status, outputs = ''] = line.split(' ')
      const [stdout, stderr] = outputs.split(',')
      return { status: Number(status), stdout: bytes(stdout), stderr: bytes(stderr) }
    }),
  }
}

/** Takes a job's folder away; the job itself, if it still runs, goes on. */
export function removeJob(id: string): string {
  return `${folder(id)}; printf %s "$d"; rm -rf -- "$d"`
}
