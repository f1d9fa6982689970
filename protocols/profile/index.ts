export { Profile, type ProfileComponents } from './profile.ts'
export * from './protocol.ts'
export { profile } from './service.ts'
