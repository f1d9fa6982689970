import { type DeviceItem, devicesProtocol, visitEnd } from '../../../protocols/devices/protocol.ts'
import { type Notice, type NotMeAnswer, pairingProtocol } from '../../../protocols/pairing/protocol.ts'
import type { Command, Context } from '../command.ts'
import { Failure, UsageError } from '../failure.ts'
import type { Output } from '../output.ts'
import { placeWords } from '../pairing-view.ts'
import { nameWrongWord, readPhrase } from '../phrase-input.ts'
import { type Style, sanitize } from '../style.ts'
import { clockTime, count, relativeTime } from '../words.ts'

const number = { name: 'NUMBER', doc: 'Number of the device, as twin devices shows it' }

const client = async (context: Context) => (await context.connect()).client(devicesProtocol)

export const commands: readonly Command[] = [
  {
    words: ['devices'],
    summary: 'List your devices: which is here, which keeps the list, which were revoked',
    examples: ['twin devices', 'twin devices --json'],
    run: async context => {
      const { out, signal } = context
      const rows = await out.collect('Reading', (await client(context)).list({}, { signal }))
      const hasRevoked = rows.some(({ state }) => state === 'revoked')
      out.table(
        rows,
        [
          { title: 'No', isRight: true, cell: row => String(row.number) },
          { title: 'Name', cell: (row, style) => style.name(row.name) },
          { title: 'State', cell: stateWords },
          { title: 'Role', cell: row => (row.keeper ? `${row.role}, keeps the list` : row.role) },
          ...(rows.some(({ level }) => level !== undefined)
            ? [{ title: 'Allowed', cell: (row: DeviceItem) => levelWords(row, out.now) }]
            : []),
          { title: 'Seen', cell: row => seenWords(row, out.now) },
          { title: 'Certificate', cell: row => certificateWords(row, out.now) },
          ...(hasRevoked ? [{ title: 'Counts', cell: keptWords }] : []),
          { title: 'Peer', cell: (row, style) => style.dim(row.peer) }
        ],
        'No device'
      )
      const pairing = (await context.connect()).client(pairingProtocol)
      if (!out.isJson) for await (const notice of pairing.notices({}, { signal })) out.line(noticeLine(notice, out))
      return undefined
    }
  },
  {
    words: ['devices', 'revoke'],
    summary: 'Shut out a device that was lost or stolen, for ever',
    positionals: [number],
    options: {
      kit: {
        value: 'FILE',
        doc: 'The device keeps the list: take that over with the phrase in this file',
        choices: 'file'
      },
      phrase: { doc: 'The same, and ask for the 24 words' }
    },
    examples: ['twin devices revoke 2', 'twin devices revoke 1 --kit ~/ada-kit.txt  # when the keeper itself is lost'],
    notes:
      'What the device wrote counts as far as your twin has it. Contacts hear of it as soon as they are connected, and refuse\n' +
      'the device at once. The phrase is used by this command alone: the running twin gets one signed record, and no secret.',
    run: async context => {
      const { values, out, signal } = context
      const request = { number: toNumber(values.text('NUMBER')) }
      const devices = await client(context)
      if (values.isOn('kit') || values.isOn('phrase')) await takeOver(context, devices)
      const result = await out.waiting('Revoking', devices.revoke(request, { signal }))
      out.result(result, style => [
        style.good(`${sanitize(result.name) || 'Device'} (${result.number}) is revoked${revokedWords(result.kept)}`),
        ...(result.note === undefined ? [] : [style.warn(sanitize(result.note))])
      ])
      return undefined
    }
  },
  {
    words: ['devices', 'not-me'],
    summary: 'Take back a new device that is not yours, with those that it let in and all that they wrote',
    positionals: [number],
    examples: ['twin devices not-me 3'],
    notes:
      'For three days after a device was let in. They are shut out at once, and everything they wrote is taken back: messages,\n' +
      'values, notes. This cannot be undone. Later, and for any other device: twin devices revoke, after which what it wrote stays.',
    run: async context => {
      const request = { number: toNumber(context.values.text('NUMBER')) }
      const pairing = (await context.connect()).client(pairingProtocol)
      const result = await pairing.notMe(request, { signal: context.signal })
      context.out.result(result, style => takenBackLines(result, style))
      return undefined
    }
  },
  {
    words: ['devices', 'trust'],
    summary: 'End the probation of a new device that another device of yours has let in',
    positionals: [number],
    examples: ['twin devices trust 3'],
    run: async context => {
      const request = { number: toNumber(context.values.text('NUMBER')) }
      const pairing = (await context.connect()).client(pairingProtocol)
      const result = await pairing.trust(request, { signal: context.signal })
      context.out.result(result, style => style.good(`${sanitize(result.name)} may change devices too`))
      return undefined
    }
  },
  {
    words: ['devices', 'rename'],
    summary: 'Give a device another name',
    positionals: [number, { name: 'NAME', doc: 'The new name', isRest: true }],
    examples: ['twin devices rename 2 "old laptop"'],
    run: async context => {
      const request = { number: toNumber(context.values.text('NUMBER')), name: context.values.text('NAME') }
      const device = await (await client(context)).rename(request, { signal: context.signal })
      context.out.result(device, style => `${device.number}  ${style.name(sanitize(device.name))}`)
      return undefined
    }
  }
]

type Devices = Awaited<ReturnType<typeof client>>

/** Makes this device keep the list. The owner key exists only in this process, and only while this runs. */
async function takeOver({ io, out, values, signal }: Context, devices: Devices): Promise<void> {
  const phrase = await readPhrase(io, values.option('kit'))
  const records: Uint8Array[] = []
  for await (const { record } of devices.records({}, { signal })) records.push(record)
  const all: DeviceItem[] = []
  for await (const device of devices.list({}, { signal })) all.push(device)
  const here = all.find(device => device.here)
  if (here === undefined) throw new Failure('This device is not on the list', { next: 'See which are: twin devices' })
  const { takeOverRecord } = await import('../../bin/maker.ts')
  const making = takeOverRecord({ phrase, records, number: here.number }).catch(thrown => {
    throw nameWrongWord(thrown, phrase)
  })
  const record = await out.waiting('Signing with the phrase', making)
  if (record !== undefined) await devices.takeOver({ record }, { signal })
}

function toNumber(word: string): number {
  const value = Number(word)
  if (!Number.isSafeInteger(value) || value < 1 || value > 65_535) {
    throw new UsageError('NUMBER is the number of a device, as twin devices shows it')
  }
  return value
}

function stateWords({ state }: DeviceItem, style: Style): string {
  if (state === 'this') return style.good('this one')
  if (state === 'connected') return style.good('connected')
  if (state === 'expired') return style.warn('certificate expired')
  return state === 'away' ? style.dim('away') : style.bad('revoked')
}

function levelWords(device: DeviceItem, now: number): string {
  const { level, probationUntil, scopes } = device
  const until = visitEnd(device)
  if (until !== undefined) return `looks only, until ${clockTime(until, now)}, over plain http`
  if (level === undefined) return scopes.includes('device.admin') ? 'everything' : ''
  const words = level === 'view' ? 'looks' : 'reads and writes'
  return probationUntil === undefined ? words : `${words}; devices ${relativeTime(probationUntil, now)}`
}

function seenWords({ state, lastSeenAt, place }: DeviceItem, now: number): string {
  if (state === 'connected') return place === undefined ? 'now' : placeWords(place)
  return lastSeenAt === undefined ? '' : relativeTime(lastSeenAt, now)
}

function noticeLine({ number, name, platform, place, at }: Notice, { style, now }: Output): string {
  const from = [platform && sanitize(platform), place && placeWords(place)].filter(Boolean).join(', ')
  const who = `${sanitize(name)}${from === '' ? '' : ` (${from})`}`
  return style.warn(`New: ${who} was let in ${relativeTime(at, now)}. Not you? twin devices not-me ${number}`)
}

function certificateWords({ expiresAt, revokedAt }: DeviceItem, now: number): string {
  if (revokedAt !== undefined) return `revoked ${relativeTime(revokedAt, now)}`
  return `${expiresAt > now ? 'ends' : 'ended'} ${relativeTime(expiresAt, now)}`
}

function keptWords({ kept, cut }: DeviceItem): string {
  if (kept === undefined) return ''
  return `${count(kept, 'entry', 'entries')}${cut === undefined || cut === 0 ? '' : `, ${cut} left out`}`
}

function revokedWords(kept: number | undefined): string {
  return kept === undefined ? '' : `; ${count(kept, 'entry', 'entries')} of it count, and nothing after that`
}

function takenBackLines({ revoked, takenBack = [], waitsFor }: NotMeAnswer, style: Style): string[] {
  const lines = [style.good(`Refused from now on: ${revoked.join(', ')}`)]
  if (waitsFor !== undefined) {
    return [
      ...lines,
      style.warn(`What was written there is taken back once ${sanitize(waitsFor)}, which keeps the list, runs`)
    ]
  }
  if (takenBack.length > 0) lines.push(style.good(`Taken back is all that was written by: ${takenBack.join(', ')}`))
  const rest = revoked.filter(one => !takenBack.includes(one))
  return rest.length === 0 ? lines : [...lines, style.warn(`What was written before stays, by: ${rest.join(', ')}`)]
}
