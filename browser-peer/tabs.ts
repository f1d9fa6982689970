import { type Channel, forwardMessagePort, type Logger, messagePortChannel } from '../protocols/core/index.ts'
import { TabPorts } from './tab-ports.ts'

export interface TabsInit<S> {
  /** Names the peer that the tabs share */
  readonly name: string
  /** Runs the peer, in the one tab that is to; answers how others reach it */
  readonly lead: () => Promise<{ readonly channel: Channel; readonly state: () => S }>
  /** How the peer in another tab is now */
  readonly onState: (state: S) => void
  readonly log: Logger
}

/**
 * One tab runs the peer and the others call it. Which one, the browser decides by a lock, which it takes from a tab that is closed or
 * has crashed and gives to another.
 */
export class Tabs<S> {
  readonly #init: TabsInit<S>
  readonly #ports: TabPorts
  readonly #stopped = new AbortController()
  readonly #followers = new Map<string, () => void>()
  readonly #waiting = new Set<() => void>()
  #leading: Awaited<ReturnType<TabsInit<S>['lead']>> | undefined
  #channel: Channel | undefined
  #leader: string | undefined

  constructor(init: TabsInit<S>) {
    this.#init = init
    this.#ports = new TabPorts(init.name, (from, news) => {
      if (news.type === 'leading' && this.#leading === undefined) this.#follow(from)
      else if (news.type === 'join' && this.#leading !== undefined) this.#serve(from)
      // Told by the tab that leads, which runs the same code
      else if (news.type === 'state' && this.#leading === undefined) init.onState(news.state as S)
    })
  }

  get isLeading(): boolean {
    return this.#leading !== undefined
  }

  /** Takes part. Resolves once the peer runs here, or another tab was found that has it. @throws what `lead` throws */
  async start(): Promise<void> {
    const { name } = this.#init
    // Whoever is served names itself by a lock too, so that its end is noticed
    void this.#hold(this.#lockOf(this.#ports.self))
    const isLed = await new Promise<boolean>((resolve, reject) => {
      navigator.locks
        .request(name, { ifAvailable: true }, async lock => {
          if (lock === null) return resolve(false)
          await this.#lead()
          resolve(true)
          await this.#untilStopped()
        })
        .catch(reject)
    })
    if (isLed) return
    this.#ports.tell({ type: 'join' })
    void this.#hold(name, () => this.#lead())
  }

  /** How the peer is reached from this tab; waits for whoever is to run it. */
  async channel(): Promise<Channel> {
    while (this.#channel === undefined || this.#channel.closed.aborted) {
      if (this.#stopped.signal.aborted) throw this.#stopped.signal.reason
      await new Promise<void>(resolve => this.#waiting.add(resolve))
    }
    return this.#channel
  }

  /** To be called by the tab that leads when what `state` says has changed. */
  tellState(): void {
    if (this.#leading === undefined || this.#followers.size === 0) return
    this.#ports.tell({ type: 'state', state: this.#leading.state() })
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new Error('The tab has stopped'))
    for (const end of this.#followers.values()) end()
    this.#followers.clear()
    await this.#channel?.close()
    this.#wake()
    this.#ports.close()
  }

  async #lead(): Promise<void> {
    if (this.#stopped.signal.aborted) return
    const leading = await this.#init.lead()
    this.#leading = leading
    await this.#channel?.close()
    this.#channel = leading.channel
    this.#wake()
    this.#ports.tell({ type: 'leading' })
  }

  #follow(leader: string): void {
    const before = this.#channel
    if (this.#leader === leader && before?.closed.aborted === false) return
    this.#leader = leader
    this.#channel = messagePortChannel(this.#ports.portTo(leader))
    void before?.close()
    this.#ports.tell({ type: 'join' }, leader)
    this.#wake()
  }

  #serve(follower: string): void {
    if (this.#leading === undefined) return
    if (this.#followers.has(follower)) {
      this.tellState()
      return
    }
    const end = forwardMessagePort(this.#ports.portTo(follower), this.#leading.channel)
    this.#followers.set(follower, end)
    this.#ports.tell({ type: 'leading' }, follower)
    this.tellState()
    // Granted when the tab is gone
    void this.#hold(
      this.#lockOf(follower),
      async () => {
        end()
        this.#followers.delete(follower)
      },
      false
    )
  }

  /** Waits for a lock, runs, and keeps it until this tab stops. */
  async #hold(name: string, run = async () => {}, isKept = true): Promise<void> {
    const { signal } = this.#stopped
    try {
      await navigator.locks.request(name, { signal }, async () => {
        await run()
        if (isKept) await this.#untilStopped()
      })
    } catch (error) {
      if (!signal.aborted) this.#init.log.error('A tab could not take over: %o', error)
    }
  }

  #untilStopped(): Promise<void> {
    const { signal } = this.#stopped
    return new Promise(resolve => {
      if (signal.aborted) resolve()
      else signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  #lockOf(tab: string): string {
    return `${this.#init.name}/${tab}`
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }
}
