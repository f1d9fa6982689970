import { defineService } from '../core/index.ts'
import { Devices, type DevicesComponents, type DevicesInit } from './devices.ts'
import { devicesProtocol } from './protocol.ts'

export const devices = defineService(
  devicesProtocol,
  (components: DevicesComponents, init: DevicesInit) => new Devices(components, init)
)
