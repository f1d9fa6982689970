import { equals } from 'uint8arrays/equals'
import { type Device, type DeviceDirectory, isDueForRenewal, renewCertificate } from '../crdt/identity/index.ts'
import type { Me } from '../crdt/index.ts'
import { type Clock, type Logger, systemClock } from '../protocols/core/index.ts'

export interface CertificateRenewalInit {
  readonly me: Pick<Me, 'twin' | 'signer'>
  readonly directory: DeviceDirectory
  readonly log: Logger
  /** When to look again */
  readonly clock?: Clock
  /** ms since 1970 */
  readonly now?: () => number
}

/** Certificates are good for years: looking this often costs nothing and leaves no device waiting for long. */
export const renewalPauseMs = 3_600_000

/**
 * Renews the certificates of all live devices of the twin, this one's too, while this device keeps the list: from when a third of their
 * life is left, and after they ran out, because a device that was off for long is still the owner's until it is revoked. The others get
 * theirs with the list.
 */
export class CertificateRenewal {
  readonly #init: CertificateRenewalInit
  readonly #clock: Clock
  readonly #now: () => number
  #looking: Promise<void> = Promise.resolve()
  #isStopped = false
  #undo: (() => void)[] = []

  constructor(init: CertificateRenewalInit) {
    this.#init = init
    this.#clock = init.clock ?? systemClock
    this.#now = init.now ?? Date.now
  }

  /** Resolves when what is due now was renewed. */
  async start(): Promise<void> {
    const { directory, me } = this.#init
    // A take-over may have made this device the keeper
    const ignore = directory.onChange(({ list }) => {
      if (equals(list.twin, me.twin)) this.#look()
    })
    this.#undo = [ignore, this.#lookLater()]
    this.#look()
    await this.#looking
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    for (const undo of this.#undo.splice(0)) undo()
    await this.#looking
  }

  #lookLater(): () => void {
    return this.#clock.after(
      renewalPauseMs,
      () => {
        if (this.#isStopped) return
        this.#undo[1] = this.#lookLater()
        this.#look()
      },
      { background: true }
    )
  }

  #look(): void {
    this.#looking = this.#looking
      .then(() => this.#renewDue())
      .catch(error => this.#init.log.error('Certificates were not renewed: %o', error))
  }

  async #renewDue(): Promise<void> {
    for (;;) {
      const due = this.#due()
      if (due === undefined || this.#isStopped) return
      await this.#renew(due.number)
    }
  }

  #due(): Device | undefined {
    const { directory, me } = this.#init
    const list = directory.get(me.twin)
    const isKeeper = list?.keeper !== undefined && equals(list.keeper, me.signer.publicKey)
    if (!isKeeper || list.proof !== undefined) return undefined
    const now = this.#now()
    return list.devices().find(({ number, certificate }) => {
      return !list.isRevoked(number) && certificate.issued < now && isDueForRenewal(certificate, now)
    })
  }

  async #renew(number: number): Promise<void> {
    const { directory, me } = this.#init
    await directory.decide(me.twin, async list => {
      const device = list.device(number)
      // What was due may have been revoked while others were decided
      if (device === undefined || list.isRevoked(number)) return
      const at = this.#now()
      await list.renew(await renewCertificate(device.certificate, me.signer, { at }), me.signer, at)
    })
  }
}
