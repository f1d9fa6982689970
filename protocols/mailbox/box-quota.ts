import { ProtocolError } from '../core/index.ts'
import type { HeldParcel, HostedBox } from './hosted-box.ts'
import type { MailboxLimits } from './limits.ts'
import { maxKnockBytes } from './protocol.ts'

/** What may still be left in a box. Throws `ResourceExhausted` when there is no room, else answers what is replaced. */
export class BoxQuota {
  readonly #limits: MailboxLimits
  readonly #now: () => number
  #knocksLeft: number
  #knocksAt: number

  constructor(limits: MailboxLimits, now: () => number) {
    this.#limits = limits
    this.#now = now
    this.#knocksLeft = limits.mailboxKnockRate
    this.#knocksAt = now()
  }

  admit(boxes: Iterable<HostedBox>, box: HostedBox, size: number, token: string): HeldParcel[] {
    const { mailboxBytes, mailboxBoxBytes, mailboxTokenBytes, mailboxParcels } = this.#limits
    let [bytes, parcels] = [0, 0]
    for (const other of boxes) {
      bytes += other.bytes
      parcels += other.parcels.size
    }
    const isFull =
      bytes + size > mailboxBytes ||
      parcels >= mailboxParcels ||
      box.bytes + size > mailboxBoxBytes ||
      box.bytesBy(token) + size > mailboxTokenBytes
    if (isFull) throw full()
    return []
  }

  /** One a peer, so that who knocks again takes no second place. */
  admitKnock(box: HostedBox, size: number, peer: string): HeldParcel[] {
    const { mailboxKnocks, mailboxKnockRate } = this.#limits
    if (size > maxKnockBytes) throw new ProtocolError('TooLarge', `A knock is at most ${maxKnockBytes} bytes`)
    const knocks = box.knocks()
    const replaced = knocks.filter(knock => knock.peer === peer)
    if (knocks.length - replaced.length >= mailboxKnocks) throw full()
    const now = this.#now()
    const refill = (Math.max(0, now - this.#knocksAt) * mailboxKnockRate) / 60_000
    this.#knocksLeft = Math.min(mailboxKnockRate, this.#knocksLeft + refill)
    this.#knocksAt = now
    if (this.#knocksLeft < 1) throw full()
    this.#knocksLeft--
    return replaced
  }
}

export function full(): ProtocolError {
  return new ProtocolError('ResourceExhausted', 'There is no room for it now')
}
