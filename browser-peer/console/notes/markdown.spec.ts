import { Session } from 'node:inspector/promises'
import { Tree, TreeFragment } from '@lezer/common'
import { GFM, parser } from '@lezer/markdown'
import { expect } from 'chai'
import { markdownParser } from './markdown.ts'

const length = 60_000
/** For what shows only in a text as long as a note may be */
const longest = 200_000
/** How many times the steps of as much prose a text may take. Without bounds it is hundreds of times at a third of this length. */
const times = 10
/** Milliseconds for a text. What a single step hides, a regular expression that goes back and forth, takes longer. */
const patienceMs = 8000

const repeat = (text: string) => text.repeat(Math.ceil(length / text.length)).slice(0, length)
const prose = 'Some words of **a note**, with a [link](https://a.example) and `code`. '

const reads = /@lezer|\/notes\/markdown\.js/

const session = new Session()

/** How often functions, and blocks in them, of the parser are entered: the same on a busy machine. */
async function steps(run: () => unknown): Promise<number> {
  await session.post('Profiler.takePreciseCoverage')
  run()
  const { result } = await session.post('Profiler.takePreciseCoverage')
  const counts = result.filter(({ url }) => reads.test(url)).flatMap(({ functions }) => functions)
  return counts.flatMap(({ ranges }) => ranges).reduce((sum, { count }) => sum + count, 0)
}

/** Reads a text with a key put in there, from what is known of it. */
function readKey(text: string, tree: Tree, at: number): void {
  const change = { fromA: at, toA: at, fromB: at, toB: at + 1 }
  const known = TreeFragment.applyChanges(TreeFragment.addTree(tree), [change])
  markdownParser.parse(`${text.slice(0, at)}x${text.slice(at)}`, known)
}

describe('the Markdown of a note', function () {
  this.timeout(patienceMs)
  /** Steps for a letter of prose */
  let usual: number
  before(async () => {
    session.connect()
    await session.post('Profiler.enable')
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
    usual = (await steps(() => markdownParser.parse(repeat(prose)))) / length
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
    'a definition that never ends': `[a]: b "${'\nx'.repeat(longest / 2)}`,
    'a name that never ends': `[a${'\nx'.repeat(longest / 2)}`,
    'a table that is no table': `a\n|\n${' '.repeat(longest)}x`,
    'a table': `|a|\n|-|\n${repeat('|b|\n')}`,
    'a quoted table': `> |a|\n> |-|\n${repeat('> |b|\n')}`,
    fences: repeat('```\na\n'),
    space: `x${' '.repeat(length)}`
  }
  for (const [name, text] of Object.entries(bombs)) {
    it(`takes the steps of any text to read where it is full of ${name}, and with each key`, async () => {
      let tree = Tree.empty
      const opening = await steps(() => {
        tree = markdownParser.parse(text)
      })
      const most = times * usual * text.length
      expect(opening).below(most)
      for (const at of [0, Math.floor(text.length / 2), text.length]) {
        expect(await steps(() => readKey(text, tree, at))).below(most)
      }
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
