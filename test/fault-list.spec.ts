import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import { projectRoot } from './project.ts'

interface Fault {
  readonly name: string
  readonly file: string
  readonly find: string
  /** Put in at the first of several places */
  readonly first?: boolean
  readonly suite: readonly string[]
}

describe('the list of faults', () => {
  it('every fault finds its line and its suite: one that does not is caught by nothing', async () => {
    const list = pathToFileURL(join(projectRoot, 'test/faults/faults.mjs')).href
    const { faults } = (await import(list)) as { readonly faults: readonly Fault[] }
    const stale = faults.filter(({ file, find, first }) => {
      const places = readFileSync(join(projectRoot, file), 'utf8').split(find).length - 1
      return first === true ? places === 0 : places !== 1
    })
    expect(faults).length.greaterThan(100)
    expect(stale.map(({ name, file }) => `${file}: ${name}`)).deep.equal([])
    const suites = faults.flatMap(({ suite }) => suite)
    expect(suites.filter(suite => !existsSync(join(projectRoot, suite)))).deep.equal([])
  })
})
