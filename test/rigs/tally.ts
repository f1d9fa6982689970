import type { Check } from './checker.ts'
import { nothing, type RigFigure, something } from './rig.ts'

/** Problems that are shown in full. */
const maxShown = 5

/** Sums over the rounds of a rig. */
export class Tally {
  rounds = 0
  acked = 0
  /** Rounds in which the fault hit while writes were under way. */
  hits = 0
  lost = 0
  unopened = 0
  problems = 0
  readonly openMs: number[] = []
  readonly #log: (line: string) => void

  constructor(log: (line: string) => void) {
    this.#log = log
  }

  /** @param where names the round, for whoever looks into a loss */
  add(where: string, check: Check): void {
    this.rounds++
    this.lost += check.lost.length
    this.problems += check.problems.length
    if (Number.isNaN(check.openMs)) this.unopened++
    else this.openMs.push(check.openMs)
    if (check.lost.length > 0 && this.rounds <= maxShown) {
      this.#log(`${where}: ${check.lost.length} acknowledged items are not there, the first is ${check.lost[0]}`)
    }
    for (const problem of check.problems.slice(0, maxShown)) this.#log(`${where}: ${problem}`)
  }

  /** Says one thing that is wrong and has no check of its own. */
  say(problem: string): void {
    this.problems++
    this.#log(problem)
  }

  figures(fault: string): RigFigure[] {
    return [
      { name: fault, value: this.rounds },
      something(`${fault}, writes under way`, this.hits),
      something('acknowledged', this.acked),
      nothing('acknowledged and lost', this.lost),
      nothing('stores that do not open', this.unopened),
      nothing('other problems', this.problems)
    ]
  }
}
