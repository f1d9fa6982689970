import { defineService } from '../core/index.ts'
import { Pairing, type PairingComponents, type PairingInit } from './pairing.ts'
import { pairingProtocol } from './protocol.ts'

export const pairing = defineService(
  pairingProtocol,
  (components: PairingComponents, init: PairingInit) => new Pairing(components, init)
)
