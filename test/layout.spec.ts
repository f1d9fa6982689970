import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { listFiles, projectRoot } from './project.ts'
import { readSourceFiles } from './source-files.ts'
import { findMuteTests, findTimedWaits } from './spec-rules.ts'

const maxLines = 250

/** Longer files, each with the reason why it is not split. A line that is no longer needed turns the suite red. */
const longFiles: Readonly<Record<string, string>> = {
  'crdt/spaces/fence.spec.ts': 'One failing disk after the other, over the same few twins',
  'crdt/sync/rollback.spec.ts': 'One disk that was set back after the other, over the same two twins',
  'node/twin.ts': 'The order in which a twin is put together stands in one place',
  'protocols/twins.fixture.ts': 'One world of twins for the suites of all capabilities',
  'protocols/node/protocol.ts': 'A contract: one method after the other, with examples',
  'protocols/pairing/protocol.ts': 'A contract: one method after the other, with examples',
  'protocols/core/flow.spec.ts': 'One scenario a test over the same two raw ends',
  'protocols/core/flow.ts': 'Both ends of a call stream are one state machine',
  'protocols/core/session.spec.ts': 'One scenario a test over the same two raw ends',
  'test/bad-input.spec.ts': 'One twin is started for all cases',
  'test/browser/light.spec.ts': 'One world of twins and pages is made for all scenarios in a browser',
  'test/faults/faults.mjs': 'A list: one fault after the other'
}

/** Waits that end when time has passed, each with the reason why no event would do. */
const timedWaits: Readonly<Record<string, string>> = {
  'node/mesh/mdns.spec.ts': 'That no datagram comes back is told by its absence: once, before the tests',
  'node/mesh/mesh.fixture.ts': 'until() looks again and again: what it is asked for has no event of its own'
}

const topLevel = ['node', 'protocols', 'crdt', 'browser-peer', 'bootstrap', 'test', 'docs', '.ci']
const topFiles =
  /^(package(-lock)?\.json|tsconfig\.json|\.mocharc\.json|\.biome\.json|\.knip\.json|\.gitignore|\.npmrc|\.gitattributes|[A-Z]+(-[A-Z]+)?(\.md)?)$/

describe('layout', () => {
  const paths = listFiles()
  const files = readSourceFiles()

  it('the top level is the fixed one', () => {
    const odd = paths.filter(
      path => !(path.includes('/') ? topLevel.includes(path.split('/')[0]!) : topFiles.test(path))
    )
    expect(odd).deep.equal([])
    expect(topLevel.filter(name => !paths.some(path => path.startsWith(`${name}/`)))).deep.equal([])
  })

  it(`no file is over ${maxLines} lines without a reason`, () => {
    const long = files.filter(file => file.lines > maxLines && !isData(file.path))
    expect(long.filter(file => !(file.path in longFiles)).map(file => `${file.path}: ${file.lines}`)).deep.equal([])
    expect(Object.keys(longFiles).filter(path => !long.some(file => file.path === path))).deep.equal([])
  })

  it('files are named in kebab-case', () => {
    const odd = files.filter(({ path }) => !/(^|\/)[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*\.(ts|tsx|mjs)$/.test(path))
    expect(odd.map(({ path }) => path)).deep.equal([])
  })

  it('no drawer for everything: no utils, helpers, types or common', () => {
    const odd = files.filter(({ path }) => /(^|\/)(utils?|helpers?|types|common|misc)\.ts$/.test(path))
    expect(odd.map(({ path }) => path)).deep.equal([])
  })

  it('capabilities are whole: contract, service, door', () => {
    const names = new Set(paths.flatMap(path => /^protocols\/([a-z-]+)\/protocol\.ts$/.exec(path)?.[1] ?? []))
    expect([...names]).include.members(['profile', 'contacts', 'chat', 'kv', 'hello', 'sync'])
    for (const name of names) expect(paths, name).include(`protocols/${name}/index.ts`)
  })

  it('sources say nothing that only their author understands', () => {
    const odd = files.flatMap(({ path, text }) => {
      if (path === 'test/layout.spec.ts') return []
      const found = /\b(TODO(?! #\d)|FIXME|XXX|HACK)\b/.exec(text)
      return found === null ? [] : [`${path}: ${found[0]}`]
    })
    expect(odd).deep.equal([])
  })

  it('no test is skipped or alone', () => {
    const odd = files.filter(file => file.isSpec && /\b(it|describe|context)\.(only|skip)\(/.test(file.text))
    expect(odd.map(({ path }) => path)).deep.equal([])
  })

  it('specs wait for events: no timer paces them', () => {
    const paced = files.filter(({ path, text }) => {
      const isTimed = /\b(sleep|delay)\(\d|timers\/promises/.test(text) || findTimedWaits(path, text).length > 0
      return isTest(path) && isTimed
    })
    expect(paced.map(({ path }) => path).sort()).deep.equal(Object.keys(timedWaits).sort())
  })

  it('every test asserts, and a spec without tests runs a suite that has some', () => {
    const odd = files
      .filter(({ path }) => isTest(path))
      .flatMap(({ path, text }) => {
        const { count, mute } = findMuteTests(path, text)
        const isEmpty = count === 0 && path.endsWith('.spec.ts') && !/\bexpect\b|compliance|[sS]uite/.test(text)
        return isEmpty ? [path] : mute
      })
    expect(odd).deep.equal([])
  })

  it('no spec of browsers is skipped: one that is missing fails them', () => {
    const specs = files.filter(({ path, text }) => /^test\/(browser|console)\//.test(path) && /\bskip\(/.test(text))
    expect(specs.map(({ path }) => path)).deep.equal([])
  })

  it('the one command of continuous integration can be run', () => {
    expect(statSync(join(projectRoot, '.ci/run')).mode & 0o111).not.equal(0)
  })
})

/** Specs, their fixtures and the suites that ship with contracts. */
function isTest(path: string): boolean {
  return /\.(spec|fixture)\.ts$|(^|\/)([a-z]+-)?compliance(-[a-z]+)*\.ts$/.test(path)
}

/** Recorded data in the form of a module. */
function isData(path: string): boolean {
  return path.includes('/vectors/')
}
