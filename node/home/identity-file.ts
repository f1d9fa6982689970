import { readFile } from 'node:fs/promises'
import { type Home, HomeError } from './home.ts'
import { writePrivateFile } from './write-file.ts'

/** What was signed with the owner key when this device was made; none of it is secret, all of it is needed again. */
export interface IdentityFile {
  /** Number of this device in the device list */
  readonly number: number
  readonly certificate: Uint8Array
  /** Records of the device list, up to the one that lists this device */
  readonly records: readonly Uint8Array[]
  /** IPNS record under the twin id (FORMATS §11) */
  readonly ownerRecord: Uint8Array
  /** X25519 public key of the phrase: epoch keys are wrapped to it */
  readonly recovery: Uint8Array
}

export async function writeIdentity(home: Home, identity: IdentityFile): Promise<void> {
  const json = {
    v: 1,
    number: identity.number,
    certificate: toText(identity.certificate),
    records: identity.records.map(toText),
    ownerRecord: toText(identity.ownerRecord),
    recovery: toText(identity.recovery)
  }
  await writePrivateFile(home.identity, `${JSON.stringify(json, undefined, 2)}\n`)
}

export async function readIdentity(home: Home): Promise<IdentityFile> {
  const text = await readFile(home.identity, 'utf8').catch(cause => {
    throw damaged(home, cause)
  })
  try {
    const json = JSON.parse(text) as Record<string, unknown>
    if (json.v !== 1 || !Number.isSafeInteger(json.number) || !Array.isArray(json.records))
      throw new TypeError('Not ours')
    return {
      number: json.number as number,
      certificate: toBytes(json.certificate),
      records: json.records.map(toBytes),
      ownerRecord: toBytes(json.ownerRecord),
      recovery: toBytes(json.recovery)
    }
  } catch (cause) {
    throw damaged(home, cause)
  }
}

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}

function toBytes(text: unknown): Uint8Array {
  if (typeof text !== 'string' || text === '') throw new TypeError('Not bytes')
  return new Uint8Array(Buffer.from(text, 'base64url'))
}

function damaged(home: Home, cause: unknown): HomeError {
  const next = 'Put it back from a backup, or restore: twin init --restore --home NEW_DIR'
  return new HomeError(`${home.identity} is damaged or missing`, next, { cause })
}
