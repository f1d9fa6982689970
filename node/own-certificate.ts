import { equals } from 'uint8arrays/equals'
import { type DeviceDirectory, twinToText } from '../crdt/identity/index.ts'
import type { Caller } from '../protocols/core/index.ts'

export interface OwnCertificateInit {
  readonly me: { readonly twin: Uint8Array; readonly transport: Uint8Array }
  readonly directory: DeviceDirectory
}

/** What the connected peers think of this device's certificate, and who has to see it again once it is renewed. */
export class OwnCertificate {
  readonly #init: OwnCertificateInit
  readonly #refusing = new Set<string>()
  #presented: Uint8Array | undefined

  constructor(init: OwnCertificateInit) {
    this.#init = init
    this.#presented = this.#read()
  }

  /** To be told what each hello was answered with. */
  answered(peer: string, refused: 'expired' | undefined): void {
    if (refused === undefined) this.#refusing.delete(peer)
    else this.#refusing.add(peer)
  }

  disconnected(peer: string): void {
    this.#refusing.delete(peer)
  }

  /** Connected peers that do not let this device in, because its certificate has run out. */
  refusing(): string[] {
    return [...this.#refusing]
  }

  /**
   * To be told that the own list has changed. Answers to whom hello is to be said again: to everybody when this device's certificate is
   * another one, else to own devices that were strangers by the old list.
   */
  listChanged(callers: ReadonlyMap<string, Caller>): string[] {
    const certificate = this.#read()
    const isSame = certificate === undefined || (this.#presented !== undefined && equals(certificate, this.#presented))
    this.#presented = certificate
    const own = twinToText(this.#init.me.twin)
    return [...callers].flatMap(([peer, { class: known, twin }]) =>
      !isSame || (known === 'stranger' && twin === own) ? [peer] : []
    )
  }

  #read(): Uint8Array | undefined {
    const { directory, me } = this.#init
    return directory.get(me.twin)?.byTransport(me.transport)?.certificate.bytes
  }
}
