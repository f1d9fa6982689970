import { hasColour, type Io } from './io.ts'
import { createProgress, eachWaiting, type Progress, whileWaiting } from './progress.ts'
import { createStyle, pad, type Style, sanitize, width } from './style.ts'

export interface Column<T> {
  readonly title: string
  readonly cell: (row: T, style: Style) => string
  readonly isRight?: boolean
}

/** What a command prints: JSON for programs or text for people, decided in one place. */
export class Output {
  readonly isJson: boolean
  readonly style: Style
  readonly now: number
  readonly #io: Io
  readonly #isColoured: boolean

  constructor(io: Io, isJson: boolean, now = Date.now()) {
    this.#io = io
    this.isJson = isJson
    this.#isColoured = !isJson && hasColour(io.stdout, io.env)
    this.style = createStyle(this.#isColoured)
    this.now = now
  }

  /** One result: the object as JSON, or the lines for people. Text of others is made safe by the caller of `line`. */
  result(value: object, lines: (style: Style) => string | readonly string[] | undefined): void {
    if (this.isJson) {
      this.json(value)
      return
    }
    const text = lines(this.style)
    if (text !== undefined) for (const line of typeof text === 'string' ? [text] : text) this.line(line)
  }

  json(value: object): void {
    this.#io.stdout.write(`${JSON.stringify(value, jsonValue)}\n`)
  }

  /** Text for people; silent with `--json`. */
  line(text = ''): void {
    if (!this.isJson) this.#io.stdout.write(`${text}\n`)
  }

  /** A remark that is not the result: to standard error, so that pipes stay clean. */
  note(text: string): void {
    if (!this.isJson) this.#io.stderr.write(`${text}\n`)
  }

  /** Rows as an aligned table; with `--json` one object a line. */
  table<T extends object>(rows: readonly T[], columns: readonly Column<T>[], whenEmpty: string): void {
    if (this.isJson) {
      for (const row of rows) this.json(row)
      return
    }
    if (rows.length === 0) {
      this.line(this.style.dim(whenEmpty))
      return
    }
    const cells = rows.map(row => columns.map(column => sanitizeCell(column.cell(row, this.style), this.#isColoured)))
    const widths = columns.map((column, i) => Math.max(width(column.title), ...cells.map(row => width(row[i]!))))
    const draw = (row: readonly string[]) =>
      row
        .map((cell, i) => (columns[i]!.isRight ? ' '.repeat(widths[i]! - width(cell)) + cell : pad(cell, widths[i]!)))
        .join('  ')
        .trimEnd()
    this.line(this.style.dim(draw(columns.map(column => column.title.toUpperCase()))))
    for (const row of cells) this.line(draw(row))
  }

  /** Label and value, labels aligned. */
  facts(facts: readonly (readonly [string, string])[]): void {
    const widest = Math.max(...facts.map(([label]) => width(label)))
    for (const [label, value] of facts) this.line(`${this.style.dim(pad(label, widest))}  ${value}`)
  }

  /** Waits for a task; a person at a terminal is told what for. */
  waiting<T>(label: string, task: Promise<T>): Promise<T> {
    return this.isJson ? task : whileWaiting(this.#io.stderr, label, task)
  }

  /** Items as they come; a person at a terminal is told what for when one is long in coming. */
  waitingEach<T>(label: string, items: AsyncIterable<T>): AsyncIterable<T> {
    return this.isJson ? items : eachWaiting(this.#io.stderr, label, items)
  }

  /** All items, for what is only drawn as a whole. */
  collect<T>(label: string, items: AsyncIterable<T>): Promise<T[]> {
    return this.waiting(label, collectAll(items))
  }

  /** Tells on standard error how far a long task is, once it takes longer than a second. */
  progress(label: string, total?: number): Progress {
    return createProgress(this.#io.stderr, label, total, this.isJson)
  }
}

async function collectAll<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** Codes that `Style` writes; nothing else may change how a terminal shows what follows. */
const ownCode = /^\[(?:1|22|2|31|32|33|36|39)m/

/** One line a cell, without what could move the cursor; the colours of `Style` stay where there are any. */
function sanitizeCell(cell: string, isColoured: boolean): string {
  const [first, ...parts] = cell.replace(/[\n\t]/g, ' ').split('\x1b')
  const rest = parts.map(part => {
    const code = isColoured ? ownCode.exec(part) : null
    return code === null ? `\ufffd${sanitize(part)}` : `\x1b${code[0]}${sanitize(part.slice(code[0].length))}`
  })
  return sanitize(first!) + rest.join('')
}

/** JSON has neither bytes nor big integers: bytes as base64url under `$bytes`, integers as text. */
function jsonValue(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64url') }
  return value
}
