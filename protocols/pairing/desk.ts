import { equals } from 'uint8arrays/equals'
import { type Clock, ProtocolError } from '../core/index.ts'
import { Offer, type OfferInit } from './offer.ts'
import { maxOffers } from './protocol.ts'

/** Links that are over and can still be asked about */
const maxKept = 16

/** The links that were made here. They live in memory only: a restart burns them, and what they let in is on the device list. */
export class Desk {
  readonly #clock: Clock
  readonly #now: () => number
  readonly #offers: Offer[] = []
  readonly #timers: (() => void)[] = []

  /** @param now ms since 1970: timers stand still while a machine sleeps, links do not */
  constructor(clock: Clock, now: () => number) {
    this.#clock = clock
    this.#now = now
  }

  /** @throws {ProtocolError} `FailedPrecondition` when there are too many */
  open(init: OfferInit, lifetimeMs: number): Offer {
    if (this.list().length >= maxOffers) {
      throw new ProtocolError('FailedPrecondition', `${maxOffers} links are open: use one, or refuse it`)
    }
    const offer = new Offer(init)
    this.#offers.push(offer)
    while (this.#offers.length > maxKept)
      this.#offers.splice(
        this.#offers.findIndex(old => !old.isOpen),
        1
      )
    const expire = () => {
      if (!offer.isApproved) offer.end('expired')
    }
    this.#timers.push(this.#clock.after(lifetimeMs, expire, { background: true }))
    if (this.#timers.length > maxKept) this.#timers.splice(0, 1)[0]?.()
    return offer
  }

  list(): Offer[] {
    for (const offer of this.#offers) if (!offer.isApproved && offer.init.expiresAt <= this.#now()) offer.end('expired')
    return this.#offers.filter(({ isOpen }) => isOpen)
  }

  /** Open or over. @throws {ProtocolError} `NotFound` */
  need(id: Uint8Array): Offer {
    const offer = this.#offers.find(known => equals(known.id, id))
    if (offer === undefined) throw new ProtocolError('NotFound', 'No such link is open')
    return offer
  }

  /** For whoever comes with a link: one that is over is none. */
  needOpen(id: Uint8Array): Offer {
    const offer = this.need(id)
    if (!this.list().includes(offer)) throw new ProtocolError('NotFound', 'No such link is open')
    return offer
  }

  stop(): void {
    for (const callOff of this.#timers.splice(0)) callOff()
    for (const offer of this.list()) offer.end('expired')
  }
}
