import { equals } from 'uint8arrays/equals'
import { type DeviceList, textToTwin, twinToText } from '../../crdt/identity/index.ts'
import {
  type CallContext,
  type Caller,
  type Channel,
  createClient,
  type Logger,
  ProtocolError,
  silentLogger,
  systemClock
} from '../core/index.ts'
import { Arrivals } from './arrivals.ts'
import { fetchNewer, type HelloClient, toHelloHead } from './fetch-newer.ts'
import type { HelloConnection, HelloInit } from './hello-init.ts'
import { ownPresentation, pageOf } from './own-presentation.ts'
import { judge, ownCaller, type Presented, peerToKey, readPresented, refusalOf } from './presented.ts'
import {
  type DevicesRequest,
  type DevicesResponse,
  helloProtocol,
  type PresentRequest,
  type PresentResponse
} from './protocol.ts'

/**
 * Knows who is at the other end of each connection. One hello counts for all connections with a peer id, because the
 * channel proves the peer id and the certificate binds it to a device.
 */
export class Hello {
  readonly #init: HelloInit
  readonly #now: () => number
  readonly #log: Logger
  readonly #presented = new Map<string, Presented>()
  readonly #arrivals: Arrivals
  readonly #stopWatching: () => void

  constructor(init: HelloInit) {
    this.#init = init
    this.#now = init.now ?? Date.now
    this.#arrivals = new Arrivals(init.clock ?? systemClock)
    this.#log = init.log ?? silentLogger
    this.#stopWatching = init.directory.onChange(({ list }) => this.#closeRevoked(list))
  }

  /** Stops watching for revocations. */
  stop(): void {
    this.#stopWatching()
    this.#arrivals.stop()
  }

  /** Caller of hello's own streams, which cannot wait for hello: a stranger with a peer id. */
  peerOf(connection: HelloConnection): Caller {
    return { class: 'stranger', peer: connection.remotePeer.toString() }
  }

  /**
   * Who calls over a connection. Waits at most 5 s for its hello, unless a kept list names the peer as a device; then it is a
   * stranger. Never rejects. Does not wait where strangers are expected who have nothing to say hello with.
   */
  async callerOf(connection: HelloConnection, waits = true): Promise<Caller> {
    const peer = connection.remotePeer.toString()
    if (waits && !this.#isKnown(peer)) await this.#arrivals.wait(peer)
    return this.#identify(peer)
  }

  /** To be called when the last connection with a peer has closed. */
  disconnected(peer: string): void {
    this.#presented.delete(peer)
    this.#arrivals.forget(peer)
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
   * Says hello; whoever dialled does so on each connection. Answers who was reached.
   *
   * @throws {ProtocolError} when the peer does not answer, or not with a certificate of its own
   */
  async greet(peer: string, channel: Channel, options?: { signal?: AbortSignal }): Promise<Caller> {
    const client = createClient(helloProtocol, channel)
    try {
      const { me, directory } = this.#init
      // Other twins are named only to a device that a kept list names, and that is still good
      const shared = await this.#sharedWith(await this.#identify(peer))
      // Of what is only presented nothing is certain to be there still when the answer comes
      const have = this.#keptFor(peer)?.head
      const presentation = ownPresentation(me, directory, shared, undefined)
      const response = await client.present({ ...presentation, have: have && toHelloHead(have) }, options)
      const caller = await this.#admit(peer, response)
      this.#init.onAnswer?.(peer, response.refused)
      await this.#fetch(client, caller, response, options)
      return caller
    } finally {
      this.#arrivals.arrived(peer)
      await client.close()
    }
  }

  /** Method of the contract. */
  async present(request: PresentRequest, { caller: { peer } }: CallContext): Promise<PresentResponse> {
    if (peer === undefined) throw new ProtocolError('InvalidArgument', 'Hello needs a channel with a peer id')
    const caller = await this.#admit(peer, request)
    this.#fetchBack(peer, caller, request)
    const { me, directory } = this.#init
    const refused = refusalOf(this.#listFor(peer), peer, this.#now(), this.#presented.get(peer))
    return { ...ownPresentation(me, directory, await this.#sharedWith(caller), request.have), ...refused }
  }

  /** Method of the contract. */
  async devices({ twin, have }: DevicesRequest, { caller: { peer } }: CallContext): Promise<DevicesResponse> {
    const list = this.#init.directory.get(twin)
    if (list === undefined || peer === undefined || !(await this.#mayKnow(peer, twin))) {
      throw new ProtocolError('NotFound', 'No device list of this twin for you')
    }
    return pageOf(list, have)
  }

  async #mayKnow(peer: string, twin: Uint8Array): Promise<boolean> {
    if (equals(twin, this.#init.me.twin)) return true
    return (await this.#sharedWith(await this.#identify(peer))).some(known => equals(known, twin))
  }

  /** Believes a presentation or throws for the peer to read. */
  async #admit(peer: string, { certificate, records }: PresentResponse): Promise<Caller> {
    let presented: Presented
    try {
      presented = await readPresented(peer, certificate, records, this.#init, this.#presented.get(peer))
    } catch (cause) {
      this.#log.debug('Hello of %s is not believed: %o', peer, cause)
      throw new ProtocolError('InvalidArgument', 'The certificate is not valid for this peer', { cause })
    }
    this.#presented.set(peer, presented)
    const caller = await this.#identify(peer)
    this.#arrivals.arrived(peer)
    this.#init.onCaller?.(peer, caller)
    return caller
  }

  async #identify(peer: string): Promise<Caller> {
    const stranger: Caller = { class: 'stranger', peer }
    const list = this.#listFor(peer)
    if (list === undefined) return stranger
    const expected = this.#init.expectedHead?.(list.twin)
    if (expected !== undefined && !list.has(expected)) {
      this.#log.warn('A device list is older than the invite of its twin')
      return stranger
    }
    const verdict = judge(list, peer, this.#now(), this.#presented.get(peer)?.certificate)
    if (verdict.state === 'revoked') this.#close(peer)
    if (verdict.state !== 'valid') return stranger
    const { certificate, device } = verdict
    const identity = { twin: twinToText(list.twin), device: device.number, peer, role: certificate.role }
    if (equals(list.twin, this.#init.me.twin)) return ownCaller(identity, certificate, list, this.#now())
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
    return this.#keptFor(peer) ?? this.#presented.get(peer)?.list
  }

  #keptFor(peer: string): DeviceList | undefined {
    const { directory } = this.#init
    const presented = this.#presented.get(peer)
    if (presented !== undefined) return directory.get(presented.twin)
    const lists = directory.withTransport(peerToKey(peer))
    return lists.length === 1 ? lists[0] : undefined
  }

  /** Nothing to somebody who has not proved who it is. */
  async #sharedWith({ twin }: Caller): Promise<readonly Uint8Array[]> {
    return twin === undefined ? [] : ((await this.#init.sharedWith?.(textToTwin(twin))) ?? [])
  }

  async #fetch(
    client: HelloClient,
    caller: Caller,
    { head, heads = [] }: PresentResponse,
    options?: { signal?: AbortSignal }
  ): Promise<void> {
    if (caller.twin === undefined) return
    const { directory } = this.#init
    const shared = await this.#sharedWith(caller)
    await fetchNewer({ client, directory, twin: textToTwin(caller.twin), head, heads, shared }, options)
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
