import { accessSync, constants } from 'node:fs'

/** Whether a file can be run; what cannot is read instead. */
export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
