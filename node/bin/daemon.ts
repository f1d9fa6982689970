/** What `start` needs and no other command pays for: a bundle of its own. */
export { startTwin } from '../start-twin.ts'
