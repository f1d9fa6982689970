/** What `start` needs and no other command pays for: a bundle of its own. */
export { endWebrtc } from '../mesh/index.ts'
export { fetchFormerList } from '../recovery/index.ts'
export { startTwin } from '../start-twin.ts'
