import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import type { Metafile } from 'esbuild'
import { projectRoot, readJson } from '../project.ts'

const main = 'browser-peer/console/main.ts'
const style = 'browser-peer/console/styles/main.css'
const start = 'browser-peer/console/start-console.tsx'
const peer = 'browser-peer/console/light-entrance.ts'
const editor = 'browser-peer/console/notes/editor.ts'

describe('the size of the console', () => {
  const { outputs } = readJson<Metafile>('dist/console.meta.json')
  const fileOf = (entry: string) => Object.entries(outputs).find(([, output]) => output.entryPoint === entry)![0]
  const gzipped = (file: string) => gzipSync(readFileSync(join(projectRoot, file))).length

  /** A file and what it cannot begin without. */
  function withImports(entry: string, without: ReadonlySet<string> = new Set()): Set<string> {
    const found = new Set<string>()
    const follow = (file: string) => {
      if (found.has(file) || without.has(file)) return
      found.add(file)
      for (const { path, kind } of outputs[file]?.imports ?? []) if (kind === 'import-statement') follow(path)
    }
    follow(fileOf(entry))
    return found
  }
  const sum = (files: Iterable<string>) => [...files].reduce((bytes, file) => bytes + gzipped(file), 0)

  it('takes the secret out of the address with less than 2 KiB, before anything else is loaded', () => {
    expect(sum(withImports(main))).below(2 * 1024)
  })

  it('begins to connect a paired browser with at most 200 KiB, nothing of the pages among it', () => {
    const first = new Set([...withImports(main), ...withImports(peer)])
    console.log(`      ${(sum(first) / 1024).toFixed(1)} KiB gzipped`)
    expect(sum(first)).below(200 * 1024)
    const inputs = [...first].flatMap(file => Object.keys(outputs[file]!.inputs))
    expect(inputs.filter(input => /\.tsx$|preact|codemirror|kad-dht/.test(input))).deep.equal([])
  })

  it('draws the first page with at most 66 KiB of script and 10 KiB of style', () => {
    expect(sum(withImports(start))).below(66 * 1024)
    expect(gzipped(fileOf(style))).below(10 * 1024)
  })

  it('loads the editor and its packages with the first note and not before', () => {
    const first = withImports(start)
    const before = [...first].flatMap(file => Object.keys(outputs[file]!.inputs))
    expect(before.filter(input => /codemirror|@lezer/.test(input))).deep.equal([])
    expect(sum(withImports(editor, first))).below(170 * 1024)
  })

  it('brings no package into the page that nobody decided on', () => {
    const packages = new Set(
      [...withImports(start)].flatMap(file =>
        Object.keys(outputs[file]!.inputs).flatMap(input => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? [])
      )
    )
    // The contracts bring valibot and what encodes their examples
    const allowed = [
      'preact',
      'uqr',
      'valibot',
      'uint8arrays',
      'multiformats',
      'cborg',
      'it-merge',
      'it-pipe',
      'it-pushable',
      'it-queueless-pushable',
      'p-defer',
      'race-signal'
    ]
    expect([...packages].filter(name => !allowed.includes(name)).sort()).deep.equal([])
  })
})
