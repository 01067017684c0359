import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'ssh2'

/** The floor: connect, open one shell, and make the same number of round trips; nothing else. `floor.ts TRIPS ADDRESS…` */
const [trips = '4', ...addresses] = process.argv.slice(2)
const privateKey = readFileSync(join(homedir(), '.ssh', 'id_ed25519'))

function visit(host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const client = new Client()
    client.on('error', reject)
    client.on('ready', () => {
      client.exec('exec sh', (error, stream) => {
        if (error) return reject(error)
        let left = Number(trips)
        stream.stderr.resume()
        stream.on('data', () => {
          if (--left > 0) stream.write('echo x\n')
          else client.end()
        })
        stream.write('echo x\n')
      })
    })
    client.on('close', () => resolve())
    // a thousand at once take longer than ssh2's twenty seconds for the last of them
    client.connect({ host, username: 'root', privateKey, readyTimeout: 120_000 })
    client.setNoDelay(true)
  })
}

await Promise.all(addresses.map(visit))
