import { type DeviceList, twinToText } from '../crdt/identity/index.ts'

/** Peer ids of the devices of a twin that are always on and not revoked. */
export function liveNodes(list: DeviceList | undefined): string[] {
  return (list?.devices() ?? []).flatMap(({ number, certificate }) =>
    certificate.role === 'node' && !list!.isRevoked(number) ? [twinToText(certificate.transport)] : []
  )
}
