import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { tsplayVersion } from '../base/package.ts'
import { Problem } from '../base/problem.ts'
import { PlanRecorder } from '../plan/recorder.ts'
import { digestOf, type KeptExtra, planText } from '../plan/saved-plan.ts'
import type { Session } from '../run/session.ts'
import type { Vault } from '../vault/vault.ts'
import { putFile } from './replaced-file.ts'
import { withSession } from './run.ts'
import type { RunWords } from './run-words.ts'
import { readVault } from './vault-words.ts'

/** What the words of a plan are when it is applied. Passwords are asked for again, from the same sources. */
const KEPT = [
  ...['inventory', 'limit', 'tags', 'skipTags', 'startAtTask', 'forks', 'user', 'become', 'becomeUser', 'becomeMethod'],
  ...['privateKey', 'hostKeys', 'timeout', 'askPass', 'askBecomePass', 'connectionPasswordFile', 'becomePasswordFile'],
  ...['vaultId', 'vaultPasswordFile', 'vaultPassFile', 'askVaultPass', 'askVaultPassword'],
]

/** `tsplay plan`: a dry run, kept in a file that only its owner may read. */
export async function makePlan(
  playbooks: readonly string[],
  words: RunWords & { readonly out: string },
): Promise<number> {
  const recorder = new PlanRecorder()
  const folder = process.cwd()
  const vault = await readVault(words)
  let sources: Readonly<Record<string, string>> = {}
  const exit = await withSession(
    playbooks,
    { ...words, check: true, diff: true },
    {
      recorder,
      vault,
      prepared: (session) => {
        sources = sourcesOf(session, folder)
      },
    },
  )
  if (exit !== 0) {
    process.stderr.write('No plan was kept: the dry run did not end well.\n')
    return exit
  }
  const inline = words.extraVars.filter((word) => !word.startsWith('@'))
  const text = planText({
    tsplay: tsplayVersion,
    made: new Date().toISOString(),
    folder,
    playbooks,
    words: {
      ...Object.fromEntries(
        Object.entries(words).filter(([name, value]) => KEPT.includes(name) && value !== undefined),
      ),
      // Those that may be secret leave their places.
      extraVars: words.extraVars.map((word) => (word.startsWith('@') ? word : null)),
    },
    ...(inline.length === 0 ? {} : { extra: await keptExtra(inline, vault) }),
    sources,
    events: recorder.events,
  })
  putFile(words.out, Buffer.from(text), 0o600)
  process.stderr.write(
    `\nThe plan is kept in ${words.out}. Show it: tsplay show ${words.out}. Do it: tsplay apply ${words.out}\n`,
  )
  return 0
}

/** Every file that decides what is planned: playbooks, roles, variables, inventories. */
function sourcesOf(session: Session, folder: string): Record<string, string> {
  const { options, reading, plays } = session
  const inventories = options.inventories.map((source) => resolve(folder, source)).filter((path) => existsSync(path))
  const roots = [
    ...inventories.map((path) => (statSync(path).isDirectory() ? path : dirname(path))),
    ...plays.map((play) => play.folder),
  ]
  const variables = roots.flatMap((root) => ['group_vars', 'host_vars'].map((name) => join(root, name)))
  const files = new Set([...reading.files.paths, ...[...inventories, ...variables].flatMap(filesBelow)])
  return Object.fromEntries([...files].sort().map((path) => [relative(folder, path), digestOf(path)]))
}

function filesBelow(path: string): string[] {
  if (!existsSync(path)) return []
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

/** What -e gave may be secret: it is sealed where there is a password to seal it with. */
async function keptExtra(words: readonly string[], vault: Vault): Promise<KeptExtra> {
  const text = JSON.stringify(words)
  const [password] = vault.passwords
  if (password) return { sealed: await vault.seal(text, password.label) }
  const salt = randomBytes(16)
  return { count: words.length, salt: salt.toString('hex'), scrypt: scryptSync(text, salt, 32).toString('hex') }
}

/** The -e words of a plan. Throws Problem `usage` where they must be given again, and were not. */
export function openedExtra(kept: KeptExtra | undefined, given: readonly string[], vault: Vault): readonly string[] {
  if (kept === undefined) {
    if (given.length === 0) return []
    throw new Problem('usage', 'The plan was made without -e, so it is applied without.', {
      hint: 'Plan again with it.',
    })
  }
  if ('sealed' in kept) return JSON.parse(vault.open(kept.sealed)) as string[]
  const found = scryptSync(JSON.stringify(given), Buffer.from(kept.salt, 'hex'), 32)
  if (timingSafeEqual(found, Buffer.from(kept.scrypt, 'hex'))) return given
  throw new Problem(
    'usage',
    `The plan was made with ${kept.count} -e, which it does not keep because they may be secret.`,
    {
      hint: 'Give the same ones again, in the same order; or plan with a vault password, which seals them.',
    },
  )
}
