/**
 * Why an update was refused. Two of them say nothing about the update, which is then held: `missing` (it builds on items of others that
 * are not here, though all it declares to depend on is) and `overrun` (too many steps on this document).
 */
export type RefusalReason =
  | 'version'
  | 'size'
  | 'encoding'
  | 'empty'
  | 'author'
  | 'clock'
  | 'struct'
  | 'content'
  | 'value'
  | 'key'
  | 'root'
  | 'origin'
  | 'parent'
  | 'order'
  | 'nesting'
  | 'delete'
  | 'missing'
  | 'overrun'

/** What has to be there first: the count of what a client wrote, at least. */
export interface Lack {
  readonly client: number
  readonly clock: number
}

/** Thrown inside the gate only; `gate()` turns it into a verdict. */
export class Refusal extends Error {
  readonly reason: RefusalReason
  readonly lacks: Lack | undefined

  constructor(reason: RefusalReason, message: string, lacks?: Lack) {
    super(message)
    this.name = 'Refusal'
    this.reason = reason
    this.lacks = lacks
  }
}
