/** Words with colour where the terminal wants it. */
export interface Style {
  bold(text: string): string
  dim(text: string): string
  good(text: string): string
  bad(text: string): string
  warn(text: string): string
  name(text: string): string
}

const plain = (text: string) => text
const sgr = (open: number, close: number) => (text: string) => `\x1b[${open}m${text}\x1b[${close}m`

export function createStyle(hasColour: boolean): Style {
  if (!hasColour) return { bold: plain, dim: plain, good: plain, bad: plain, warn: plain, name: plain }
  return {
    bold: sgr(1, 22),
    dim: sgr(2, 22),
    good: sgr(32, 39),
    bad: sgr(31, 39),
    warn: sgr(33, 39),
    name: sgr(36, 39)
  }
}

/** Characters that move the cursor, colour or reorder what follows; text of others must not reach a terminal with them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the purpose
const unsafe = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** Text of others, made safe for a terminal. Line breaks and tabs stay. */
export function sanitize(text: string): string {
  return text.replace(unsafe, '\ufffd')
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences that style() writes
const escapes = /\x1b\[\d+m/g
const wide = /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/u
const zero = /\p{Mark}|\p{Default_Ignorable_Code_Point}/u

/** Columns a text takes on a terminal. */
export function width(text: string): number {
  let columns = 0
  for (const character of text.replace(escapes, '')) columns += zero.test(character) ? 0 : wide.test(character) ? 2 : 1
  return columns
}

export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)))
}
