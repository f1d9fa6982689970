import { expect } from 'chai'
import fc from 'fast-check'
import { createSpaces } from '../spaces/index.ts'
import { exchange, newTwin, openTwins, readText, sharedSpace, text } from '../spaces/replicas.fixture.ts'
import { type Change, type KeyValue, keyValue, VersionConflict } from './index.ts'

const open = async (): Promise<KeyValue> => keyValue((await createSpaces((await newTwin()).init)).self, 'n')

async function keys(table: KeyValue, options?: Parameters<KeyValue['list']>[0]): Promise<string[]> {
  const found = []
  for await (const { key } of table.list(options)) found.push(key)
  return found
}

describe('key-value', function () {
  this.timeout(60_000)

  it('does what a map does', async () => {
    const table = await open()
    const model = new Map<string, string>()
    const operation = fc.record({ key: fc.nat(8), value: fc.option(fc.string({ maxLength: 20 })) })
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 30 }), async operations => {
        const writes = operations.map(({ key, value }) => {
          const name = `k${key}`
          if (value === null) {
            const was = model.delete(name)
            return table.delete(name).then(isDeleted => expect(isDeleted).to.equal(was))
          }
          model.set(name, value)
          return table.put(name, text(value), { kind: 'json' })
        })
        await Promise.all(writes)
        expect(await keys(table)).to.deep.equal([...model.keys()].sort())
        for (const [key, value] of model) expect(readText((await table.get(key))?.value)).to.equal(value)
      }),
      { numRuns: 15 }
    )
  })

  it('writes only over the version that was expected', async () => {
    const table = await open()
    const { version } = await table.put('k', text('1'), { expected: null })
    expect((await table.get('k'))?.version).to.equal(version)
    const conflict = await table.put('k', text('2'), { expected: null }).catch(error => error)
    expect(conflict).to.be.instanceOf(VersionConflict)
    expect(conflict.version).to.equal(version)
    const outcomes = await Promise.allSettled([
      table.put('k', text('3'), { expected: version }),
      table.put('k', text('4'), { expected: version })
    ])
    expect(outcomes.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected'])
    expect(readText((await table.get('k'))?.value)).to.equal('3')
    expect(await table.delete('k', { expected: version }).catch(error => error)).to.be.instanceOf(VersionConflict)
  })

  it('lists in order, by prefix, after a key, up to a limit', async () => {
    const table = await open()
    await table.batch(['b/2', 'a', 'b/1', 'c', 'b/3'].map(key => ({ type: 'put', key, value: text(key) })))
    expect(await keys(table)).to.deep.equal(['a', 'b/1', 'b/2', 'b/3', 'c'])
    expect(await keys(table, { prefix: 'b/' })).to.deep.equal(['b/1', 'b/2', 'b/3'])
    expect(await keys(table, { prefix: 'b/', after: 'b/1', limit: 1 })).to.deep.equal(['b/2'])
  })

  it('keeps namespaces apart', async () => {
    const { self } = await createSpaces((await newTwin()).init)
    await keyValue(self, 'one').put('k', text('1'))
    expect(await keyValue(self, 'on').get('e/k')).to.equal(undefined)
    expect(await keys(keyValue(self, 'on'))).to.deep.equal([])
    expect(() => keyValue(self, 'a/b')).to.throw(RangeError)
  })

  it('refuses what is too large', async () => {
    const table = await open()
    expect(await table.put('k', new Uint8Array(64 * 1024 + 1)).catch(error => error)).to.be.instanceOf(RangeError)
    expect(await table.put('k'.repeat(513), text('1')).catch(error => error)).to.be.instanceOf(RangeError)
    const value = new Uint8Array(64 * 1024).fill(7)
    await Promise.all(Array.from({ length: 20 }, (_, index) => table.put(`k${index}`, value)))
    expect((await table.get('k19'))?.value).to.deep.equal(value)
  })

  it('says when a concurrent write lost, and agrees on which', async () => {
    const twins = await openTwins(2)
    const spaces = await sharedSpace(twins)
    const tables = spaces.map(space => keyValue(space, 'n'))
    await Promise.all(tables.map((table, index) => table.put('k', text(`from ${index}`))))
    const controller = new AbortController()
    const changes: Change[] = []
    const watching = (async () => {
      for await (const change of tables[0]!.watch({ prefix: 'k' }, { signal: controller.signal })) {
        changes.push(change)
        controller.abort()
      }
    })()
    await exchange(...twins)
    await watching
    const [winner, other] = await Promise.all(tables.map(table => table.get('k')))
    expect(winner).to.deep.equal(other)
    expect(changes[0]!.entry).to.deep.equal(winner)
    expect(changes[0]!.lost?.version).to.not.equal(winner!.version)
    // The next write knows both
    await tables[1]!.put('k', text('settled'))
    await exchange(...twins)
    expect(readText((await tables[0]!.get('k'))?.value)).to.equal('settled')
  })
})
