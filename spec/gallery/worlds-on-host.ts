// Plays the cases of worlds/ on a lab host, from inside the lab's network: `worlds-on-host.ts HOST` prints a line of JSON each.
import { connect, settingsFrom } from '../../engine/wire/settings.ts'
import { mistakes, planted, worldsFolder } from './mistake.ts'
import { told } from './told.ts'

export interface WorldOutcome {
  readonly name: string
  readonly status: number
  readonly said: string
  /** What a look at the host says afterwards. */
  readonly left: string
  /** Files of ours that were left behind. */
  readonly remains: string
}

const [host = ''] = process.argv.slice(2)
if (process.argv[1]?.endsWith('worlds-on-host.ts')) {
  const connection = connect(settingsFrom(host, (name) => (name === 'ansible_user' ? 'root' : undefined)))
  await connection.open()
  const asked = async (script: string) => (await connection.run([{ script }]))[0]!.stdout.toString()
  const inventory = `world: {hosts: {${host}: {}}, vars: {ansible_user: root, ansible_become_password: ${planted}}}\n`
  try {
    for (const world of mistakes(worldsFolder)) {
      await asked(world.prepare)
      const ended = await told({ ...world, files: { ...world.files, 'inventory.yml': inventory } })
      const { status } = ended
      const said = ended.said.replace(/process \d+/g, 'process «number»')
      const left = await asked(world.look)
      const remains = await asked('find /srv /etc /tmp /mnt /root /home -name "*.tsplay-*" 2>/dev/null')
      process.stdout.write(
        `${JSON.stringify({ name: world.name, status, said, left, remains } satisfies WorldOutcome)}\n`,
      )
    }
  } finally {
    await connection.close()
  }
}
