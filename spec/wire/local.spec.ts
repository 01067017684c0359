import { mkdtempSync, rmSync } from 'node:fs'
import { LocalConnection } from '../../engine/wire/local.ts'
import { connectionContract } from './connection.contract.ts'

describe('local connection', () => {
  const folder = mkdtempSync('/tmp/tsplay-local-')
  const connection = new LocalConnection('localhost')

  after(async () => {
    await connection.close()
    rmSync(folder, { recursive: true })
  })

  connectionContract(async () => {
    await connection.open()
    return { connection, folder }
  })
})
