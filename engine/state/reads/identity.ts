import { Problem } from '../../base/problem.ts'
import { defineRead } from '../read.ts'

/** Who the task acts as on the host: whom a new file belongs to. */
export interface Identity {
  user: string
  group: string
  home: string
}

/** Asked once a user and host, and kept. The key is always ''. */
export const identity = defineRead<'', Identity>({
  name: 'identity',
  key: () => '',
  items: () => [`id -un; id -gn; printf '%s' "$HOME"`],
  builtins: () => true,
  // A process that runs has the numbers it was started with.
  lasting: true,
  parse: (replies, asks) => {
    const [user, group, ...home] = replies[0]!.stdout.toString('utf8').split('\n')
    const answer = group
      ? { user: user!, group, home: home.join('\n') }
      : new Problem(
          'task-failed',
          `The host does not say who the user is: ${replies[0]!.stderr.toString('utf8').trim()}`,
        )
    return asks.map(() => answer)
  },
})
