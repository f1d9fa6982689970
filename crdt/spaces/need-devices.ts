import type { DeviceDirectory } from '../identity/index.ts'
import { SpaceError } from './space.ts'

/** A member is given keys by its devices, so they have to be known. @throws {SpaceError} `not-open` */
export async function needDevices(directory: DeviceDirectory, twin: Uint8Array): Promise<void> {
  if ((await directory.load(twin)) === undefined) {
    throw new SpaceError('not-open', 'The devices of this twin are not known yet: connect to it first')
  }
}
