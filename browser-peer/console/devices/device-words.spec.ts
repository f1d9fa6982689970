import { expect } from 'chai'
import type { DeviceItem } from '../../../protocols/devices/protocol.ts'
import type { Notice } from '../../../protocols/pairing/protocol.ts'
import { deviceWords, noticeWords, takenBackWords } from './device-words.ts'

const now = Date.UTC(2026, 8, 21, 12)
const hourMs = 3_600_000
const notice: Notice = {
  number: 5,
  name: 'Tablet',
  role: 'browser',
  platform: 'Chrome on Android',
  place: 'network',
  level: 'normal',
  at: now - hourMs,
  by: 2,
  until: now + 72 * hourMs,
  reminder: 0
}
const device: DeviceItem = {
  number: 3,
  name: 'Phone',
  role: 'browser',
  state: 'away',
  here: false,
  keeper: false,
  peer: '12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf',
  scopes: [],
  issuedAt: now - 24 * hourMs,
  expiresAt: now + 24 * hourMs
}

describe('words about devices', () => {
  it('say that a new device may change no devices only while it is on probation', () => {
    const trusted = noticeWords(notice, false, now)
    expect(trusted).match(/^Added 1 hour ago, Chrome on Android, from the same network\. You are reminded/)
    expect(trusted).not.include('can change no devices')
    expect(noticeWords({ ...notice, probationUntil: now + 72 * hourMs }, false, now)).include(
      'It can change no devices until 24 September 2026'
    )
  })

  it('remind nobody of the browser that they are sitting at', () => {
    expect(noticeWords(notice, true, now)).not.include('reminded')
  })

  it('say when a device that is away was seen, if that is known, and nothing of it while it is here', () => {
    expect(deviceWords(device, now)).equal('Browser · number 3 · since 20 September 2026')
    expect(deviceWords({ ...device, lastSeenAt: now - 5 * hourMs }, now)).include(' · last seen 5 hours ago')
    expect(deviceWords({ ...device, state: 'connected', lastSeenAt: now }, now)).not.include('last seen')
    expect(deviceWords({ ...device, state: 'connected', place: 'network' }, now)).include(
      ' · in the network of your twin'
    )
    expect(deviceWords({ ...device, keeper: true }, now)).include(' · keeps this list')
  })
})

describe('takenBackWords()', () => {
  it('says of how many devices nothing counts any more, and what stays or is waited for', () => {
    const both = [2, 3]
    expect([
      takenBackWords({ revoked: [2], takenBack: [2] }),
      takenBackWords({ revoked: both, takenBack: both }),
      takenBackWords({ revoked: both, takenBack: [2] }),
      takenBackWords({ revoked: both, takenBack: [], waitsFor: 'home' }),
      // An older release
      takenBackWords({ revoked: [2] })
    ]).to.deep.equal([
      'It is shut out, and what it wrote is taken back',
      '2 devices are shut out, and what they wrote is taken back',
      '2 devices are shut out. What 1 of them wrote is taken back, and of the others it stays',
      '2 devices are shut out. What they wrote is taken back once home runs',
      'It is shut out. What it wrote stays'
    ])
  })
})
