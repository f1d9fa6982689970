import { expect } from 'chai'
import { encode } from '../codec.ts'
import { frozen } from '../frozen.fixture.ts'
import { bytesToHex, hexToBytes } from '../log/index.ts'
import { decodeItem, type Message, messageToValue, SyncError } from './index.ts'

const fill = (byte: number, length = 32): Uint8Array => new Uint8Array(length).fill(byte)

const messages: Record<string, Message> = {
  open: {
    type: 'open',
    space: 0,
    id: fill(1),
    mhead: [0, 2, fill(2)],
    frontier: [[fill(3), 1, 258, fill(4)]],
    want: true
  },
  unknown: { type: 'open', space: 1, id: fill(1), mhead: undefined, frontier: [], want: false },
  records: { type: 'records', space: 0, records: [fill(5, 3)], wraps: [fill(6, 2), fill(7, 1)] },
  devices: { type: 'devices', twin: fill(8), records: [fill(9, 4)] },
  log: { type: 'log', space: 0, log: 0, twin: fill(3), device: 1 },
  run: { type: 'run', space: 0, log: 0, run: fill(10, 5) },
  done: { type: 'done', space: 0 },
  durable: { type: 'durable', space: 0, by: 1, log: 0, seq: 258, signature: fill(11, 64) },
  awareness: { type: 'awareness', space: 0, document: 'note/1', bytes: Uint8Array.of(1, 5, 1, 2, 0x7b, 0x7d) },
  refuse: { type: 'refuse', space: 0, code: 'not-member', text: 'Your twin is not a member of this space' },
  heads: { type: 'heads', heads: [[fill(8), 0, 3, fill(12)]] }
}

/** Those that carry a milestone. */
const growth: Record<string, Message> = {
  milestone: { type: 'milestone', space: 0, milestone: fill(13, 9) },
  part: { type: 'part', space: 0, part: fill(14, 7) },
  complete: { type: 'complete', space: 0 }
}

/** Those that answer one. */
const answers: Record<string, Message> = {
  wanted: { type: 'want', space: 0, twin: fill(3), device: 1, number: 7, wants: true },
  held: { type: 'want', space: 0, twin: fill(3), device: 1, number: 7, wants: false }
}

describe('sync messages', () => {
  it('have the bytes that were frozen, and those bytes still mean the same', async () => {
    const hex = Object.fromEntries(Object.entries(messages).map(([name, value]) => [name, toHex(value)]))
    const known = (await frozen('sync', hex)).frozen as typeof hex
    expect(hex).to.deep.equal(known)
    for (const [name, value] of Object.entries(known)) {
      expect(decodeItem(hexToBytes(value))).to.deep.equal([messages[name]])
    }
  })

  it('that bring a milestone have the bytes that were frozen', async () => {
    const hex = Object.fromEntries(Object.entries(growth).map(([name, value]) => [name, toHex(value)]))
    const known = (await frozen('sync-milestone', hex)).frozen as typeof hex
    expect(hex).to.deep.equal(known)
    for (const [name, value] of Object.entries(known)) {
      expect(decodeItem(hexToBytes(value))).to.deep.equal([growth[name]])
    }
  })

  it('that answer a milestone have the bytes that were frozen', async () => {
    const hex = Object.fromEntries(Object.entries(answers).map(([name, value]) => [name, toHex(value)]))
    const known = (await frozen('sync-want', hex)).frozen as typeof hex
    expect(hex).to.deep.equal(known)
    for (const [name, value] of Object.entries(known)) {
      expect(decodeItem(hexToBytes(value))).to.deep.equal([answers[name]])
    }
  })

  it('may come several in one item', () => {
    const all = Object.values(messages)
    expect(decodeItem(encode(all.map(messageToValue)))).to.deep.equal(all)
    expect(decodeItem(encode([]))).to.deep.equal([])
  })

  it('are refused when a field is of another kind, length or size, missing or too many', () => {
    const wrong = [
      [],
      [10, 0],
      [5],
      [5, 0, 0],
      [5, -1],
      [5, 4096],
      [0, 0, fill(1, 31), null, [], true],
      [0, 0, fill(1), null, [], 1],
      [0, 0, fill(1), [0, 0], [], true],
      [0, 0, fill(1), null, [[fill(3), 0, 1, fill(4)]], true],
      [0, 0, fill(1), null, [[fill(3), 1, 0, fill(4)]], true],
      [1, 0, ['text'], []],
      [3, 0, 0, fill(3), 65_536],
      [4, 0, 0, 'run'],
      [6, 0, 0, 0, 1, fill(1, 63)],
      [7, 0, 'd'.repeat(129), Uint8Array.of(0)],
      [7, 0, 'd', Uint8Array.of(1)],
      [7, 0, 'd', Uint8Array.of(1, 5, 1, 2, 0x5b, 0x5d)],
      [8, 0, 'code', 't'.repeat(257)],
      [9, [[fill(8), 0, 3]]]
    ]
    for (const value of wrong.slice(1)) {
      expect(() => decodeItem(encode(value as never)), JSON.stringify(value).slice(0, 60)).to.throw(SyncError)
    }
    expect(() => decodeItem(Uint8Array.of(0x00))).to.throw(SyncError)
  })
})

function toHex(message: Message): string {
  return bytesToHex(encode(messageToValue(message)))
}
