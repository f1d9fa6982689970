import type { Crypto } from '../../crdt/crypto/index.ts'
import { type DeviceDirectory, shutOutMark } from '../../crdt/identity/index.ts'
import type { Known, Replica, SpaceInfo } from '../../crdt/index.ts'
import { bytesToHex } from '../../crdt/log/index.ts'

/** Something that has to be heard though nothing is said after it: who was shut out, of a twin or of a space. */
export interface News extends Known {
  /** 32 bytes, others after each change */
  readonly mark: Uint8Array
}

export interface NewsComponents {
  readonly replica: Replica
  readonly directory: DeviceDirectory
  readonly crypto: Crypto
}

/** What a twin has to hear: of the devices of all that a sync session would tell it of, and of the spaces it is in. */
export function newsFor(twin: Uint8Array, { replica, directory, crypto }: NewsComponents): News[] {
  const twins = [replica.self.twin, twin, ...replica.twinsSharedWith(twin)]
  const ofDevices = [...new Map(twins.map(id => [bytesToHex(id), id])).values()].flatMap(id =>
    toNews('devices', id, markOfDevices(id, directory, crypto))
  )
  const ofMembers = replica.spacesWith(twin).flatMap(info => toNews('members', info.id, markOfMembers(info)))
  return [...ofDevices, ...ofMembers]
}

/** The news that somebody knows of, if there are any. */
export function newsIn({ kind, id }: Known, { replica, directory, crypto }: NewsComponents): News | undefined {
  const mark = kind === 'devices' ? markOfDevices(id, directory, crypto) : markOfMembers(replica.space(id))
  return toNews(kind, id, mark)[0]
}

function toNews(kind: Known['kind'], id: Uint8Array, mark: Uint8Array | undefined): News[] {
  return mark === undefined ? [] : [{ kind, id, mark }]
}

function markOfDevices(twin: Uint8Array, directory: DeviceDirectory, crypto: Crypto): Uint8Array | undefined {
  const list = directory.get(twin)
  return list && shutOutMark(list, crypto)
}

function markOfMembers(info: SpaceInfo | undefined): Uint8Array | undefined {
  return info?.state === 'open' ? info.removal : undefined
}
