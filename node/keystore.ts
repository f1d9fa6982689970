import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { DeviceSecrets } from '../crdt/identity/index.ts'
import { corrupt, decodeKeyFile, encodeKeyFile, KeystoreError, readSecrets, unwrap } from './key-file.ts'

export { KeystoreError, type KeystoreErrorCode } from './key-file.ts'

const maxSize = 4096

export interface OpenedKeys {
  readonly secrets: DeviceSecrets
  /** Whether the keys lie open on disk, for want of a passphrase: to be said in `status` */
  readonly isPlain: boolean
}

/**
 * Writes the keys of a new device, never the owner key: wrapped with scrypt (N = 2^17, r = 8, p = 1) and AES-256-GCM when there
 * is a passphrase, else open in a file that only its owner can read. It is on disk, whole, when this resolves, or not there.
 *
 * @throws {KeystoreError} `Exists`
 */
export async function saveDeviceKeys(file: string, secrets: DeviceSecrets, passphrase?: string): Promise<void> {
  if ((await readIfThere(file)) !== undefined) {
    throw new KeystoreError('Exists', `There are keys in ${file} already: they are not overwritten`)
  }
  await writeWhole(file, await encodeKeyFile(secrets, passphrase))
}

/**
 * Wraps the keys anew, with another passphrase or none.
 *
 * @throws {KeystoreError} when the present one does not open them
 */
export async function changePassphrase(file: string, present?: string, next?: string): Promise<void> {
  await writeWhole(file, await encodeKeyFile((await loadDeviceKeys(file, present)).secrets, next))
}

/** @throws {KeystoreError} */
export async function loadDeviceKeys(file: string, passphrase?: string): Promise<OpenedKeys> {
  const bytes = await readIfThere(file)
  if (bytes === undefined) throw new KeystoreError('Missing', `There are no keys in ${file}: make a twin first`)
  const keyFile = decodeKeyFile(bytes, file)
  if (keyFile.kdf === undefined) {
    await refuseReadable(file)
    return { secrets: readSecrets(keyFile.body, file), isPlain: true }
  }
  if (passphrase === undefined) {
    throw new KeystoreError('PassphraseNeeded', `The keys in ${file} are protected: give the passphrase`)
  }
  return { secrets: await unwrap(keyFile, passphrase, file), isPlain: false }
}

/** Whether the file wants a passphrase, without opening it. @throws {KeystoreError} */
export async function isWrapped(file: string): Promise<boolean> {
  const bytes = await readIfThere(file)
  if (bytes === undefined) throw new KeystoreError('Missing', `There are no keys in ${file}: make a twin first`)
  return decodeKeyFile(bytes, file).kdf !== undefined
}

async function readIfThere(file: string): Promise<Uint8Array | undefined> {
  try {
    const { size } = await stat(file)
    if (size > maxSize) throw corrupt(file)
    return new Uint8Array(await readFile(file))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

async function refuseReadable(file: string): Promise<void> {
  const { mode } = await stat(file)
  // Windows has no such bits and reports all of them
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new KeystoreError(
      'Permissions',
      `Others can read the keys in ${file}: run chmod 600 on it, or set a passphrase`
    )
  }
}

/** A crash at any moment leaves the old file or the new one, whole. */
async function writeWhole(file: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(file)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const handle = await open(temporary, 'wx', 0o600)
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(folder)
}

/** Else the new name may be lost with the power. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return // has no such call
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
