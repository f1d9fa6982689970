/**
 * What brings a twin back: its device list and private space from its other devices.
 *
 * @packageDocumentation
 */
export { awaitSelf, hasOtherNodes } from './await-self.ts'
export { fetchFormerList } from './former-list.ts'
