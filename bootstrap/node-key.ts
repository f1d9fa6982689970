import { mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'

/** The node's key, made on the first start and kept in the home (0700), in a file of its own (0600). */
export async function loadOrCreateKey(home: string): Promise<PrivateKey> {
  await mkdir(home, { recursive: true, mode: 0o700 })
  const path = join(home, 'key')
  try {
    return privateKeyFromProtobuf(await readFile(path))
  } catch (error) {
    if (!isMissing(error)) throw new Error(`Cannot read the node's key in ${path}`, { cause: error })
  }
  const key = await generateKeyPair('Ed25519')
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(privateKeyToProtobuf(key))
    await file.sync()
  } finally {
    await file.close()
  }
  return key
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
