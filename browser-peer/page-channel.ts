import {
  type Caller,
  type Channel,
  channelPair,
  type OpenedStream,
  ProtocolError,
  type ProtocolServer
} from '../protocols/core/index.ts'

export interface PageChannelInit {
  /** What answers in the page, once it does */
  readonly local: Promise<ProtocolServer>
  readonly caller: Caller
  readonly twin: Channel
  /** Protocols that are answered in the page, by the beginning of their ids */
  readonly isLocal: (protocolId: string) => boolean
  /** How long a call waits for what answers in the page, in ms */
  readonly waitMs: number
}

/** Calls that the page answers itself, and those that go to the twin: whoever calls cannot tell which. */
export class PageChannel implements Channel {
  readonly relayed = false
  readonly #init: PageChannelInit
  readonly #controller = new AbortController()
  #local: Channel | undefined

  constructor(init: PageChannelInit) {
    this.#init = init
    init.local.then(
      server => {
        this.#local = channelPair(server, init.caller)
      },
      () => {}
    )
  }

  get closed(): AbortSignal {
    return this.#controller.signal
  }

  async openStream(protocolIds: readonly string[], options: { signal?: AbortSignal } = {}): Promise<OpenedStream> {
    if (this.closed.aborted) throw new ProtocolError('Unavailable', 'The channel is closed')
    if (!protocolIds.some(this.#init.isLocal)) return await this.#init.twin.openStream(protocolIds, options)
    this.#local ??= channelPair(await this.#arrived(options.signal), this.#init.caller)
    return await this.#local.openStream(protocolIds, options)
  }

  async close(): Promise<void> {
    this.#controller.abort(new ProtocolError('Unavailable', 'The channel was closed'))
    await this.#local?.close()
  }

  #arrived(signal: AbortSignal | undefined): Promise<ProtocolServer> {
    return new Promise((resolve, reject) => {
      const late = () =>
        reject(new ProtocolError('Unavailable', 'The first copy of your twin has not arrived here yet'))
      const timer = setTimeout(late, this.#init.waitMs)
      for (const one of [signal, this.closed]) one?.addEventListener('abort', late, { once: true })
      this.#init.local.then(resolve, late).finally(() => clearTimeout(timer))
    })
  }
}
