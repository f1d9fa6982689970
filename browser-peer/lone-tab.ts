import type { Channel } from '../protocols/core/index.ts'
import type { Tabs, TabsInit } from './tabs.ts'

/** Stands for `Tabs` where no other tab can share the peer: it runs here. Needs nothing that browsers keep from a page over plain http. */
export class LoneTab<S> implements Pick<Tabs<S>, 'isLeading' | 'start' | 'channel' | 'tellState' | 'stop'> {
  readonly #lead: TabsInit<S>['lead']
  readonly #running = Promise.withResolvers<Channel>()
  #isLeading = false

  constructor({ lead }: Pick<TabsInit<S>, 'lead'>) {
    this.#lead = lead
    // For whoever asks
    this.#running.promise.catch(() => {})
  }

  get isLeading(): boolean {
    return this.#isLeading
  }

  async start(): Promise<void> {
    const { channel } = await this.#lead()
    this.#isLeading = true
    this.#running.resolve(channel)
  }

  channel(): Promise<Channel> {
    return this.#running.promise
  }

  tellState(): void {}

  async stop(): Promise<void> {
    this.#running.reject(new Error('The tab has stopped'))
    if (this.#isLeading) await (await this.#running.promise).close()
  }
}
