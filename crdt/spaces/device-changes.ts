import { equals } from 'uint8arrays/equals'
import type { Signer } from '../crypto/index.ts'
import { bytesToHex } from '../log/index.ts'
import type { SpaceKeeping } from './space-keeping.ts'
import type { SpacesContext } from './spaces-context.ts'

/** Carries on what device lists say: keys go to new devices, revoked ones lose the next, and everybody is told. */
export class DeviceChanges {
  readonly #context: SpacesContext
  readonly #keeping: SpaceKeeping
  /** What failed: tried again with the next write that works. */
  readonly #failed = new Set<() => Promise<void>>()
  #ignore = () => {}
  /** What follows from the newest change of a device list. */
  #passing: Promise<void> = Promise.resolve()
  #retrying: Promise<void> = Promise.resolve()
  #ending: Promise<void> = Promise.resolve()

  constructor(context: SpacesContext, keeping: SpaceKeeping) {
    this.#context = context
    this.#keeping = keeping
    context.news.followUps.on('answered', () => this.#endLeft())
    context.news.followUps.on('stored', () => {
      if (this.#failed.size > 0) void this.#retry()
    })
  }

  async start(): Promise<void> {
    this.stop()
    this.#ignore = this.#context.init.directory.onChange(({ list, revoked }) => {
      this.#follow(this.#changed(list.twin, revoked))
    })
    for (const twin of this.#twins()) await this.#changed(twin, [])
  }

  stop(): void {
    this.#ignore()
    this.#failed.clear()
  }

  /** See `Spaces.revokeDevice`. */
  async revoke(number: number, owner?: Signer): Promise<'recorded' | 'on-sight'> {
    const outcome = await this.#keeping.devices.revokeDevice(number, owner)
    await this.#passing
    return outcome
  }

  /** A space of the own twin has come back to it: the device that decided may be one from before a restore. */
  cameBack(): void {
    this.#follow(this.#passOn(this.#context.init.me.twin, []))
  }

  async #changed(twin: Uint8Array, revoked: readonly number[]): Promise<void> {
    this.#context.news.sync.emit('devices', { twin })
    await this.#passOn(twin, revoked)
  }

  /** What fails in one space keeps none of the others from it. */
  async #passOn(twin: Uint8Array, revoked: readonly number[]): Promise<void> {
    const { init, spaces, commit } = this.#context
    if (equals(twin, init.me.twin)) await this.#try(() => this.#keeping.devices.listChanged())
    for (const found of spaces) {
      const known = revoked.length > 0 ? found.membership.view?.epochs.length : undefined
      await this.#try(() => this.#keeping.devicesChanged(found, twin, known))
    }
    if (this.#failed.size === 0) return
    // One failed write is over once the store is opened again
    await commit.idle()
    await this.#retry()
  }

  #retry(): Promise<void> {
    this.#retrying = this.#retrying.then(async () => {
      for (const failed of [...this.#failed]) await this.#try(failed)
    })
    return this.#retrying
  }

  /** Does not throw. */
  async #try(run: () => Promise<void>): Promise<void> {
    try {
      await run()
      this.#failed.delete(run)
    } catch (cause) {
      if (!this.#failed.has(run)) this.#context.log.warn('Keys could not be passed on', cause)
      this.#failed.add(run)
    }
  }

  #follow(passing: Promise<void>): void {
    this.#passing = passing.catch(cause => this.#context.log.warn('Keys could not be passed on', cause))
  }

  /** One after the other: two would record the same. */
  #endLeft(): void {
    const { init, log } = this.#context
    if (init.formerDevices === undefined) return
    this.#ending = this.#ending
      .then(() => this.#keeping.devices.endLeft())
      .catch(cause => log.warn('Where a former device ends could not be recorded', cause))
  }

  #twins(): Uint8Array[] {
    const twins = new Map<string, Uint8Array>()
    for (const { membership } of this.#context.spaces) {
      for (const { twin } of membership.view?.members ?? []) twins.set(bytesToHex(twin), twin)
    }
    return [...twins.values()]
  }
}
