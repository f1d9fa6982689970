import { bytesToHex } from '../log/index.ts'
import { decodeMilestone, type Milestone } from '../milestone/index.ts'
import { type HeldMilestone, lackingParts } from './held-milestone.ts'
import { type JudgeInit, judgeMilestone } from './judge-milestone.ts'
import { Refusal, refusalOf } from './receive-outcome.ts'
import type { MilestoneAnswer, MilestoneResult } from './replica.ts'

/** A milestone of somebody else that was announced, whose parts are stored as they come. */
export class IncomingMilestone {
  readonly #init: JudgeInit
  #held: HeldMilestone | undefined
  /** Parts that have not arrived. */
  #wanted = new Set<string>()

  constructor(init: JudgeInit) {
    this.#init = init
  }

  reset(): void {
    this.#held = undefined
    this.#wanted.clear()
  }

  async offer(bytes: Uint8Array): Promise<MilestoneResult> {
    try {
      const milestone = decodeMilestone(bytes)
      const held = await judgeMilestone(this.#init, milestone)
      this.#wanted = held === undefined ? new Set() : await lackingParts(this.#init.context, milestone)
      this.#held = held
      return milestone.version === 2 ? { answer: answerTo(milestone, held !== undefined) } : {}
    } catch (cause) {
      return refusalOf(cause)
    }
  }

  /** Stores a part that was announced. Others are ignored: their milestone was not wanted. */
  async part(sealed: Uint8Array): Promise<void> {
    const { store, crypto, keys } = this.#init.context
    const name = bytesToHex(crypto.sha256(sealed))
    const wanted = this.#wanted
    if (!wanted.has(name)) return
    const batch = store.batch()
    batch.put(keys.parts + name, sealed)
    await store.commit(batch)
    wanted.delete(name)
  }

  /** All parts were sent: the milestone, if it was wanted. @throws {Refusal} when parts are missing */
  end(): HeldMilestone | undefined {
    const [held, missing] = [this.#held, this.#wanted.size]
    this.reset()
    if (missing > 0) throw new Refusal('later', 'Parts of a snapshot are missing')
    return held
  }
}

/** What who announced a milestone of a writer is told. */
export function answerTo({ by, number }: Milestone, wants: boolean): MilestoneAnswer {
  return { by, number, wants }
}
