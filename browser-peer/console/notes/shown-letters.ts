const lineBreaks = /\r\n?|[\n\u2028\u2029]/g
const unseen = /[\p{Cc}\p{Cf}]/gu

/** What somebody types as it stands beside the text: in its line, and in the direction of the text. */
export function shownLetters(typed: string): string {
  return typed.replace(lineBreaks, '↵').replaceAll('\t', ' ').replace(unseen, '')
}
