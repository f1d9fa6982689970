// Control characters, and the invisible ones that turn text around or hide in it
const unseen = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u{115f}\u{1160}\u{3164}\u{ffa0}]/gu
const control = /[\p{Cc}\p{Zl}\p{Zp}]/u
// The pattern of no dots is blank, and a mark has to stand on something
const seen = /(?!\u{2800})[\p{L}\p{N}\p{P}\p{S}]/u

/**
 * A name as it may stand in a list, whoever gave it: composed, on one line, without characters that nobody sees. Empty when nothing is
 * left to be seen.
 */
export function toPlainName(text: string): string {
  const plain = text.toWellFormed().normalize('NFC').replace(unseen, '').replace(/\s+/gu, ' ').trim()
  return seen.test(plain) ? plain : ''
}

/** The same of a name that is being given; undefined when that is not one line, or has nothing to be seen in it. */
export function readName(text: string): string | undefined {
  const name = toPlainName(text)
  return name === '' || !text.isWellFormed() || control.test(text.trim()) ? undefined : name
}

/** How a space is called here, whoever named it; by the beginning of its id when there is nothing to be seen in that. */
export function nameOfSpace({ name, text }: { readonly name: string; readonly text: string }): string {
  return toPlainName(name) || text.slice(0, 8)
}
