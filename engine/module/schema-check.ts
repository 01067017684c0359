import { Ajv2020, type Options, type ValidateFunction } from 'ajv/dist/2020.js'
import * as formats from './parameter-formats.ts'

/** How parameters are checked, whether the check is made now or by the build. */
export const checkOptions: Options = {
  allErrors: true,
  strict: false,
  verbose: true,
  useDefaults: true,
  formats: { ...formats },
  logger: false,
  validateSchema: false,
}

// A schema is asked a few times: making its check smaller takes longer than it saves.
const ajv = new Ajv2020({ ...checkOptions, code: { optimize: false } })
const checks = new WeakMap<object, ValidateFunction>()

/** Fills in defaults, and says whether all is right; if not, `errors` are there until the next call. */
export function checkOf(schema: object): ValidateFunction {
  let check = checks.get(schema)
  if (!check) {
    check = ajv.compile(schema)
    checks.set(schema, check)
  }
  return check
}

/** The check of this schema was made before: to make one takes longer than to use it. */
export function useCheck(schema: object, check: ValidateFunction): void {
  checks.set(schema, check)
}
