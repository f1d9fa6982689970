import { domainPrefix } from '../bytes.ts'
import { decode, encode } from '../codec.ts'
import { asBytes, asList, asUint, type LogId } from '../log/index.ts'
import { type Batch, SpaceKeys } from '../store/index.ts'
import { EarlyClaims } from './early-claims.ts'
import type { DurableClaim } from './replica.ts'
import type { SpaceContext } from './space-context.ts'
import type { SpaceLog } from './space-log.ts'

const durableDomain = domainPrefix('twinmesh/durable/1')

/** What a device signs after an entry is on its synced storage (FORMATS §9). */
export function durablePreimage(space: Uint8Array, by: LogId, log: LogId, seq: number, hash: Uint8Array): Uint8Array {
  const body = encode([space, by.twin, by.device, log.twin, log.device, seq, hash])
  const message = new Uint8Array(durableDomain.length + body.length)
  message.set(durableDomain)
  message.set(body, durableDomain.length)
  return message
}

/** Who holds what: the newest signed claim of each device about each log. */
export class Durability {
  readonly #context: SpaceContext
  /** By log, then by device that claims. */
  readonly #claims = new Map<string, Map<string, DurableClaim>>()
  /** Not written yet: losing them in a crash costs one more exchange, so they wait for the next batch. */
  readonly #unwritten = new Set<DurableClaim>()
  readonly #early = new EarlyClaims()

  constructor(context: SpaceContext) {
    this.#context = context
  }

  async load(): Promise<void> {
    const { store, keys } = this.#context
    const stored: DurableClaim[] = []
    for await (const [, value] of store.under(keys.frontiers)) {
      const claim = readClaim(value)
      if (claim !== undefined) stored.push(claim)
    }
    // After a failed write: claims that did not reach the disk are true, and peers do not tell them twice in a session
    const known = this.all()
    this.#claims.clear()
    for (const claim of stored) this.#note(claim)
    this.#unwritten.clear()
    for (const claim of known) this.#note(claim)
  }

  get hasUnwritten(): boolean {
    return this.#unwritten.size > 0
  }

  write(batch: Batch): void {
    for (const claim of this.#unwritten) {
      const { by, log, seq, signature } = claim
      const key = `${this.#context.keys.frontiers}${keyOf(by)}/${keyOf(log)}`
      batch.put(key, encode([by.twin, by.device, log.twin, log.device, seq, signature]))
    }
    this.#unwritten.clear()
  }

  all(): DurableClaim[] {
    return [...this.#claims.values()].flatMap(claims => [...claims.values()])
  }

  /** Claims about one log. */
  of(log: LogId): Iterable<DurableClaim> {
    return this.#claims.get(keyOf(log))?.values() ?? []
  }

  /** Whether this device has signed that it holds the log so far. */
  hasSigned(log: SpaceLog, seq: number): boolean {
    const { me } = this.#context
    return (this.#claims.get(log.key)?.get(keyOf(me))?.seq ?? 0) >= seq
  }

  /** Signs that this device holds the log up to an entry that was just synced. */
  async sign(log: SpaceLog, seq: number, hash: Uint8Array): Promise<DurableClaim> {
    const { me, id } = this.#context
    const by = { twin: me.twin, device: me.device }
    const signature = await me.signer.sign(durablePreimage(id, by, log.id, seq, hash))
    const claim = { by, log: log.id, seq, signature }
    this.#note(claim)
    return claim
  }

  /** Those of the claims that are true and new. Claims about what is not here yet wait for `retry`, apart by the twin that told them. */
  async receive(claims: readonly DurableClaim[], from: LogId): Promise<DurableClaim[]> {
    return this.#noteNew(await this.#trueOf(newestOf(claims), from.twin))
  }

  get hasEarly(): boolean {
    return !this.#early.isEmpty
  }

  /** The same for those that were early: call it when logs have grown. What cannot be looked at waits on. */
  async retry(): Promise<DurableClaim[]> {
    const found: DurableClaim[] = []
    const early = this.#early.take()
    try {
      for (const { teller, claims } of early) found.push(...(await this.#trueOf(claims.values(), teller)))
    } catch (cause) {
      for (const { teller, claims } of early) for (const claim of claims.values()) this.#early.put(teller, claim)
      throw cause
    }
    return this.#noteNew(found)
  }

  async #trueOf(claims: Iterable<DurableClaim>, teller: Uint8Array): Promise<DurableClaim[]> {
    const { logs, membership } = this.#context
    const isMember = membership.view?.numberOf(teller) !== undefined
    const found: DurableClaim[] = []
    for (const claim of claims) {
      if ((this.#known(claim)?.seq ?? -1) >= claim.seq) continue
      const log = logs.find(claim.log)
      if (log === undefined || claim.seq > log.durable) {
        if (isMember) this.#early.put(teller, claim)
      } else if (await this.#isTrue(claim, log)) found.push(claim)
    }
    return found
  }

  /** In one go with what they are told for: one that was noted is no news any more. */
  #noteNew(claims: readonly DurableClaim[]): DurableClaim[] {
    return claims.filter(claim => this.#note(claim))
  }

  /** Up to where a device says to hold a log, also beyond what is here. */
  signedBy(by: LogId, log: LogId): number {
    const known = this.#claims.get(keyOf(log))?.get(keyOf(by))?.seq ?? 0
    return Math.max(known, this.#early.saidBy(by, log))
  }

  async #isTrue({ by, log, seq, signature }: DurableClaim, held: SpaceLog): Promise<boolean> {
    const { logs, id, crypto, directory, membership } = this.#context
    if (membership.view?.numberOf(by.twin) === undefined) return false
    const device = directory.get(by.twin)?.device(by.device)
    const hash = seq > 0 ? await logs.hashAt(held, seq) : undefined
    if (device === undefined || hash === undefined) return false
    return crypto.verify(device.certificate.signing, durablePreimage(id, by, log, seq, hash), signature)
  }

  #known({ by, log }: DurableClaim): DurableClaim | undefined {
    return this.#claims.get(keyOf(log))?.get(keyOf(by))
  }

  /** Whether it says more than what is known. */
  #note(claim: DurableClaim): boolean {
    const log = keyOf(claim.log)
    const claims = this.#claims.get(log) ?? new Map<string, DurableClaim>()
    const known = this.#known(claim)
    if (known !== undefined && known.seq >= claim.seq) return false
    if (known !== undefined) this.#unwritten.delete(known)
    claims.set(keyOf(claim.by), claim)
    this.#claims.set(log, claims)
    this.#unwritten.add(claim)
    return true
  }
}

/** Sessions name the same few logs all the time. */
const names = new WeakMap<LogId, string>()

function keyOf(log: LogId): string {
  let name = names.get(log)
  if (name === undefined) {
    name = SpaceKeys.log(log.twin, log.device)
    names.set(log, name)
  }
  return name
}

function newestOf(claims: readonly DurableClaim[]): Iterable<DurableClaim> {
  if (claims.length < 2) return claims
  const newest = new Map<string, DurableClaim>()
  for (const claim of claims) {
    const key = `${keyOf(claim.by)}/${keyOf(claim.log)}`
    const known = newest.get(key)
    if (known === undefined || known.seq < claim.seq) newest.set(key, claim)
  }
  return newest.values()
}

function readClaim(value: Uint8Array): DurableClaim | undefined {
  try {
    const [byTwin, byDevice, twin, device, seq, signature] = asList(decode(value), 6)
    return {
      by: { twin: asBytes(byTwin, 32), device: asUint(byDevice, 0xffff) },
      log: { twin: asBytes(twin, 32), device: asUint(device, 0xffff) },
      seq: asUint(seq),
      signature: asBytes(signature, 64)
    }
  } catch {
    return undefined
  }
}
