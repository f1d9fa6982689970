import { equals } from 'uint8arrays/equals'
import { DeviceList, phraseToKeys } from '../crdt/identity/index.ts'
import { nodeCrypto } from './crypto.ts'
import { HomeError } from './home/index.ts'

export interface TakeOverInit {
  readonly phrase: string
  /** Of the device list as it is now, oldest first */
  readonly records: readonly Uint8Array[]
  /** The device that is to keep the list */
  readonly number: number
}

/**
 * The record by which a device keeps the list from now on, signed with the owner key, which exists only while this runs; `undefined`
 * when the device keeps it already. Throws `PhraseError` for a wrong word and `HomeError` for the words of another twin.
 */
export async function takeOverRecord({ phrase, records, number }: TakeOverInit): Promise<Uint8Array | undefined> {
  const crypto = nodeCrypto()
  const { owner, twin } = phraseToKeys(phrase, crypto)
  const list = await DeviceList.read({ twin, crypto }, records).catch(cause => {
    throw new HomeError('These words are those of another twin', 'Look for the kit of this one: twin id', { cause })
  })
  const keeper = list.device(number)?.certificate.signing
  if (keeper === undefined) throw new RangeError('No device has this number')
  const isKept = list.proof === undefined && list.keeper !== undefined && equals(list.keeper, keeper)
  return isKept ? undefined : (await list.takeOver(keeper, owner, Date.now())).bytes
}
