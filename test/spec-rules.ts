import { parseSync, Visitor } from 'oxc-parser'

/** Lines of waits that end when some time has passed: a promise with a timer in it that has a delay. */
export function findTimedWaits(path: string, text: string): number[] {
  const found: number[] = []
  let promises = 0
  new Visitor({
    NewExpression: node => {
      if (isNamed(node.callee, 'Promise')) promises++
    },
    'NewExpression:exit': node => {
      if (isNamed(node.callee, 'Promise')) promises--
    },
    CallExpression: node => {
      const delay = node.arguments[1]
      const isTurn = delay === undefined || (delay.type === 'Literal' && delay.value === 0)
      if (promises > 0 && isNamed(node.callee, 'setTimeout') && !isTurn) found.push(lineOf(text, node.start))
    }
  }).visit(parse(path, text))
  return found
}

/** Titles of tests that assert nothing: neither `expect`, nor `assert`, nor a helper whose name begins so. */
export function findMuteTests(path: string, text: string): { count: number; mute: string[] } {
  const mute: string[] = []
  let count = 0
  /** Whether each test around the current place has asserted. */
  const open: boolean[] = []
  new Visitor({
    CallExpression: node => {
      if (isNamed(node.callee, 'it')) {
        count++
        open.push(false)
      } else if (open.length > 0 && asserts(node.callee)) open[open.length - 1] = true
    },
    'CallExpression:exit': node => {
      if (isNamed(node.callee, 'it') && open.pop() === false) mute.push(`${path}:${lineOf(text, node.start)}`)
    }
  }).visit(parse(path, text))
  return { count, mute }
}

interface Callee {
  readonly type: string
  readonly name?: unknown
  readonly object?: Callee
  readonly property?: Callee
}

function asserts(callee: Callee): boolean {
  if (callee.type === 'Identifier') return /^(expect|assert)([A-Z]|$)/.test(String(callee.name))
  return callee.type === 'MemberExpression' && [callee.object, callee.property].some(part => part && asserts(part))
}

function isNamed(callee: Callee, name: string): boolean {
  return callee.type === 'Identifier' && callee.name === name
}

function parse(path: string, text: string) {
  const { program, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`Cannot parse ${path}: ${errors[0]!.message}`)
  return program
}

function lineOf(text: string, at: number): number {
  return text.slice(0, at).split('\n').length
}
