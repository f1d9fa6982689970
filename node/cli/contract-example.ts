import { type Method, toJsonForm } from '../../protocols/core/index.ts'

/** Examples on a page; a contract may have many. */
const maxExamples = 3

/** A contract's examples as command lines; `required` fields are arguments in this order, the others options. */
export function commandLines(words: readonly string[], method: Method, required: readonly string[]): string[] {
  const lines = method.examples.map(example => {
    // The request of every contract is an object
    const request = toJsonForm(method.request, example.request) as Readonly<Record<string, unknown>>
    const optional = Object.keys(request).filter(field => !required.includes(field))
    const line = [
      'twin',
      ...words,
      ...optional.flatMap(field => optionWords(`--${toKebab(field)}`, request[field])),
      ...positionalWords(required.map(field => wordOf(request[field])))
    ].join(' ')
    if (!('up' in example)) return line
    const up = method.kind === 'duplex' ? example.up.map(item => JSON.stringify(toJsonForm(method.up, item))) : []
    return `printf '%s\\n' ${up.map(quote).join(' ')} | ${line}`
  })
  return [...new Set(lines)].slice(0, maxExamples)
}

/** `expiresInMs` as it stands on a command line: `expires-in-ms`. */
export function toKebab(name: string): string {
  return name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
}

function optionWords(name: string, value: unknown): string[] {
  if (value === undefined || value === false) return []
  if (value === true) return [name]
  const word = wordOf(value)
  return word.startsWith('-') ? [`${name}=${quote(word)}`] : [name, quote(word)]
}

function positionalWords(words: readonly string[]): string[] {
  const isOdd = words.some(word => /^-./.test(word))
  return [...(isOdd ? ['--'] : []), ...words.map(quote)]
}

function wordOf(value: unknown): string {
  if (typeof value === 'string') return value
  const bytes = (value as { $bytes?: unknown } | null)?.$bytes
  return typeof bytes === 'string' ? bytes : JSON.stringify(value)
}

/** As a shell takes it for one word. */
function quote(word: string): string {
  return /^[\p{L}\p{N}\p{Extended_Pictographic}\w.,@:/+=-]+$/u.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
