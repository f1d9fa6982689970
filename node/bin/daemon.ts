/** Everything that `init` and `start` need and no other command pays for: the second bundle. */
export { makeTwin, newTwinPhrase } from '../make-twin.ts'
export { startTwin } from '../start-twin.ts'
