// The sealed network: a namespace with a bridge, no route outside.
import { existsSync } from 'node:fs'
import { attempt, command, type Outcome } from './command.ts'
import { bridge, gateway, namespace, namespaceFile } from './places.ts'

/** Makes the namespace and its bridge, or what is missing of them. */
export async function raiseNetwork(): Promise<void> {
  if (existsSync(namespaceFile) && (await inside(['true'])).status !== 0) {
    // the mark of a namespace that went with a reboot
    await attempt(['ip', 'netns', 'delete', namespace])
  }
  if (!existsSync(namespaceFile)) await command(['ip', 'netns', 'add', namespace])
  const ip = (...words: string[]) => command(['ip', '-n', namespace, ...words])
  await ip('link', 'set', 'lo', 'up')
  if ((await attempt(['ip', '-n', namespace, 'link', 'show', bridge])).status !== 0) {
    await ip('link', 'add', bridge, 'type', 'bridge')
  }
  await ip('addr', 'replace', `${gateway}/24`, 'dev', bridge)
  await ip('link', 'set', bridge, 'up')
  // without a route outside, this only makes what tries to get out fail at once instead of waiting
  await inside(['sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward'])
}

export async function dropNetwork(): Promise<void> {
  if (existsSync(namespaceFile)) await attempt(['ip', 'netns', 'delete', namespace])
}

/** Runs a command in the lab's network and nothing else of the lab's. */
export function inside(words: string[]): Promise<Outcome> {
  return attempt(['nsenter', `--net=${namespaceFile}`, ...words])
}

/** Whether something at address:port greets with `greeting` within `seconds`. */
export async function greets(address: string, port: number, greeting: string, seconds: number): Promise<boolean> {
  const ask = `exec 3<>/dev/tcp/${address}/${port} && read -r -t 2 -u 3 line && [[ $line == ${greeting}* ]]`
  const script = `
    end=$((SECONDS + ${seconds}))
    until timeout 2 bash -c '${ask}' 2>/dev/null; do
      ((SECONDS < end)) || exit 1
      sleep 0.05
    done`
  return (await inside(['bash', '-c', script])).status === 0
}
