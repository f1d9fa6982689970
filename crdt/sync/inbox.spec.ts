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
})
