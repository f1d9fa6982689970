import { equals } from 'uint8arrays/equals'
import type { Crypto } from '../../crdt/crypto/index.ts'
import { readName, textToTwin } from '../../crdt/identity/index.ts'
import { ProtocolError } from '../core/index.ts'
import type { Level, Newcomer, OfferView, offerStates, Place } from './protocol.ts'
import { commit, type LinkKind, nonceLength, type Shown, secretLength, secretToOffer, show } from './transcript.ts'

export interface OfferInit {
  readonly kind: LinkKind
  readonly level: Level
  /** ms since 1970 */
  readonly expiresAt: number
  /** Number of the device that made it */
  readonly by: number
  /** The link opens a console over plain http */
  readonly isVisit?: boolean
  /** What the owner wants to call the new device */
  readonly name?: string
  readonly twin: Uint8Array
  /** Transport key of this device */
  readonly peer: Uint8Array
  readonly crypto: Crypto
}

type State = (typeof offerStates)[number]

const open: readonly State[] = ['open', 'begun', 'waiting']

/** One link and the one try that it is good for. Whoever begins holds it; nothing that others send changes that. */
export class Offer {
  readonly id: Uint8Array
  readonly secret: Uint8Array
  readonly init: OfferInit
  state: State = 'open'
  newcomer: Newcomer | undefined
  place: Place | undefined
  shown: Shown | undefined
  number: number | undefined
  /** The digits were right, and the list is being changed: time does not end it now */
  isApproved = false
  #isContested = false
  #holder: string | undefined
  #commitment: Uint8Array | undefined
  #nonce: Uint8Array | undefined
  #change = Promise.withResolvers<void>()

  constructor(init: OfferInit) {
    this.init = init
    this.secret = init.crypto.randomBytes(secretLength)
    this.id = secretToOffer(this.secret, init.twin, init.crypto)
  }

  get isOpen(): boolean {
    return open.includes(this.state)
  }

  /** Resolves when something about it is another. */
  get changed(): Promise<void> {
    return this.#change.promise
  }

  isHeldBy(peer: string): boolean {
    return this.#holder === peer
  }

  /** Answers with this side's number. A second try is refused, of whoever: it would be a guess more. */
  begin(peer: string, commitment: Uint8Array): Uint8Array {
    if (this.#holder !== undefined) {
      this.#isContested ||= this.#holder !== peer
      this.#changed()
      throw new ProtocolError('FailedPrecondition', 'The link was used already: make a new one at your twin')
    }
    this.#holder = peer
    this.#commitment = commitment
    this.#nonce = this.init.crypto.randomBytes(nonceLength)
    this.#become('begun')
    return this.#nonce
  }

  /** @throws {ProtocolError} when it is not what was committed to; then the link is burnt */
  reveal(peer: string, nonce: Uint8Array, newcomer: Newcomer, place: Place): void {
    const { kind, twin, peer: own, level, crypto } = this.init
    if (this.state !== 'begun' || this.#nonce === undefined || this.#commitment === undefined) {
      throw new ProtocolError('FailedPrecondition', 'The link does not wait for this')
    }
    const isMeant =
      equals(commit(this.id, nonce, newcomer, crypto), this.#commitment) && equals(newcomer.transport, textToTwin(peer))
    const [name, platform] = [readLine(newcomer.name), readLine(newcomer.platform)]
    if (!isMeant || name === undefined || platform === undefined) {
      this.end('burnt')
      const why = isMeant ? notALine : 'The new device is not what it committed to'
      throw new ProtocolError('FailedPrecondition', why)
    }
    const nonces = { newcomerNonce: nonce, twinNonce: this.#nonce }
    this.shown = show(this.secret, { kind, offer: this.id, peer: own, twin, level, newcomer, ...nonces }, crypto)
    // The digits are of what was committed to; what is shown and signed has nothing hidden in it
    this.newcomer = { ...newcomer, name, platform }
    this.place = place
    this.#become('waiting')
  }

  end(state: Exclude<State, 'open' | 'begun' | 'waiting'>): void {
    if (this.isOpen) this.#become(state)
  }

  view(): OfferView {
    const { kind, level, expiresAt } = this.init
    const { newcomer, place } = this
    return {
      offer: this.id,
      state: this.state,
      level,
      expiresAt,
      ...(newcomer !== undefined &&
        place !== undefined && {
          newcomer: { name: newcomer.name, platform: newcomer.platform, role: newcomer.role, place }
        }),
      ...(kind === 'claim' && this.shown !== undefined && { words: this.shown.words }),
      ...(this.number !== undefined && { number: this.number }),
      ...(this.#isContested && { contested: true })
    }
  }

  #become(state: State): void {
    this.state = state
    this.#changed()
  }

  #changed(): void {
    this.#change.resolve()
    this.#change = Promise.withResolvers()
  }
}

export const notALine = 'A device is called by one line of at most 64 bytes, with something to be seen in it'

/** Something to be seen, on one line, that a certificate has room for. */
export function readLine(text: string): string | undefined {
  const line = readName(text)
  return line === undefined || new TextEncoder().encode(line).length > 64 ? undefined : line
}
