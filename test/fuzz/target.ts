/** Something that takes bytes of strangers. */
export interface FuzzTarget {
  readonly name: string
  /** Honest frames, which are mutated */
  readonly seeds: readonly Uint8Array[]
  /** Takes one frame. Whatever it throws is a crash: what it may throw it catches itself */
  frame(bytes: Uint8Array): void | Promise<void>
  /** Still answers honest input. @throws when it does not */
  isAlive(): Promise<void>
  stop(): Promise<void>
}

export interface FuzzTargetFactory {
  readonly name: string
  /** Frames after which the target is made anew, because honest frames among the mutated ones are kept by it, as they should be */
  readonly lifeFrames: number
  make(): Promise<FuzzTarget>
}
