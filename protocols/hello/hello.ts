import { equals } from 'uint8arrays/equals'
import type { Crypto } from '../../crdt/crypto/index.ts'
import {
  type DeviceDirectory,
  type DeviceList,
  type Head,
  type TwinHead,
  textToTwin,
  twinToText
} from '../../crdt/identity/index.ts'
import {
  type CallContext,
  type Caller,
  type CallerClass,
  type Channel,
  type Clock,
  createClient,
  type Logger,
  ProtocolError,
  type schema,
  silentLogger,
  systemClock
} from '../core/index.ts'
import { judge, type Presented, readPresented } from './presented.ts'
import { type HelloHead, type HelloHeads, helloProtocol, helloTimeoutMs, maxHeads, maxInlineBytes } from './protocol.ts'

type PresentRequest = schema.Output<typeof helloProtocol.methods.present.request>
type PresentResponse = schema.Output<typeof helloProtocol.methods.present.response>
type DevicesRequest = schema.Output<typeof helloProtocol.methods.devices.request>
type DevicesResponse = schema.Output<typeof helloProtocol.methods.devices.response>
type HelloClient = ReturnType<typeof createClient<typeof helloProtocol>>
type MaybePromise<T> = T | Promise<T>

/** What of a connection hello looks at: whom the channel has authenticated. */
export interface HelloConnection {
  readonly remotePeer: { toString(): string }
}

export interface HelloInit {
  /** This device; its twin's list is in the directory and names it */
  readonly me: { readonly twin: Uint8Array; readonly transport: Uint8Array }
  readonly directory: DeviceDirectory
  readonly crypto: Crypto
  /** What another twin is to us. Asked at every call, so that a block acts at once. */
  readonly classOf: (twin: Uint8Array) => MaybePromise<Exclude<CallerClass, 'owner' | 'experience'>>
  /** Other twins that this one knows as we do, such as members of spaces with it: only of these are lists told. Default none. */
  readonly sharedWith?: (twin: Uint8Array) => MaybePromise<readonly Uint8Array[]>
  /** Ends all connections with a peer whose device is revoked */
  readonly closePeer: (peer: string) => void
  /** A channel to whoever called us, to fetch lists that it has newer. Default: they come with the next sync. */
  readonly channelTo?: (peer: string) => Channel
  /** ms since 1970 */
  readonly now?: () => number
  readonly clock?: Clock
  readonly log?: Logger
}

interface Arrival {
  readonly promise: Promise<void>
  readonly resolve: () => void
}

/**
 * Knows who is at the other end of each connection. One hello counts for all connections with a peer id, because the
 * channel proves the peer id and the certificate binds it to a device.
 */
export class Hello {
  readonly #init: HelloInit
  readonly #now: () => number
  readonly #clock: Clock
  readonly #log: Logger
  readonly #presented = new Map<string, Presented>()
  /** Peers whose hello is or was waited for */
  readonly #arrivals = new Map<string, Arrival>()
  readonly #stopWatching: () => void

  constructor(init: HelloInit) {
    this.#init = init
    this.#now = init.now ?? Date.now
    this.#clock = init.clock ?? systemClock
    this.#log = init.log ?? silentLogger
    this.#stopWatching = init.directory.onChange(({ list }) => this.#closeRevoked(list))
  }

  /** Stops watching for revocations. */
  stop(): void {
    this.#stopWatching()
    for (const { resolve } of this.#arrivals.values()) resolve()
  }

  /** Caller of hello's own streams, which cannot wait for hello: a stranger with a peer id. */
  peerOf(connection: HelloConnection): Caller {
    return { class: 'stranger', peer: connection.remotePeer.toString() }
  }

  /**
   * Who calls over a connection. Waits at most 5 s for its hello, unless a kept list names the peer as a device; then it is a
   * stranger. Never rejects.
   */
  async callerOf(connection: HelloConnection): Promise<Caller> {
    const peer = connection.remotePeer.toString()
    if (!this.#isKnown(peer)) await this.#arrival(peer).promise
    return this.#identify(peer)
  }

  /** To be called when the last connection with a peer has closed. */
  disconnected(peer: string): void {
    this.#presented.delete(peer)
    this.#arrivals.get(peer)?.resolve()
    this.#arrivals.delete(peer)
  }

  /** Puts the list that a stranger presented into the directory: it has become somebody to us. Answers whether it is there. */
  async keep(twin: Uint8Array): Promise<boolean> {
    const list = this.listOf(twin)
    if (list !== undefined) await this.#keep(list)
    return this.#init.directory.get(twin) !== undefined
  }

  /** The list of a connected twin, kept or only presented. */
  listOf(twin: Uint8Array): DeviceList | undefined {
    const kept = this.#init.directory.get(twin)
    if (kept !== undefined) return kept
    for (const { list } of this.#presented.values()) if (list !== undefined && equals(list.twin, twin)) return list
    return undefined
  }

  /**
   * Says hello; whoever dialled does so once a connection. Answers who was reached.
   *
   * @throws {ProtocolError} when the peer does not answer, or not with a certificate of its own
   */
  async greet(peer: string, channel: Channel, options?: { signal?: AbortSignal }): Promise<Caller> {
    const client = createClient(helloProtocol, channel)
    try {
      const believed = this.#listFor(peer)
      const response = await client.present(
        {
          ...(await this.#presentation(believed?.twin)),
          have: believed?.head && toHelloHead(believed.head)
        },
        options
      )
      const caller = await this.#admit(peer, response)
      await this.#fetch(client, caller, response, options)
      return caller
    } finally {
      this.#arrival(peer).resolve()
      await client.close()
    }
  }

  /** Method of the contract. */
  async present(request: PresentRequest, { caller: { peer } }: CallContext): Promise<PresentResponse> {
    if (peer === undefined) throw new ProtocolError('InvalidArgument', 'Hello needs a channel with a peer id')
    const caller = await this.#admit(peer, request)
    this.#fetchBack(peer, caller, request)
    // Only to somebody who has proved who it is are other lists named
    return this.#presentation(caller.twin === undefined ? undefined : textToTwin(caller.twin), request.have)
  }

  /** Method of the contract. */
  async devices({ twin, have }: DevicesRequest, { caller: { peer } }: CallContext): Promise<DevicesResponse> {
    const list = this.#init.directory.get(twin)
    if (list === undefined || peer === undefined || !(await this.#mayKnow(peer, twin))) {
      throw new ProtocolError('NotFound', 'No device list of this twin for you')
    }
    const records = list.since(have && toHead(have))
    const fitting = firstBytes(records, maxInlineBytes)
    return { records: fitting, more: fitting.length < records.length }
  }

  async #mayKnow(peer: string, twin: Uint8Array): Promise<boolean> {
    if (equals(twin, this.#init.me.twin)) return true
    const caller = await this.#identify(peer)
    if (caller.twin === undefined) return false
    const shared = await this.#sharedWith(textToTwin(caller.twin))
    return shared.some(known => equals(known, twin))
  }

  /** Believes a presentation or throws for the peer to read. */
  async #admit(peer: string, { certificate, records }: PresentResponse): Promise<Caller> {
    let presented: Presented
    try {
      presented = await readPresented(peer, certificate, records, this.#init)
    } catch (cause) {
      this.#log.debug('Hello of %s is not believed: %o', peer, cause)
      throw new ProtocolError('InvalidArgument', 'The certificate is not valid for this peer', { cause })
    }
    this.#presented.set(peer, presented)
    const caller = await this.#identify(peer)
    this.#arrival(peer).resolve()
    return caller
  }

  async #identify(peer: string): Promise<Caller> {
    const stranger: Caller = { class: 'stranger', peer }
    const list = this.#listFor(peer)
    if (list === undefined) return stranger
    const verdict = judge(list, peer, this.#now(), this.#presented.get(peer)?.certificate)
    if (verdict.state === 'revoked') this.#close(peer)
    if (verdict.state !== 'valid') return stranger
    const { certificate, device } = verdict
    const identity = { twin: twinToText(list.twin), device: device.number, peer, role: certificate.role }
    if (equals(list.twin, this.#init.me.twin)) return { class: 'owner', ...identity, scopes: certificate.scopes }
    try {
      const known = await this.#init.classOf(list.twin)
      if (known === 'contact') await this.#keep(list)
      return { class: known, ...identity }
    } catch (error) {
      this.#log.error('Cannot tell what a caller is to us: %o', error)
      return stranger
    }
  }

  /** Somebody who was a stranger at the hello may be a contact by now. */
  async #keep(list: DeviceList): Promise<void> {
    if (this.#init.directory.get(list.twin) === undefined) await this.#init.directory.receive(list.twin, list.all())
  }

  /** Nothing that a hello could still change for the better. */
  #isKnown(peer: string): boolean {
    if (this.#presented.has(peer)) return true
    const list = this.#listFor(peer)
    return list !== undefined && judge(list, peer, this.#now()).state !== 'expired'
  }

  /** By what the peer presented, else by the one kept list that names it. */
  #listFor(peer: string): DeviceList | undefined {
    const { directory } = this.#init
    const presented = this.#presented.get(peer)
    if (presented !== undefined) return directory.get(presented.twin) ?? presented.list
    const lists = directory.withTransport(peerToKey(peer))
    return lists.length === 1 ? lists[0] : undefined
  }

  #arrival(peer: string): Arrival {
    const known = this.#arrivals.get(peer)
    if (known !== undefined) return known
    let resolve = () => {}
    const promise = new Promise<void>(done => {
      resolve = done
    })
    const callOff = this.#clock.after(helloTimeoutMs, resolve, { background: true })
    const arrival = {
      promise,
      resolve: () => {
        callOff()
        resolve()
      }
    }
    this.#arrivals.set(peer, arrival)
    return arrival
  }

  async #presentation(to: Uint8Array | undefined, have?: HelloHead): Promise<PresentResponse> {
    const { me, directory } = this.#init
    const list = directory.get(me.twin)
    const device = list?.byTransport(me.transport)
    if (list?.head === undefined || device === undefined) {
      throw new ProtocolError('Unavailable', 'This device is not listed by its twin')
    }
    const records = list.since(have && toHead(have))
    const shared = to === undefined ? [] : directory.heads(await this.#sharedWith(to))
    return {
      certificate: device.certificate.bytes,
      head: toHelloHead(list.head),
      // A part would be a gap to the reader: a longer list is fetched
      records: sizeOf(records) <= maxInlineBytes ? records : [],
      heads: shared.slice(0, maxHeads).map(([twin, ...head]) => ({ twin, head: toHelloHead(head) }))
    }
  }

  async #sharedWith(twin: Uint8Array): Promise<readonly Uint8Array[]> {
    return (await this.#init.sharedWith?.(twin)) ?? []
  }

  async #fetch(
    client: HelloClient,
    { twin }: Caller,
    { heads, head }: PresentResponse,
    options?: { signal?: AbortSignal }
  ): Promise<void> {
    const wanted: HelloHeads = twin === undefined ? [] : [{ twin: textToTwin(twin), head }, ...(heads ?? [])]
    const shared = twin === undefined ? [] : await this.#sharedWith(textToTwin(twin))
    for (const { twin: other, head } of wanted) {
      const isTheirs = twin !== undefined && equals(other, textToTwin(twin))
      const isKept = this.#init.directory.get(other) !== undefined
      // Lists of twins that are nothing to us are not collected
      if (!isKept || !(isTheirs || shared.some(known => equals(known, other)))) continue
      if (this.#init.directory.lacks(toTwinHead(other, head))) await this.#fetchList(client, other, options)
    }
  }

  async #fetchList(client: HelloClient, twin: Uint8Array, options?: { signal?: AbortSignal }): Promise<void> {
    for (;;) {
      const before = this.#init.directory.get(twin)?.head
      const { records, more } = await client.devices({ twin, have: before && toHelloHead(before) }, options)
      await this.#init.directory.receive(twin, records)
      // Only progress goes on: a peer that always says more would hold us for ever
      const after = this.#init.directory.get(twin)?.head
      if (!more || after === undefined || (before !== undefined && equals(after[2], before[2]))) return
    }
  }

  #fetchBack(peer: string, caller: Caller, presentation: PresentResponse): void {
    const channel = caller.twin === undefined ? undefined : this.#init.channelTo?.(peer)
    if (channel === undefined) return
    const client = createClient(helloProtocol, channel)
    void this.#fetch(client, caller, presentation)
      .catch(error => this.#log.debug('Could not fetch newer lists from %s: %o', peer, error))
      .finally(() => client.close())
  }

  #closeRevoked(list: DeviceList): void {
    for (const [peer, { twin }] of this.#presented) {
      if (!equals(twin, list.twin)) continue
      if (judge(list, peer, this.#now()).state === 'revoked') this.#close(peer)
    }
    for (const { certificate, number } of list.devices()) {
      if (list.isRevoked(number)) this.#close(twinToText(certificate.transport))
    }
  }

  #close(peer: string): void {
    try {
      this.#init.closePeer(peer)
    } catch (error) {
      this.#log.error('Could not close the connections of a revoked device: %o', error)
    }
  }
}

export function createHello(init: HelloInit): Hello {
  return new Hello(init)
}

function toHead({ term, seq, hash }: HelloHead): Head {
  return [term, seq, hash]
}

function toHelloHead([term, seq, hash]: Head): HelloHead {
  return { term, seq, hash }
}

function toTwinHead(twin: Uint8Array, { term, seq, hash }: HelloHead): TwinHead {
  return [twin, term, seq, hash]
}

/** Nobody's key for a peer id of another key type: such a peer is no device. */
function peerToKey(peer: string): Uint8Array {
  try {
    return textToTwin(peer)
  } catch {
    return new Uint8Array()
  }
}

function sizeOf(records: readonly Uint8Array[]): number {
  return records.reduce((sum, { length }) => sum + length, 0)
}

function firstBytes(records: readonly Uint8Array[], most: number): Uint8Array[] {
  const fitting: Uint8Array[] = []
  let size = 0
  for (const record of records) {
    size += record.length
    if (size > most) break
    fitting.push(record)
  }
  return fitting
}
