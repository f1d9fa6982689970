import { cpus, totalmem } from 'node:os'
import { median } from './statistics.ts'

/** One figure of one contender over all rounds. */
export interface Figure {
  readonly name: string
  readonly unit: string
  /** Values of each round, by contender; `floor` is what the others are held against */
  readonly rounds: Partial<Rounds>
  /** What ours has to reach relative to the floor, or absolutely */
  readonly goal?: { readonly kind: 'ratio' | 'value'; readonly is: 'at least' | 'at most'; readonly value: number }
}

export interface BenchResult {
  readonly name: string
  readonly title: string
  /** How it was measured, in a sentence or two */
  readonly how: string
  readonly figures: readonly Figure[]
  readonly notes?: readonly string[]
}

export interface BenchOptions {
  /** Interleaved rounds; medians are of these */
  readonly rounds: number
  /** Fewer operations: for trying out, not for figures */
  readonly quick: boolean
  /** Who runs; the floors alone when there is nothing to hold against them yet */
  readonly contenders: readonly Contender[]
}

export type Contender = 'floor' | 'ours'

/** Values of each round, by contender. */
export type Rounds = Record<Contender, number[]>

export function emptyRounds(): Rounds {
  return { floor: [], ours: [] }
}

export function describeMachine(): string {
  const [first, ...others] = cpus()
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`
  return `${first?.model.trim() ?? 'unknown processor'} × ${others.length + 1}, ${memory}, Node ${process.versions.node}, ${process.platform}`
}

const tableHead = '| figure | floor | ours | unit | ratio | goal | |'
const tableRule = '|---|---:|---:|---|---:|---|---|'

/** The result as Markdown; also readable on a terminal. */
export function toMarkdown(result: BenchResult): string {
  const rows = result.figures.map(figure => {
    const floor = medianOf(figure.rounds.floor)
    const ours = medianOf(figure.rounds.ours)
    const ratio = floor === undefined || ours === undefined ? '–' : `${(ours / floor).toFixed(2)}×`
    return `| ${figure.name} | ${text(floor)} | ${text(ours)} | ${figure.unit} | ${ratio} | ${goalText(figure)} | ${verdict(figure)} |`
  })
  return [
    `## ${result.title}`,
    '',
    result.how,
    '',
    ...(rows.length === 0 ? [] : [tableHead, tableRule, ...rows, '']),
    ...(result.notes ?? []).map(note => `- ${note}`),
    ''
  ].join('\n')
}

/** `reached`, `missed`, or nothing for a figure without a goal. */
export function verdict(figure: Figure): string {
  if (figure.goal === undefined || figure.rounds.ours === undefined) return ''
  const ours = median(figure.rounds.ours)
  const value = figure.goal.kind === 'value' ? ours : ours / median(figure.rounds.floor ?? [])
  if (Number.isNaN(value)) return ''
  return (figure.goal.is === 'at least' ? value >= figure.goal.value : value <= figure.goal.value)
    ? 'reached'
    : 'missed'
}

function medianOf(values: readonly number[] | undefined): number | undefined {
  return values === undefined || values.length === 0 ? undefined : median(values)
}

function goalText({ goal, unit }: Figure): string {
  if (goal === undefined) return ''
  const value = goal.kind === 'ratio' ? `${goal.value}×` : `${goal.value.toLocaleString('en')} ${unit}`
  return `${goal.is === 'at least' ? '≥' : '≤'} ${value}`
}

function text(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '–'
  if (value >= 1000) return Math.round(value).toLocaleString('en')
  return value >= 10 ? value.toFixed(0) : value.toFixed(2)
}
