import type { Property, Trial } from '../../engine/testing/trial.ts'
import type { Tried } from './truth-on-host.ts'

/** Something that a dry run cannot know, or that nobody wants it to say. */
export interface Exception {
  readonly modules: readonly string[]
  readonly property: Property
  /** What is seen then, each line of it. */
  readonly what: RegExp
  /** Only in these states; default all. */
  readonly states?: readonly string[]
  readonly reason: string
  /** It rests on the moment whether it is seen. */
  readonly byChance?: true
}

export const exceptions: readonly Exception[] = [
  {
    modules: ['apt', 'package'],
    property: 'named',
    what: /^\/(etc|usr|var)\//,
    reason: 'a dry run names packages: what files are in them, and what their scripts do, only they know',
  },
  {
    modules: ['dpkg_selections'],
    property: 'named',
    what: /^\/var\/lib\/dpkg\//,
    reason: "the selection is named; dpkg's database is where dpkg keeps it",
  },
  {
    modules: ['alternatives'],
    property: 'named',
    what: /^(\/etc\/alternatives|\/usr\/local\/bin|\/var\/lib\/dpkg\/alternatives|\/var\/log)\//,
    reason: 'the alternative is named; its links and its database are kept by update-alternatives',
  },
  {
    modules: ['group', 'user'],
    property: 'named',
    what: /^\/etc\/(passwd|shadow|group|gshadow|subuid|subgid)-?$/,
    reason: 'the account is named; in which files accounts are, the tools of the system know',
  },
  {
    modules: ['locale_gen'],
    property: 'named',
    what: /^\/usr\/lib\/locale\/locale-archive$/,
    reason: 'the locales are named; locale-gen keeps all of them in one archive',
  },
  {
    modules: ['cron'],
    property: 'named',
    what: /^\/var\/spool\/cron\/crontabs\//,
    reason: "the job and whose it is are named; where the user's table is, crontab knows",
  },
  {
    modules: ['service', 'systemd'],
    property: 'named',
    what: /^\/etc\/systemd\/system\/.*\.wants\//,
    reason: 'that the unit is enabled is named; with which links, systemctl knows',
  },
  {
    modules: ['cert', 'keypair', 'kubeconfig'],
    property: 'named',
    what: /^controller:\.tsplay/,
    reason: 'a dry run names what changes on hosts; what the controller keeps beside the playbook is no host',
  },
  {
    modules: ['unarchive'],
    property: 'named',
    what: /^\/var\/lib\/tsplay(\/|$)|^\/root\/\.local(\/state(\/tsplay(\/.*)?)?)?$/,
    reason: 'the files are named; the record of what was extracted is kept for the next look, and nobody else reads it',
  },
  {
    modules: ['tempfile'],
    property: 'foretold',
    what: /"\/tmp\/ansible\.[0-9a-f]{12}\.build"/,
    reason: 'the name is drawn anew by each run, so that nobody can foresee it',
  },
  {
    modules: ['tempfile'],
    property: 'named',
    what: /^\/tmp\/ansible\.[0-9a-f]{12}\.build was to change, and did not$/,
    reason: "it is made under another name, and gone again by the example's end",
  },
  {
    modules: ['get_url'],
    property: 'named',
    what: /^\/tmp\/tsplay-downloaded\.part(\/file)?$/,
    states: ['cut'],
    reason: 'what has come of a download that was cut off is kept to go on from, and goes when all of it is there',
    byChance: true,
  },
  {
    modules: ['group', 'user'],
    property: 'named',
    what: /^\/etc\/(passwd|shadow|group|gshadow|subuid|subgid)(\.lock|\.\d+|\+)$/,
    states: ['cut'],
    reason: 'useradd and its kin leave their locks when they are told to end, and the next of them takes those away',
    byChance: true,
  },
]

/** The exceptions that were met, and what is left without one. */
export interface Judged {
  readonly met: ReadonlySet<Exception>
  readonly misses: readonly Miss[]
}

export interface Miss {
  readonly module: string
  readonly title: string
  readonly trial: Trial
  readonly property: Property
  readonly lines: readonly string[]
}

export function judged(tried: readonly Tried[]): Judged {
  const met = new Set<Exception>()
  const misses = tried.flatMap(({ module, title, trials }) =>
    trials.flatMap((trial) =>
      Object.entries(trial.broken).flatMap(([name, lines]): Miss[] => {
        const property = name as Property
        const left = lines.filter((line) => {
          const exception = exceptions.find((one) => fits(one, module, trial, property) && one.what.test(line))
          if (exception) met.add(exception)
          return !exception
        })
        return left.length > 0 ? [{ module, title, trial, property, lines: left }] : []
      }),
    ),
  )
  return { met, misses }
}

function fits({ modules, property, states }: Exception, module: string, { state }: Trial, broken: Property): boolean {
  return modules.includes(module) && property === broken && (states?.includes(state) ?? true)
}
