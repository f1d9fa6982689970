import { expect } from 'chai'
import { silentLogger } from '../../protocols/core/index.ts'
import { KnockLeaver, type KnockLeaverInit } from './knock-leaver.ts'

const box = new Uint8Array(32)
const request = { id: 'ada', name: 'Bob' }

/** A leaver that knows one mailbox for each twin and waits for nothing. */
function leaver(init: Pick<KnockLeaverInit, 'unheard' | 'leave'>): KnockLeaver {
  const find = async () => [{ box, mailboxes: [{ key: new Uint8Array(32), addresses: [] }] }]
  return new KnockLeaver({ isReachable: () => false, find, log: silentLogger, firstPauseMs: 1, ...init })
}

describe('leaving knocks in mailboxes', () => {
  it('goes on by itself when the requests could not be read, and can be stopped', async () => {
    let reads = 0
    const left = Promise.withResolvers<string>()
    const knocks = leaver({
      unheard: async () => {
        if (++reads < 3) throw new Error('The store is closed')
        return [request]
      },
      leave: async ({ id }) => left.resolve(id)
    })
    knocks.wake()
    expect(await left.promise).equal('ada')
    expect(reads).equal(3)
    await knocks.stop()
  })

  it('stops where the requests can not be read, and reads them no more', async () => {
    let reads = 0
    const again = Promise.withResolvers<void>()
    const knocks = leaver({
      unheard: async () => {
        if (++reads === 2) again.resolve()
        throw new Error('The store is closed')
      },
      leave: async () => {}
    })
    knocks.wake()
    await again.promise
    await knocks.stop()
    expect(reads).equal(2)
  })
})
