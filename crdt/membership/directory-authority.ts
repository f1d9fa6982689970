import { adminScope, type DeviceDirectory } from '../identity/index.ts'
import type { Authority } from './membership.ts'

/** Asks the newest device lists. A key that is on none of them may be on a newer one: that is not a no. */
export function directoryAuthority(directory: Pick<DeviceDirectory, 'get'>): Authority {
  return {
    isAdmin: (twin, signingKey) => {
      const list = directory.get(twin)
      const listed = list?.bySigning(signingKey) ?? list?.formerDevices().find(device => isKey(device, signingKey))
      return listed?.certificate.scopes.includes(adminScope)
    }
  }
}

function isKey({ certificate }: { readonly certificate: { readonly signing: Uint8Array } }, key: Uint8Array): boolean {
  return certificate.signing.every((byte, index) => byte === key[index])
}
