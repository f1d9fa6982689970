import { expect } from 'chai'
import { webCrypto } from '../../crdt/crypto/index.ts'
import { frozen } from '../../crdt/frozen.fixture.ts'
import type { KeyValue } from '../../crdt/index.ts'
import { hexToBytes } from '../../crdt/log/index.ts'
import { bytesToRecord, type ContactRecord, recordToBytes } from './contact-record.ts'
import { type InviteLink, inviteLinkToText, textToInviteLink } from './invite-link.ts'
import { Invites } from './invites.ts'

const folder = 'protocols/contacts/vectors'
const id = '12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf'
const token = Uint8Array.from({ length: 16 }, (_, index) => index * 16 + 3)
const head = Uint8Array.from({ length: 32 }, (_, index) => 255 - index)
const at = 1_790_000_000_000

const records: Record<string, ContactRecord> = {
  least: { id, name: 'Ann', state: 'contact', verified: false, addedAt: at },
  knocking: { id, name: 'Grüße 👋', state: 'knocking', verified: false, addedAt: at, message: 'We met at the fair' },
  requested: {
    id,
    name: 'Ben',
    state: 'requested',
    verified: false,
    addedAt: at,
    greeting: 'Hello',
    token,
    head,
    named: true,
    delivered: false
  },
  contact: { id, name: 'Ben', state: 'contact', verified: true, addedAt: 0, named: false, told: true, device: 258 },
  blocked: { id, name: 'Eve', state: 'blocked', verified: false, addedAt: at, before: 'knocking', delivered: true }
}

const links: Record<string, InviteLink> = {
  bare: { id },
  token: { id, token },
  whole: { id, token, sequence: at, head }
}

describe('formats of contacts', () => {
  it('records have the bytes that were frozen, and those bytes still mean the same', async () => {
    const current = Object.fromEntries(Object.entries(records).map(([name, record]) => [name, recordToBytes(record)]))
    const vector = await frozen('records-1', current, folder)
    expect(vector.current).to.deep.equal(vector.frozen)
    for (const [name, hex] of Object.entries(vector.frozen as Record<string, string>)) {
      expect(bytesToRecord(id, hexToBytes(hex)), name).to.deep.equal(records[name])
    }
  })

  it('invite links are the frozen ones and are read as the same', async () => {
    const current = Object.entries(links).map(([name, link]) => [name, { link, text: inviteLinkToText(link) }])
    const vector = await frozen('invite-links-1', Object.fromEntries(current), folder)
    expect(vector.current).to.deep.equal(vector.frozen)
    for (const [name, { text }] of Object.entries(vector.frozen as Record<string, { text: string }>)) {
      expect(textToInviteLink(text), name).to.deep.equal(links[name])
    }
  })

  it('invites have the rows that were frozen, and those rows still redeem the token', async () => {
    const rows = new Map<string, Uint8Array>()
    const invites = openInvites(rows)
    expect(await invites.issue(at + 1000)).to.deep.equal(token)
    const open = Object.fromEntries(rows)
    await invites.redeem(token, id)
    const vector = await frozen('invites-1', { token, open, used: Object.fromEntries(rows) }, folder)
    expect(vector.current).to.deep.equal(vector.frozen)
    const kept = vector.frozen as { open: Record<string, string>; used: Record<string, string> }
    const redeem = (from: Record<string, string>, twin: string) =>
      openInvites(new Map(Object.entries(from).map(([key, hex]) => [key, hexToBytes(hex)]))).redeem(token, twin)
    expect(await redeem(kept.open, 'anybody')).to.equal(true)
    expect(await redeem(kept.used, id)).to.equal(true)
    expect(await redeem(kept.used, 'another')).to.equal(false)
  })
})

function openInvites(rows: Map<string, Uint8Array>): Invites {
  const crypto = webCrypto()
  const table: Pick<KeyValue, 'get' | 'put' | 'list'> = {
    get: async key => entryOf(key, rows.get(key)),
    put: async (key, value) => {
      rows.set(key, value)
      return { version: '1-1-1' }
    },
    list: async function* () {
      for (const [key, value] of rows) yield entryOf(key, value)!
    }
  }
  return new Invites({
    // Nothing expires, so nothing is deleted
    table: table as KeyValue,
    crypto: { randomBytes: () => token, sha256: (...parts) => crypto.sha256(...parts) },
    now: () => at
  })
}

function entryOf(key: string, value: Uint8Array | undefined) {
  const rest = { kind: 'bytes', version: '1-1-1', at, by: { twin: new Uint8Array(32), device: 1 } } as const
  return value && { key, value, ...rest }
}
