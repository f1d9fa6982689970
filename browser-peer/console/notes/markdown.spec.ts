import { defineLanguageFacet, ensureSyntaxTree, Language } from '@codemirror/language'
import { EditorState } from '@codemirror/state'
import { GFM, parser } from '@lezer/markdown'
import { expect } from 'chai'
import { markdownParser } from './markdown.ts'

/** As long as a note may be. */
const length = 200_000
/** How many times as long as prose a text may take. Without bounds it is thousands of times. */
const times = 25

const repeat = (text: string) => text.repeat(Math.ceil(length / text.length)).slice(0, length)
const prose = 'Some words of **a note**, with a [link](https://a.example) and `code`. '

const extensions = new Language(defineLanguageFacet(), markdownParser, [], 'markdown').extension
const patienceMs = 60_000

/** Milliseconds of the processor for the whole of a text in an editor, and for the slowest of three keys in it. */
function costs(text: string): { opening: number; key: number } {
  const read = (state: EditorState) => ensureSyntaxTree(state, state.doc.length, patienceMs)
  let opened = EditorState.create({})
  const opening = clock(() => {
    opened = EditorState.create({ doc: text, extensions })
    read(opened)
  })
  const keys = [0, Math.floor(text.length / 2), text.length].map(from =>
    clock(() => read(opened.update({ changes: { from, insert: 'x' } }).state))
  )
  return { opening, key: Math.max(...keys) }
}

function clock(run: () => unknown): number {
  const since = process.cpuUsage()
  run()
  return process.cpuUsage(since).user / 1000
}

describe('the Markdown of a note', function () {
  this.timeout(120_000)
  let usual: number
  before(() => {
    costs(repeat(prose))
    usual = costs(repeat(prose)).opening
  })

  const bombs = {
    'links that end nowhere': repeat('[]('),
    'links in links': repeat('[a]('),
    images: repeat('!['),
    stars: repeat('*a '),
    'stars and lines': repeat('_*'),
    'angle brackets': repeat('<a '),
    comments: repeat('<!--'),
    'code that never ends': Array.from({ length: 600 }, (_, ticks) => '`'.repeat(ticks)).join(' '),
    quotes: repeat('>'),
    lists: repeat('- '),
    'lines of many quotes': repeat(`${'>'.repeat(23)}a\n`),
    'a definition that never ends': `[a]: b "${repeat('\nx')}`,
    'a name that never ends': `[a${repeat('\nx')}`,
    'a table that is no table': `a\n|\n${' '.repeat(length - 10)}x`,
    'a table': `|a|\n|-|\n${repeat('|b|\n')}`,
    'a quoted table': `> |a|\n> |-|\n${repeat('> |b|\n')}`,
    fences: repeat('```\na\n'),
    space: `x${' '.repeat(length)}`
  }
  for (const [name, text] of Object.entries(bombs)) {
    it(`takes the time of any text to read where it is full of ${name}, and with each key`, () => {
      const { opening, key } = costs(text)
      expect(opening).below(times * usual)
      expect(key).below(times * usual)
    })
  }

  it('is read as ever where people write it', () => {
    const text = `# a\n\n- x **b** [l](u)\n  - y\n    > q\n\n1. z\n\n|a|b|\n|-|-|\n|c|d|\n\n\`\`\`\ncode\n\`\`\`\n\n[a]: b "c"\n\n${prose.repeat(9)}\n`
    expect(String(markdownParser.parse(text))).equal(String(parser.configure(GFM).parse(text)))
  })

  it('keeps the styles of a paragraph that is longer than a page', () => {
    const tree = String(markdownParser.parse(prose.repeat(300)))
    expect(['StrongEmphasis', 'Link', 'InlineCode'].map(name => tree.split(`${name}(`).length - 1)).deep.equal([
      300, 300, 300
    ])
  })
})
