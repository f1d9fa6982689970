/**
 * Where the owner signed in: values in the twin's own space, namespace `.login`, under `<number of the device> <origin of the site>`
 * (crdt/FORMATS.md §25). Each device writes its own, so that no two of them write over each other. For the owner to look at; nothing
 * depends on it.
 */
import { asMap, asUint, decode, encode } from '../../crdt/crypto/index.ts'
import type { Space } from '../../crdt/index.ts'
import { type KeyValue, keyValue } from '../../crdt/key-value/index.ts'
import type { LoginScope, SignIn } from './protocol.ts'
import { asScopes, isSiteOrigin } from './request.ts'

type Stored = Omit<SignIn, 'site' | 'device'>

export class SignIns {
  readonly #self: () => Space

  constructor(self: () => Space) {
    this.#self = self
  }

  /** Counts one more sign-in of a device at a site. */
  async add(device: number, site: string, scopes: readonly LoginScope[], at: number): Promise<void> {
    const key = `${device} ${site}`
    const entry = await this.#table.get(key)
    const before = entry === undefined ? undefined : read(entry.value)
    const { firstAt = at, count = 0 } = before ?? {}
    await this.#table.put(key, signInToBytes({ firstAt, lastAt: at, count: count + 1, scopes: [...scopes] }))
  }

  /** By site, then device. */
  async list(): Promise<SignIn[]> {
    const found: SignIn[] = []
    for await (const { key, value } of this.#table.list()) {
      const match = /^(\d{1,5}) (.+)$/.exec(key)
      const stored = read(value)
      // Any device of the twin may have written it
      if (match === null || stored === undefined || !isSiteOrigin(match[2]!)) continue
      found.push({ site: match[2]!, device: Number(match[1]), ...stored })
    }
    return found.sort((a, b) => (a.site === b.site ? a.device - b.device : a.site < b.site ? -1 : 1))
  }

  async lastAt(site: string): Promise<number | undefined> {
    const times = (await this.list()).filter(found => found.site === site).map(({ lastAt }) => lastAt)
    return times.length === 0 ? undefined : Math.max(...times)
  }

  /** @returns how many there were */
  async forget(site: string): Promise<number> {
    const found = (await this.list()).filter(signIn => signIn.site === site)
    for (const { device } of found) await this.#table.delete(`${device} ${site}`)
    return found.length
  }

  get #table(): KeyValue {
    return keyValue(this.#self(), '.login')
  }
}

export function signInToBytes({ firstAt, lastAt, count, scopes }: Stored): Uint8Array {
  return encode({ v: 1, first: firstAt, last: lastAt, count, scopes })
}

function read(bytes: Uint8Array): Stored | undefined {
  try {
    const { v, first, last, count, scopes } = asMap(decode(bytes), 'A sign-in')
    asUint(v, 'The version', 1, 1)
    return {
      firstAt: asUint(first, 'The first time'),
      lastAt: asUint(last, 'The last time'),
      count: asUint(count, 'The count', Number.MAX_SAFE_INTEGER - 1, 1),
      scopes: asScopes(scopes)
    }
  } catch {
    return undefined
  }
}
