import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { Problem } from '../base/problem.ts'
import type { Masker } from '../base/secret.ts'
import { TouchedUnknown, Unknown } from '../base/unknown.ts'
import type { Node } from '../lang/node.ts'
import type { Layer, OpenVault } from '../lang/scope.ts'
import { openSealedFile, type Unseal } from '../lang/yaml-file.ts'
import { isSealed } from '../vault/sealed-text.ts'
import { Vault } from '../vault/vault.ts'
import { Deferred } from './deferred.ts'

/**
 * Sealed values of a run: opened when they are needed, masked from then on.
 *
 * Opening takes some milliseconds of pure work, and whoever needs a value cannot wait. So the preflight notes what it
 * would need (`deferring`), all of that is opened in threads, and it looks again; by the time hosts are connected to,
 * what they will need is there.
 */
export class SealedValues implements Unseal {
  readonly vault: Vault
  readonly #masker: Masker
  #wanted: Set<string> | undefined
  /** Texts that somebody needed. */
  readonly #used = new Set<string>()

  constructor(vault: Vault = new Vault(), masker: Masker) {
    this.vault = vault
    this.#masker = masker
  }

  /** Hand this to scopes. */
  readonly openVault: OpenVault = (text) => {
    this.#used.add(text)
    if (this.#wanted && this.vault.passwords.length > 0 && !this.vault.isOpen(text)) {
      this.#wanted.add(text)
      throw new TouchedUnknown(new Unknown('a sealed value'))
    }
    return this.open(text)
  }

  open(text: string): string {
    const opened = this.vault.open(text)
    this.#masker.add(opened)
    return opened
  }

  /** What is wrong with a file of the controller that is sealed: nothing where it can be opened. */
  problemsOf(name: string, path: string): Problem[] {
    if (!statSync(path).isFile() || !isSealedFile(path)) return []
    try {
      this.openFile(name, readFileSync(path, 'latin1'))
      return []
    } catch (thrown) {
      if (thrown instanceof Problem) return [thrown]
      throw thrown
    }
  }

  /** The bytes of a sealed file, whose lines are secrets from now on. Throws Problem `vault` at its first line. */
  openFile(name: string, text: string): Buffer {
    const plain = openSealedFile(name, text, this)
    this.#masker.add(plain)
    return this.vault.openBytes(text)
  }

  secret(text: string): void {
    this.#masker.add(text)
  }

  /** Does work until it needs no sealed value that is not open: each time round, those it asked for are opened in threads. */
  async opening<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      this.#wanted = new Set()
      let done: T
      let wanted: ReadonlySet<string>
      try {
        done = await work()
      } finally {
        wanted = this.#wanted
        this.#wanted = undefined
      }
      if (wanted.size === 0) return done
      await this.vault.openAhead(wanted)
    }
  }

  /** Variables of the names that were needed already, on other hosts: their sealed values are opened in threads. */
  async openAlike(layers: () => Iterable<Layer>): Promise<void> {
    if (this.#used.size === 0) return
    const all = [...new Set(layers())]
    const names = new Set(
      all.flatMap(({ variables }) =>
        [...variables].filter(([, set]) => 'node' in set && this.#holdsUsed(set.node)).map(([name]) => name),
      ),
    )
    const texts = all.flatMap(({ variables }) =>
      [...variables].flatMap(([name, set]) => (names.has(name) && 'node' in set ? sealedTexts(set.node) : [])),
    )
    await this.vault.openAhead(texts)
  }

  /** What include_vars has read: sealed values in it are opened in threads. */
  async openAhead(values: Readonly<Record<string, unknown>>): Promise<void> {
    if (this.vault.passwords.length === 0) return
    const nodes = Object.values(values).filter((value) => value instanceof Deferred)
    await this.vault.openAhead(nodes.flatMap(({ node }) => sealedTexts(node)))
  }

  #holdsUsed(node: Node): boolean {
    return sealedTexts(node).some((text) => this.#used.has(text))
  }
}

/** Every `!vault` text in a value. */
export function sealedTexts(node: Node): string[] {
  if (node.kind === 'vault') return [node.text]
  if (node.kind === 'seq') return node.items.flatMap(sealedTexts)
  return node.kind === 'map' ? node.pairs.flatMap((pair) => sealedTexts(pair.value)) : []
}

/** Sources may be large: their first bytes tell. */
function isSealedFile(path: string): boolean {
  const fd = openSync(path, 'r')
  try {
    const head = Buffer.alloc(16)
    readSync(fd, head, 0, head.length, 0)
    return isSealed(head)
  } finally {
    closeSync(fd)
  }
}
