import { keyValue, keyValueKind } from '../../crdt/index.ts'
import { diaryKind, exchange, openTwins, sharedSpace, textKind } from '../../crdt/spaces/replicas.fixture.ts'
import { nodeCrypto } from '../../node/crypto.ts'
import { seededRandom } from '../bench/statistics.ts'

/** Real spaces of three twins: texts, diaries and key-value shards, written at one time and exchanged. */
export async function honestSpaces(entries: number, seed: number): Promise<{ updates: number; refused: string[] }> {
  const random = seededRandom(seed)
  const nat = (below: number) => Math.floor(random() * below)
  const kinds = [textKind, diaryKind, keyValueKind]
  const twins = await openTwins(3, { crypto: nodeCrypto(), kinds })
  const spaces = await sharedSpace(twins)
  const bytes = new TextEncoder()
  let updates = 0
  while (updates < entries) {
    const written: Promise<unknown>[] = []
    for (const [who, space] of spaces.entries()) {
      for (let i = 0; i < 20; i++) {
        const pick = nat(4)
        if (pick === 0) written.push(keyValue(space, 'n').put(`key ${nat(50)}`, bytes.encode(String(random()))))
        else if (pick === 1) written.push(keyValue(space, 'n').delete(`key ${nat(50)}`))
        else if (pick === 2) {
          written.push(space.write(`diary/${who + 1}`, doc => doc.getArray('lines').push([String(random())])))
        } else {
          const edit = space.write(`text/${nat(3)}`, doc => {
            const text = doc.getText('text')
            if (random() < 0.3 && text.length > 0) text.delete(nat(text.length), 1)
            else text.insert(nat(text.length + 1), 'abc'.slice(nat(3)))
          })
          written.push(edit)
        }
        // A tick, so that not all becomes one entry
        if (nat(3) === 0) await new Promise(setImmediate)
      }
    }
    await Promise.all(written)
    await exchange(...twins)
    const frontier = twins[0]!.spaces.replica.space(spaces[0]!.id)!.frontier()
    updates = frontier.reduce((sum, [, , seq]) => sum + seq, 0)
  }
  const refused = spaces.flatMap(space =>
    space.review().logs.map(log => JSON.stringify({ ...log, log: log.log.device }))
  )
  for (const { spaces: open } of twins) await open.stop()
  return { updates: updates * (twins.length - 1), refused }
}
