import type { People } from './people.ts'

/** What programs of Ada's store, and what is shared. */
export async function keep({ ada, marie }: People): Promise<void> {
  const put = (key: string, value: string | number | object | Uint8Array, space?: string) =>
    ada.kv.put({ key, value: value as string, ...(space !== undefined && { space }) })
  await put('choir/next-rehearsal', { date: '2026-12-03', place: 'St Anne, side entrance', parts: ['alto', 'bass'] })
  await put('garden/frost-below', 1.5)
  await put('lights/hall', { on: true, brightness: 0.4, colour: '#ffd9a0' })
  await put('lights/kitchen', { on: false, brightness: 0.8 })
  await put('readings/attic', [17.4, 17.1, 16.8, 16.9, 18.2])
  await put('readings/cellar', [11.2, 11.2, 11.1, 11.3, 11.2])
  await put(
    'router/key',
    Uint8Array.from({ length: 32 }, (_, i) => (i * 73 + 41) & 255)
  )
  await put('shopping', 'oats, lemons, lamp oil, the good butter')
  await put('wifi/guests', 'blue-heron-82')
  await put('members', { paid: 14, open: 3 }, 'choir')
  await put('stove', 'Wood is under the stairs', 'cabin')
  await put('key', 'With the neighbour, blue door', 'cabin')
  await ada.kv.share({ namespace: 'cabin', who: marie.name })
}
