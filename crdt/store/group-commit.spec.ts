import { expect } from 'chai'
import { MemoryLevel } from 'memory-level'
import { type Database, GroupCommit, type Participant, Store } from './index.ts'

const one = Uint8Array.of(1)

async function openCommit(deferUrgent?: (run: () => void) => void) {
  const db: Database = new MemoryLevel<string, Uint8Array>({ keyEncoding: 'utf8', valueEncoding: 'view' })
  const store = new Store(db)
  await store.open()
  const fences: { readonly cause: unknown; readonly isFenced: boolean }[] = []
  const onFence = (cause: unknown) => fences.push({ cause, isFenced: store.isFenced })
  const onError = (cause: unknown) => expect.fail(String(cause))
  return { db, store, fences, commit: new GroupCommit({ store, defer: setImmediate, deferUrgent, onFence, onError }) }
}

function participant(prepare: Participant['prepare'], reset: Participant['reset'] = async () => {}): Participant {
  return { backlog: 1, prepare, reset }
}

describe('group commit', () => {
  it('writes what all asked for in one batch and tells each when it is on the disk', async () => {
    const { db, commit } = await openCommit()
    const told: string[] = []
    for (const name of ['a', 'b']) {
      const prepare: Participant['prepare'] = async batch => {
        batch.put(name, one)
        return { done: () => told.push(name), failed: () => expect.fail('failed') }
      }
      commit.touch(participant(prepare))
    }
    await commit.idle()
    expect(told).to.deep.equal(['a', 'b'])
    expect([commit.group, commit.durable]).to.deep.equal([1, 1])
    expect(await db.getMany(['a', 'b'])).to.deep.equal([one, one])
  })

  it('begins what is urgent when that may run, and everything else at once', async () => {
    const held: (() => void)[] = []
    const { db, commit } = await openCommit(run => held.push(run))
    const writes = (name: string): Participant =>
      participant(async batch => {
        batch.put(name, one)
        return { done: () => {}, failed: () => expect.fail('failed') }
      })
    commit.touch(writes('at once'))
    await commit.idle()
    commit.touch({ ...writes('urgent'), isUrgent: true })
    expect([held.length, commit.group]).to.deep.equal([1, 1])
    held[0]!()
    await commit.idle()
    expect(await db.getMany(['at once', 'urgent'])).to.deep.equal([one, one])
  })

  for (const { each, turns, name, groups } of [
    { each: 256, turns: 5, name: 'is one group while it goes on', groups: [1, 1] },
    { each: 256, turns: 60, name: 'is not waited for without end', groups: [6, 8] },
    { each: 4, turns: 60, name: 'is not waited for when it is typed', groups: [15, 60] }
  ]) {
    it(`what is written directly ${name}: ${each} edits in each of ${turns} turns`, async () => {
      const { commit } = await openCommit()
      const sizes: number[] = []
      let waiting = 0
      const typed: Participant = {
        ...participant(async batch => {
          batch.put(String(sizes.length), one)
          sizes.push(waiting)
          waiting = 0
          return { done: () => {}, failed: () => expect.fail('failed') }
        }),
        isUrgent: true,
        get directEdits() {
          return waiting
        }
      }
      for (let turn = 0; turn < turns; turn++) {
        waiting += each
        commit.touch(typed)
        await new Promise(setImmediate)
      }
      await commit.idle()
      expect(sizes.reduce((sum, size) => sum + size, 0)).to.equal(each * turns)
      expect(sizes).to.have.length.within(groups[0]!, groups[1]!)
    })
  }

  it('writes nothing when one cannot prepare, and nothing else either until every one was told to read again', async () => {
    const { db, store, fences, commit } = await openCommit()
    const [cause, told] = [new Error('no memory'), [] as string[]]
    let fails = true
    const prepared = participant(
      async batch => {
        batch.put('a', one)
        return { done: () => told.push('done'), failed: error => told.push(`failed: ${error}`) }
      },
      async () => void told.push('reset')
    )
    const failing = participant(
      async () => {
        if (!fails) return undefined
        fails = false
        throw cause
      },
      async error => expect(error).to.equal(cause) && undefined
    )
    commit.touch(prepared)
    commit.touch(failing)
    await commit.idle()
    expect(told).to.deep.equal(['failed: Error: no memory', 'reset'])
    expect(fences).to.deep.equal([{ cause, isFenced: true }])
    expect([await db.get('a'), store.isFenced]).to.deep.equal([undefined, false])
    commit.touch(prepared)
    await commit.idle()
    expect(told.at(-1)).to.equal('done')
    expect(await db.get('a')).to.deep.equal(one)
  })
})
