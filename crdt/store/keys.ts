import { bytesToHex } from '../log/index.ts'

/** Counts in keys are fixed-width hexadecimal, so that keys sort as numbers do (FORMATS §8). */
export function hexOf(count: number, digits: number): string {
  return count.toString(16).padStart(digits, '0')
}

const deviceDigits = 4
const seqDigits = 14

/** First key after all keys that begin with `prefix`, which ends in '/'. */
export function afterPrefix(prefix: string): string {
  return `${prefix.slice(0, -1)}0`
}

/** Keys of one space; built once, because they are used in every group commit. */
export class SpaceKeys {
  readonly state: string
  readonly records: string
  readonly wraps: string
  readonly runs: string
  readonly heads: string
  readonly frontiers: string
  readonly snapshots: string
  readonly marks: string
  readonly forks: string
  readonly quarantine: string
  readonly index: string
  readonly unshown: string
  readonly aside: string
  readonly otherRuns: string
  /** Milestones by author, parts of snapshots by hash, where shortened logs begin, and what is under way (FORMATS §20). */
  readonly milestones: string
  readonly parts: string
  readonly bases: string
  readonly incoming: string
  readonly waiting: string
  /** By which projections the index was written, and what of it is being written anew (FORMATS §8). */
  readonly projections: string
  readonly renewing: string
  readonly gathered: string

  constructor(space: string) {
    this.state = `meta/space/${space}`
    this.records = `ml/${space}/`
    this.wraps = `mw/${space}/`
    this.runs = `r/${space}/`
    this.heads = `h/${space}/`
    this.frontiers = `f/${space}/`
    this.snapshots = `s/${space}/`
    this.marks = `g/${space}/`
    this.forks = `x/${space}/`
    this.quarantine = `q/${space}/`
    this.index = `i/${space}/`
    this.unshown = `u/${space}/`
    this.aside = `a/${space}/`
    this.otherRuns = `y/${space}/`
    this.milestones = `c/${space}/m/`
    this.parts = `c/${space}/p/`
    this.bases = `c/${space}/b/`
    this.incoming = `c/${space}/n`
    this.waiting = `c/${space}/w`
    this.projections = `meta/projection/${space}`
    this.renewing = `meta/renewing/${space}`
    this.gathered = `j/${space}/`
  }

  static log(twin: Uint8Array, device: number): string {
    return `${bytesToHex(twin)}/${hexOf(device, deviceDigits)}`
  }

  static seq(seq: number): string {
    return hexOf(seq, seqDigits)
  }
}
