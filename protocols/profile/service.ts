import { defineService } from '../core/index.ts'
import { Profile, type ProfileComponents } from './profile.ts'
import { profileProtocol } from './protocol.ts'

export const profile = defineService(profileProtocol, (components: ProfileComponents) => new Profile(components))
