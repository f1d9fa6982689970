import { scopesToPairing } from './device-level.ts'

const dayMs = 86_400_000

/** How long after a device was let in the keeper takes back everything that it wrote, if an admin device has said so. */
export const takeBackMs = 7 * dayMs
/** How long no milestone has what it wrote: a week more than that, for the word to go round. */
export const unsealedMs = 2 * takeBackMs

/** Whether a device was paired less than so long ago, by its certificate's scopes. */
export function isNewDevice(scopes: readonly string[], now: number, forMs: number): boolean {
  const at = scopesToPairing(scopes)?.at
  // One that comes from the future would be new for ever
  return at !== undefined && now < at + forMs && now > at - dayMs
}
