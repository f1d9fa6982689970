import {
  type AnyProtocol,
  type Channel,
  type Client,
  channelPair,
  createClient,
  type ProtocolServer
} from '../protocols/core/index.ts'

/** Calls of the owner in the process itself: the same contracts and checks as over the control socket. */
export class OwnCalls {
  readonly #server: () => ProtocolServer
  readonly #owner: { readonly twin: string; readonly device: number }
  readonly #clients = new Map<AnyProtocol, Client<AnyProtocol>>()
  #channel: Channel | undefined

  constructor(server: () => ProtocolServer, owner: { readonly twin: string; readonly device: number }) {
    this.#server = server
    this.#owner = owner
  }

  /** One client a contract, made when it is first asked for. */
  client<P extends AnyProtocol>(protocol: P): Client<P> {
    this.#channel ??= channelPair(this.#server(), { class: 'owner', ...this.#owner })
    const client = this.#clients.get(protocol) ?? createClient<AnyProtocol>(protocol, this.#channel)
    this.#clients.set(protocol, client)
    // Filed under the very contract it was made from
    return client as unknown as Client<P>
  }
}
