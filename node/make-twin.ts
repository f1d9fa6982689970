import { randomInt } from 'node:crypto'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import {
  adminScope,
  checkPhrase,
  createDeviceList,
  type DeviceList,
  deviceListId,
  encodeOwnerRecord,
  issueCertificate,
  newDeviceKeys,
  newPhrase,
  ownerRecordLifetimeMs,
  type PhraseKeys,
  phraseToKeys,
  restoreDeviceList,
  twinToText
} from '../crdt/identity/index.ts'
import { signIpnsRecord } from '../protocols/kad/index.ts'
import { nodeCrypto } from './crypto.ts'
import {
  type Home,
  HomeError,
  makePrivateFolder,
  type StartSettings,
  writeConfig,
  writeIdentity,
  writeKit
} from './home/index.ts'
import { saveDeviceKeys } from './keystore.ts'
import type { OpenedBackup, RestoredSum } from './recovery/index.ts'

export interface MakeTwinInit {
  readonly home: Home
  /** The recovery phrase: a new one for a new twin, the old one to bring a twin back */
  readonly phrase: string
  /** The twin exists already: this machine becomes a new device of it */
  readonly isRestore: boolean
  /** Protects the device keys on disk */
  readonly passphrase?: string
  readonly name?: string
  readonly deviceName?: string
  /** Where to write the recovery phrase */
  readonly kit?: string
  readonly isRecoveryConfirmed?: boolean
  readonly cwd?: string
  /** Looks for the device list that the twin has; the new device goes on from it. Without it the list begins anew */
  readonly findList?: (id: string, transportKey: Uint8Array) => Promise<DeviceList | undefined>
  /** Opens the backup that the twin is brought back from */
  readonly openBackup?: (keys: PhraseKeys) => Promise<OpenedBackup>
  /** Settings of `start` to remember */
  readonly start?: StartSettings
}

export interface MadeTwin {
  /** Twin id */
  readonly id: string
  /** Peer id of this device */
  readonly device: string
  /** Where the kit is */
  readonly kit: string | null
  /** Other live devices of the twin */
  readonly others: number
  /** Other devices that may go on, those that do not decide too: one that is lost has to be ended */
  readonly devices: readonly { readonly number: number; readonly name: string }[]
  /** What came back from the backup */
  readonly restored?: RestoredSum
}

/** A certificate is renewed while its device is in use. */
const certificateLifetimeMs = 2 * 365 * 86_400_000
/** An owner record has at most 2 KiB (FORMATS §11) */
const maxAdmins = 16

/** A phrase for a new twin. */
export function newTwinPhrase(): string {
  return newPhrase(nodeCrypto())
}

/** Twin id that a phrase is of. @throws {PhraseError} */
export function twinOfPhrase(phrase: string): string {
  return twinToText(phraseToKeys(phrase, nodeCrypto()).twin)
}

/**
 * Makes the home of a twin: keys, certificate, device list, owner record. The owner key exists only while this runs. On any
 * failure nothing stays behind. Throws `HomeError` for a home that is in use and `PhraseError` for a wrong phrase.
 */
export async function makeTwin(init: MakeTwinInit): Promise<MadeTwin> {
  const { home, isRestore } = init
  // Before anything is written: a wrong word must not leave half a home
  const phrase = checkPhrase(init.phrase)
  const isNewFolder = await prepare(home)
  try {
    return await make({ ...init, phrase })
  } catch (cause) {
    for (const file of [home.config, home.identity, home.keys]) await rm(file, { force: true })
    if (init.openBackup !== undefined) {
      for (const folder of [home.store, home.blobs]) await rm(folder, { recursive: true, force: true })
    }
    if (!isRestore && init.kit === home.kit) await rm(home.kit, { force: true })
    if (isNewFolder) await rm(home.folder, { recursive: true, force: true })
    throw cause
  }
}

async function make(init: MakeTwinInit): Promise<MadeTwin> {
  const { home, phrase, isRestore, passphrase } = init
  const crypto = nodeCrypto()
  const phraseKeys = phraseToKeys(phrase, crypto)
  const { owner, recovery, next, twin } = phraseKeys
  const id = twinToText(twin)
  const keys = newDeviceKeys(crypto)
  const device = twinToText(keys.transport.publicKey)
  const at = Date.now()
  const deviceName = cut(init.deviceName ?? hostname(), 64)
  const backup = await init.openBackup?.(phraseKeys)
  // What a device says now is newer than what was backed up
  const former = isRestore ? ((await init.findList?.(id, keys.secrets.transport)) ?? backup?.list) : undefined
  const number = isRestore ? freeNumber(former) : 1
  const certificate = await issueCertificate(
    {
      twin,
      number,
      role: 'node',
      name: deviceName,
      scopes: [adminScope],
      issued: at,
      expires: at + certificateLifetimeMs
    },
    owner,
    keys
  )
  const keeper = keys.signing.publicKey
  await former?.takeOver(keeper, owner, at, [certificate])
  const start = isRestore ? restoreDeviceList : createDeviceList
  const list = former ?? (await start({ twin, crypto, owner, certificate, keeper, at }))
  const admins = adminsOf(list)
  const payload = encodeOwnerRecord({
    admins,
    list: deviceListId(twin, crypto),
    // The list was made with a first record
    genesis: list.genesis!,
    recovery: recovery.publicKey,
    next
  })
  const ownerRecord = await signIpnsRecord({
    secret: owner.secret,
    payload,
    sequence: BigInt(at),
    lifetimeMs: ownerRecordLifetimeMs
  })
  const kit = init.kit === undefined ? null : resolve(init.cwd ?? process.cwd(), init.kit)
  if (kit !== null && !isRestore) await writeKit(kit, id, phrase)
  await saveDeviceKeys(home.keys, keys.secrets, passphrase)
  await writeIdentity(home, { number, certificate, records: list.all(), ownerRecord, recovery: recovery.publicKey })
  const me = { twin, device: number, signer: keys.signing, unsealer: keys.encryption, recovery: recovery.publicKey }
  const restored = await backup?.fill(home.store, me, list)
  // Last: a home with a config is a home that is complete
  await writeConfig(home, {
    v: 1,
    id,
    device,
    deviceName,
    name: cut(init.name ?? '', 64),
    hasPassphrase: passphrase !== undefined,
    isRecoveryConfirmed: isRestore || init.isRecoveryConfirmed === true,
    kit: isRestore ? null : kit,
    createdAt: at,
    ...(isRestore ? { isOnHold: true } : {}),
    ...(backup?.former === undefined ? {} : { former: backup.former }),
    start: init.start ?? {}
  })
  const devices = list
    .devices()
    .filter(({ number: other }) => other !== number && other !== backup?.former && !list.isRevoked(other))
    .map(({ number: other, certificate: { name } }) => ({ number: other, name }))
  return { id, device, kit: isRestore ? null : kit, others: admins.length - 1, devices, restored }
}

/** A bare machine does not know which numbers were used (FORMATS §3). */
function freeNumber(former: DeviceList | undefined): number {
  for (;;) {
    const number = randomInt(256, 65_536)
    if (former?.device(number) === undefined) return number
  }
}

/** Transport keys of the devices that answer for the twin, the newest first. */
function adminsOf(list: DeviceList): Uint8Array[] {
  return list
    .devices()
    .filter(({ number, certificate }) => !list.isRevoked(number) && certificate.scopes.includes(adminScope))
    .sort((a, b) => b.certificate.issued - a.certificate.issued)
    .slice(0, maxAdmins)
    .map(({ certificate }) => certificate.transport)
}

/** Answers whether the folder is new. One with something of a twin in it is never touched. */
async function prepare(home: Home): Promise<boolean> {
  const found = await readdir(home.folder).catch((cause: { code?: string }) => {
    if (cause.code === 'ENOENT') return undefined
    if (cause.code === 'ENOTDIR')
      throw new HomeError(`${home.folder} is not a folder`, 'Choose another one: --home DIR', { cause })
    throw cause
  })
  if (found === undefined) {
    await mkdir(home.folder, { recursive: true, mode: 0o700 })
    return true
  }
  if (found.includes('config.json') || found.includes('keys.json')) {
    throw new HomeError(
      `There is a twin in ${home.folder} already`,
      'Start it with: twin start, or choose another --home DIR'
    )
  }
  await makePrivateFolder(home.folder)
  return false
}

function cut(text: string, maxBytes: number): string {
  let kept = ''
  for (const character of text) {
    if (Buffer.byteLength(kept + character) > maxBytes) break
    kept += character
  }
  return kept
}
