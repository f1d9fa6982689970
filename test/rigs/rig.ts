import type { Control } from './controls.ts'

/** What a rig is told. */
export interface RigOptions {
  readonly rounds: number
  readonly seed: number
  /** Rounds with a whole twin as a process; undefined: as many as are worth the time. */
  readonly twinRounds?: number
  /** A fault that is put into every round, to see the rig turn red. */
  readonly control?: Control
  readonly log: (line: string) => void
}

/** A figure in the printed table. */
export interface RigFigure {
  readonly name: string
  readonly value: number | string
  readonly unit?: string
  /** Why the figure is not what it has to be. */
  readonly wrong?: string
}

export interface RigResult {
  readonly rig: string
  readonly seed: number
  readonly figures: readonly RigFigure[]
  /** Parts that could not run, each with its reason. */
  readonly notRun: readonly string[]
}

/** The rig cannot run here; the message says what it needs. */
export class NotRun extends Error {
  override readonly name = 'NotRun'
}

export type Rig = (options: RigOptions) => Promise<RigResult>

/** A count that has to be nothing. */
export function nothing(name: string, value: number): RigFigure {
  return { name, value, ...(value > 0 && { wrong: 'has to be 0' }) }
}

/** A count without which the rig has shown nothing: the fault never happened. */
export function something(name: string, value: number): RigFigure {
  return { name, value, ...(!(value > 0) && { wrong: 'has to happen, otherwise nothing was shown' }) }
}

export function isRight(result: RigResult): boolean {
  return result.figures.every(({ wrong }) => wrong === undefined)
}

/** The figures as a table, and what was not run. */
export function toText({ rig, seed, figures, notRun }: RigResult): string {
  const width = Math.max(...figures.map(({ name }) => name.length))
  const rows = figures.map(({ name, value, unit, wrong }) => {
    const text = typeof value === 'number' ? value.toLocaleString('en', { maximumFractionDigits: 1 }) : value
    const measure = `${text}${unit === undefined ? '' : ` ${unit}`}`
    return `  ${name.padEnd(width)}  ${measure.padStart(12)}${wrong === undefined ? '' : `  WRONG: ${wrong}`}`
  })
  return [`${rig}, seed ${seed}`, ...rows, ...notRun.map(reason => `not run: ${reason}`)].join('\n')
}
