import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from 'chai'
import { Inbox, type Received } from './inbox.ts'

const log = { twin: new Uint8Array(32), device: 1 }
const claim = (space: string, seq: number): Received<string> => ({
  message: { type: 'durable', space: 0, by: 0, log: 0, seq, signature: new Uint8Array(64) },
  space,
  log,
  by: log
})

describe('received messages', () => {
  it('claims about one space that came together are handed over together, in order with everything else', async () => {
    const handed: string[] = []
    await new Promise<void>((resolve, reject) => {
      const inbox = new Inbox<string>({
        handle: ({ message }) => {
          handed.push(message.type)
        },
        handleRuns: async () => {},
        handleClaims: async (space, claims) => {
          handed.push(`${space} ${claims.map(({ seq }) => seq).join()}`)
          if (handed.length === 4) resolve()
        },
        failed: reject
      })
      const done: Received<string> = { message: { type: 'done', space: 0 }, space: 'a' }
      inbox.take([claim('a', 1), claim('a', 2), claim('b', 3), done, claim('a', 4)], 500)
    })
    expect(handed).to.deep.equal(['a 1,2', 'b 3', 'done', 'a 4'])
  })

  it('are let go of once they were worked on, also while more of them come', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const size = 512 * 1024
    const parts: WeakRef<Uint8Array>[] = []
    const part = (): Received<string> => {
      const bytes = new Uint8Array(size)
      parts.push(new WeakRef(bytes))
      return { message: { type: 'part', space: 0, part: bytes }, space: 'a' }
    }
    const inbox: Inbox<string> = await new Promise((resolve, reject) => {
      const inbox = new Inbox<string>({
        handle: async () => {
          if (parts.length < 40) inbox.take([part()], size)
          else resolve(inbox)
          await new Promise(setImmediate)
        },
        handleRuns: async () => {},
        handleClaims: async () => {},
        failed: reject
      })
      inbox.take([part(), part()], 2 * size)
    })
    await new Promise(setImmediate)
    collect()
    expect(parts.filter(ref => ref.deref() !== undefined)).to.have.lengthOf.at.most(5)
    inbox.close()
  })
})
