import { expect } from 'chai'
import { pairingToScopes } from '../identity/index.ts'
import { addDevice, exchange, give, indexRows, openTwins, reopen, type TestReplica } from './replicas.fixture.ts'
import type { Space } from './space.ts'

const paper = 'text/paper'
const spaceOf = (replica: TestReplica, space: Space) => replica.spaces.get(space.id)!
const read = async (replica: TestReplica, space: Space) =>
  (await spaceOf(replica, space).doc(paper)).getText('text').toString()

/** mulberry32 */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** Writes words where they fall, deletes some of its own, hands things over one way, in any order. */
async function mingle(
  replicas: readonly TestReplica[],
  space: Space,
  random: (below: number) => number,
  steps: number
) {
  const words: { by: TestReplica; word: string }[] = []
  for (let step = 0; step < steps; step++) {
    const by = replicas[random(replicas.length)]!
    const to = replicas[random(replicas.length)]!
    if (random(3) === 0) {
      if (to !== by) await give(by, to)
      continue
    }
    const word = `<${step}.${random(1e9)}>`
    try {
      await spaceOf(by, space).write(paper, doc => {
        const text = doc.getText('text')
        // Between words, as people type: what is there of others becomes the neighbour
        const ends = [0, ...[...text.toString().matchAll(/>/g)].map(({ index }) => index + 1)]
        text.insert(ends[random(ends.length)]!, word)
      })
      words.push({ by, word })
    } catch (cause) {
      // It has heard that it may not
      if ((cause as { name?: string }).name !== 'SpaceError') throw cause
    }
  }
  return words
}

async function checkSame(replicas: readonly TestReplica[], space: Space): Promise<string> {
  const [first, ...others] = replicas
  const text = await read(first!, space)
  const rows = await rowsOf(first!, space)
  for (const other of others) {
    expect(await read(other, space)).to.equal(text)
    expect(await rowsOf(other, space)).to.deep.equal(rows)
  }
  return text
}

async function rowsOf({ db }: TestReplica, space: Space) {
  return [...(await indexRows(db))].filter(([key]) => key.startsWith(`i/${space.text}/`))
}

/** Words that are not there exactly once. */
function lost(text: string, words: readonly { word: string }[]): string[] {
  const counted = words.map(({ word }) => `${word}: ${text.split(word).length - 1}`)
  return counted.filter(found => !found.endsWith(': 1'))
}

describe('cuts, at random', function () {
  this.timeout(120_000)

  // Some of these found words that were put into the middle of others
  for (const seed of [1, 2, 3, 4, 5, 6, 12, 25, 83]) {
    it(`after a removal all others agree, and none of them has lost a word (seed ${seed})`, async () => {
      const random = numbers(seed)
      const all = await openTwins(4)
      const [keeper, leaver, ...others] = all as [TestReplica, TestReplica, TestReplica, TestReplica]
      const space = await keeper.spaces.create({
        kind: 'shared',
        name: 's',
        members: [leaver.twin, ...others.map(({ twin }) => twin)]
      })
      await exchange(...all)
      const before = await mingle(all, space, random, 30)
      await keeper.spaces.removeMember(space, leaver.twin)
      const after = await mingle(all, space, random, 30)
      await exchange(keeper, ...others)
      const text = await checkSame([keeper, ...others], space)
      const honest = [...before, ...after].filter(({ by }) => by !== leaver)
      expect(lost(text, honest)).to.deep.equal([])
      const again = await Promise.all([keeper, ...others].map(reopen))
      expect(await checkSame(again, space)).to.equal(text)
    })

    it(`after a revocation all others agree, and none of them has lost a word (seed ${seed})`, async () => {
      const random = numbers(1000 + seed)
      const [home, friend, other] = (await openTwins(3)) as [TestReplica, TestReplica, TestReplica]
      const phone = await addDevice(home, 2, [home, friend, other], { scopes: [] })
      await exchange(home, phone)
      const space = await home.spaces.create({ kind: 'shared', name: 's', members: [friend.twin, other.twin] })
      const all = [home, phone, friend, other]
      await exchange(...all)
      const before = await mingle(all, space, random, 30)
      await home.spaces.revokeDevice(2)
      for (const to of [friend, other]) {
        await to.init.directory.receive(home.twin, home.init.directory.get(home.twin)!.since())
        // The first to hear of it goes on with those who have not
        before.push(...(await mingle(all, space, random, 15)))
      }
      await exchange(home, friend, other)
      const text = await checkSame([home, friend, other], space)
      const honest = before.filter(({ by }) => by !== phone)
      expect(lost(text, honest)).to.deep.equal([])
      const again = await Promise.all([home, friend, other].map(reopen))
      expect(await checkSame(again, space)).to.equal(text)
    })

    it(`after a new device was taken back all others agree, have nothing of it and lost no word (seed ${seed})`, async () => {
      const random = numbers(2000 + seed)
      const [home, friend, other] = (await openTwins(3)) as [TestReplica, TestReplica, TestReplica]
      const scopes = pairingToScopes({ level: 'normal', at: Date.now(), by: 1 })
      const phone = await addDevice(home, 2, [home, friend, other], { scopes })
      const tablet = await addDevice(home, 3, [home, friend, other, phone])
      await exchange(home, phone, tablet)
      const space = await home.spaces.create({ kind: 'shared', name: 's', members: [friend.twin, other.twin] })
      const all = [home, phone, tablet, friend, other]
      await exchange(...all)
      const words = await mingle(all, space, random, 40)
      await home.spaces.takeBackDevice(2)
      for (const to of [friend, tablet, other]) {
        await to.init.directory.receive(home.twin, home.init.directory.get(home.twin)!.since())
        words.push(...(await mingle(all, space, random, 15)))
      }
      const rest = [home, tablet, friend, other]
      await exchange(...rest)
      const text = await checkSame(rest, space)
      expect(
        lost(
          text,
          words.filter(({ by }) => by !== phone)
        )
      ).to.deep.equal([])
      expect(words.filter(({ by, word }) => by === phone && text.includes(word))).to.deep.equal([])
      const again = await Promise.all(rest.map(reopen))
      expect(await checkSame(again, space)).to.equal(text)
    })
  }
})
