import * as Y from 'yjs'
import { maxTitleLength } from './protocol.ts'

/** Characters of a text that are looked at for its title: it is made anew with each keystroke. */
const maxRead = 4 * maxTitleLength
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out, and what turns text around
const unprintable = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g
const heading = /^#{1,6}(?=\s|$)/

/** The first line that says something, without the signs of a heading. Reads no further than it has to. */
export function titleOf(text: Y.Text): string {
  let read = ''
  for (let item = text._start; item !== null && read.length < maxRead; item = item.right) {
    if (item.deleted || !(item.content instanceof Y.ContentString)) continue
    const { str } = item.content
    // What there is only space of is passed over, however long it is
    read = read === '' ? str.trimStart().slice(0, maxRead) : read + str.slice(0, maxRead - read.length)
  }
  for (const line of read.split('\n')) {
    const title = line.replace(unprintable, '').trim().replace(heading, '').trim()
    if (title !== '') return cut(title)
  }
  return ''
}

/** Never between the halves of a surrogate pair. */
function cut(title: string): string {
  if (title.length <= maxTitleLength) return title.toWellFormed()
  const end = (title.charCodeAt(maxTitleLength - 1) & 0xfc00) === 0xd800 ? maxTitleLength - 1 : maxTitleLength
  return title.slice(0, end).toWellFormed()
}
