import type { PortLike } from '../protocols/core/index.ts'

type Listener = (event: { data: unknown }) => void

/** What tabs say to all others. */
export type TabNews =
  /** This tab runs the peer now */
  | { readonly type: 'leading' }
  /** This tab wants to use the peer of whoever runs it */
  | { readonly type: 'join' }
  /** How the peer is, for tabs that ask it */
  | { readonly type: 'state'; readonly state: unknown }

interface Envelope {
  readonly from: string
  readonly to?: string
  /** Present in what is said to one tab: a message of its port */
  readonly port?: unknown
  readonly news?: TabNews
}

/**
 * The tabs of one origin, told apart by names, over one BroadcastChannel: ports cannot be handed from one tab to another. All tabs of an
 * origin run the same code and see the same storage, so they trust each other.
 */
export class TabPorts {
  readonly self = globalThis.crypto.randomUUID()
  readonly #channel: BroadcastChannel
  readonly #ports = new Map<string, Set<Listener>>()
  readonly #onNews: (from: string, news: TabNews) => void

  constructor(name: string, onNews: (from: string, news: TabNews) => void) {
    this.#onNews = onNews
    this.#channel = new BroadcastChannel(name)
    this.#channel.onmessage = ({ data }: MessageEvent<Envelope>) => this.#receive(data)
  }

  tell(news: TabNews, to?: string): void {
    this.#channel.postMessage({ from: this.self, news, ...(to !== undefined && { to }) } satisfies Envelope)
  }

  /** One end of a port between this tab and another, for carriers of calls. */
  portTo(tab: string): PortLike {
    return {
      postMessage: port => this.#channel.postMessage({ from: this.self, to: tab, port } satisfies Envelope),
      addEventListener: (_, listener) => {
        this.#ports.set(tab, (this.#ports.get(tab) ?? new Set()).add(listener))
      },
      removeEventListener: (_, listener) => this.#ports.get(tab)?.delete(listener)
    }
  }

  close(): void {
    this.#channel.close()
    this.#ports.clear()
  }

  #receive({ from, to, port, news }: Envelope): void {
    if (to !== undefined && to !== this.self) return
    if (news !== undefined) this.#onNews(from, news)
    else for (const listener of [...(this.#ports.get(from) ?? [])]) listener({ data: port })
  }
}
