import { decode, type Encodable, encode } from '../../crdt/codec.ts'

export type Random = () => number

const VALUES: readonly Encodable[] = [
  0,
  1,
  255,
  65_536,
  2 ** 53 - 1,
  -1,
  true,
  false,
  null,
  '',
  '__proto__',
  'x'.repeat(300),
  new Uint8Array(),
  new Uint8Array(32),
  new Uint8Array(64),
  [],
  [[]],
  {}
]

/** One to three changes to the bytes, or to a value inside when they are CBOR; now and then something made up. */
export function mutate(seeds: readonly Uint8Array[], random: Random): Uint8Array {
  const nat = (below: number) => Math.floor(random() * below)
  if (nat(50) === 0) return Uint8Array.from({ length: nat(64) }, () => nat(256))
  let bytes = seeds[nat(seeds.length)]!
  if (nat(2) === 0) bytes = mutateValue(bytes, nat)
  for (let left = nat(3); left > 0; left--) bytes = mutateBytes(bytes, seeds, nat)
  return bytes
}

function mutateBytes(bytes: Uint8Array, seeds: readonly Uint8Array[], nat: (below: number) => number): Uint8Array {
  const changed = [...bytes]
  const at = nat(changed.length + 1)
  switch (nat(8)) {
    case 0:
      changed[at] = nat(256)
      break
    case 1:
      changed[at] = (changed[at] ?? 0) ^ (1 << nat(8))
      break
    case 2:
      changed[at] = ((changed[at] ?? 0) + (nat(2) === 0 ? 1 : 255)) & 255
      break
    case 3:
      changed.splice(at, 1 + nat(4))
      break
    case 4:
      changed.splice(at, 0, nat(256))
      break
    case 5:
      changed.length = at
      break
    case 6:
      changed.splice(at, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f)
      break
    default: {
      const other = seeds[nat(seeds.length)]!
      const from = nat(other.length)
      changed.splice(at, nat(8), ...other.subarray(from, from + nat(32)))
    }
  }
  return Uint8Array.from(changed)
}

function mutateValue(bytes: Uint8Array, nat: (below: number) => number): Uint8Array {
  let value: unknown
  try {
    value = decode(bytes)
  } catch {
    return bytes
  }
  const holders: (unknown[] | Record<string, unknown>)[] = []
  const collect = (holder: unknown): void => {
    if (typeof holder !== 'object' || holder === null || holder instanceof Uint8Array) return
    holders.push(holder as Record<string, unknown>)
    for (const member of Object.values(holder)) collect(member)
  }
  collect(value)
  const holder = holders[nat(Math.max(1, holders.length))]
  if (holder === undefined) return bytes
  const keys = Object.keys(holder)
  const key = keys[nat(Math.max(1, keys.length))]
  if (key === undefined) return bytes
  const other = nat(4) === 0 ? (holder as Record<string, unknown>)[keys[nat(keys.length)]!] : VALUES[nat(VALUES.length)]
  if (Array.isArray(holder)) {
    // Left out, put in before, put in its place
    const how = nat(3)
    holder.splice(Number(key), how === 1 ? 0 : 1, ...(how === 0 ? [] : [other]))
  } else if (nat(4) === 0) delete holder[key]
  else holder[key] = other
  // It was decoded from CBOR, so that it has an encoding
  return encode(value as Encodable)
}
