import { defineService } from '../core/index.ts'
import { spacesProtocol } from './protocol.ts'
import { SpaceList, type SpacesComponents } from './space-list.ts'

export const spaces = defineService(spacesProtocol, (components: SpacesComponents) => new SpaceList(components))
