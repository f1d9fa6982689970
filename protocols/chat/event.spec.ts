import { expect } from 'chai'
import { encode } from '../../crdt/crypto/index.ts'
import { hexToBytes } from '../../crdt/log/index.ts'
import { fileVectors } from '../core/file-vectors.ts'
import { bytesToEvent, type ChatEvent, eventToBytes, maxLamport } from './event.ts'
import { maxTextBytes } from './protocol.ts'

const id = '01J8Z3Q5W7X9Y0A1B2C3D4E5F6'
const target = { id, lamport: 7, at: 1_790_000_000_000 }
const stamp = { lamport: 8, at: 1_790_000_000_001 }

const events: Record<string, ChatEvent> = {
  message: { type: 'message', ...target, text: 'Grüße 👋' },
  answer: { type: 'message', ...target, text: 'x', replyTo: id, key: 'k' },
  edit: { type: 'edit', target, ...stamp, text: 'y' },
  delete: { type: 'delete', target, ...stamp },
  react: { type: 'react', author: 2, target, ...stamp, emoji: '👍', on: true },
  opened: { type: 'opened', upTo: [[2, 7]] }
}

describe('chat events', () => {
  for (const [name, event] of Object.entries(events)) {
    it(`${name} survives its bytes`, () => {
      expect(bytesToEvent(eventToBytes(event))).to.deep.equal(event)
    })
  }

  it('have the bytes that were frozen, and those bytes still mean the same: they are signed and kept for ever', async () => {
    const vectors = fileVectors('protocols/chat/vectors')
    const toHex = (bytes: Uint8Array) => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
    const bytes = Object.fromEntries(Object.entries(events).map(([name, event]) => [name, toHex(eventToBytes(event))]))
    if ((await vectors.read('events-1.json')) === undefined) await vectors.write?.('events-1.json', bytes)
    const kept = (await vectors.read('events-1.json')) as Record<string, string>
    expect(bytes).to.deep.equal(kept)
    for (const [name, hex] of Object.entries(kept)) {
      expect(bytesToEvent(hexToBytes(hex)), name).to.deep.equal(events[name])
    }
  })

  it('that are not whole are left out', () => {
    const text = 'x'
    const odd: Parameters<typeof encode>[0][] = [
      null,
      'text',
      [],
      [9, id],
      [0, id, 7, 1, text, null],
      [0, id, 7, 1, text, null, null, null],
      [0, 'not a ulid', 7, 1, text, null, null],
      [0, id, 0, 1, text, null, null],
      [0, id, maxLamport + 1, 1, text, null, null],
      [0, id, 7, -1, text, null, null],
      [0, id, 7, 1, '', null, null],
      [0, id, 7, 1, 'ü'.repeat(maxTextBytes / 2 + 1), null, null],
      [0, id, 7, 1, text, 'x', null],
      [3, 0, id, 7, 1, 8, 1, 'x', true],
      [3, 2, id, 7, 1, 8, 1, 'x'.repeat(33), true],
      [3, 2, id, 7, 1, 8, 1, 'x', 1],
      [4, [[2, 7, 1]]],
      [4, [[0, 7]]],
      [4, 7]
    ]
    for (const value of odd) expect(bytesToEvent(encode(value)), JSON.stringify(value)).to.equal(undefined)
    expect(bytesToEvent(new Uint8Array([0xff]))).to.equal(undefined)
    expect(bytesToEvent(new Uint8Array())).to.equal(undefined)
  })
})
