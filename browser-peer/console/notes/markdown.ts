import { GFM, type MarkdownConfig, parser } from '@lezer/markdown'

/** Text in which signs are paired: characters, and signs that may open or close something. */
const maxPiece = 2000
const maxSigns = 100
/** Lists and quotes in each other, twice for a list. */
const maxDepth = 24
/** Lines that belong together end as a block here; where a link is defined they are read anew with each. */
const maxBlock = 10_000
const maxDefinition = 1000
/** Signs of quotes and space before a line that may be the second of a table. */
const longIndent = /^[>\s]{100}/
const sign = /[*_~`[\]<&@\\]| (?= )/g

/**
 * The parser looks for what a sign may be paired with in all of a paragraph, and for what a line continues at each depth: a note written
 * for that holds a page up for minutes. What is longer or deeper than people write is read in pieces, so that it takes the time of any text.
 */
const bounded: MarkdownConfig = {
  parseInline: [
    {
      name: 'Pieces',
      before: 'Escape',
      parse: (cx, _, at) => {
        const { text, offset, parser } = cx
        if (at > offset || endOfPiece(text, 0) === text.length) return -1
        for (let from = 0; from < text.length; ) {
          const to = endOfPiece(text, from)
          for (const element of parser.parseInline(text.slice(from, to), offset + from)) cx.addElement(element)
          from = to
        }
        return cx.end
      }
    }
  ],
  parseBlock: [
    {
      name: 'Deepest',
      before: 'LinkReference',
      parse: (cx, line) => {
        if (cx.depth < maxDepth || line.pos === line.text.length) return false
        cx.addElement(cx.elt('Paragraph', cx.lineStart + line.pos, cx.lineStart + line.text.length))
        cx.nextLine()
        return true
      },
      endLeaf: (cx, _, { content }) =>
        content.length > (content.startsWith('[') ? maxDefinition : maxBlock) || longIndent.test(cx.peekLine())
    }
  ]
}

/** Markdown by itself: CodeMirror's package brings the languages of web pages with it, three times its size. */
export const markdownParser = parser.configure([bounded, GFM])

/** Where a piece that begins here ends: behind a line, a sentence or a word, if there is one. */
function endOfPiece(text: string, from: number): number {
  const piece = text.slice(from, from + maxPiece)
  let end = piece.length
  let signs = 0
  for (const { index } of piece.matchAll(sign)) {
    if (++signs <= maxSigns) continue
    end = index
    break
  }
  if (from + end === text.length) return text.length
  for (const stop of ['\n', '. ', ' ']) {
    const behind = piece.lastIndexOf(stop, end - stop.length) + stop.length
    if (behind > end / 2) return from + behind
  }
  return from + end
}
