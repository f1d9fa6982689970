import { Session } from 'node:inspector/promises'
import { defineLanguageFacet, ensureSyntaxTree, Language } from '@codemirror/language'
import { EditorState } from '@codemirror/state'
import { GFM, parser } from '@lezer/markdown'
import { expect } from 'chai'
import { markdownParser } from './markdown.ts'

/** As long as a note may be. */
const length = 200_000
/** How many times the steps of prose a text may take. Without bounds it is hundreds of times at a tenth of the length. */
const times = 10
/** Milliseconds until a reading counts as hung. What a single step hides, a regular expression that goes back and forth, takes longer. */
const patienceMs = 10_000

const repeat = (text: string) => text.repeat(Math.ceil(length / text.length)).slice(0, length)
const prose = 'Some words of **a note**, with a [link](https://a.example) and `code`. '

const extensions = new Language(defineLanguageFacet(), markdownParser, [], 'markdown').extension
const reads = /@lezer|@codemirror|\/notes\/markdown\.js/

/** Steps for the whole of a text in an editor, and for the worst of three keys in it. */
async function costs(text: string): Promise<{ opening: number; key: number }> {
  const read = (state: EditorState) => expect(ensureSyntaxTree(state, state.doc.length, patienceMs)).not.equal(null)
  let opened = EditorState.create({})
  const opening = await steps(() => {
    opened = EditorState.create({ doc: text, extensions })
    read(opened)
  })
  let key = 0
  for (const from of [0, Math.floor(text.length / 2), text.length]) {
    key = Math.max(key, await steps(() => read(opened.update({ changes: { from, insert: 'x' } }).state)))
  }
  return { opening, key }
}

const session = new Session()

/** How often functions, and blocks in them, of the editor and its parser are entered: the same on a busy machine. */
async function steps(run: () => unknown): Promise<number> {
  await session.post('Profiler.takePreciseCoverage')
  run()
  const { result } = await session.post('Profiler.takePreciseCoverage')
  const counts = result.filter(({ url }) => reads.test(url)).flatMap(({ functions }) => functions)
  return counts.flatMap(({ ranges }) => ranges).reduce((sum, { count }) => sum + count, 0)
}

describe('the Markdown of a note', function () {
  this.timeout(4 * patienceMs)
  let usual: number
  before(async () => {
    session.connect()
    await session.post('Profiler.enable')
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
    usual = (await costs(repeat(prose))).opening
  })

  after(() => session.disconnect())

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
    it(`takes the steps of any text to read where it is full of ${name}, and with each key`, async () => {
      const { opening, key } = await costs(text)
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
