/** How the task's host is reached, for modules that need to say so (never a password). */
export interface ConnectionFacts {
  readonly kind: 'ssh' | 'local' | 'memory'
  readonly address: string
  readonly port: number
  readonly user: string
}
