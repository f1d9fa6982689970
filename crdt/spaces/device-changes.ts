import type { Signer } from '../crypto/index.ts'
import { bytesToHex } from '../log/index.ts'
import type { SpaceKeeping } from './space-keeping.ts'
import type { SpacesContext } from './spaces-context.ts'

/** Carries on what device lists say: keys go to new devices, revoked ones lose the next, and everybody is told. */
export class DeviceChanges {
  readonly #context: SpacesContext
  readonly #keeping: SpaceKeeping
  #ignore = () => {}
  /** What follows from the newest change of a device list. */
  #passing: Promise<void> = Promise.resolve()
  #ending: Promise<void> = Promise.resolve()

  constructor(context: SpacesContext, keeping: SpaceKeeping) {
    this.#context = context
    this.#keeping = keeping
    context.news.followUps.on('answered', () => this.#endLeft())
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
  }

  /** See `Spaces.revokeDevice`. */
  async revoke(number: number, owner?: Signer): Promise<'recorded' | 'on-sight'> {
    const outcome = await this.#keeping.devices.revokeDevice(number, owner)
    await this.#passing
    return outcome
  }

  /** A space of the own twin has come back to it: the device that decided may be one from before a restore. */
  cameBack(): void {
    this.#follow(this.#keeping.devicesChanged(this.#context.init.me.twin, []))
  }

  async #changed(twin: Uint8Array, revoked: readonly number[]): Promise<void> {
    this.#context.news.sync.emit('devices', { twin })
    await this.#keeping.devicesChanged(twin, revoked)
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
