const ends: (() => Promise<void>)[] = []
const isInMocha = typeof globalThis.after === 'function'

// The one place that knows when no spec comes any more
if (isInMocha) after('what specs shared is ended', () => Promise.all(ends.map(end => end())))

/** Something dear to make, which all specs of a process use one after the other; elsewhere it ends with its last user. */
export class Kept<T> {
  readonly #make: () => Promise<T>
  readonly #end: (made: T) => Promise<unknown>
  readonly #isSound: (made: T) => boolean
  #made: Promise<T> | undefined
  #users = 0
  #madeInMs = 0

  constructor(make: () => Promise<T>, end: (made: T) => Promise<unknown>, isSound: (made: T) => boolean = () => true) {
    this.#make = make
    this.#end = end
    this.#isSound = isSound
    ends.push(() => this.end())
  }

  /** How long it took to make what there is now */
  get madeInMs(): number {
    return this.#madeInMs
  }

  /** To be given back by `leave`, once for each time it was taken. */
  async take(): Promise<T> {
    const again = () => this.#measure()
    this.#made = this.#made?.then(made => (this.#isSound(made) ? made : again()), again) ?? again()
    const taken = await this.#made
    this.#users++
    return taken
  }

  async leave(): Promise<void> {
    if (--this.#users === 0 && !isInMocha) await this.end()
  }

  async end(): Promise<void> {
    const made = await this.#made?.catch(() => undefined)
    this.#made = undefined
    if (made !== undefined) await this.#end(made)
  }

  async #measure(): Promise<T> {
    const since = performance.now()
    const made = await this.#make()
    this.#madeInMs = performance.now() - since
    return made
  }
}
