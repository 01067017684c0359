import { pathToFileURL } from 'node:url'

/** Loads a file that a user wrote. A file of its own, for the build leaves the import in here alone: see spec/package/build.ts. */
export const importFile = (file: string): Promise<unknown> => import(/* real-import */ pathToFileURL(file).href)
