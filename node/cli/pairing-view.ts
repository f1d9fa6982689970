import type { Level, Place } from '../../protocols/pairing/protocol.ts'

export function placeWords(place: Place): string {
  if (place === 'machine') return 'on this machine'
  return place === 'network' ? 'in the same network' : 'somewhere else'
}

/** What a device is allowed, after "to". */
export function levelWords(level: Level): string {
  return level === 'view' ? 'look, and change nothing' : 'read and write as you do'
}
