import type { Context, Option } from './command.ts'
import { Failure, UsageError } from './failure.ts'
import { askHidden } from './prompt.ts'
import { sanitize } from './style.ts'

/** How long other devices are looked for: in the local network, and through meeting points */
const nearbyMs = 4000
const lookMs = 20_000

/** Where a restore looks for the other devices of the twin. */
export const lookOptions: Readonly<Record<string, Option>> = {
  bootstrap: {
    value: 'ADDR',
    doc: 'A meeting point where the other devices are found; remembered for starts',
    isRepeatable: true
  },
  'no-mdns': { doc: 'Do not look for the other devices in the local network' }
}

export function othersAdvice(others: number, isAlone: boolean): string {
  if (others > 0) return 'Its other devices stay; the first start brings what the twin knows from one of them.'
  const found = isAlone ? 'It begins' : 'No other device was found: it begins'
  return (
    `${found} with an empty private space, and the devices before it are shut out.\n` +
    'Conversations come back as you add your contacts again and they are met; contacts and values of your own do not.'
  )
}

/** How to end devices that are lost, with the commands as they are typed. */
export function lostAdvice(devices: readonly { readonly number: number; readonly name: string }[]): string[] {
  if (devices.length === 0) {
    return [
      'Devices before it that were not ended yet are listed once a contact is met. When all that matters is back, end them:',
      '  twin devices    and then    twin devices revoke NUMBER'
    ]
  }
  return [
    'A device that is lost can still write and read. End it, once its last words are here:',
    ...devices.map(({ number, name }) => `  twin devices revoke ${number}    ${sanitize(name)}`.trimEnd())
  ]
}

/** Where a restored device looks for those that the twin has. */
export function formerDevices({ values, home }: Context, hasBackup = false) {
  const bootstrap = values.options.get('bootstrap') ?? []
  const mdns = !values.isOn('no-mdns')
  const start = bootstrap.length === 0 ? {} : { bootstrap }
  if (values.isOn('alone') || (bootstrap.length === 0 && !mdns)) return { start }
  const timeoutMs = bootstrap.length === 0 ? nearbyMs : lookMs
  return {
    start,
    findList: async (id: string, transportKey: Uint8Array) => {
      // The daemon's bundle: libp2p is loaded for this and for start only
      const { fetchFormerList } = await import('../bin/daemon.ts')
      const list = await fetchFormerList({ home, id, transportKey, bootstrap, mdns, timeoutMs })
      if (list === undefined && bootstrap.length > 0 && !hasBackup) {
        // Who names a meeting point expects them there: to go on would shut them out
        const next = 'Start one of them with this meeting point, or say that they are lost: --alone'
        throw new Failure('No other device of the twin was found', { next, code: 'NoDevice' })
      }
      return list
    }
  }
}

export async function readPassphrase({ values, io }: Context): Promise<string | undefined> {
  const given = io.env.TWIN_PASSPHRASE
  if (given !== undefined && given !== '') return given
  if (!values.isOn('passphrase')) return undefined
  if (io.stdin.isTTY !== true) throw new UsageError('--passphrase needs a terminal; without one set TWIN_PASSPHRASE')
  const first = await askHidden('Passphrase: ', io)
  if (first === '') throw new UsageError('The passphrase is empty')
  if ((await askHidden('Again: ', io)) !== first) throw new UsageError('The two passphrases differ')
  return first
}
